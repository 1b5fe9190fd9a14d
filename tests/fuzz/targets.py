"""What is fuzzed: functions from bytes to nothing that fail where a promise doesn't hold. They need no fuzzer."""

from __future__ import annotations

import random
from collections.abc import Callable

from tests.fuzz import mutate_config, mutate_frame, mutate_text
from tests.fuzz.target_config import check_config
from tests.fuzz.target_frame import read_frame
from tests.fuzz.target_manifest import read_manifest
from tests.fuzz.target_policy import read_policy
from tests.fuzz.target_signed import read_signed

Target = Callable[[bytes], None]
Mutator = Callable[[bytes, random.Random], bytes]

TARGETS: dict[str, tuple[Target, Mutator]] = {
    "frame": (read_frame, mutate_frame.mutate),
    "manifest": (read_manifest, mutate_text.mutate),
    "config": (check_config, mutate_config.mutate),
    "signed": (read_signed, mutate_text.mutate),
    "policy": (read_policy, mutate_text.mutate),
}
