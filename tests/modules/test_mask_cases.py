"""The committed mask.wasm: the cases that document its treatments, in the gateway's own sandbox."""

from typing import Any

import pytest
from sandboxed import MODULES, Sandboxed, cases, check

FOLDER = MODULES / "mask"
MODULE = Sandboxed(FOLDER)
CASES = [(path.stem, case) for path in sorted((FOLDER / "tests").glob("*.yaml")) for case in cases(path)]


@pytest.mark.parametrize(("page", "case"), CASES, ids=[f"{page}: {case['name']}" for page, case in CASES])
def test_cases(page: str, case: dict[str, Any]) -> None:
    assert page
    check(MODULE, case, FOLDER / "tests")


def test_each_kind_and_each_refusal_has_a_case() -> None:
    rules = [rule for _, case in CASES for rule in case.get("with", {}).get("rules", ())]
    finds = [find for rule in rules for find in rule.get("scan", {}).get("find", ())]
    shown = {named["treatment"]["kind"] for named in (*rules, *finds) if "treatment" in named}
    choices = MODULE.manifest["config"]["$defs"]["treatment"]["oneOf"]
    kinds = [choice["properties"]["kind"] for choice in choices]
    assert shown >= {kind for given in kinds for kind in given.get("enum", [given.get("const")])}
    refused = {entry["refuse"] for _, case in CASES for entry in case.get("expect", ()) if "refuse" in entry}
    assert refused >= MODULE.manifest["refusals"].keys() - {"too_large"}
