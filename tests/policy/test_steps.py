"""What a configuration asks for by naming it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from gateway.policy.steps import named_in


@pytest.mark.parametrize(
    ("config", "grants"),
    [
        ({}, set()),
        ({"secret": "a", "rules": [{"treatment": {"secret": "b"}}, {"secret": 5}]}, {"secret:a", "secret:b"}),
        ({"secret": {"secret": "c"}}, {"secret:c"}),
        ({"url": "https://a.example:8443/{/id}", "more": {"url": "no address"}}, {"http:a.example:8443"}),
        ({"file": "/srv/geo.csv", "and": [{"file": ["/no"]}]}, {"fs:read:/srv/geo.csv"}),
    ],
)
def test_what_is_named_at_any_depth_is_asked_for(config: Mapping[str, Any], grants: set[str]) -> None:
    assert named_in(config) == grants
