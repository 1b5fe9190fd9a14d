from __future__ import annotations

import pytest

from gateway.documents.pattern import found


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("b", "abc", True),
        ("^b", "abc", False),
        ("^[a-z]+$", "abc", True),
        ("^[a-z]+$", "abc\n", False),  # the end of the text, not that before a line feed
        (r"^\d$", "٣", False),
        (r"^[^\x00]*$", "a\0", False),
        (r"^.$", "𝄞", True),
    ],
)
def test_what_matches(pattern: str, text: str, expected: bool) -> None:
    assert found(pattern, text) is expected


@pytest.mark.parametrize(
    "pattern", ["(a+)+$", "^(/([^~*]|~[01])*)+$", "^(/|/|a|,)*$", "^(.*,)*x$", "(.*)(.*)(.*)(.*)(.*)x$"]
)
def test_no_pattern_takes_longer_than_the_text(pattern: str) -> None:
    """By trying again and again these would take longer than anybody waits."""
    assert not found(pattern, "/a," * 10_000 + "~")


@pytest.mark.parametrize(
    "pattern", ["(", "a(?=b)", r"(a)\1", "(" * 2_000, "((a{1,99}){1,99}){1,99}", r"\pL{1000}", "\ud800"]
)
def test_what_is_none_or_too_large_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="not a pattern"):
        found(pattern, "a")


def test_half_of_a_surrogate_pair_matches_nothing() -> None:
    assert not found("", "\ud800")
