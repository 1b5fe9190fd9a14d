"""A registry in a folder: what publishers put there, and any web server can serve (`maskgate registry serve` does).

ROOT/index.json                  {"modules": [names]}
ROOT/NAME/index.json             the module's index, signed by the registry's key
ROOT/NAME/VERSION/…              one version (gateway.registry.layout)
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import structs

from gateway.documents.finding import PolicyError
from gateway.registry import envelope, files, index, layout, manifest, signing
from gateway.registry.index import Entry, Index, IndexRefused
from gateway.registry.layout import BadName, Overwritten
from gateway.registry.published import Published
from gateway.registry.signing import SignatureRefused
from gateway.registry.sources import NotThere, SourceFailed

INDEX = "index.json"

_T = TypeVar("_T")


class NotPublished(Exception):
    """Nothing was published. The text says why."""


class FolderRegistry:
    """A source, and where publishers publish."""

    def __init__(self, root: Path) -> None:
        self.root = root

    # ------------------------------------------------------------ as a source

    def names(self) -> list[str]:
        """The modules that have an index. Raises SourceFailed."""
        try:
            return [name for name in layout.names(self.root) if (self.root / name / INDEX).is_file()]
        except OSError as error:
            raise SourceFailed(f"{self.root}: {error.strerror}") from None

    def index(self, name: str) -> bytes:
        return self._read(name, lambda: files.read(self.root / name / INDEX, index.LIMIT))

    def fetch(self, name: str, version: str) -> Published:
        return self._read(name, lambda: layout.read(self.root / name / version, name, version), version)

    def _read(self, name: str, read: Callable[[], _T], version: str | None = None) -> _T:
        """Raises NotThere, SourceFailed."""
        what = f"module {name}" + (f" {version}" if version else "")
        try:
            layout.check(name, version)
            return read()
        except BadName as error:
            raise NotThere(str(error)) from None
        except FileNotFoundError:
            raise NotThere(f"{self.root} has no {what}") from None
        except OSError as error:
            raise SourceFailed(f"{self.root}, {what}: {error.strerror}") from None
        except ValueError as error:
            raise SourceFailed(f"{self.root}, {what}: {error}") from None

    # ------------------------------------------------------------ publishing

    def publish(self, published: Published, key: Ed25519PrivateKey | None) -> bool:
        """Add a version and list it. False: it is there, and the same. Raises NotPublished.

        `key`: the registry's; without one no index is written, as long as there is none.
        """
        checked(published)
        name = published.module
        try:
            with layout.held(self.root, name) as folder:
                if key is None and (folder / INDEX).exists():
                    raise NotPublished(f"module {name} has an index here, which the registry's key has to sign")
                known = self._known(name, key)  # first: another's key changes nothing
                added = layout.add(folder, published)
                if key is None:
                    return added
                if known.entry(published.version) is None:
                    self._write(structs.replace(known, versions=(*known.versions, entry(published))), key)
                    added = True
                elif added:  # signatures alone are new
                    self._write(known, key)
            self._list()
        except (Overwritten, SignatureRefused, BadName, IndexRefused, ValueError) as error:
            raise NotPublished(str(error)) from None
        except OSError as error:
            raise NotPublished(f"{self.root}: {error.strerror}") from None
        return added

    def yank(self, name: str, version: str, reason: str | None, key: Ed25519PrivateKey) -> None:
        """Withdraw a version for `reason`, or (None) take that back. Raises NotPublished."""
        try:
            with layout.held(self.root, name):
                known = self._known(name, key)
                if known.entry(version) is None:
                    raise NotPublished(f"module {name} has no version {version}")
                versions = tuple(
                    structs.replace(one, yanked=reason) if one.version == version else one for one in known.versions
                )
                self._write(structs.replace(known, versions=versions), key)
        except (BadName, IndexRefused) as error:
            raise NotPublished(str(error)) from None
        except OSError as error:
            raise NotPublished(f"{self.root}: {error.strerror}") from None

    def _list(self) -> None:
        with layout.alone(self.root):  # or of two lists the one that lacks a module may come last
            content = msgspec.json.encode({"modules": self.names()})
            try:
                if files.read(self.root / INDEX, len(content)) == content:
                    return
            except (FileNotFoundError, ValueError):  # none, or a longer one
                pass
            files.replace(self.root / INDEX, content)

    def _known(self, name: str, key: Ed25519PrivateKey | None) -> Index:
        """The index as it is. Raises IndexRefused where it is signed by another key than `key`, OSError."""
        try:
            content = files.read(self.root / name / INDEX, index.LIMIT)
        except FileNotFoundError:
            return Index(module=name, serial=0)
        return index.read(content, name, {"the registry's": envelope.public_of(key)} if key else {})

    def _write(self, known: Index, key: Ed25519PrivateKey) -> None:
        newer = structs.replace(known, serial=known.serial + 1)
        files.replace(self.root / known.module / INDEX, index.encode(newer, key))


def checked(published: Published) -> manifest.Manifest:
    """The manifest of a version whose files fit one another. Raises NotPublished."""
    name, version = published.module, published.version
    try:
        layout.check(name, version)
        known = manifest.parse(f"{name}/{layout.MANIFEST}", published.manifest)
        signing.signers(name, version, published.manifest, published.wasm, published.signatures, {})
    except (BadName, PolicyError) as error:
        raise NotPublished(str(error)) from None
    except SignatureRefused as error:
        raise NotPublished(f"module {name}: {error}") from None
    if (known.module, known.version) != (name, version):
        raise NotPublished(f"the manifest is that of {known.module} {known.version}, not of {name} {version}")
    if not published.wasm.startswith(b"\0asm"):
        raise NotPublished(f"{name}.wasm is not WebAssembly")
    return known


def entry(published: Published) -> Entry:
    """What an index says of a version that is published now."""
    return Entry(
        version=published.version,
        manifest=hashlib.sha256(published.manifest).hexdigest(),
        sha256=hashlib.sha256(published.wasm).hexdigest(),
        size=len(published.wasm),
        published=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    )
