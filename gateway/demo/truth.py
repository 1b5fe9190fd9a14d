"""Whether what the demo shows is so: what went in is looked for in what came out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import Struct

_TELLING = 6  # characters; a shorter one, such as a card's 123, may stand in a number that says nothing


class Claim(Struct, frozen=True, kw_only=True):
    """What was looked at, and what contradicts it: never a value, only of which class and where."""

    text: str
    against: tuple[str, ...]

    @property
    def holds(self) -> bool:
        return not self.against


def leaks(personal: Iterable[tuple[str, str]], cleaned: Any, released: frozenset[str]) -> list[str]:
    """Classes of the values that are found in a cleaned message and aren't released to its destination.

    A value counts as found if it is part of some text or number in the message, in whatever case; one shorter than
    six characters, if it is all of it. Released values are passed over: a town may be part of somebody's mail.
    """
    values = [(name, value.strip().casefold()) for name, value in personal]
    known = {value for name, value in values if name in released}
    texts = [text for text in map(str.casefold, _texts(cleaned)) if text not in known]
    return [
        name or "unlisted"
        for name, value in values
        if value and name not in released and any(_contains(text, value) for text in texts)
    ]


def _contains(text: str, value: str) -> bool:
    return text == value if len(value) < _TELLING else value in text


def missing(personal: Iterable[tuple[str, str]], cleaned: Any, released: frozenset[str]) -> list[str]:
    """Classes that are released to a destination and whose values aren't there."""
    texts = set(_texts(cleaned))
    return [name for name, value in personal if name in released and value and value not in texts]


def _texts(value: Any) -> Iterator[str]:
    """All keys, strings and numbers of a JSON value."""
    if isinstance(value, dict):
        for key, child in value.items():
            yield key
            yield from _texts(child)
    elif isinstance(value, list):
        for child in value:
            yield from _texts(child)
    elif value is not None:
        yield str(value)
