"""Every module's own cases, and what has to hold of any module: in the sandbox that serves."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.authoring import cases
from gateway.authoring.cases import Case
from gateway.authoring.workbench import Held, Module, Refused, Workbench, run

MODULES = Path(__file__).parents[2] / "modules"
FOLDERS = sorted(path.parent for path in MODULES.glob("*/manifest.yaml"))
CASES = [(folder, case) for folder in FOLDERS for case in cases.read(folder)]
# What no case is large or deep enough for; see below.
UNSHOWN = {"too_large", "too_deep"}
# What can't be shown by a message: the work of very large schemas (see test_schema_validator.py), and a host that takes
# back the clock that the manifest requires.
UNSHOWN_OF = {"schema-validator": {"too_complex"}, "timestamp-enricher": {"no_clock"}}
DEEP = b'{"a":' * 600 + b"1" + b"}" * 600


@pytest.fixture(scope="session")
def workbench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    opened = Workbench(tmp_path_factory.mktemp("compiled"))
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def modules(workbench: Workbench) -> dict[Path, Module]:
    return {folder: workbench.open(folder) for folder in FOLDERS}


def test_every_module_has_cases() -> None:
    assert {folder for folder, _ in CASES} == set(FOLDERS)


@pytest.mark.parametrize(
    ("folder", "case"), CASES, ids=[f"{folder.name}: {case.place.file} {case.name}" for folder, case in CASES]
)
def test_case(modules: dict[Path, Module], folder: Path, case: Case) -> None:
    assert cases.check(modules[folder], case).reasons == ()


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_cases_show_every_refusal(modules: dict[Path, Module], folder: Path) -> None:
    shown = {code for one, case in CASES if one == folder for code in _codes(case.given.get("expect", []))}
    unshown = UNSHOWN | UNSHOWN_OF.get(folder.name, set())
    assert modules[folder].manifest.refusals.keys() - shown - unshown == set()


def _codes(expected: Any) -> Iterator[str]:
    if isinstance(expected, list):
        for one in expected:
            yield from _codes(one)
    elif isinstance(expected, dict) and "refuse" in expected:
        yield expected["refuse"]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_any_bytes_are_passed_dropped_or_refused(modules: dict[Path, Module], folder: Path) -> None:
    """Random bytes, parts of messages, messages with bytes changed, many of one byte: no module fails at any."""
    chance = random.Random(folder.name)
    module = modules[folder]
    tried = 0
    for case in [
        case for one, case in CASES if one == folder and "messages" in case.given and "files" not in case.given
    ]:
        guest = module.instance(case.given.get("with", {}), _held(case))
        good = [cases.value(message, case.folder) for message in case.given["messages"]]
        bad = [message for given in good[:6] for message in _bad(chance, given)]
        for entries in run(guest, [chance.randbytes(chance.randrange(80)), b"", *bad]).entries:
            tried += 1
            for entry in entries:
                assert not isinstance(entry, Refused) or entry.code in module.manifest.refusals
    assert tried


def _runnable(folder: Path) -> list[Case]:
    """Cases that are more than a configuration, and need nothing on the disk."""
    return [case for one, case in CASES if one == folder and "messages" in case.given and not case.given.get("files")]


def _held(case: Case) -> Held:
    secrets = {name: cases.value(secret, case.folder) for name, secret in case.given.get("secrets", {}).items()}
    return Held(secrets=secrets, grants=case.given.get("grants", ()))


def _bad(chance: random.Random, given: bytes) -> Iterator[bytes]:
    yield given[: chance.randrange(len(given) + 1)]
    changed = bytearray(given)
    for _ in range(chance.randrange(1, 4) if given else 0):
        changed[chance.randrange(len(given))] = chance.randrange(256)
    yield bytes(changed)
    yield given + given


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_much_of_one_byte_is_passed_dropped_or_refused(modules: dict[Path, Module], folder: Path) -> None:
    module = modules[folder]
    case = _runnable(folder)[0]
    guest = module.instance(case.given.get("with", {}), _held(case))
    for byte in b'\0 "[{<9a\xc3\xff':
        assert len(run(guest, [bytes([byte]) * (1 << 18)]).entries) == 1


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_what_is_nested_too_deeply_is_refused_as_such(modules: dict[Path, Module], folder: Path) -> None:
    module = modules[folder]
    if "application/json" not in module.manifest.accepts:
        return
    case = _runnable(folder)[0]
    ((entry,),) = run(module.instance(case.given.get("with", {}), _held(case)), [DEEP]).entries
    assert isinstance(entry, Refused)
    assert entry.code == "too_deep"
