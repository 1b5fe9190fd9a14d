"""Semantic versions and ranges."""

from __future__ import annotations

from itertools import pairwise

import pytest

from gateway.registry.versions import NotAVersion, Version, newest

# semver.org, section 11, with what lies around it
ORDER = [
    "0.0.1", "0.9.9", "1.0.0-0", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2",
    "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.0.1", "1.9.0", "1.10.0", "2.0.0-1.a", "2.0.0", "10.0.0",
]  # fmt: skip


def test_the_order() -> None:
    for lower, higher in pairwise(ORDER):
        assert Version(lower) < Version(higher)
        assert not Version(higher) < Version(lower)
    assert Version("1.0.0+one") == Version("1.0.0+two")


@pytest.mark.parametrize(
    "text",
    [
        "", "1", "1.0", "1.0.0.0", "v1.0.0", "01.0.0", "1.0.0-", "1.0.0-01", "1.0.0-a..b", "1.0.0+", "1.0.0 ", " 1.0.0",
        "1.0.0\n", "1.0.0-ä", "٣.0.0", "1.0.0/..", "../1.0.0", "1.0.0-" + "a" * 60, "9999999999.0.0", "-1.0.0",
    ],
)  # fmt: skip
def test_what_is_no_version(text: str) -> None:
    with pytest.raises(NotAVersion) as raised:
        Version(text)
    assert "1.0.0 (semver.org)" in str(raised.value)


KNOWN = ["0.1.0", "0.1.7", "0.2.0", "1.0.0", "1.2.0", "1.2.9", "1.10.0", "2.0.0-rc.1", "1.11.0-beta", "junk"]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("*", "1.10.0"), ("1.2.0", "1.2.0"), ("1.2.1", None), ("^1.2", "1.10.0"), ("^1", "1.10.0"), ("^1.11", None),
        ("~1.2", "1.2.9"), ("~1.2.9", "1.2.9"), ("~1", "1.10.0"), ("^0.1", "0.1.7"), ("^0.1.7", "0.1.7"),
        ("^0", "0.2.0"),
        ("^0.0.3", None), ("~0.1", "0.1.7"), ("2.0.0-rc.1", "2.0.0-rc.1"), ("^2", None), ("1.11.0-beta", "1.11.0-beta"),
    ],
)  # fmt: skip
def test_ranges(wanted: str, found: str | None) -> None:
    assert newest(wanted, KNOWN) == found


@pytest.mark.parametrize("wanted", ["", "latest", "1.2", ">=1.0.0", "^", "^1.2.3-rc.1", "1.x", "^1.2 || 2"])
def test_what_is_no_range(wanted: str) -> None:
    with pytest.raises(NotAVersion):
        newest(wanted, KNOWN)
