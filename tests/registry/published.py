"""Versions of modules to publish: a core module and a component, both real."""

from __future__ import annotations

import wasmtime

from gateway.registry.published import Published

CORE = bytes(wasmtime.wat2wasm('(module (memory (export "memory") 1))'))
COMPONENT = bytes(
    wasmtime.wat2wasm(
        """(component
        (import "wasi:clocks/monotonic-clock@0.2.0" (instance))
        (import "log" (func))
        (core module $m (func (export "f")))
        (core instance $i (instantiate $m))
        (func $f (canon lift (core func $i "f")))
        (export "run" (func $f))
        (type $t (record (field "a" u32)))
        (export "kept" (type $t)))"""
    )
)


def published(
    module: str = "mask", version: str = "1.2.0", *, wasm: bytes = CORE, signatures: bytes = b'{"payload":""}'
) -> Published:
    manifest = f"module: {module}\nversion: {version}\ndescription: größer\r\n# a comment, kept\n".encode()
    return Published(module=module, version=version, manifest=manifest, wasm=wasm, signatures=signatures)
