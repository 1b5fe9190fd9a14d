"""Compiles one module in a process of its own, under limits, and says what shapes the machine code.

A few kilobytes of WebAssembly can keep an optimising compiler busy for minutes and fill gigabytes, and a compiler
can't be interrupted: it runs where it can be ended. This file is also that process's program: the module comes on
standard input, its machine code goes to standard output, an error's text to standard error.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import wasmtime

TIME_LIMIT = 30  # seconds of wall clock; a module of 2 MB takes less than one
MEMORY_LIMIT = 2 << 30  # bytes of address space
NAMES_LIMIT = 1000  # imports and exports of a module; linking walks through them
_DETAILS = "WASMTIME_BACKTRACE_DETAILS"
_TEXT_LIMIT = 2000  # characters of an error

# Everything that shapes the machine code; a part of the cache entry's name.
STACK_LIMIT = 512 << 10  # bytes of a guest's call stack
FEATURES = {
    "wasm_simd": True,
    "wasm_bulk_memory": True,
    "wasm_reference_types": True,
    "wasm_multi_value": True,
    "wasm_relaxed_simd": False,  # results differ between machines
    "wasm_threads": False,
    "wasm_multi_memory": False,
    "wasm_memory64": False,
    "wasm_gc": False,  # a second heap, which no module here needs
    "wasm_function_references": False,
    "wasm_exceptions": False,
    "epoch_interruption": True,
    "cranelift_opt_level": "speed",
    "max_wasm_stack": STACK_LIMIT,
    "memory_may_move": False,  # capi.Instance keeps its address
}


class CompileError(ValueError):
    """Not a module that can be compiled: the text says why, for whoever loads it."""


def configuration() -> wasmtime.Config:
    """The settings of every engine here. wasmtime takes a Config over: one for each engine."""
    config = wasmtime.Config()
    for name, value in FEATURES.items():
        setattr(config, name, value)
    return config


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
    """What `wasmtime.Module.deserialize` loads, for the bytes of a binary module. Raises CompileError.

    `traces`: for an engine that keeps backtraces.
    """
    # -P: this folder's names must not hide the standard library's
    command = [sys.executable, "-P", __file__, str(TIME_LIMIT), str(MEMORY_LIMIT)]
    environment = os.environ | {_DETAILS: "1" if traces else "0"}
    try:
        done = subprocess.run(  # noqa: S603
            command, input=wasm, capture_output=True, timeout=TIME_LIMIT, check=False, env=environment
        )
    except subprocess.TimeoutExpired:
        raise CompileError(f"it takes more than {TIME_LIMIT} s to compile") from None
    if done.returncode < 0:
        raise CompileError(f"it takes more than {MEMORY_LIMIT >> 20} MiB to compile, or breaks the compiler")
    if done.returncode:
        raise CompileError(done.stderr.decode(errors="replace").strip()[:_TEXT_LIMIT])
    return done.stdout


def main(seconds: int, memory: int) -> int:
    """Standard input to standard output; 0, or 1 with an error's text on standard error."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds + 5, seconds + 5))  # should the gateway die before it
    if sys.platform == "linux":  # elsewhere it isn't kept, or can't be set
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    wasm = bytearray(sys.stdin.buffer.read())  # wasmtime-py would take `bytes` for the text format
    config = configuration()
    config.parallel_compilation = False  # a thread for each core: each takes address space, and cores of the guests
    try:
        module = wasmtime.Module(wasmtime.Engine(config), wasm)  # type: ignore[arg-type]
        if len(module.imports) + len(module.exports) > NAMES_LIMIT:
            raise CompileError(f"it has more than {NAMES_LIMIT} imports and exports")
        sys.stdout.buffer.write(module.serialize())
    except (wasmtime.WasmtimeError, CompileError, MemoryError) as error:
        sys.stderr.write(str(error) or "out of memory")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))
