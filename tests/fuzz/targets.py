"""What is fuzzed: functions from bytes to nothing that fail where a promise doesn't hold. They need no fuzzer."""

from __future__ import annotations

from collections.abc import Callable

from tests.fuzz.target_frame import read_frame

TARGETS: dict[str, Callable[[bytes], None]] = {"frame": read_frame}
