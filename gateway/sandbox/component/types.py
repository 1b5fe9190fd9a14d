"""Types of the component model as text, so that two can be compared and one can be told."""

from __future__ import annotations

from collections.abc import Callable

from wasmtime import _ffi
from wasmtime import component as wt

_LIMIT = 50  # types inside one function's: a few bytes of a component can stand for 2**100 of them

_PLAIN: dict[type, str] = {
    wt.Bool: "bool", wt.S8: "s8", wt.S16: "s16", wt.S32: "s32", wt.S64: "s64", wt.U8: "u8", wt.U16: "u16",
    wt.U32: "u32", wt.U64: "u64", wt.F32: "f32", wt.F64: "f64", wt.Char: "char", wt.String: "string",
}  # fmt: skip


class TooLarge(ValueError):
    """A type that nobody wants to read."""


def signature(kind: wt.FuncType) -> str:
    """`(string, u32) -> option<string>`: without the parameters' names, with `async` where it is. Raises TooLarge.

    A resource is `own` or `borrow`, of whatever: who takes one asks which (gateway.sandbox.component.calls.handle), and
    what the host gives wasmtime checks.
    """
    left = _LIMIT

    def told(value: wt.ValType) -> str:
        nonlocal left
        left -= 1
        if left < 0:
            raise TooLarge
        return _told(value, told)

    parameters = ", ".join(told(value) for _, value in kind.params)
    result = kind.result
    kept = "async " if _ffi.wasmtime_component_func_type_async(kind.ptr()) else ""
    return f"{kept}({parameters})" + (f" -> {told(result)}" if result is not None else "")


def _told(value: wt.ValType, told: Callable[[wt.ValType], str]) -> str:
    if (plain := _PLAIN.get(type(value))) is not None:
        return plain
    match value:
        case wt.ListType():
            return f"list<{told(value.element)}>"
        case wt.OptionType():
            return f"option<{told(value.payload)}>"
        case wt.ResultType():
            ok, err = value.ok, value.err
            return f"result<{told(ok) if ok is not None else '_'}, {told(err) if err is not None else '_'}>"
        case wt.TupleType():
            return f"tuple<{', '.join(told(inner) for inner in value.elements)}>"
        case wt.RecordType():
            return "record {" + ", ".join(f"{name}: {told(inner)}" for name, inner in value.fields) + "}"
        case wt.VariantType():
            cases = ((name, inner) for name, inner in value.cases)
            return "variant {" + ", ".join(f"{n}({told(inner)})" if inner else n for n, inner in cases) + "}"
        case wt.EnumType():
            return "enum {" + ", ".join(value.names) + "}"
        case wt.FlagsType():
            return "flags {" + ", ".join(value.names) + "}"
        case wt.OwnType():
            return "own"
        case wt.BorrowType():
            return "borrow"
        case _:
            return "?"
