"""Every module's own cases (modules/NAME/tests/*.yaml), and what they have to show of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from opened import Opened

from gateway.authoring import cases
from gateway.authoring.cases import Case

MODULES = Path(__file__).parents[2] / "modules"
FOLDERS = sorted(path.parent for path in MODULES.glob("*/manifest.yaml"))
CASES = [(folder, case) for folder in FOLDERS for case in cases.read(folder)]
# One module in every language of the SDKs, and what all of them must do alike.
ALIKE = MODULES / "sdk" / "conformance"
VECTORS = cases.read_files([ALIKE / "vectors.yaml"], MODULES)
CASES += [(path.parent, case) for path in sorted(ALIKE.glob("*/manifest.yaml")) for case in VECTORS]
# What no case is large or deep enough for: test_any_bytes.py shows it.
UNSHOWN = {"too_large", "too_deep"}
# What can't be shown by a message: the work of very large schemas (see test_schema_validator.py), and a host that takes
# back the clock that the manifest requires.
UNSHOWN_OF = {"schema-validator": {"too_complex"}, "timestamp-enricher": {"no_clock"}}


def test_every_module_has_cases() -> None:
    assert {folder for folder, _ in CASES} > set(FOLDERS)


@pytest.mark.parametrize(
    ("folder", "case"), CASES, ids=[f"{folder.name}: {case.place.file} {case.name}" for folder, case in CASES]
)
def test_case(modules: Opened, folder: Path, case: Case) -> None:
    assert cases.check(modules[folder], case).reasons == ()


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_cases_show_every_refusal(modules: Opened, folder: Path) -> None:
    shown = {code for one, case in CASES if one == folder for code in case.refusals}
    unshown = UNSHOWN | UNSHOWN_OF.get(folder.name, set())
    assert modules[folder].manifest.refusals.keys() - shown - unshown == set()


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_an_unknown_key_is_refused_by_manifest_and_module_alike(modules: Opened, folder: Path, tmp_path: Path) -> None:
    """One stands in for the other: policies are checked by the schema before a module sees them."""
    known = next(case for one, case in CASES if one == folder and "messages" in case.given)
    given = known.given | {"with": known.given.get("with", {}) | {"unheard_of": 1}}
    case = Case(name=known.name, place=known.place, folder=known.folder, given=given)
    for unchecked in (False, True):
        with pytest.raises(cases.ConfigurationRefused, match="unheard_of"):
            cases.instance(modules[folder], case, tmp_path, unchecked=unchecked)
