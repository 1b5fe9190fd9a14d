"""One version of a module as its registry has it: the bytes of its files, none of them believed yet."""

from __future__ import annotations

from msgspec import Struct


class Published(Struct, frozen=True, kw_only=True):
    module: str
    version: str  # Semantic Versioning 2.0.0
    manifest: bytes  # manifest.yaml
    wasm: bytes
    signatures: bytes = b""  # signatures.json, a DSSE envelope; empty: unsigned
