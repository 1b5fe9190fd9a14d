"""The sandbox clock: one steady tick for all guests; their deadlines are counted in ticks.

Where the C library can (POSIX `timer_create` with SIGEV_THREAD), a native thread advances the engine's epoch,
so that deadlines hold even while a Python thread has the GIL; elsewhere a Python thread does.
"""

from __future__ import annotations

import ctypes
import sys
import threading
import weakref
from ctypes import c_int, c_long, c_size_t, c_uint8, c_void_p

import wasmtime
from wasmtime import _ffi

from gateway.sandbox.capi import address

_SIGEV_THREAD = 2  # <bits/sigevent-consts.h>
_CLOCK_MONOTONIC = 1


class _SigEvent(ctypes.Structure):
    """`struct sigevent` of glibc and musl on 64-bit Linux: 64 bytes."""

    _fields_ = [
        ("value", c_void_p),
        ("signo", c_int),
        ("notify", c_int),
        ("function", c_void_p),
        ("attributes", c_void_p),
        ("padding", c_uint8 * 32),
    ]


class _TimerSpec(ctypes.Structure):
    """`struct itimerspec`: interval, then the first expiry, each in seconds and nanoseconds."""

    _fields_ = [(name, c_long) for name in ("every_s", "every_ns", "first_s", "first_ns")]


_never_free = ctypes.pythonapi.Py_IncRef
_never_free.argtypes, _never_free.restype = [ctypes.py_object], None


class Ticker:
    """Advances `engine`'s epoch every `milliseconds` until closed."""

    def __init__(self, engine: wasmtime.Engine, milliseconds: int) -> None:
        self._engine = engine
        self.milliseconds = milliseconds
        self._stop = threading.Event()
        self._delete_timer: weakref.finalize[..., Ticker] | None = None
        self._libc = ctypes.CDLL(None, use_errno=True)
        self.native = sys.platform == "linux" and self._start_timer()
        if not self.native:
            threading.Thread(target=self._run, name="sandbox-ticker", daemon=True).start()

    def ticks(self, milliseconds: int) -> int:
        """A deadline of at least so many milliseconds; the tick under way counts for nothing."""
        return -(-milliseconds // self.milliseconds) + 1

    def close(self) -> None:
        self._stop.set()
        if self._delete_timer is not None:
            self._delete_timer()

    def _start_timer(self) -> bool:
        increment = ctypes.cast(_ffi.dll.wasmtime_engine_increment_epoch, c_void_p)
        event = _SigEvent(value=address(self._engine), notify=_SIGEV_THREAD, function=increment)
        if ctypes.sizeof(event) != 64 or ctypes.sizeof(c_size_t) != 8:
            return False
        timer = c_void_p()
        self._libc.timer_delete.argtypes = [c_void_p]
        self._libc.timer_settime.argtypes = [c_void_p, c_int, c_void_p, c_void_p]
        if self._libc.timer_create(_CLOCK_MONOTONIC, ctypes.byref(event), ctypes.byref(timer)):
            return False
        # A tick that is under way when its timer is deleted still uses the engine, and nothing tells when it has
        # ended. So an engine that has ever been ticked natively is never freed; a gateway makes one.
        _never_free(self._engine)
        self._delete_timer = weakref.finalize(self, self._libc.timer_delete, timer)  # at the latest when Python ends
        seconds, rest = divmod(self.milliseconds, 1000)
        nanoseconds = rest * 1_000_000
        spec = _TimerSpec(seconds, nanoseconds, seconds, nanoseconds)
        if self._libc.timer_settime(timer, 0, ctypes.byref(spec), None):
            self._delete_timer()
            return False
        return True

    def _run(self) -> None:
        while not self._stop.wait(self.milliseconds / 1000):
            self._engine.increment_epoch()
