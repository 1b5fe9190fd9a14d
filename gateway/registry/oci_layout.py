"""OCI layouts on disk: the artifacts of module NAME are in the layout `PATH/NAME/`, each with a ref that is its tag.

A layout stands for one repository, as `oras`, `skopeo` and `crane` have it and as zot keeps its storage: what is here
can be copied to a registry and back with `oras copy --from-oci-layout PATH/NAME:VERSION …`. Blobs are shared by a
module's versions. A blob is there whole before anything names it, and `index.json` is replaced, never written into.

Source: OCI image specification 1.1, `image-layout.md` (https://github.com/opencontainers/image-spec).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from msgspec import Struct

from gateway.registry import files, layout, oci
from gateway.registry.oci import Artifact, ArtifactRefused, Descriptor
from gateway.registry.sources import NotThere, SourceFailed

_REF = "org.opencontainers.image.ref.name"
_LAYOUT = b'{"imageLayoutVersion":"1.0.0"}'
_EMPTY = b'{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}'
_LISTING_LIMIT = 16 << 20  # bytes of an index.json
_MARKER_LIMIT = 4096
_BLOBS = Path("blobs", "sha256")


class _Marker(Struct, frozen=True, rename="camel"):
    image_layout_version: str


class _Listing(Struct, frozen=True, kw_only=True, rename="camel"):
    schema_version: int = 2
    manifests: tuple[Descriptor, ...] = ()


class OciLayout:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __str__(self) -> str:
        return str(self.folder)

    def repositories(self) -> list[str]:
        try:
            return [entry.name for entry in self.folder.iterdir() if (entry / "oci-layout").is_file()]
        except OSError as error:
            raise SourceFailed(f"{self.folder} can't be read ({error.strerror})") from None

    def tags(self, name: str) -> list[str]:
        return [ref for entry in _listing(self.folder / name).manifests if (ref := _ref(entry)) is not None]

    def manifest(self, name: str, tag: str) -> bytes:
        entries = [entry for entry in _listing(self.folder / name).manifests if _ref(entry) == tag]
        if not entries:
            raise NotThere(f"{self.folder / name} has no {tag}")
        if len({entry.digest for entry in entries}) > 1:
            raise ArtifactRefused(f"there are several artifacts called {tag}")
        entry = entries[0]
        if not oci.is_digest(entry.digest) or not 0 <= entry.size <= oci.ARTIFACT_LIMIT:
            raise ArtifactRefused(f"{tag} isn't an artifact by sha256")
        return oci.verified(self.blob(name, entry), entry.digest)

    def blob(self, name: str, blob: Descriptor) -> bytes:
        path = self.folder / name / _BLOBS / blob.digest.removeprefix("sha256:")
        try:
            content = files.read(path, blob.size)
        except OSError as error:
            raise SourceFailed(f"{path} can't be read ({error.strerror})") from None
        except ValueError as error:
            raise ArtifactRefused(f"{blob.digest}: {error}") from None
        if len(content) != blob.size:
            raise ArtifactRefused(f"{blob.digest} has {len(content)} bytes, not {blob.size}")
        return content

    def put(self, name: str, tag: str, artifact: Artifact) -> None:
        folder = self.folder / name
        try:
            blobs = folder / _BLOBS
            blobs.mkdir(parents=True, exist_ok=True)
            for digest, content in {**artifact.blobs, artifact.digest: artifact.manifest}.items():
                _put_blob(blobs / digest.removeprefix("sha256:"), content)
            if not (folder / "oci-layout").exists():
                files.replace(folder / "index.json", _EMPTY)
                files.replace(folder / "oci-layout", _LAYOUT)
            files.replace(folder / "index.json", _renewed(folder, tag, artifact))
        except OSError as error:
            raise SourceFailed(f"{folder} can't be written ({error.strerror})") from None

    @contextmanager
    def held(self, name: str) -> Iterator[None]:
        try:
            with layout.held(self.folder, name):
                yield
        except OSError as error:
            raise SourceFailed(f"{self.folder / name} can't be written ({error.strerror})") from None


def _listing(folder: Path) -> _Listing:
    try:
        marker = msgspec.json.decode(files.read(folder / "oci-layout", _MARKER_LIMIT), type=_Marker)
        listing = msgspec.json.decode(files.read(folder / "index.json", _LISTING_LIMIT), type=_Listing)
    except FileNotFoundError:
        raise NotThere(f"{folder} isn't an OCI layout") from None
    except OSError as error:
        raise SourceFailed(f"{folder} can't be read ({error.strerror})") from None
    except (ValueError, RecursionError):  # not a file, or not of that shape
        raise SourceFailed(f"{folder} isn't an OCI layout") from None
    if marker.image_layout_version != "1.0.0" or listing.schema_version != 2:
        raise SourceFailed(f"{folder} is an OCI layout of another version")
    return listing


def _ref(entry: Descriptor) -> str | None:
    return entry.annotations.get(_REF) if isinstance(entry.annotations, dict) else None


def _put_blob(path: Path, content: bytes) -> None:
    try:
        if files.read(path, len(content)) == content:
            return
    except (FileNotFoundError, ValueError):  # none, or a damaged one, which is put right
        pass
    files.replace(path, content)


def _renewed(folder: Path, tag: str, artifact: Artifact) -> bytes:
    """index.json with the tag on that artifact. What other tools have written into it stays."""
    listing = _listing(folder)
    written = msgspec.json.decode(files.read(folder / "index.json", _LISTING_LIMIT))
    kept = [raw for raw, entry in zip(written["manifests"], listing.manifests, strict=True) if _ref(entry) != tag]
    entry = Descriptor(
        media_type=oci.IMAGE_MANIFEST,
        digest=artifact.digest,
        size=len(artifact.manifest),
        annotations={_REF: tag},
    )
    return msgspec.json.encode({**written, "manifests": [*kept, entry]})
