"""Semantic Versioning 2.0.0 (https://semver.org): how versions compare, and which one a range means."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import total_ordering
from typing import Any

_NUMBER = r"0|[1-9][0-9]{0,8}"
_VERSION = re.compile(
    rf"({_NUMBER})\.({_NUMBER})\.({_NUMBER})(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?",
    re.ASCII,
)
_PARTIAL = re.compile(rf"([\^~]?)({_NUMBER})(?:\.({_NUMBER}))?(?:\.({_NUMBER}))?", re.ASCII)
_LIMIT = 63  # characters


class NotAVersion(ValueError):
    """The text isn't one; it isn't quoted."""


@total_ordering
class Version:
    """One version. Build metadata is kept, and makes no difference to the order (section 10)."""

    __slots__ = ("core", "prerelease", "text")

    def __init__(self, text: str) -> None:
        """Raises NotAVersion."""
        match = _VERSION.fullmatch(text) if len(text) <= _LIMIT else None
        identifiers = match[4].split(".") if match and match[4] else []
        if match is None or any(one.isdigit() and len(one) > 1 and one[0] == "0" for one in identifiers):
            raise NotAVersion("not a version such as 1.0.0 (semver.org)")
        self.text = text
        self.core = (int(match[1]), int(match[2]), int(match[3]))
        self.prerelease = tuple(identifiers)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Version) and self._key() == other._key()

    def __lt__(self, other: Version) -> bool:
        return self._key() < other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def _key(self) -> tuple[Any, ...]:
        """Section 11: numbers before words, fewer identifiers before more, and any prerelease before its release."""
        ranked = tuple((0, int(one), "") if one.isdigit() else (1, 0, one) for one in self.prerelease)
        return (*self.core, not self.prerelease, ranked)


def newest(wanted: str, versions: Iterable[str]) -> str | None:
    """The highest of `versions` that `wanted` means; None: none does.

    `1.2.3` and every other whole version: that one alone. `^1.2`: the same major version (of 0.y.z the same minor one),
    and at least this. `~1.2`: the same minor version, and at least this. `*`: any. Prereleases are meant only by name.
    Raises NotAVersion for what is none of these.
    """
    known = []
    for text in versions:
        try:
            known.append(Version(text))
        except NotAVersion:
            continue  # an index that holds such a thing says nothing by it
    if wanted == "*":
        low, below = (0, 0, 0), None
    else:
        match = _PARTIAL.fullmatch(wanted)
        if match is None or not match[1]:
            exact = Version(wanted)
            return next((one.text for one in known if one.text == exact.text), None)
        low, below = _bounds(match)
    fitting = [one for one in known if not one.prerelease and low <= one.core and (below is None or one.core < below)]
    return max(fitting).text if fitting else None


def _bounds(match: re.Match[str]) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    major, minor, patch = (int(part or 0) for part in match.group(2, 3, 4))
    low = (major, minor, patch)
    if match[1] == "~":
        return low, (major, minor + 1, 0) if match[3] is not None else (major + 1, 0, 0)
    if major or match[3] is None:
        return low, (major + 1, 0, 0)
    if minor or match[4] is None:
        return low, (0, minor + 1, 0)
    return low, (0, 0, patch + 1)
