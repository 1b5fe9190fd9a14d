from __future__ import annotations

from gateway.demo.truth import leaks, missing

PERSONAL = [("pii.email", "Ines@okafor.example"), ("pii.address", "Okafor"), ("pci.verification", "123"), ("text", "")]


def test_finds_a_value_within_a_text_in_any_case() -> None:
    assert leaks(PERSONAL, {"note": ["mail INES@OKAFOR.EXAMPLE"]}, frozenset()) == ["pii.email", "pii.address"]


def test_finds_a_value_that_became_a_name() -> None:
    assert leaks(PERSONAL, {"okafor": 1}, frozenset()) == ["pii.address"]


def test_a_short_value_counts_alone() -> None:
    assert leaks(PERSONAL, {"order": "W-123-4", "total": 1234}, frozenset()) == []
    assert leaks(PERSONAL, {"cvc": 123}, frozenset()) == ["pci.verification"]


def test_what_is_released_is_no_leak_and_hides_none() -> None:
    released = frozenset({"pii.email"})
    assert leaks(PERSONAL, {"email": "Ines@okafor.example"}, released) == []
    assert leaks(PERSONAL, {"email": "Ines@okafor.example", "city": "Okafor"}, released) == ["pii.address"]


def test_names_what_was_released_and_is_not_there() -> None:
    assert missing(PERSONAL, {"email": "email_0f0c"}, frozenset({"pii.email"})) == ["pii.email"]
    assert missing(PERSONAL, {"email": "Ines@okafor.example"}, frozenset({"pii.email"})) == []
