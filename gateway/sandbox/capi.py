"""The few C functions of wasmtime that every request goes through, without wasmtime-py's wrappers.

Why: a call through `wasmtime.Func.__call__` costs 86 µs for 500 bytes each way, these 6.5 µs; and wasmtime-py
keeps a host function's pending exception in a module global, which threads mix up, while the C API hands each
call its own trap. What runs once at load (compiling, linking, types) uses the public API. `self_test` runs at
start: a wasmtime whose C API isn't the one pinned here refuses to serve.
"""

from __future__ import annotations

import ctypes
from ctypes import byref, c_bool, c_char_p, c_int64, c_size_t, c_uint8, c_uint64, c_void_p
from enum import IntEnum
from importlib.metadata import version
from typing import Any

import wasmtime
from wasmtime import _ffi

_releasing = _ffi.dll  # gives the GIL up during the call
_holding = ctypes.PyDLL(str(_ffi.filename))  # keeps it: for what returns at once


def _function(library: ctypes.CDLL, name: str, restype: Any, *argtypes: Any) -> Any:
    function = library[name]  # a new object, so that wasmtime-py's own prototypes stay as they are
    function.restype, function.argtypes = restype, argtypes
    return function


def holding(name: str) -> Any:
    """The function of that name with wasmtime-py's types, that keeps the GIL: for what returns at once."""
    known = getattr(_ffi.dll, name)
    return _function(_holding, name, known.restype, *known.argtypes)


_store_new = _function(_holding, "wasmtime_store_new", c_void_p, c_void_p, c_void_p, c_void_p)
_store_delete = _function(_holding, "wasmtime_store_delete", None, c_void_p)
_store_context = _function(_holding, "wasmtime_store_context", c_void_p, c_void_p)
_store_limiter = _function(_holding, "wasmtime_store_limiter", None, c_void_p, *[c_int64] * 5)
_set_deadline = _function(_holding, "wasmtime_context_set_epoch_deadline", None, c_void_p, c_uint64)
_instantiate = _function(
    _releasing, "wasmtime_instance_pre_instantiate", c_void_p, c_void_p, c_void_p, c_void_p, c_void_p
)
_export_get = _function(
    _holding, "wasmtime_instance_export_get", c_bool, c_void_p, c_void_p, c_char_p, c_size_t, c_void_p
)
_CALL = ("wasmtime_func_call_unchecked", c_void_p, c_void_p, c_void_p, c_void_p, c_size_t, c_void_p)
_call_releasing = _function(_releasing, *_CALL)
_call_holding = _function(_holding, *_CALL)
_memory_data = _function(_holding, "wasmtime_memory_data", c_void_p, c_void_p, c_void_p)
_memory_data_size = _function(_holding, "wasmtime_memory_data_size", c_size_t, c_void_p, c_void_p)
_trap_code = _function(_holding, "wasmtime_trap_code", c_bool, c_void_p, c_void_p)
_trap_message = _function(_holding, "wasm_trap_message", None, c_void_p, c_void_p)
_trap_delete = _function(_holding, "wasm_trap_delete", None, c_void_p)
_trap_new = _function(_holding, "wasmtime_trap_new", c_void_p, c_char_p, c_size_t)
_trap_new_code = _function(_holding, "wasmtime_trap_new_code", c_void_p, c_uint8)
_error_message = _function(_holding, "wasmtime_error_message", None, c_void_p, c_void_p)
_error_delete = _function(_holding, "wasmtime_error_delete", None, c_void_p)
_error_exit_status = _function(_holding, "wasmtime_error_exit_status", c_bool, c_void_p, c_void_p)
_define_func = _function(
    _holding,
    "wasmtime_linker_define_func_unchecked",
    c_void_p,
    c_void_p,
    *(c_char_p, c_size_t, c_char_p, c_size_t),
    *(c_void_p, c_void_p, c_void_p, c_void_p),
)

HostCallback = ctypes.CFUNCTYPE(c_void_p, c_void_p, c_void_p, ctypes.POINTER(_ffi.wasmtime_val_raw_t), c_size_t)


class Ending(IntEnum):
    """How a call ended that didn't return. Positive numbers are wasmtime's own trap codes."""

    ERROR = -1
    OTHER_TRAP = -2
    STACK_OVERFLOW = 0
    OUT_OF_BOUNDS = 1
    UNREACHABLE = 9
    INTERRUPT = 10  # the epoch deadline


class Ended(Exception):
    """A call into a guest ended in a trap or an error. `trace`: what wasmtime says of it, if the instance is traced."""

    def __init__(self, code: int, trace: str = "") -> None:
        super().__init__(code)
        self.code, self.trace = code, trace


def address(managed: Any) -> int:
    """The C pointer that a wasmtime-py object owns. The object must outlive every use of it."""
    pointer = ctypes.cast(managed.ptr(), c_void_p).value
    if pointer is None:
        raise ValueError("a null pointer")
    return pointer


def new_trap(text: bytes) -> int:
    """A trap for a host callback to return; wasmtime takes it over."""
    trap: int = _trap_new(text, len(text))
    return trap


def interrupt() -> int:
    """The trap of a guest that is past its deadline, for a host callback to return; wasmtime takes it over."""
    trap: int = _trap_new_code(Ending.INTERRUPT)
    return trap


def define(linker: wasmtime.Linker, module: str, name: str, kind: wasmtime.FuncType, callback: Any) -> None:
    """Define the import `module.name`. `callback` is a HostCallback that the caller keeps alive with the linker.

    It gets the raw values in place, writes its result over the first, and returns None or a new trap. An
    exception in it would be lost: it must not raise.
    """
    module_bytes, name_bytes = module.encode(), name.encode()
    error = _define_func(
        address(linker),
        *(module_bytes, len(module_bytes), name_bytes, len(name_bytes)),
        *(address(kind), ctypes.cast(callback, c_void_p), None, None),
    )
    if error:
        _error_delete(error)
        raise ValueError(f"{module}.{name} can't be defined")


class Instance:
    """One instance in a store of its own. Not for two threads at once."""

    __slots__ = ("_args", "_context", "_externs", "_instance", "_memory", "_store", "_traced", "_trap", "data")

    def __init__(self, engine: int, pre: int, memory: int, ticks: int, *, traced: bool = False) -> None:
        """Instantiate. `memory` in bytes; `ticks` bounds the start function. Raises Ended.

        `traced`: traps are read out, with their backtraces.
        """
        self._store = None
        self._traced = traced
        self._store = _store_new(engine, None, None)
        _store_limiter(self._store, memory, 100_000, 1, 16, 1)
        self._context = _store_context(self._store)
        self._args = (c_int64 * 8)()  # four raw values of 16 bytes
        self._trap = c_void_p()
        self._externs: list[Any] = []
        self._memory: int | None = None
        self._instance = _ffi.wasmtime_instance_t()
        _set_deadline(self._context, ticks)
        error = _instantiate(pre, self._context, byref(self._instance), byref(self._trap))
        if error or self._trap.value:
            raise self._ended(error)
        self._memory = self.export("memory")
        self.data: int = _memory_data(self._context, self._memory)  # where the memory is; it never moves

    def __del__(self) -> None:
        if self._store is not None:
            _store_delete(self._store)
            self._store = None

    def export(self, name: str) -> int:
        """Address of an export's handle (a wasmtime_func_t, a wasmtime_memory_t). Types are checked at load."""
        item = _ffi.wasmtime_extern_t()
        encoded = name.encode()
        if not _export_get(self._context, byref(self._instance), encoded, len(encoded), byref(item)):
            raise Ended(Ending.ERROR)
        self._externs.append(item)  # keeps the handle where it is
        return ctypes.addressof(item.of)

    def deadline(self, ticks: int) -> None:
        _set_deadline(self._context, ticks)

    def call(self, function: int, *args: int, hold: bool = False) -> int:
        """Call with i32 arguments; the result's low 64 bits, as they are. Raises Ended.

        `hold` keeps the GIL: only for guests under a deadline whose ticks don't need it.
        """
        values = self._args
        for i, arg in enumerate(args):
            values[2 * i] = arg
        values_in = len(args) or 1
        call = _call_holding if hold else _call_releasing
        error = call(self._context, function, values, values_in, byref(self._trap))
        if error or self._trap.value:
            raise self._ended(error)
        return values[0]

    @property
    def size(self) -> int:
        """Bytes that the guest's memory has now."""
        size: int = _memory_data_size(self._context, self._memory)
        return size

    def _ended(self, error: int | None) -> Ended:
        code, trace = Ending.ERROR, ""
        if error:
            trace = _text(_error_message, error) if self._traced else ""
            _error_delete(error)
        if self._trap.value:
            out = c_uint8()
            code = out.value if _trap_code(self._trap, byref(out)) else Ending.OTHER_TRAP  # type: ignore[assignment]
            if self._traced:
                trace = _text(_trap_message, self._trap)
            _trap_delete(self._trap)
            self._trap.value = None
        return Ended(code, trace)


def error_text(error: int | None) -> str:
    """What wasmtime says of an error, a wasmtime_error_t that stays the caller's; with a backtrace, if it has one."""
    return _text(_error_message, error)


def _text(read: Any, ending: Any) -> str:
    message = _ffi.wasm_byte_vec_t()
    read(ending, byref(message))
    text = ctypes.string_at(message.data, message.size).rstrip(b"\0").decode(errors="replace")
    _ffi.wasm_byte_vec_delete(byref(message))
    return text


def self_test(engine: wasmtime.Engine) -> None:
    """Raises RuntimeError unless this wasmtime behaves as this file expects: results, traps, limits, memory."""
    wat = """(module (memory (export "memory") 1)
      (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add)
      (func (export "grow") (result i32) i32.const 100 memory.grow)
      (func (export "trap") unreachable)
      (data (i32.const 8) "maskgate"))"""
    module = wasmtime.Module(engine, wat)
    pre = wasmtime.Linker(engine).instantiate_pre(module)
    instance = Instance(address(engine), address(pre), 2 << 16, 1 << 30)
    data, size = instance.data, instance.size
    try:
        instance.call(instance.export("trap"))
        ending = None
    except Ended as ended:
        ending = ended.code
    seen = (
        instance.call(instance.export("add"), 40, 2) & 0xFFFFFFFF,
        instance.call(instance.export("grow")) & 0xFFFFFFFF,
        size,
        ctypes.string_at(data + 8, 8),
        ending,
    )
    if seen != (42, 0xFFFFFFFF, 1 << 16, b"maskgate", Ending.UNREACHABLE):
        raise RuntimeError(f"wasmtime {version('wasmtime')} isn't the one that maskgate is made for: {seen}")
