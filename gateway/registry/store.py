"""Modules by name, in one folder: `NAME/manifest.yaml` and `NAME/NAME.wasm`."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from gateway.registry.manifest import Manifest


class Module(Struct, frozen=True, kw_only=True):
    """What was read and verified together."""

    manifest: Manifest
    wasm: bytes
    sha256: str  # of wasm, lowercase hex


class ModuleRefused(Exception):
    """The module isn't what was asked for. The text says what differs, for the policy's author."""


class ModuleStore:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def find(self, name: str, version: str, sha256: str, manifest_sha256: str) -> Module:
        """Raises ModuleRefused."""
        raise NotImplementedError

    def available(self) -> list[Manifest]:
        """Manifests of all modules that can be read, by name."""
        raise NotImplementedError

    def lock_entry(self, name: str) -> dict[str, str]:
        """`version`, `sha256` and `manifest` for modules.lock. Raises ModuleRefused."""
        raise NotImplementedError
