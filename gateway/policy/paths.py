"""Paths of fields: RFC 6901 with `*` for any one step and `**` for any number of them.

`~2` stands for a literal `*`, as `~1` does for `/` and `~0` for `~`.
"""

from __future__ import annotations

from enum import Enum

_ESCAPES = (("~2", "*"), ("~1", "/"), ("~0", "~"))  # in this order: `~02` is `~2`


class Wildcard(Enum):
    ONE = "*"
    ANY = "**"


def segments(path: str) -> tuple[str | Wildcard, ...]:
    """The steps of a path, unescaped. "" is the whole message and has none."""
    return tuple(Wildcard(part) if part in ("*", "**") else _unescape(part) for part in path.split("/")[1:])


def _unescape(part: str) -> str:
    for escape, character in _ESCAPES:
        part = part.replace(escape, character)
    return part
