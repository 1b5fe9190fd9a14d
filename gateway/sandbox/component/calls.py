"""The functions of wasmtime's C API that components need: defining imports, making instances, calling exports.

Why not wasmtime-py's own: it keeps what a host function raises in a module global, which threads mix up
(docs/architecture.md, Threads), and converts each value twice. Here each call gives its own error.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from ctypes import byref, c_size_t, c_void_p
from typing import Any, TypeVar

import wasmtime
from wasmtime import _ffi, component

from gateway.sandbox import capi
from gateway.sandbox.component import values

_LIMITS = {"instances": 300, "tables": 100, "memories": 1, "table_elements": 100_000}
_no_finalizer = ctypes.CFUNCTYPE(None, c_void_p)()

Made = TypeVar("Made")


def define(parent: component.LinkerInstance, name: str, callback: Any) -> None:
    """A function. `callback` must outlive all that is linked with it. Raises WasmtimeError."""
    encoded = name.encode()
    _check(
        _ffi.wasmtime_component_linker_instance_add_func(
            parent.ptr(), encoded, len(encoded), callback, None, _no_finalizer
        )
    )


def define_resource(parent: component.LinkerInstance, name: str, kind: int, dropped: Any) -> None:
    """A type of the host's resources, known by the number `kind`. `dropped`: see `define`. Raises WasmtimeError."""
    encoded = name.encode()
    made = component.ResourceType.host(kind)
    _check(
        _ffi.wasmtime_component_linker_instance_add_resource(
            parent.ptr(), encoded, len(encoded), made.ptr(), dropped, None, _no_finalizer
        )
    )


def dropping(function: Callable[[int], None]) -> Any:
    """`function` gets the handle of a resource that a component has dropped. It must not raise."""

    def call(data: object, context: object, handle: int) -> int:
        function(handle)
        return 0

    return _ffi.wasmtime_component_resource_destructor_t(call)


def own(context: Any, kind: int, handle: int) -> Any:
    """A resource of the host, as a value for a component to own."""
    resource = _ffi.wasmtime_component_resource_host_new(True, handle, kind)
    into = ctypes.POINTER(_ffi.wasmtime_component_resource_any_t)()
    try:
        _check(_ffi.wasmtime_component_resource_host_to_any(context, resource, byref(into)))
    finally:
        _ffi.wasmtime_component_resource_host_delete(resource)
    return values.resource(into)


def handle(context: Any, kind: int, value: Any) -> int:
    """Which resource of the host a component means. Raises WasmtimeError for one of another kind."""
    resource = ctypes.POINTER(_ffi.wasmtime_component_resource_host_t)()
    _check(_ffi.wasmtime_component_resource_any_to_host(context, value.of.resource, byref(resource)))
    try:
        if _ffi.wasmtime_component_resource_host_type(resource) != kind:
            raise wasmtime.WasmtimeError("a resource of another kind")
        number: int = _ffi.wasmtime_component_resource_host_rep(resource)
        return number
    finally:
        _ffi.wasmtime_component_resource_host_delete(resource)


def give_back(context: Any, given: Any, count: int) -> None:
    """An import's arguments: what it was lent must be dropped before it returns."""
    for i in range(count):
        for value in values.resources(given[i]):
            failed = _ffi.wasmtime_component_resource_any_drop(context, value.of.resource)
            if failed:
                _ffi.wasmtime_error_delete(failed)


def error(text: str) -> int:
    """The address of a wasmtime_error_t, which wasmtime takes over."""
    address: int = ctypes.cast(_ffi.wasmtime_error_new(text.encode()), c_void_p).value  # type: ignore[assignment]
    return address


class Instance:
    """One instance in a store of its own. Not for two threads at once."""

    def __init__(
        self,
        engine: wasmtime.Engine,
        linker: component.Linker,
        code: component.Component,
        memory: int,
        ticks: int,
        *,
        traced: bool = False,
    ) -> None:
        """Instantiate. `memory` in bytes; `ticks` bounds what runs at the start. Raises capi.Ended."""
        self._traced = traced
        self._store = wasmtime.Store(engine)
        self._store.set_limits(memory_size=memory, **_LIMITS)
        self._context = self._store._context()
        self._instance = _ffi.wasmtime_component_instance_t()
        self.deadline(ticks)
        self._end(
            _ffi.wasmtime_component_linker_instantiate(linker.ptr(), self._context, code.ptr(), byref(self._instance))
        )

    def deadline(self, ticks: int) -> None:
        self._store.set_epoch_deadline(ticks)

    def export(self, name: str) -> Any:
        """The function of that name. Raises capi.Ended."""
        encoded = name.encode()
        index = _ffi.wasmtime_component_instance_get_export_index(
            byref(self._instance), self._context, None, encoded, len(encoded)
        )
        function = _ffi.wasmtime_component_func_t()
        found = bool(index) and _ffi.wasmtime_component_instance_get_func(
            byref(self._instance), self._context, index, byref(function)
        )
        if index:
            _ffi.wasmtime_component_export_index_delete(index)
        if not found:
            raise capi.Ended(capi.Ending.ERROR)
        return function

    def call(self, function: Any, text: bytes, read: Callable[[Any], Made]) -> Made:
        """What `read` makes of the result of `function`, which takes a string (UTF-8). Raises capi.Ended.

        Nothing of the result may be kept.
        """
        given, made = values.string(text), values.Value()
        try:
            self._end(
                _ffi.wasmtime_component_func_call(
                    byref(function), self._context, byref(given), c_size_t(1), byref(made), c_size_t(1)
                )
            )
        finally:
            _ffi.wasmtime_component_val_delete(byref(given))
        try:
            return read(made)
        finally:
            _ffi.wasmtime_component_val_delete(byref(made))

    def _end(self, failed: Any) -> None:
        if not failed:
            return
        trace = capi.error_text(ctypes.cast(failed, c_void_p).value) if self._traced else ""
        _ffi.wasmtime_error_delete(failed)
        raise capi.Ended(capi.Ending.ERROR, trace)


def _check(failed: Any) -> None:
    if failed:
        _ffi.wasmtime_error_delete(failed)
        raise wasmtime.WasmtimeError("wasmtime refused")
