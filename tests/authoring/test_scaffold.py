"""What `maskgate modules new` can make is what the SDK has templates for."""

from __future__ import annotations

from gateway.authoring.scaffold import TEMPLATES
from tests.building import ROOT


def test_every_template_of_the_sdk_is_offered_and_no_other() -> None:
    there = ROOT / "modules" / "sdk" / "templates"
    found = {path.parent.relative_to(there) for path in there.rglob("manifest.yaml")}
    assert {str(path) for path in found} == {f"{kind}/{one}" for kind, many in TEMPLATES.items() for one in many}
