"""The name that somebody may have meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_CANDIDATES = 50  # that are looked at closely: a file of a thousand misspelt names is found wrong in a second, too


def near(name: str, known: Iterable[str]) -> str | None:
    """The known name that is most like `name`; None where none is."""
    alike = (
        other
        for other in known
        if abs(len(other) - len(name)) <= 3 and (other[:1] == name[:1] or other[-1:] == name[-1:])
    )
    candidates = [other for other, _ in zip(alike, range(_CANDIDATES), strict=False)]
    return next(iter(difflib.get_close_matches(name, candidates, n=1)), None)
