"""Whatever the bytes, a module passes, drops or refuses them: none traps, loops, or fills its memory."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from opened import Opened

from gateway.authoring import cases
from gateway.authoring.cases import Case
from gateway.authoring.workbench import Refused, run
from gateway.registry import manifest
from gateway.sandbox.guest import Guest

MODULES = Path(__file__).parents[2] / "modules"
CONFORMANCE = MODULES / "sdk" / "conformance"  # the frames of all SDKs; "?" alone is what makes it trap
VECTORS = cases.read_files([CONFORMANCE / "vectors.yaml"], MODULES)
CASES = {path.parent: cases.read(path.parent) for path in sorted(MODULES.glob("*/manifest.yaml"))}
CASES |= {path.parent: VECTORS for path in sorted(CONFORMANCE.glob("*/manifest.yaml"))}
JSON = [folder for folder in CASES if "application/json" in manifest.read(folder / "manifest.yaml").accepts]
DEEP = b'{"a":' * 600 + b"1" + b"}" * 600

each_module = pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)


def runnable(folder: Path) -> list[Case]:
    """Cases that are more than a configuration."""
    return [case for case in CASES[folder] if "messages" in case.given]


def answered(guest: Guest, messages: list[bytes]) -> int:
    """How many messages were passed, dropped, or refused with a code of the manifest. Raises GuestError."""
    ran = run(guest, [message for message in messages if message.strip() != b"?"])
    for entries in ran.entries:
        for entry in entries:
            assert not isinstance(entry, Refused) or entry.code in guest.program.step.refusals
    return len(ran.entries)


def spoilt(chance: random.Random, given: bytes) -> Iterator[bytes]:
    """Cut off, with bytes changed, with some put in or taken out, and twice."""
    yield given[: chance.randrange(len(given) + 1)]
    for _ in range(3):
        changed = bytearray(given)
        for _ in range(chance.randrange(1, 4) if given else 0):
            changed[chance.randrange(len(given))] = chance.choice(b'\0\n "\\{}[]<>&;:,=0-9.eE\x7f\xc3\xff' + given)
        yield bytes(changed)
    at = chance.randrange(len(given) + 1)
    yield given[:at] + chance.randbytes(chance.randrange(1, 9)) + given[at:]
    yield given[:at] + given[at + chance.randrange(1, 9) :]
    yield given + given


@each_module
def test_random_bytes_and_spoilt_messages(modules: Opened, folder: Path, tmp_path: Path) -> None:
    chance = random.Random(folder.name)
    tried = 0
    for case in runnable(folder):
        guest = cases.instance(modules[folder], case, tmp_path)
        bad = [message for given in cases.messages(case)[:6] for message in spoilt(chance, given)]
        tried += answered(guest, [b"", chance.randbytes(8), chance.randbytes(chance.randrange(400)), *bad])
    assert tried > len(runnable(folder))


@each_module
def test_a_mebibyte_of_one_byte(modules: Opened, folder: Path, tmp_path: Path) -> None:
    guest = cases.instance(modules[folder], runnable(folder)[0], tmp_path)
    for byte in b'\0 \n"\\[{(<&9-a,;:\x7f\x80\x9f\xc3\xd9\xff':
        assert answered(guest, [bytes([byte]) * (1 << 20)]) == 1


@each_module
def test_many_empty_messages(modules: Opened, folder: Path, tmp_path: Path) -> None:
    guest = cases.instance(modules[folder], runnable(folder)[0], tmp_path)
    assert answered(guest, [b""] * 1000 + [b"\n"] * 1000) == 2000


@pytest.mark.parametrize("folder", JSON, ids=lambda folder: folder.name)
def test_json_that_is_nested_too_deeply_is_refused_as_such(modules: Opened, folder: Path, tmp_path: Path) -> None:
    ((entry,),) = run(cases.instance(modules[folder], runnable(folder)[0], tmp_path), [DEEP]).entries
    assert isinstance(entry, Refused)
    assert entry.code == "too_deep"
