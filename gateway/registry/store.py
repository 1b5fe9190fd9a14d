"""Modules by name and version, in the gateway's module folder.

`NAME/VERSION/` holds a version that was installed, `NAME/` itself the one that its author works on; in either stand
`manifest.yaml`, `NAME.wasm` and, where it is signed, `signatures.json`.
"""

from __future__ import annotations

import hashlib
import hmac
from enum import StrEnum
from pathlib import Path

from msgspec import Struct

from gateway.documents.finding import PolicyError
from gateway.registry import files, layout, signing
from gateway.registry.layout import MANIFEST_LIMIT, WASM_LIMIT, BadName
from gateway.registry.manifest import Manifest, parse
from gateway.registry.published import Published
from gateway.registry.signing import SignatureRefused, Trust

__all__ = ["MANIFEST_LIMIT", "WASM_LIMIT", "Module", "ModuleRefused", "ModuleStore", "StoreFailure"]


class StoreFailure(StrEnum):
    """Why a module isn't the one that is locked. Each is the code of a finding."""

    UNREADABLE = "module_unreadable"  # not there, or not to be read
    MANIFEST = "module_manifest"  # another manifest than the lock's, or one that is none
    VERSION = "module_version"  # the manifest says another version
    WASM = "module_wasm"  # other code than the lock's
    SIGNATURE = "module_signature"  # signatures that aren't right, or those of other files
    UNSIGNED = "module_unsigned"  # no signature that counts, where one is needed


class Module(Struct, frozen=True, kw_only=True):
    """What was read and verified together."""

    manifest: Manifest
    wasm: bytes
    sha256: str  # of wasm, lowercase hex
    signed_by: tuple[str, ...] = ()  # names of trusted keys, sorted


class ModuleRefused(Exception):
    """The module isn't what was asked for. The text says what differs, for the policy's author."""

    def __init__(self, failure: StoreFailure, text: str) -> None:
        super().__init__(text)
        self.failure = failure


class ModuleStore:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def find(
        self,
        name: str,
        version: str,
        sha256: str,
        manifest_sha256: str,
        *,
        trust: Trust = Trust(),  # noqa: B008 - it is immutable
        kept: bool = False,
    ) -> Module:
        """The module with exactly these digests (lowercase hex), signed as `trust` wants it.

        Each file is read once, and what was read is what is hashed, verified and returned. `kept`: its instances may
        be, which needs a signature.

        Raises ModuleRefused.
        """
        found = self._read(name, version)
        if not hmac.compare_digest(hashlib.sha256(found.manifest).hexdigest(), manifest_sha256):
            text = f"module {name}: manifest.yaml is not the one that is locked"
            raise ModuleRefused(StoreFailure.MANIFEST, text)
        manifest = _parse(name, found.manifest)
        if manifest.version != version:
            text = f"module {name}: the manifest says version {manifest.version}, the lock {version}"
            raise ModuleRefused(StoreFailure.VERSION, text)
        if not hmac.compare_digest(hashlib.sha256(found.wasm).hexdigest(), sha256):
            raise ModuleRefused(StoreFailure.WASM, f"module {name}: {name}.wasm is not the one that is locked")
        signed_by = signed(found, trust)
        if not signed_by and (kept or not trust.unsigned):
            why = "instances: kept needs one" if kept and trust.unsigned else "trust.yaml wants one"
            text = f"module {name}: no signature by a key that counts for it ({why})"
            raise ModuleRefused(StoreFailure.UNSIGNED, text)
        return Module(manifest=manifest, wasm=found.wasm, sha256=sha256, signed_by=signed_by)

    def available(self) -> list[Manifest]:
        """Manifests of all modules here that can be read, by name: the author's, else the newest installed."""
        found = []
        for name in layout.names(self.folder) if self.folder.is_dir() else ():
            for version in (None, *reversed(self.installed(name))):
                try:
                    content = files.read(self.place(name, version) / layout.MANIFEST, MANIFEST_LIMIT, links=True)
                    found.append(_parse(name, content))
                except (ModuleRefused, OSError, ValueError):
                    continue
                break
        return found

    def installed(self, name: str) -> list[str]:
        """The versions that were installed, the lowest first."""
        try:
            return layout.versions(self.folder, name)
        except (OSError, BadName):
            return []

    def read(self, name: str, version: str | None = None) -> Published:
        """A version whose manifest is its own: an installed one, or (None) the author's. Raises ModuleRefused."""
        found = self._read(name, version)
        manifest = _parse(name, found.manifest)
        if version not in (None, manifest.version):
            text = f"module {name}: the manifest says version {manifest.version}, not {version}"
            if version not in self.installed(name):
                text = f"module {name}: version {version} isn't installed; the author's is {manifest.version}"
            raise ModuleRefused(StoreFailure.VERSION, text)
        return Published(
            module=name,
            version=manifest.version,
            manifest=found.manifest,
            wasm=found.wasm,
            signatures=found.signatures,
        )

    def lock_entry(self, name: str, version: str | None = None) -> dict[str, str]:
        """`version`, `sha256` and `manifest` of what is there now, for modules.lock. Raises ModuleRefused.

        `version`: an installed one, or the author's if it is that; without it, the author's.
        """
        found = self.read(name, version)
        return {
            "version": found.version,
            "sha256": hashlib.sha256(found.wasm).hexdigest(),
            "manifest": hashlib.sha256(found.manifest).hexdigest(),
        }

    def _read(self, name: str, version: str | None) -> Published:
        """The files of a version: where it was installed, else the author's."""
        try:
            layout.check(name, version)
            return layout.read(self.place(name, version), name, version or "", links=True)
        except BadName as error:
            raise ModuleRefused(StoreFailure.UNREADABLE, str(error)) from None
        except OSError as error:
            file = Path(error.filename).name if isinstance(error.filename, str) else "a file"
            text = f"module {name}: {file} can't be read ({error.strerror})"
            there = self.installed(name)
            if isinstance(error, FileNotFoundError) and there and version not in there:
                what = f"version {version} isn't installed" if version else "there is no version of the author's"
                text = f"module {name}: {what}; installed: {', '.join(there)}"
            raise ModuleRefused(StoreFailure.UNREADABLE, text) from None
        except ValueError as error:
            raise ModuleRefused(StoreFailure.UNREADABLE, f"module {name}: {error}") from None

    def place(self, name: str, version: str | None) -> Path:
        """Where a version was installed, else the author's."""
        installed = self.folder / name / (version or "")
        return installed if version and installed.is_dir() else self.folder / name


def signed(found: Published, trust: Trust) -> tuple[str, ...]:
    """The names of the trusted keys that have signed it. Raises ModuleRefused where a signature isn't right."""
    keys = trust.keys_for(found.module)
    try:
        return signing.signers(found.module, found.version, found.manifest, found.wasm, found.signatures, keys)
    except SignatureRefused as error:
        raise ModuleRefused(StoreFailure.SIGNATURE, f"module {found.module}: {error}") from None


def _parse(name: str, content: bytes) -> Manifest:
    try:
        manifest = parse(f"{name}/manifest.yaml", content)
    except PolicyError as error:
        raise ModuleRefused(StoreFailure.MANIFEST, f"module {name}: {error}") from None
    if manifest.module != name:
        raise ModuleRefused(StoreFailure.MANIFEST, f"module {name}: the manifest is that of {manifest.module}")
    return manifest
