"""Modules of the ABI `maskgate/1`: one linked for a step (`Program`), and an instance of it (`Guest`).

Whatever a guest returns is hostile: pointers, lengths and the frame are checked before a byte is copied.
"""

from __future__ import annotations

import ctypes
from collections import Counter
from collections.abc import Mapping

import wasmtime

from gateway.errors import GuestFailure, LoadFailure
from gateway.flow import Batch, Step
from gateway.sandbox import capi, frame, host, kind
from gateway.sandbox.engine import Engine
from gateway.sandbox.frame import GuestError, Output
from gateway.sandbox.kind import SPLIT_INTO, Asking, LoadError, ask
from gateway.sandbox.running import Running

_EXPORTS = {
    "mg_alloc": ("i", "i"),
    "mg_configure": ("ii", "i"),
    "mg_transform": ("ii", "I"),
    "mg_error": ("", "I"),
}
_ERROR_LIMIT = 4 << 10  # bytes of mg_error's text
_PAGE = 64 << 10
_GROWTH = 8 << 20  # bytes beyond its configuration's that an instance may keep

_view = ctypes.pythonapi.PyMemoryView_FromMemory
_view.restype = ctypes.py_object
_view.argtypes = [ctypes.c_void_p, ctypes.c_ssize_t, ctypes.c_int]
_READ_ONLY = 0x100  # PyBUF_READ


class Program(kind.Program):
    """A step's module, compiled and linked, with the secrets that the step holds."""

    def __init__(self, engine: Engine, module: wasmtime.Module, step: Step, secrets: Mapping[str, bytes]) -> None:
        """`secrets` by name, for the step's `secret:` grants. Raises LoadError for a wrong export or import."""
        super().__init__(engine, step, secrets)
        _check_exports(module)
        self.initialize = any(export.name == "_initialize" for export in module.exports)
        try:
            self._linker = host.link(engine.wasmtime, module)
            self._pre = self._linker.instantiate_pre(module)
        except (ValueError, wasmtime.WasmtimeError) as error:
            raise LoadError(LoadFailure.IMPORT, str(error)) from None
        self.pre = capi.address(self._pre)

    def guest(self, *, ticks: int | None = None) -> Guest:
        return Guest(self, ticks=ticks)


class Guest:
    """One configured instance. Not for two threads at once, nor for two producers ever."""

    __slots__ = ("_alloc", "_configured_size", "_error", "_instance", "_running", "_transform", "_used", "program")

    def __init__(self, program: Program, *, ticks: int | None = None) -> None:
        """Raises GuestError; its text is the module's own where mg_configure refused.

        `ticks`: a deadline other than the stream's.
        """
        self.program = program
        self._used = False
        self._running = Running(program)
        self._running.begin(program.seconds(ticks))
        try:
            self._start(ticks or program.ticks)
        except GuestError as error:
            error.denied = self.denied
            raise
        finally:
            self._running.end()

    def _start(self, ticks: int) -> None:
        """Instantiate and configure."""
        program = self.program
        try:
            instance = capi.Instance(
                program.engine.address, program.pre, program.step.limits.memory, ticks, traced=program.traced
            )
        except capi.Ended as ended:
            failure = GuestFailure.INSTANTIATION if ended.code == capi.Ending.ERROR else self._failure(ended)
            raise self._traced(failure, ended) from None
        self._instance = self._running.instance = instance
        try:
            if program.initialize:
                instance.call(instance.export("_initialize"))
            self._alloc, self._transform, self._error = (
                instance.export(name) for name in ("mg_alloc", "mg_transform", "mg_error")
            )
            at = self._put(program.step.config, hold=False)
            refused = instance.call(instance.export("mg_configure"), at, len(program.step.config))
        except capi.Ended as ended:
            raise self._traced(self._failure(ended), ended) from None
        if refused & 0xFFFFFFFF:
            raise GuestError(GuestFailure.REFUSED_CONFIG, self._error_text())
        self._configured_size = self.memory_size

    @property
    def denied(self) -> Mapping[str, int]:
        """Imports that it tried without a grant in the last run; in its first, since it was made."""
        return self._running.denied

    @property
    def memory_size(self) -> int:
        """Bytes of linear memory."""
        return self._instance.size

    @property
    def worn(self) -> bool:
        """Whether a large batch has blown it up."""
        return self.memory_size > self._configured_size + _GROWTH

    def transform(
        self, batch: Batch, *, ticks: int | None = None, hold: bool = False, asking: Asking | None = None
    ) -> Output:
        """Run `batch` (at least one message) through the module. Raises GuestError, NotAsked; then drop the guest.

        `ticks`: a deadline other than the stream's. `hold`: keep the GIL (see `capi.Instance.call`). `asking`: see
        `gateway.sandbox.kind.ask`.
        """
        step = self.program.step
        hold = hold and self.program.engine.ticker.native  # another clock needs the GIL to tick
        if self._used and self.denied:
            self._running.denied = Counter()
        self._used = True
        result = self._run(batch, ticks, hold=hold)
        exchange = self._running.exchange
        if exchange is not None:
            while exchange.wanted:
                if refused := exchange.take(ask(exchange.wanted, self.program.fetch, asking)):
                    self._running.denied["maskgate.http"] += refused
                result = self._run(batch, ticks, hold=False)
            exchange.begin()
        most = SPLIT_INTO * step.limits.messages if step.splits else 0
        return frame.decode(self._given(result), batch, step.counters, step.refusals, most)

    def _run(self, batch: Batch, ticks: int | None, *, hold: bool) -> int:
        """Where the guest has left what it makes of the batch. Raises GuestError."""
        self._running.begin(self.program.seconds(ticks))
        self._instance.deadline(ticks or self.program.ticks)
        head = frame.header(batch)
        try:
            at = self._put(head, batch.body, hold=hold)
            return self._instance.call(self._transform, at, len(head) + len(batch.body), hold=hold)
        except capi.Ended as ended:
            raise self._traced(self._failure(ended), ended) from None
        finally:
            self._running.end()

    def _put(self, *parts: bytes, hold: bool) -> int:
        length = sum(map(len, parts))
        at = self._instance.call(self._alloc, length, hold=hold) & 0xFFFFFFFF
        if not at or at + length > self._instance.size:
            raise GuestError(self._exhausted() or GuestFailure.BAD_POINTER, "mg_alloc")
        to = self._instance.data + at
        for part in parts:
            ctypes.memmove(to, part, len(part))
            to += len(part)
        return at

    def _given(self, result: int) -> memoryview:
        """The guest's memory that a `ptr << 32 | len` points at; valid until the next call into the guest."""
        at, length = result >> 32 & 0xFFFFFFFF, result & 0xFFFFFFFF
        if length > self.program.step.limits.memory:
            raise GuestError(GuestFailure.OUTPUT_TOO_LARGE)
        if at + length > self._instance.size:
            raise GuestError(GuestFailure.BAD_POINTER, "mg_transform")
        view: memoryview = _view(self._instance.data + at, length, _READ_ONLY)
        return view

    def _error_text(self) -> str:
        """What mg_error says; it is asked after mg_configure alone, when the module has seen no message."""
        try:
            view = self._given(self._instance.call(self._error))
        except (capi.Ended, GuestError):
            return ""
        text = bytes(view[:_ERROR_LIMIT]).decode(errors="replace")
        return "".join(letter if letter.isprintable() else " " for letter in text)

    def _traced(self, failure: GuestFailure, ended: capi.Ended) -> GuestError:
        error = GuestError(failure)
        error.trace = self._running.trace(ended)
        return error

    def _failure(self, ended: capi.Ended) -> GuestFailure:
        if self._running.exited:
            return GuestFailure.EXIT
        if ended.code == capi.Ending.INTERRUPT:  # whatever else it did: who runs out of time must count as slow
            return GuestFailure.TIMEOUT
        return self._exhausted() or GuestFailure.TRAP

    def _exhausted(self) -> GuestFailure | None:
        """MEMORY if the guest has used its memory up, to within an eighth (allocators grow in steps)."""
        limit = self.program.step.limits.memory
        if self._running.instance is not None and self.memory_size + max(limit // 8, _PAGE) > limit:
            return GuestFailure.MEMORY
        return None


def _check_exports(module: wasmtime.Module) -> None:
    exports = {export.name: export.type for export in module.exports}
    if not isinstance(exports.get("memory"), wasmtime.MemoryType):
        raise LoadError(LoadFailure.EXPORT, "exports no memory named 'memory'")
    for name, wanted in _EXPORTS.items():
        export = exports.get(name)
        if not isinstance(export, wasmtime.FuncType):
            raise LoadError(LoadFailure.EXPORT, f"exports no function {name}")
        if host.signature(export) != wanted:
            raise LoadError(LoadFailure.EXPORT, f"exports {name} with another type than maskgate/1 asks for")
    initialize = exports.get("_initialize")
    if initialize is not None and (
        not isinstance(initialize, wasmtime.FuncType) or host.signature(initialize) != ("", "")
    ):
        raise LoadError(LoadFailure.EXPORT, "exports _initialize with another type than maskgate/1 asks for")
