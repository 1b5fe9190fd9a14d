"""The JSON Schema validator (draft 2020-12) of `jsonschema`, for schemas whose author isn't trusted.

Patterns are matched without trying again and again (gateway/documents/pattern.py), nothing is fetched, and the work can
be limited: thirty references that each lead to the next one twice are a billion steps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend

from gateway.documents.pattern import found

Keyword = Callable[[Any, Any, Any, Any], Any]  # validator, the keyword's value, instance, schema → errors

_REFERENCES = 80  # that lead to one another; a configuration has 64 levels
NAME = "propertyNames"  # of an error whose instance is a name that may not stand there


class TooCostlyError(Exception):
    """A schema asks for more work than it may."""


class _Steps:
    __slots__ = ("inside", "left")

    def __init__(self, left: int) -> None:
        self.left = left
        self.inside = 0  # references that are being followed


_steps: ContextVar[_Steps | None] = ContextVar("steps", default=None)


@contextmanager
def limited(steps: int | None) -> Iterator[None]:
    """What validates inside raises TooCostlyError after so many keywords (a list's items count, too); None: never so.

    It also does where Python's stack ends. In the library's own extension, which is Rust, that is a panic, and no
    Exception: what a module's author wrote must not get past who catches those.
    """
    token = _steps.set(None if steps is None else _Steps(steps))
    try:
        yield
    except RecursionError:
        raise TooCostlyError from None
    except BaseException as failure:
        if type(failure).__module__ == "pyo3_runtime":
            raise TooCostlyError from None
        raise
    finally:
        _steps.reset(token)


def _metered(keyword: Keyword) -> Keyword:
    def counted(validator: Any, value: Any, instance: Any, schema: Any) -> Any:
        steps = _steps.get()
        if steps is not None:
            steps.left -= 1 + _weight(value) + _weight(instance)
            if steps.left < 0:
                raise TooCostlyError
        return keyword(validator, value, instance, schema)

    return counted


def _reference(validator: Any, reference: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    """As the library's, but one that leads back to itself ends before the stack does."""
    steps = _steps.get() or _Steps(0)
    steps.inside += 1
    try:
        if steps.inside > _REFERENCES:
            raise TooCostlyError
        yield from validator._validate_reference(ref=reference, instance=instance)
    finally:
        steps.inside -= 1


def _weight(value: Any) -> int:
    if isinstance(value, str):
        return len(value) >> 4
    return len(value) if isinstance(value, list | dict) else 0


def _pattern(validator: Any, pattern: str, instance: Any, schema: Any) -> Iterator[ValidationError]:
    if isinstance(instance, str) and not found(pattern, instance):
        yield ValidationError("doesn't match")


def _names(validator: Any, names: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    """As the library's, but an error says which name it is of."""
    for name in instance if isinstance(instance, dict) else ():
        for error in validator.descend(name, names):
            yield ValidationError("a wrong name", validator=NAME, instance=name, schema=error.schema)
            break


def _unique(validator: Any, wanted: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    """In time linear in the list: the library's compares each item with each, where they aren't scalars."""
    if wanted and isinstance(instance, list) and len(set(map(_hashable, instance))) < len(instance):
        yield ValidationError("an item is there twice")


def _hashable(value: Any) -> Any:
    """Equal for values that JSON Schema takes for equal (1 and 1.0), and for no others (1 and true)."""
    if isinstance(value, dict):
        return dict, frozenset((name, _hashable(inner)) for name, inner in value.items())
    if isinstance(value, list):
        return list, tuple(map(_hashable, value))
    return (bool, value) if isinstance(value, bool) else value


_own: dict[str, Keyword] = {"$ref": _reference, "pattern": _pattern, NAME: _names, "uniqueItems": _unique}
Validator: Any = extend(  # type: ignore[no-untyped-call]
    Draft202012Validator,
    {name: _metered(keyword) for name, keyword in {**Draft202012Validator.VALIDATORS, **_own}.items()},
)
