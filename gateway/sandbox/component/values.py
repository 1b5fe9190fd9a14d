"""Values of the component model, as wasmtime's C API has them.

What is made here owns memory of wasmtime's, and goes to wasmtime, which frees it. What is read here is copied.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator, Sequence
from ctypes import byref
from typing import Any, TypeAlias

from wasmtime import _ffi

from gateway.sandbox import capi

Value: TypeAlias = _ffi.wasmtime_component_val_t

STRING, LIST = _ffi.WASMTIME_COMPONENT_STRING.value, _ffi.WASMTIME_COMPONENT_LIST.value
_BOOL = _ffi.WASMTIME_COMPONENT_BOOL.value
_U32, _U64 = _ffi.WASMTIME_COMPONENT_U32.value, _ffi.WASMTIME_COMPONENT_U64.value
_U8, _U16 = _ffi.WASMTIME_COMPONENT_U8.value, _ffi.WASMTIME_COMPONENT_U16.value
_RECORD, _TUPLE = _ffi.WASMTIME_COMPONENT_RECORD.value, _ffi.WASMTIME_COMPONENT_TUPLE.value
_VARIANT, _ENUM = _ffi.WASMTIME_COMPONENT_VARIANT.value, _ffi.WASMTIME_COMPONENT_ENUM.value
_OPTION, _RESULT = _ffi.WASMTIME_COMPONENT_OPTION.value, _ffi.WASMTIME_COMPONENT_RESULT.value
_RESOURCE = _ffi.WASMTIME_COMPONENT_RESOURCE.value
_SIZE = ctypes.sizeof(Value)
_PAYLOAD = Value.of.offset

_new = capi.holding("wasmtime_component_val_new")
_new_bytes = capi.holding("wasm_byte_vec_new_uninitialized")
_new_list = capi.holding("wasmtime_component_vallist_new_uninit")
_new_tuple = capi.holding("wasmtime_component_valtuple_new_uninit")
_new_record = capi.holding("wasmtime_component_valrecord_new_uninit")


# ---------------------------------------------------------------- reading


def text(value: Any, most: int | None = None) -> bytes:
    """A string's UTF-8; of that the first `most` bytes."""
    size = value.of.string.size
    return ctypes.string_at(value.of.string.data, size if most is None else min(size, most))


def length(value: Any) -> int:
    """Bytes of a string."""
    count: int = value.of.string.size
    return count


def size(value: Any) -> int:
    """How many elements a list has."""
    count: int = value.of.list.size
    return count


def elements(value: Any) -> Iterator[Any]:
    """Of a list or a tuple; valid as long as it is."""
    items = value.of.list if value.kind == LIST else value.of.tuple
    return (items.data[i] for i in range(items.size))


def resources(value: Any) -> Iterator[Any]:
    """The resource that an argument is, or those that it lists."""
    if value.kind == _RESOURCE:
        yield value
    elif value.kind == LIST and value.of.list.size and value.of.list.data[0].kind == _RESOURCE:
        yield from elements(value)


def octets(value: Any, most: int) -> bytes:
    """The first `most` bytes of a list<u8>; each takes as much room there as any value."""
    items = value.of.list
    return ctypes.string_at(items.data, min(items.size, most) * _SIZE)[_PAYLOAD::_SIZE]


def field(value: Any, at: int) -> Any:
    """A record's field by its place; valid as long as the record is."""
    return value.of.record.data[at].val


# ---------------------------------------------------------------- making


def is_text(content: bytes) -> bool:
    """Whether it is UTF-8."""
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def string(content: bytes) -> Any:
    """`content` must be UTF-8: wasmtime ends the process where it isn't."""
    value = Value()
    value.kind = STRING
    _fill(value.of.string, content)
    return value


def _plain(kind: int, member: str) -> Callable[[int], Any]:
    """What makes values of a kind that is a number or a boolean."""

    def make(content: int) -> Any:
        value = Value()
        value.kind = kind
        setattr(value.of, member, content)
        return value

    return make


boolean = _plain(_BOOL, "boolean")
u16, u32, u64 = _plain(_U16, "u16"), _plain(_U32, "u32"), _plain(_U64, "u64")


def listed(values: Sequence[Any]) -> Any:
    value = Value()
    value.kind = LIST
    _new_list(byref(value.of.list), len(values))
    for i, inner in enumerate(values):
        value.of.list.data[i] = inner
    return value


def octet_list(content: bytes) -> Any:
    """A list<u8>."""
    value = Value()
    value.kind = LIST
    _new_list(byref(value.of.list), len(content))
    entries = bytearray(len(content) * _SIZE)
    entries[::_SIZE] = bytes((_U8,)) * len(content)
    entries[_PAYLOAD::_SIZE] = content
    ctypes.memmove(value.of.list.data, bytes(entries), len(entries))
    return value


def tupled(*values: Any) -> Any:
    value = Value()
    value.kind = _TUPLE
    _new_tuple(byref(value.of.tuple), len(values))
    for i, inner in enumerate(values):
        value.of.tuple.data[i] = inner
    return value


def record(**fields: Any) -> Any:
    value = Value()
    value.kind = _RECORD
    _new_record(byref(value.of.record), len(fields))
    for i, (name, inner) in enumerate(fields.items()):
        value.of.record.data[i].name = _name(name)
        value.of.record.data[i].val = inner
    return value


def none() -> Any:
    value = Value()
    value.kind = _OPTION
    return value


def some(inner: Any) -> Any:
    value = none()
    value.of.option = _moved(inner)
    return value


def ok(inner: Any = None) -> Any:
    return _result(True, inner)


def err(inner: Any = None) -> Any:
    return _result(False, inner)


def enum(name: str) -> Any:
    value = Value()
    value.kind, value.of.enumeration = _ENUM, _name(name)
    return value


def variant(name: str) -> Any:
    """A case that carries nothing."""
    value = Value()
    value.kind, value.of.variant.discriminant = _VARIANT, _name(name)
    return value


def resource(any_resource: Any) -> Any:
    """Takes over a wasmtime_component_resource_any_t."""
    value = Value()
    value.kind, value.of.resource = _RESOURCE, any_resource
    return value


def _result(is_ok: bool, inner: Any) -> Any:
    value = Value()
    value.kind, value.of.result.is_ok = _RESULT, is_ok
    if inner is not None:
        value.of.result.val = _moved(inner)
    return value


def _moved(value: Any) -> Any:
    """Where wasmtime keeps a value that is inside another."""
    return _new(byref(value))


def _name(name: str) -> Any:
    vector = _ffi.wasm_name_t()
    _fill(vector, name.encode())
    return vector


def _fill(vector: Any, content: bytes) -> None:
    _new_bytes(byref(vector), len(content))
    ctypes.memmove(vector.data, content, len(content))
