"""What a new version asks for, and does, that the old one did not."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import Struct

from gateway.registry.manifest import Manifest
from gateway.registry.wasm import Item, Shape


class Change(Struct, frozen=True, kw_only=True):
    what: str
    gone: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    wants_more: bool = False  # it asks for something that the old one could do without


def changes(old: Manifest, old_shape: Shape, new: Manifest, new_shape: Shape) -> list[Change]:
    """In the order of their weight: what is asked for, what crosses the border, what policies see of it."""
    found = [
        _sets("required capabilities", old.required, new.required, asks=True),
        _sets("optional capabilities", old.optional, new.optional, asks=True),
        _sets("imports", _items(old_shape.imports), _items(new_shape.imports), asks=True),
        _sets("exports", _items(old_shape.exports), _items(new_shape.exports)),
        _values("ABI", old.abi, new.abi),
        _values("memory (pages)", _pages(old_shape), _pages(new_shape)),
        _sets("accepts", old.accepts, new.accepts),
        _values("produces", old.produces, new.produces),
        _values("scope", old.scope, new.scope),
        _values("splits", old.splits, new.splits),
        _sets("refusals", _refusals(old), _refusals(new)),
        _sets("counters", old.counters, new.counters),
        _sets("configuration", _configuration(old), _configuration(new)),
        _values("language", old.language, new.language),
    ]
    return [change for change in found if change is not None]


def _sets(what: str, old: Iterable[str], new: Iterable[str], *, asks: bool = False) -> Change | None:
    before, after = set(old), set(new)
    if before == after:
        return None
    return Change(
        what=what,
        gone=tuple(sorted(before - after)),
        new=tuple(sorted(after - before)),
        wants_more=asks and bool(after - before),
    )


def _values(what: str, old: object, new: object) -> Change | None:
    return None if old == new else Change(what=what, gone=(str(old),), new=(str(new),))


def _items(items: Iterable[Item]) -> list[str]:
    return [f"{item.name} {item.type}".rstrip() for item in items]


def _pages(shape: Shape) -> str:
    if shape.memory is None:
        return "none of its own"
    least, most = shape.memory
    return f"{least} to {'any' if most is None else most}"


def _refusals(manifest: Manifest) -> list[str]:
    return [f"{code} ({kind.status})" for code, kind in manifest.refusals.items()]


def _configuration(manifest: Manifest) -> list[str]:
    """Every leaf of the schema, as a path and its value."""
    return list(_leaves("", msgspec.to_builtins(manifest.config)))


def _leaves(path: str, value: Any) -> list[str]:
    found: list[str] = []
    pending = [(path, value)]
    while pending:
        at, node = pending.pop()
        if isinstance(node, dict) and node:
            pending += [(f"{at}/{key}", inner) for key, inner in node.items()]
        elif isinstance(node, list) and node and any(isinstance(inner, (dict, list)) for inner in node):
            pending += [(f"{at}/{number}", inner) for number, inner in enumerate(node)]
        else:
            found.append(f"{at}: {msgspec.json.encode(node).decode()}")
    return found
