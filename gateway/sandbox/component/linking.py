"""What a component may import: the world's own interface, and WASI 0.2, where what no grant covers is denied.

A denied function counts the attempt. Where its result has room for a refusal (an `error-code` with `access`,
`access-denied` or `not-permitted`) the component gets that; where it has none, the call ends.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import wasmtime
from msgspec import Struct
from wasmtime import _ffi, component

from gateway.sandbox.compiler import NAMES_LIMIT
from gateway.sandbox.component import calls, values, wasi, world
from gateway.sandbox.component.running import Context, Function, Running, Value, callback
from gateway.sandbox.component.types import TooLarge, signature
from gateway.sandbox.running import current

_WASI = re.compile(r"(wasi:[a-z0-9-]+/[a-z0-9-]+)@0\.2\.[0-9]+")
_NAME_LIMIT = 100  # letters, since attempts are recorded and counted by name; WASI's longest has 70
_REFUSALS = ("access-denied", "access", "not-permitted")  # of WASI's own enums
_REFUSALS_LIMIT = 100  # cases of such an enum; WASI's longest has 37
_NOBODYS = 0  # the kind of all resources that nobody can make
_EXPORTS = {
    "configure": "(string) -> result<_, string>",
    "transform": "(string) -> result<list<string>, record {code: string, offset: option<u32>}>",
}

_world = {name: (kind, callback(function)) for name, (kind, function) in world.FUNCTIONS.items()}
_wasi = {
    interface: {name: (kind, callback(function)) for name, (kind, function) in functions.items()}
    for interface, functions in wasi.FUNCTIONS.items()
}


class Linked(Struct, frozen=True):
    """A linker with all that a component imports, and what it calls."""

    linker: component.Linker
    callbacks: list[Any]


class NoExport(ValueError):
    """A component doesn't export what the world says. The text names it."""


def link(engine: wasmtime.Engine, code: component.Component) -> Linked:
    """Raises ValueError naming an import that isn't offered, NoExport."""
    kind = code.type
    linked = Linked(component.Linker(engine), [])
    named = _ffi.wasmtime_component_type_import_count(kind.ptr(), engine.ptr())
    _check_count(named)
    with linked.linker.root() as root:
        for name, item in kind.imports(engine).items():
            imported = item.ty
            if isinstance(imported, component.ValType):
                continue  # a type's other name
            if not isinstance(imported, component.ComponentInstanceType):
                raise ValueError(f"imports {name}, which the sandbox doesn't offer")
            named += _ffi.wasmtime_component_instance_type_export_count(imported.ptr(), engine.ptr())
            _check_count(named)
            with root.add_instance(name) as parent:
                _define(parent, name, imported.exports(engine), linked.callbacks)
    _check_exports(kind, engine)
    return linked


def _check_count(named: int) -> None:
    """Before they are read: to read the last of n names takes n steps."""
    if named > NAMES_LIMIT:
        raise ValueError(f"imports more than {NAMES_LIMIT} names")


def _check_exports(kind: component.ComponentType, engine: wasmtime.Engine) -> None:
    if _ffi.wasmtime_component_type_export_count(kind.ptr(), engine.ptr()) > NAMES_LIMIT:
        raise NoExport(f"exports more than {NAMES_LIMIT} names")
    exported = kind.exports(engine)
    for name, wanted in _EXPORTS.items():
        item = exported[name].ty if name in exported else None
        if not isinstance(item, component.FuncType):
            raise NoExport(f"exports no function {name}")
        if _told(item) != wanted:
            raise NoExport(f"exports {name} with another type than the world transform has")


def _define(parent: component.LinkerInstance, name: str, wanted: Mapping[str, Any], callbacks: list[Any]) -> None:
    """All that is wanted of one interface."""
    known = _WASI.fullmatch(name)
    if known is None and name not in (world.INTERFACE, world.TYPES):
        raise ValueError(f"imports {name}, which the sandbox doesn't offer")
    interface = known[1] if known else name
    offered = _wasi.get(interface, {}) if known else _world if name == world.INTERFACE else {}
    for inner, item in wanted.items():
        imported = item.ty
        full = f"{interface}.{inner}"
        if len(full) > _NAME_LIMIT:
            raise ValueError(f"imports {full[:_NAME_LIMIT]}…, which the sandbox doesn't offer")
        if isinstance(imported, component.FuncType):
            kind, call = offered.get(inner, (None, None))
            if kind is not None and _told(imported) != kind:
                raise ValueError(f"imports {full} with another type than the sandbox offers")
            if call is None:
                if known is None:
                    raise ValueError(f"imports {full}, which the sandbox doesn't offer")
                call = callback(_denied(full.replace("[method]", "").replace("[static]", ""), imported))
                callbacks.append(call)
            calls.define(parent, inner, call)
        elif isinstance(imported, component.ResourceType):
            dropped = _forgotten if inner == wasi.POLLABLE else _dropped
            calls.define_resource(parent, inner, wasi.KINDS.get(inner, _NOBODYS), dropped)
        elif not isinstance(imported, component.ValType):
            raise ValueError(f"imports {full}, which the sandbox doesn't offer")


def _told(kind: component.FuncType) -> str:
    """Raises ValueError for a type that is too large to be anybody's."""
    try:
        return signature(kind)
    except TooLarge:
        raise ValueError("has a function whose type is too large") from None


def _denied(name: str, kind: component.FuncType) -> Function:
    """A function that counts the attempt, and says no as far as its type lets it."""
    refusal = _refusal(kind)

    def deny(running: Running, context: Context, given: Any) -> Value:
        if refusal is None:
            raise running.ends(name)
        running.deny(name)
        return values.err(values.enum(refusal))

    return deny


def _refusal(kind: component.FuncType) -> str | None:
    """The case of a function's error that says no."""
    result = kind.result
    error = result.err if isinstance(result, component.ResultType) else None
    if not isinstance(error, component.EnumType) or error.names_count > _REFUSALS_LIMIT:
        return None
    names = error.names
    return next((known for known in _REFUSALS if known in names), None)


def _forget(handle: int) -> None:
    running = current()
    if isinstance(running, Running):
        running.pollables.pop(handle, None)


def _nothing(handle: int) -> None:
    """There is nothing behind the others."""


_forgotten, _dropped = calls.dropping(_forget), calls.dropping(_nothing)
