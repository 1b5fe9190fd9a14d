"""The program of the process that compiles one module: from standard input to standard output.

It imports wasmtime alone, so that it starts at once. What shapes the machine code stands here: every engine of the
gateway has these settings (`gateway.sandbox.compile`).
"""

from __future__ import annotations

import resource
import sys
from enum import IntEnum

import wasmtime
from wasmtime import _ffi, component

NAMES_LIMIT = 1000  # imports and exports of a module; linking walks through them
STACK_LIMIT = 512 << 10  # bytes of a guest's call stack
# Everything that shapes the machine code; a part of the cache entry's name.
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
    # Of the component model what 1.0 had. A stream or a future that crosses the C API ends the process (a Rust panic),
    # and nothing here may wait.
    "wasm_component_model_async": False,
    "wasm_component_model_map": False,
    "wasm_component_model_implements": False,
    "concurrency_support": False,
    "epoch_interruption": True,
    "cranelift_opt_level": "speed",
    "max_wasm_stack": STACK_LIMIT,
    "memory_may_move": False,  # capi.Instance keeps its address
}


class Exit(IntEnum):
    """How the process ends, beside being killed. An error's text is on standard error."""

    COMPILED = 0
    INVALID = 3
    MEMORY = 4


def is_component(wasm: bytes | bytearray) -> bool:
    """Whether a binary is a component rather than a core module, by its layer (the component model's Binary.md)."""
    return wasm[:4] == b"\0asm" and wasm[6:8] == b"\x01\x00"


def configuration() -> wasmtime.Config:
    """The settings of every engine here. wasmtime takes a Config over: one for each engine."""
    config = wasmtime.Config()
    for name, value in FEATURES.items():
        if hasattr(wasmtime.Config, name):
            setattr(config, name, value)
        else:  # what wasmtime-py has no property for
            getattr(_ffi, f"wasmtime_config_{name}_set")(config.ptr(), value)
    return config


def main(seconds: int, memory: int) -> int:
    """Compile under these limits: seconds of processor time, bytes of address space (on Linux)."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))  # SIGXCPU, then SIGKILL
    if sys.platform == "linux":  # elsewhere it isn't kept, or can't be set
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    wasm = bytearray(sys.stdin.buffer.read())  # wasmtime-py would take `bytes` for the text format
    config = configuration()
    config.parallel_compilation = False  # a thread for each core: each takes address space, and cores of the guests
    try:
        engine = wasmtime.Engine(config)
        if is_component(wasm):
            code = component.Component(engine, wasm).serialize()
        else:
            module = wasmtime.Module(engine, wasm)  # type: ignore[arg-type]
            if len(module.imports) + len(module.exports) > NAMES_LIMIT:
                sys.stderr.write(f"it has more than {NAMES_LIMIT} imports and exports")
                return Exit.INVALID
            code = module.serialize()
        sys.stdout.buffer.write(code)
    except wasmtime.WasmtimeError as error:
        sys.stderr.write(str(error))
        return Exit.INVALID
    except MemoryError:
        return Exit.MEMORY
    return Exit.COMPILED


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))
