"""Modules by name, in one folder: `NAME/manifest.yaml` and `NAME/NAME.wasm`."""

from __future__ import annotations

import hashlib
import hmac
import re
from pathlib import Path

from msgspec import Struct

from gateway.documents.finding import PolicyError
from gateway.registry.manifest import Manifest, parse

WASM_LIMIT = 32 << 20  # bytes of one .wasm
MANIFEST_LIMIT = 1 << 20

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")  # no slash, and no dot in front: it can't leave the folder


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
        """The module with exactly these digests (lowercase hex). Each file is read once, and what was read is what is
        hashed and returned. Raises ModuleRefused."""
        content = self._read(name, "manifest.yaml", MANIFEST_LIMIT)
        if not hmac.compare_digest(hashlib.sha256(content).hexdigest(), manifest_sha256):
            raise ModuleRefused(f"module {name}: manifest.yaml is not the one that is locked")
        manifest = self._parse(name, content)
        if manifest.version != version:
            raise ModuleRefused(f"module {name}: the manifest says version {manifest.version}, the lock {version}")
        wasm = self._read(name, f"{name}.wasm", WASM_LIMIT)
        if not hmac.compare_digest(hashlib.sha256(wasm).hexdigest(), sha256):
            raise ModuleRefused(f"module {name}: {name}.wasm is not the one that is locked")
        return Module(manifest=manifest, wasm=wasm, sha256=sha256)

    def available(self) -> list[Manifest]:
        """Manifests of all modules here whose manifest can be read, by name."""
        found = []
        for path in sorted(self.folder.glob("*/manifest.yaml")):
            try:
                found.append(self._parse(path.parent.name, self._read(path.parent.name, path.name, MANIFEST_LIMIT)))
            except ModuleRefused:
                continue
        return found

    def lock_entry(self, name: str) -> dict[str, str]:
        """`version`, `sha256` and `manifest` of what is there now, for modules.lock. Raises ModuleRefused."""
        content = self._read(name, "manifest.yaml", MANIFEST_LIMIT)
        wasm = self._read(name, f"{name}.wasm", WASM_LIMIT)
        manifest = self._parse(name, content)
        return {
            "version": manifest.version,
            "sha256": hashlib.sha256(wasm).hexdigest(),
            "manifest": manifest.sha256,
        }

    def _read(self, name: str, file: str, limit: int) -> bytes:
        if not _NAME.fullmatch(name):
            raise ModuleRefused("not a name for a module")
        try:
            with (self.folder / name / file).open("rb") as stream:
                content = stream.read(limit + 1)
        except OSError as error:
            raise ModuleRefused(f"module {name}: {file} can't be read ({error.strerror})") from None
        if len(content) > limit:
            raise ModuleRefused(f"module {name}: {file} has more than {limit} bytes")
        return content

    def _parse(self, name: str, content: bytes) -> Manifest:
        try:
            manifest = parse(f"{name}/manifest.yaml", content)
        except PolicyError as error:
            raise ModuleRefused(f"module {name}: {error}") from None
        if manifest.module != name:
            raise ModuleRefused(f"module {name}: the manifest is that of {manifest.module}")
        return manifest
