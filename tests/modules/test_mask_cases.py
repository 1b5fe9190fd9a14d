"""What the cases of the mask module show of it, beyond its refusals: every kind of treatment."""

from pathlib import Path

from gateway.authoring import cases
from gateway.registry import manifest

FOLDER = Path(__file__).parents[2] / "modules" / "mask"


def test_each_kind_has_a_case() -> None:
    configurations = [case.given.get("with", {}) for case in cases.read(FOLDER)]
    rules = [rule for config in configurations for rule in config.get("rules", ())]
    finds = [find for rule in rules for find in rule.get("scan", {}).get("find", ())]
    shown = {named["treatment"]["kind"] for named in (*rules, *finds) if "treatment" in named}
    choices = manifest.read(FOLDER / "manifest.yaml").config["$defs"]["treatment"]["oneOf"]
    kinds = [choice["properties"]["kind"] for choice in choices]
    assert shown >= {kind for given in kinds for kind in given.get("enum", [given.get("const")])}
