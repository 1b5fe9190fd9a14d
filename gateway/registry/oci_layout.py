"""OCI layouts on disk as a registry: one layout a module, `PATH/NAME/`, a ref for each version and one for the index.

A layout stands for one repository, as `oras`, `skopeo` and `crane` have it and as zot keeps its storage: what is here
can be copied to a registry and back with `oras copy --from-oci-layout PATH/NAME:VERSION …`. Blobs are shared by a
module's versions. A blob is there whole before anything names it, and `index.json` is replaced, never written into.

Source: OCI image specification 1.1, `image-layout.md` (https://github.com/opencontainers/image-spec).
"""

from __future__ import annotations

import fcntl
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from msgspec import Struct

from gateway.registry import oci
from gateway.registry.oci import ArtifactRefused, Descriptor
from gateway.registry.published import Published
from gateway.registry.sources import NotThere, SourceFailed

_REF = "org.opencontainers.image.ref.name"
_LAYOUT = b'{"imageLayoutVersion":"1.0.0"}'
_EMPTY = b'{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}'
_LISTING_LIMIT = 16 << 20  # bytes of an index.json
_MARKER_LIMIT = 4096


class _Marker(Struct, frozen=True, rename="camel"):
    image_layout_version: str


class _Listing(Struct, frozen=True, kw_only=True, rename="camel"):
    schema_version: int = 2
    manifests: tuple[Descriptor, ...] = ()


class OciLayout:
    """A source of modules, and a place to publish them to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def names(self) -> list[str]:
        """Raises SourceFailed."""
        try:
            return sorted(
                entry.name
                for entry in self.folder.iterdir()
                if oci.is_repository(entry.name) and (entry / "oci-layout").is_file()
            )
        except OSError as error:
            raise SourceFailed(f"{self.folder} can't be read ({error.strerror})") from None

    def versions(self, name: str) -> list[str]:
        """Those that have a ref, in no order that means anything. Raises NotThere, SourceFailed."""
        listing = _listing(self._of(name))
        return [version for entry in listing.manifests if (version := oci.version(_ref(entry) or "")) is not None]

    def index(self, name: str) -> bytes:
        """The envelope with the module's index. Raises NotThere where the layout has none, SourceFailed."""
        folder = self._of(name)
        try:
            return oci.read_index(_manifest(folder, oci.INDEX_TAG), lambda blob: _blob(folder, blob))
        except ArtifactRefused as error:
            raise SourceFailed(f"{folder}: {error}") from None

    def fetch(self, name: str, version: str) -> Published:
        """Raises NotThere, SourceFailed."""
        folder = self._of(name)
        try:
            manifest = _manifest(folder, oci.tag(version))
            return oci.read_module(manifest, lambda blob: _blob(folder, blob), name, version)
        except ArtifactRefused as error:
            raise SourceFailed(f"{folder}: version {version}: {error}") from None

    def publish(self, published: Published) -> None:
        """Put a version there; the same once more changes nothing. Raises ArtifactRefused where the version is there
        with other bytes, SourceFailed where the folder can't be written."""
        self._put(published.module, oci.tag(published.version), oci.module_artifact(published), replace=False)

    def publish_index(self, name: str, envelope: bytes) -> None:
        """Put the module's index there, instead of the one that is. Raises ArtifactRefused, SourceFailed."""
        self._put(name, oci.INDEX_TAG, oci.index_artifact(envelope), replace=True)

    def _of(self, name: str) -> Path:
        if not oci.is_repository(name):
            raise NotThere(f"{self.folder} has no module of that name")
        return self.folder / name

    def _put(self, name: str, tag: str, artifact: oci.Artifact, *, replace: bool) -> None:
        folder = self._of(name)
        try:
            blobs = folder / "blobs" / "sha256"
            blobs.mkdir(parents=True, exist_ok=True)
            with _locked(folder):
                if not (folder / "oci-layout").exists():
                    _write(folder / "oci-layout", _LAYOUT)
                    _write(folder / "index.json", _EMPTY)
                listing = _listing(folder)
                there = [entry for entry in listing.manifests if _ref(entry) == tag]
                if not replace and there and {entry.digest for entry in there} != {artifact.digest}:
                    raise ArtifactRefused(f"module {name}: {tag} is there already, with other bytes")
                for name_of, content in {**artifact.blobs, artifact.digest: artifact.manifest}.items():
                    _write_blob(blobs / name_of.removeprefix("sha256:"), content)
                if {entry.digest for entry in there} == {artifact.digest}:
                    return
                _write(folder / "index.json", _renewed(folder, listing, tag, artifact))
        except OSError as error:
            raise SourceFailed(f"{folder} can't be written ({error.strerror})") from None


def _listing(folder: Path) -> _Listing:
    try:
        marker = msgspec.json.decode(_read(folder / "oci-layout", _MARKER_LIMIT), type=_Marker)
        listing = msgspec.json.decode(_read(folder / "index.json", _LISTING_LIMIT), type=_Listing)
    except FileNotFoundError:
        raise NotThere(f"{folder} isn't an OCI layout") from None
    except OSError as error:
        raise SourceFailed(f"{folder} can't be read ({error.strerror})") from None
    except (ValueError, RecursionError):
        raise SourceFailed(f"{folder} isn't an OCI layout") from None
    if marker.image_layout_version != "1.0.0" or listing.schema_version != 2:
        raise SourceFailed(f"{folder} is an OCI layout of another version")
    return listing


def _ref(entry: Descriptor) -> str | None:
    return entry.annotations.get(_REF) if isinstance(entry.annotations, dict) else None


def _manifest(folder: Path, tag: str) -> bytes:
    entries = [entry for entry in _listing(folder).manifests if _ref(entry) == tag]
    if not entries:
        raise NotThere(f"{folder} has no {tag}")
    if len({entry.digest for entry in entries}) > 1:
        raise SourceFailed(f"{folder} has several artifacts called {tag}")
    entry = entries[0]
    if not oci.is_digest(entry.digest) or not 0 <= entry.size <= oci.ARTIFACT_LIMIT:
        raise SourceFailed(f"{folder}: {tag} isn't an artifact by sha256")
    return oci.verified(_blob(folder, entry), entry.digest)


def _blob(folder: Path, blob: Descriptor) -> bytes:
    """The bytes under that digest, which is one; they are verified by who asks."""
    try:
        content = _read(folder / "blobs" / "sha256" / blob.digest.removeprefix("sha256:"), blob.size)
    except OSError as error:
        raise SourceFailed(f"{folder}: {blob.digest} can't be read ({error.strerror})") from None
    if len(content) != blob.size:
        raise ArtifactRefused(f"{blob.digest} has {len(content)} bytes, not {blob.size}")
    return content


def _read(path: Path, limit: int) -> bytes:
    # A layout may come from elsewhere: a pipe in a file's place would keep a reader waiting.
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise ArtifactRefused(f"{path.name} isn't a file")
        content = file.read(limit + 1)
    if len(content) > limit:
        raise ArtifactRefused(f"{path.name} has more than {limit} bytes")
    return content


def _write_blob(path: Path, content: bytes) -> None:
    try:
        if oci.digest(path.read_bytes()) == f"sha256:{path.name}":
            return  # a damaged one is put right
    except FileNotFoundError:
        pass
    _write(path, content)


def _write(path: Path, content: bytes) -> None:
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(file.fileno(), 0o644)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _renewed(folder: Path, listing: _Listing, tag: str, artifact: oci.Artifact) -> bytes:
    """index.json with the tag on that artifact. What other tools have written into it stays."""
    written = msgspec.json.decode(_read(folder / "index.json", _LISTING_LIMIT))
    kept = [raw for raw, entry in zip(written["manifests"], listing.manifests, strict=True) if _ref(entry) != tag]
    entry = Descriptor(
        media_type=oci.IMAGE_MANIFEST,
        digest=artifact.digest,
        size=len(artifact.manifest),
        annotations={_REF: tag},
    )
    return msgspec.json.encode({**written, "manifests": [*kept, entry]})


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """One writer of a layout at a time, in all processes."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
