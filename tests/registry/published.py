"""Versions of modules to publish: a core module and a component, both real, and signed."""

from __future__ import annotations

import wasmtime

from gateway.registry import envelope, signing
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
AUTHOR, OTHER, REGISTRY, STRANGER = (envelope.private_key(envelope.new_private_key()) for _ in range(4))

_MANIFEST = """\
module: {module}
version: {version}
abi: maskgate/1
scope: message
language: c
description: größer  # a comment, kept
accepts: [application/json]
produces: application/json
refusals: {{}}
config: {{}}\r
"""


def published(
    module: str = "mask", version: str = "1.2.0", *, wasm: bytes = CORE, signed: bool = True, more: str = ""
) -> Published:
    """`more`: at the end of its manifest."""
    manifest = (_MANIFEST.format(module=module, version=version) + more).encode()
    signatures = signing.sign(module, version, manifest, wasm, AUTHOR) if signed else b""
    return Published(module=module, version=version, manifest=manifest, wasm=wasm, signatures=signatures)
