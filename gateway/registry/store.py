"""Modules by name and version, in one folder.

`NAME/VERSION/` holds a version that was installed, `NAME/` itself the one that its author works on; in either stand
`manifest.yaml` and `NAME.wasm`.
"""

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

# No slash, and no dot in front: they can't leave the folder.
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
_VERSION = re.compile(r"[0-9][0-9A-Za-z.+-]{0,62}")


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
        folder = self._of(name, version)
        content = self._read(folder, name, "manifest.yaml", MANIFEST_LIMIT)
        if not hmac.compare_digest(hashlib.sha256(content).hexdigest(), manifest_sha256):
            raise ModuleRefused(f"module {name}: manifest.yaml is not the one that is locked")
        manifest = self._parse(name, content)
        if manifest.version != version:
            raise ModuleRefused(f"module {name}: the manifest says version {manifest.version}, the lock {version}")
        wasm = self._read(folder, name, f"{name}.wasm", WASM_LIMIT)
        if not hmac.compare_digest(hashlib.sha256(wasm).hexdigest(), sha256):
            raise ModuleRefused(f"module {name}: {name}.wasm is not the one that is locked")
        return Module(manifest=manifest, wasm=wasm, sha256=sha256)

    def available(self) -> list[Manifest]:
        """Manifests of all modules here whose manifest can be read, by name."""
        found = []
        for path in sorted(self.folder.glob("*/manifest.yaml")):
            try:
                name = path.parent.name
                found.append(self._parse(name, self._read(self._of(name), name, path.name, MANIFEST_LIMIT)))
            except ModuleRefused:
                continue
        return found

    def lock_entry(self, name: str, version: str | None = None) -> dict[str, str]:
        """`version`, `sha256` and `manifest` of what is there now, for modules.lock. Raises ModuleRefused.

        `version`: an installed one; without it, the one that the author works on.
        """
        folder = self._of(name, version)
        content = self._read(folder, name, "manifest.yaml", MANIFEST_LIMIT)
        wasm = self._read(folder, name, f"{name}.wasm", WASM_LIMIT)
        manifest = self._parse(name, content)
        if version not in (None, manifest.version):
            raise ModuleRefused(f"module {name}: the manifest says version {manifest.version}, not {version}")
        return {
            "version": manifest.version,
            "sha256": hashlib.sha256(wasm).hexdigest(),
            "manifest": manifest.sha256,
        }

    def _of(self, name: str, version: str | None = None) -> Path:
        """The folder of a version: where it was installed, else the author's."""
        if not _NAME.fullmatch(name):
            raise ModuleRefused("not a name for a module")
        if version is not None:
            if not _VERSION.fullmatch(version):
                raise ModuleRefused(f"module {name}: not a version")
            if (installed := self.folder / name / version).is_dir():
                return installed
        return self.folder / name

    def _read(self, folder: Path, name: str, file: str, limit: int) -> bytes:
        try:
            with (folder / file).open("rb") as stream:
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
