"""Regular expressions of JSON Schemas, matched by RE2: in time linear in the text, whoever wrote the pattern.

Python's `re` tries again and again: with `(a+)+$` forty letters take it hours, and patterns come from modules' authors.
The syntax is https://github.com/google/re2/wiki/Syntax: that of ECMA-262 without what needs such trying (look-around,
references back). `$` is the end of the text; `\\d`, `\\s` and `\\w` are ASCII.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import re2  # type: ignore[import-untyped]

_MEMORY = 256 << 10  # bytes that one pattern may take, compiled and while it matches
_KEPT = 512  # patterns


def _options() -> Any:
    options = re2.Options()
    options.max_mem = _MEMORY
    options.never_capture = True
    options.log_errors = False  # it would write the pattern to standard error
    return options


_OPTIONS = _options()


@lru_cache(maxsize=_KEPT)
def compiled(pattern: str) -> Any:
    """Raises ValueError if it is none, or too large a one."""
    try:
        return re2.compile(pattern, _OPTIONS)
    except (re2.error, UnicodeEncodeError):  # the latter: half of a surrogate pair
        raise ValueError("not a pattern") from None


def found(pattern: str, text: str) -> bool:
    """Whether the pattern matches anywhere in the text. Raises ValueError as `compiled` does."""
    try:
        return compiled(pattern).search(text) is not None
    except UnicodeEncodeError:
        return False
