"""The kind `wasi-command`: any program of WASI preview 1 that reads a message from standard input and writes another.

Each message gets an instance of its own: a program runs once. It ends with 0: what it wrote is the message that leaves,
and if it wrote nothing, the message is dropped. It ends with 65 (EX_DATAERR of sysexits.h): the message is refused, and
the first line of standard error is the reason, `code` or `code OFFSET`. Any other end is a failure.

Its arguments are the module's name and, where it has one, its configuration as JSON.
"""

from __future__ import annotations

import time
from array import array
from collections import Counter
from collections.abc import Mapping

import wasmtime

from gateway.errors import GuestFailure, LoadFailure
from gateway.flow import Batch, Step
from gateway.sandbox import capi, frame, host, kind
from gateway.sandbox.engine import Engine
from gateway.sandbox.frame import GuestError, Output, Refused
from gateway.sandbox.kind import Asking, LoadError
from gateway.sandbox.running import Running
from gateway.sandbox.streams import Streams

REFUSED = 65  # exit code
_PAGE = 64 << 10
_NO_CONFIGURATION = b"{}"


class Program(kind.Program):
    """A step's module, compiled and linked."""

    def __init__(self, engine: Engine, module: wasmtime.Module, step: Step, secrets: Mapping[str, bytes]) -> None:
        """Raises LoadError for a wrong export or import, and for grants that a command can't use."""
        super().__init__(engine, step, secrets)
        configuration = [] if step.config == _NO_CONFIGURATION else [step.config]
        self.arguments = [step.module.encode(), *configuration]
        exports = {export.name: export.type for export in module.exports}
        if not isinstance(exports.get("memory"), wasmtime.MemoryType):
            raise LoadError(LoadFailure.EXPORT, "exports no memory named 'memory'")
        start = exports.get("_start")
        if not isinstance(start, wasmtime.FuncType) or host.signature(start) != ("", ""):
            raise LoadError(LoadFailure.EXPORT, "exports no function _start without parameters and results")
        asking = next((grant for grant in step.grants if grant.startswith("http:")), None)
        if asking is not None:
            raise LoadError(LoadFailure.IMPORT, f"a wasi-command can't use {asking}: it runs once for each message")
        try:
            self._linker = host.link(engine.wasmtime, module)
            self._pre = self._linker.instantiate_pre(module)
        except (ValueError, wasmtime.WasmtimeError) as error:
            raise LoadError(LoadFailure.IMPORT, str(error)) from None
        self.pre = capi.address(self._pre)

    def guest(self, *, ticks: int | None = None) -> Guest:
        return Guest(self, ticks=ticks)


class Guest:
    """Runs the program for each message. It holds no instance: there is nothing that a message could leave behind."""

    worn = False

    def __init__(self, program: Program, *, ticks: int | None = None) -> None:
        """Tries whether an instance can be made. Raises GuestError."""
        self.program = program
        self.denied: Mapping[str, int] = {}
        self._one(b"", time.monotonic() + self.program.seconds(ticks), 0, run=False)

    def transform(
        self, batch: Batch, *, ticks: int | None = None, hold: bool = False, asking: Asking | None = None
    ) -> Output:
        """Run `batch` (at least one message) through the module. Raises GuestError.

        All of its messages share one deadline: the stream's, or `ticks`. The GIL is never kept, and no host asked.
        """
        until = time.monotonic() + self.program.seconds(ticks)
        denied: Counter[str] = Counter()
        passed: list[bytes] = []
        sources: array[int] = array("I")
        refused: list[Refused] = []
        dropped = given = 0
        try:
            for source, message in enumerate(batch):
                running, streams = self._one(message, until, self.program.step.limits.memory - given)
                given += len(streams.output)
                denied.update(running.denied)
                if running.exit_code == REFUSED:
                    line = bytes(streams.errors).partition(b"\n")[0].strip()
                    refused.append(frame.reason(line, source, source, batch, self.program.step.refusals))
                elif streams.output:
                    passed.append(bytes(streams.output))
                    sources.append(source)
                else:
                    dropped += 1
        except GuestError as error:
            denied.update(error.denied)
            raise
        finally:
            self.denied = denied
        return Output(
            batch=Batch.of(passed),
            sources=sources,
            positions=sources if refused or dropped else None,
            refused=tuple(refused),
            dropped=dropped,
            report={},
        )

    def _one(self, message: bytes, until: float, most: int, *, run: bool = True) -> tuple[Running, Streams]:
        """One instance, from its start to its end. `most`: bytes that it may write. Raises GuestError."""
        program, limits = self.program, self.program.step.limits
        streams = Streams(program.arguments, message, most)
        running = Running(program, streams)
        left = until - time.monotonic()
        if left <= 0:
            raise GuestError(GuestFailure.TIMEOUT)
        running.begin(left)
        try:
            ticks = program.engine.ticker.ticks(max(1, int(left * 1000)))
            running.instance = capi.Instance(
                program.engine.address, program.pre, limits.memory, ticks, traced=program.traced
            )
            if run:
                running.instance.call(running.instance.export("_start"))
        except capi.Ended as ended:
            failure = self._failure(running, ended)
            if failure is not None:
                error = GuestError(failure)
                error.denied = running.denied
                error.trace = running.trace(ended)
                raise error from None
        finally:
            running.end()
        if streams.full:
            raise GuestError(GuestFailure.OUTPUT_TOO_LARGE)
        return running, streams

    def _failure(self, running: Running, ended: capi.Ended) -> GuestFailure | None:
        """None: it ended as a program may."""
        if running.exited:
            return None if running.exit_code in (0, REFUSED) else GuestFailure.EXIT
        if ended.code == capi.Ending.INTERRUPT:
            return GuestFailure.TIMEOUT
        if running.instance is None:
            return GuestFailure.INSTANTIATION if ended.code == capi.Ending.ERROR else GuestFailure.TRAP
        limit = self.program.step.limits.memory
        return GuestFailure.MEMORY if running.instance.size + max(limit // 8, _PAGE) > limit else GuestFailure.TRAP
