"""Names in Cedar policies that nothing declares."""

from __future__ import annotations

import pytest

from gateway.policy.check import check
from gateway.registry.store import ModuleStore
from tests.building import Place


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        (
            'forbid (principal, action == Action::"release",\n  resource == DataClass::"pii.emial");',
            "2:15: DataClass 'pii.emial' is not declared in the policy set; did you mean 'pii.email'?",
        ),
        (
            'permit (principal == Producer::"web-shoq", action == Action::"publish", resource);',
            "1:22: Producer 'web-shoq' is not declared in the policy set; did you mean 'web-shop'?",
        ),
        (
            'permit (principal, action == Action::"release", resource)\n'
            'when { context.destination == Destination::"crn" };',
            "2:31: Destination 'crn' is not declared in the policy set; did you mean 'crm'?",
        ),
    ],
)
def test_a_name_that_nothing_declares_is_found_where_it_stands(place: Place, policy: str, message: str) -> None:
    file = place.policies / "release.cedar"
    before = file.read_text(encoding="utf-8").rstrip("\n") + "\n"
    file.write_text(before + policy + "\n", encoding="utf-8")
    (finding,) = check(place.policies, ModuleStore(place.modules))
    line, rest = message.split(":", 1)
    assert str(finding) == f"release.cedar:{before.count(chr(10)) + int(line)}:{rest}"


def test_teams_and_roles_are_declared_by_their_use(place: Place) -> None:
    with (place.policies / "access.cedar").open("a", encoding="utf-8") as file:
        file.write('\npermit (principal in Team::"to-come", action == Action::"publish", resource);\n')
    assert check(place.policies, ModuleStore(place.modules)) == []
