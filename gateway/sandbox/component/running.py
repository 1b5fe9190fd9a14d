"""A component that runs, as its imports see it, and how an import is called from WebAssembly.

An import never raises: what goes wrong is the error that it gives back, and ends its own call alone.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable
from typing import Any, TypeAlias

from wasmtime import WasmtimeError, _ffi

from gateway.sandbox.component import calls
from gateway.sandbox.kind import Program
from gateway.sandbox.running import Running as Common
from gateway.sandbox.running import current

log = logging.getLogger("maskgate.module")

Context: TypeAlias = Any  # pointer to wasmtime_context_t
Value: TypeAlias = Any  # wasmtime_component_val_t
Function: TypeAlias = Callable[["Running", Context, Any], Value | None]  # gets its arguments in an array

_POLLABLES = 1000  # that one instance may wait for at a time
SAID_LIMIT = 16 << 10  # bytes of what is kept for a module's author: a backtrace ends with what matters


class Ends(Exception):
    """An import can't give what was asked: the component's call ends here."""


class Running(Common):
    """What every running guest has, and what components have beside it."""

    __slots__ = ("_next", "counts", "pending", "pollables")

    def __init__(self, program: Program) -> None:
        super().__init__(program)
        self.counts: Counter[str] = Counter()  # of the message that it is at
        self.pending = False  # that message waits for a host's answer
        self.pollables: dict[int, float] = {}  # → time.monotonic()
        self._next = 0

    def continues(self, seconds: float) -> None:
        """It gets the run's next message, with so many seconds left."""
        self.until = time.monotonic() + seconds
        self.counts, self.pending = Counter(), False

    def ends(self, name: str) -> Ends:
        """It tried `name` without a grant, and there is no way to tell it so."""
        self.deny(name)
        return Ends()

    def pollable(self, until: float) -> int:
        """A handle of what is ready then. Raises Ends for too many."""
        if len(self.pollables) >= _POLLABLES:
            raise Ends
        self._next += 1
        self.pollables[self._next] = until
        return self._next

    def say(self, text: bytes) -> None:
        """For the module's author, and to the gateway's log where it may."""
        if self.traced:
            self.said += text[: max(SAID_LIMIT - len(self.said), 0)].decode(errors="replace")
        if "log" in self.grants:
            self.log(text)


def callback(function: Function) -> Any:
    """`function` for wasmtime's C API. Keep it as long as what it is linked with."""

    def call(data: object, context: Context, kind: object, given: Any, count: int, made: Any, wanted: int) -> int:
        try:
            running = current()
            if not isinstance(running, Running) or time.monotonic() > running.until:
                return calls.error("interrupt")
            try:
                result = function(running, context, given)
            finally:
                calls.give_back(context, given, count)
            if wanted and result is not None:
                made[0] = result
            return 0
        except (Ends, WasmtimeError):  # the latter: a resource of another kind
            return calls.error("an import ended the call")
        except Exception as failure:  # must not raise: it would surface in another thread's call
            log.error("an import failed: %s", type(failure).__name__)
            return calls.error("an import failed")

    return _ffi.wasmtime_component_func_callback_t(call)
