"""The functions of wasmtime's C API that components need: defining imports, making instances, calling exports.

Why not wasmtime-py's own: it keeps what a host function raises in a module global, which threads mix up
(docs/architecture.md, Threads), and converts each value twice. Here each call gives its own error.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from ctypes import byref, c_size_t, c_void_p
from itertools import chain, islice
from typing import Any, TypeVar

import wasmtime
from wasmtime import _ffi, component

from gateway.sandbox import capi
from gateway.sandbox.component import values

_INSTANCES, _TABLES, _TABLE_ELEMENTS = 100, 10, 100_000  # of core modules in a component; Python has 17 and two
_LENT = 100  # resources in one call; a component may lend the same one 100,000 times

# What returns at once keeps the GIL: who gives it up waits for it again, behind whoever is busy.
_store_new = capi.holding("wasmtime_store_new")
_store_context = capi.holding("wasmtime_store_context")
_store_limiter = capi.holding("wasmtime_store_limiter")
_store_delete = capi.holding("wasmtime_store_delete")
_set_deadline = capi.holding("wasmtime_context_set_epoch_deadline")
_export_index = capi.holding("wasmtime_component_instance_get_export_index")
_export_index_delete = capi.holding("wasmtime_component_export_index_delete")
_get_func = capi.holding("wasmtime_component_instance_get_func")
_host_new = capi.holding("wasmtime_component_resource_host_new")
_host_type = capi.holding("wasmtime_component_resource_host_type")
_host_rep = capi.holding("wasmtime_component_resource_host_rep")
_host_delete = capi.holding("wasmtime_component_resource_host_delete")
_host_to_any = capi.holding("wasmtime_component_resource_host_to_any")
_any_to_host = capi.holding("wasmtime_component_resource_any_to_host")
_error_new = capi.holding("wasmtime_error_new")
_error_delete = capi.holding("wasmtime_error_delete")
_val_delete = capi.holding("wasmtime_component_val_delete")
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
    resource = _host_new(True, handle, kind)
    into = ctypes.POINTER(_ffi.wasmtime_component_resource_any_t)()
    try:
        _check(_host_to_any(context, resource, byref(into)))
    finally:
        _host_delete(resource)
    return values.resource(into)


def handle(context: Any, kind: int, value: Any) -> int:
    """Which resource of the host a component means. Raises WasmtimeError for one of another kind."""
    resource = ctypes.POINTER(_ffi.wasmtime_component_resource_host_t)()
    _check(_any_to_host(context, value.of.resource, byref(resource)))
    try:
        if _host_type(resource) != kind:
            raise wasmtime.WasmtimeError("a resource of another kind")
        number: int = _host_rep(resource)
        return number
    finally:
        _host_delete(resource)


def give_back(context: Any, given: Any, count: int) -> None:
    """Of an import's arguments what it was lent: where some of it is left, wasmtime ends the call."""
    lent = chain.from_iterable(values.resources(given[i]) for i in range(count))
    for value in islice(lent, _LENT):
        failed = _ffi.wasmtime_component_resource_any_drop(context, value.of.resource)
        if failed:
            _error_delete(failed)


def error(text: str) -> int:
    """The address of a wasmtime_error_t, which wasmtime takes over."""
    address: int = ctypes.cast(_error_new(text.encode()), c_void_p).value  # type: ignore[assignment]
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
        self._store = None
        self._traced = traced
        self._store = _store_new(engine.ptr(), None, _no_finalizer)
        _store_limiter(self._store, memory, _TABLE_ELEMENTS, _INSTANCES, _TABLES, 1)
        self._context = _store_context(self._store)
        self._instance = _ffi.wasmtime_component_instance_t()
        self.deadline(ticks)
        self._end(
            _ffi.wasmtime_component_linker_instantiate(linker.ptr(), self._context, code.ptr(), byref(self._instance))
        )

    def __del__(self) -> None:
        if self._store is not None:
            _store_delete(self._store)
            self._store = None

    def deadline(self, ticks: int) -> None:
        _set_deadline(self._context, ticks)

    def export(self, name: str) -> Any:
        """The function of that name. Raises capi.Ended."""
        encoded = name.encode()
        index = _export_index(byref(self._instance), self._context, None, encoded, len(encoded))
        function = _ffi.wasmtime_component_func_t()
        found = bool(index) and _get_func(byref(self._instance), self._context, index, byref(function))
        if index:
            _export_index_delete(index)
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
            _val_delete(byref(given))
        try:
            return read(made)
        finally:
            _ffi.wasmtime_component_val_delete(byref(made))  # of a million values too: not with the GIL

    def _end(self, failed: Any) -> None:
        if not failed:
            return
        trace = capi.error_text(ctypes.cast(failed, c_void_p).value) if self._traced else ""
        _error_delete(failed)
        raise capi.Ended(capi.Ending.ERROR, trace)


def _check(failed: Any) -> None:
    if failed:
        _error_delete(failed)
        raise wasmtime.WasmtimeError("wasmtime refused")
