"""Compiles one module in a process of its own, under limits.

A few kilobytes of WebAssembly can keep an optimising compiler busy for minutes and fill gigabytes, and a compiler
can't be interrupted: it runs where it can be ended (`gateway.sandbox.compiler`).
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from gateway.errors import LoadFailure
from gateway.sandbox import compiler

TIME_LIMIT = 30  # seconds of processor time; a module of 2 MB takes less than one, one that brings Python along seven
_WAITS = 4  # times that, by the clock on the wall: the machine may have other work
MEMORY_LIMIT = 2 << 30  # bytes of address space
_DETAILS = "WASMTIME_BACKTRACE_DETAILS"
_TEXT_LIMIT = 2000  # characters of an error


class CompileError(ValueError):
    """Not a module that can be compiled. The text says why, for whoever loads it; `failure` is its code."""

    def __init__(self, failure: LoadFailure, text: str) -> None:
        super().__init__(text)
        self.failure = failure


@contextmanager
def tracing(traces: bool) -> Iterator[None]:
    """While an engine is made: whether it is one that keeps backtraces. wasmtime asks the environment alone."""
    before = os.environ.get(_DETAILS)
    os.environ[_DETAILS] = "1" if traces else "0"
    try:
        yield
    finally:
        del os.environ[_DETAILS]
        if before is not None:
            os.environ[_DETAILS] = before


def machine_code(wasm: bytes, *, traces: bool = False) -> bytes:
    """What `deserialize` of wasmtime's Module (of a component: its Component) loads. Raises CompileError.

    `wasm` is binary. `traces`: for an engine that keeps backtraces.
    """
    # -P: this folder's names must not hide the standard library's
    command = [sys.executable, "-P", compiler.__file__, str(TIME_LIMIT), str(MEMORY_LIMIT)]
    environment = os.environ | {_DETAILS: "1" if traces else "0"}
    try:
        done = subprocess.run(  # noqa: S603
            command, input=wasm, capture_output=True, timeout=_WAITS * TIME_LIMIT, check=False, env=environment
        )
    except subprocess.TimeoutExpired:
        raise _too_slow() from None
    if done.returncode == compiler.Exit.COMPILED:
        return done.stdout
    if done.returncode == -signal.SIGXCPU:
        raise _too_slow()
    if done.returncode == compiler.Exit.INVALID:
        text = done.stderr.decode(errors="replace").strip()[:_TEXT_LIMIT]
        raise CompileError(LoadFailure.INVALID, text)
    text = f"it takes more than {MEMORY_LIMIT >> 20} MiB to compile, or breaks the compiler"
    raise CompileError(LoadFailure.COMPILE_MEMORY, text)


def _too_slow() -> CompileError:
    return CompileError(LoadFailure.COMPILE_TIME, f"it takes more than {TIME_LIMIT} s to compile")
