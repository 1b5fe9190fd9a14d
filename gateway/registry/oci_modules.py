"""Modules as OCI artifacts, wherever those are kept: installed from there, and published there.

A version is the artifact under its tag, the index the one under the tag `index` (gateway.registry.oci). The rules are
those of a folder: manifest and code of a version never change, signatures may be added, and the index is signed anew.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import structs

from gateway.registry import envelope, index, oci, signing
from gateway.registry.folder import NotPublished, checked, entry
from gateway.registry.index import Index, IndexRefused
from gateway.registry.oci import Artifact, ArtifactRefused, Descriptor
from gateway.registry.published import Published
from gateway.registry.signing import SignatureRefused
from gateway.registry.sources import NotThere, SourceFailed
from gateway.registry.versions import NotAVersion, Version


class Artifacts(Protocol):
    """Where artifacts are kept: a repository for each module. What it gives is verified by who asks.

    Each method raises NotThere for a repository or tag that isn't there, SourceFailed where it can't be read or
    written, and ArtifactRefused where what is there isn't what it should be.
    """

    def repositories(self) -> list[str]:
        """Modules that may have one, in no order."""
        ...

    def tags(self, name: str) -> list[str]: ...

    def manifest(self, name: str, tag: str) -> bytes:
        """The image manifest under a tag."""
        ...

    def blob(self, name: str, blob: Descriptor) -> bytes:
        """The bytes under a digest, as many as there should be."""
        ...

    def put(self, name: str, tag: str, artifact: Artifact) -> None:
        """Blobs, the manifest, and the tag on it, in this order."""
        ...

    def held(self, name: str) -> AbstractContextManager[None]:
        """Others who publish the module wait, where that can be had."""
        ...

    def __str__(self) -> str:
        """The place, as errors have it."""
        ...


class OciModules:
    """A source, and where publishers publish."""

    def __init__(self, artifacts: Artifacts) -> None:
        self._artifacts = artifacts

    def __str__(self) -> str:
        return str(self._artifacts)

    # ------------------------------------------------------------ as a source

    def names(self) -> list[str]:
        """The modules that may be there. Raises SourceFailed, also where the registry doesn't list its repositories."""
        return sorted({name for name in self._artifacts.repositories() if oci.is_repository(name)})

    def versions(self, name: str) -> list[str]:
        """The versions that have a tag, the lowest first. Raises NotThere, SourceFailed."""
        found = []
        for tag in self._artifacts.tags(self._checked(name)):
            try:
                found.append(Version(oci.version(tag) or ""))
            except NotAVersion:
                continue  # `index`, `latest`, another tool's
        return [one.text for one in sorted(found)]

    def index(self, name: str) -> bytes:
        """Raises NotThere where there is none, SourceFailed."""
        try:
            manifest = self._artifacts.manifest(self._checked(name), oci.INDEX_TAG)
            return oci.read_index(manifest, lambda blob: self._artifacts.blob(name, blob))
        except ArtifactRefused as error:
            raise SourceFailed(f"{self._artifacts}, module {name}: the index: {error}") from None

    def fetch(self, name: str, version: str) -> Published:
        """Raises NotThere, SourceFailed."""
        try:
            manifest = self._artifacts.manifest(self._checked(name), _tag(version))
            return oci.read_module(manifest, lambda blob: self._artifacts.blob(name, blob), name, version)
        except ArtifactRefused as error:
            raise SourceFailed(f"{self._artifacts}, module {name} {version}: {error}") from None

    # ------------------------------------------------------------ publishing

    def publish(self, published: Published, key: Ed25519PrivateKey | None) -> bool:
        """Add a version and list it. False: it is there, and the same. Raises NotPublished.

        `key`: the registry's; without one no index is written, as long as there is none.

        An OCI registry can't be told to set a tag only if it isn't there. Of two who publish the same version in the
        same moment one may overwrite the other, unless the registry holds its tags immutable.
        """
        checked(published)
        name, version = published.module, published.version
        try:
            tag = _tag(version)
            with self._artifacts.held(name):
                known = self._known(name, key)  # first: a key that isn't the registry's changes nothing
                artifact = self._lacking(published, tag)
                added = artifact is not None
                if artifact is not None:
                    self._artifacts.put(name, tag, artifact)
                if known is not None and key is not None and known.entry(version) is None:
                    self._write(structs.replace(known, versions=(*known.versions, entry(published))), key)
                    added = True
        except (ArtifactRefused, IndexRefused, SignatureRefused, SourceFailed) as error:
            raise NotPublished(str(error)) from None
        return added

    def yank(self, name: str, version: str, reason: str | None, key: Ed25519PrivateKey) -> None:
        """Withdraw a version for `reason`, or (None) take that back. Raises NotPublished."""
        try:
            with self._artifacts.held(name):
                known = self._known(name, key)
                if known is None or known.entry(version) is None:
                    raise NotPublished(f"module {name} has no version {version}")
                versions = tuple(
                    structs.replace(one, yanked=reason) if one.version == version else one for one in known.versions
                )
                self._write(structs.replace(known, versions=versions), key)
        except (ArtifactRefused, IndexRefused, SourceFailed) as error:
            raise NotPublished(str(error)) from None

    def _checked(self, name: str) -> str:
        if not oci.is_repository(name):
            raise NotThere(f"{self._artifacts} can't have a module of that name")
        return name

    def _known(self, name: str, key: Ed25519PrivateKey | None) -> Index | None:
        """The index as it is; None: there is none, and none is wanted.

        Raises IndexRefused where it is signed by another key than `key`, NotPublished, SourceFailed.
        """
        try:
            content = self.index(name)
        except NotThere:
            return None if key is None else Index(module=name, serial=0)
        if key is None:
            raise NotPublished(f"{self._artifacts} has a signed index of module {name}: the registry's key is needed")
        return index.read(content, name, {"the registry's": envelope.public_of(key)})

    def _lacking(self, published: Published, tag: str) -> Artifact | None:
        """What is to be pushed, with the signatures that are there already. None: nothing.

        Raises NotPublished where the version is there and another one, ArtifactRefused, SignatureRefused, SourceFailed.
        """
        artifact = oci.module_artifact(published)
        try:
            there = self._artifacts.manifest(published.module, tag)
        except NotThere:
            return artifact
        if oci.digest(there) == artifact.digest:
            return None
        known = self.fetch(published.module, published.version)
        if (known.manifest, known.wasm) != (published.manifest, published.wasm):
            raise NotPublished(f"module {published.module}: version {published.version} is there, and is another one")
        signatures = signing.joined(known.signatures, published.signatures)
        if signatures == known.signatures:
            return None
        return oci.module_artifact(structs.replace(published, signatures=signatures))

    def _write(self, known: Index, key: Ed25519PrivateKey) -> None:
        newer = structs.replace(known, serial=known.serial + 1)
        self._artifacts.put(known.module, oci.INDEX_TAG, oci.index_artifact(index.encode(newer, key)))


def _tag(version: str) -> str:
    try:
        return oci.tag(Version(version).text)
    except NotAVersion as error:
        raise NotThere(str(error)) from None
