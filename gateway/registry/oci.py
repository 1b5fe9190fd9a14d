"""A module's version, and a registry's index, as OCI artifacts: what stands in them, and how they are read back.

A version follows the layout for Wasm of the CNCF's TAG Runtime
(https://tag-runtime.cncf.io/wgs/wasm/deliverables/wasm-oci-artifact/): an image manifest whose config is
`application/vnd.wasm.config.v0+json` and whose only layer, `application/wasm`, is the module. The layout has readers
reject a second layer, and `wkg` does, so Maskgate's manifest and signatures are annotations: they travel with the
module, whole or not at all, through every tool that copies an artifact, and one digest covers all three.

An index is an artifact of its own under the tag `index`: `artifactType` is the payload's type, the one layer the
envelope. No version is called so, and readers of versions pass over a tag that isn't one.

Sources: OCI image specification 1.1 (https://github.com/opencontainers/image-spec), `manifest.md`, `descriptor.md`.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from msgspec import UNSET, Struct, UnsetType, field

from gateway.registry import index, signing
from gateway.registry.binary import Malformed
from gateway.registry.component_names import component_names
from gateway.registry.layout import MANIFEST_LIMIT, WASM_LIMIT
from gateway.registry.published import Published

IMAGE_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
WASM_CONFIG = "application/vnd.wasm.config.v0+json"
WASM_LAYER = "application/wasm"
_ENVELOPE = "application/vnd.dsse.envelope.v1+json"
MANIFEST_ANNOTATION = "maskgate.manifest.v1+yaml"  # manifest.yaml, as it is
SIGNATURES_ANNOTATION = "maskgate.signatures.v1+json"  # signatures.json, as it is; absent: unsigned
INDEX_TAG = "index"

ARTIFACT_LIMIT = 4 << 20  # bytes of an image manifest: what registries have to take, and no more

_EMPTY_CONFIG = "application/vnd.oci.empty.v1+json"
# The config must have a time, and a version's artifact must have the same digest whoever packs it. When a version was
# published stands in the signed index.
_CREATED = "1970-01-01T00:00:00Z"
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")
_REPOSITORY = re.compile(r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*")


class ArtifactRefused(ValueError):
    """It can't be made an artifact, or an artifact isn't what it should be. The text says why."""


class Descriptor(Struct, frozen=True, kw_only=True, rename="camel"):
    """Which bytes, by digest (`sha256:` and lowercase hex) and size."""

    media_type: str
    digest: str
    size: int
    annotations: Mapping[str, str] | UnsetType = UNSET

    @classmethod
    def of(cls, content: bytes, media_type: str) -> Descriptor:
        return cls(media_type=media_type, digest=digest(content), size=len(content))


class ImageManifest(Struct, frozen=True, kw_only=True, rename="camel"):
    schema_version: int
    media_type: str | UnsetType = UNSET
    artifact_type: str | UnsetType = UNSET
    config: Descriptor
    layers: tuple[Descriptor, ...]
    annotations: Mapping[str, str] = field(default_factory=dict)


class Artifact(Struct, frozen=True, kw_only=True):
    """An image manifest and what it names: bytes by digest, in the order in which they are to be pushed."""

    manifest: bytes
    blobs: Mapping[str, bytes]

    @property
    def digest(self) -> str:
        return digest(self.manifest)


Fetch = Callable[[Descriptor], bytes]  # gives the bytes with that digest and size, or raises


def digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def verified(content: bytes, expected: str) -> bytes:
    """`content`, if it has that digest. Raises ArtifactRefused."""
    if not hmac.compare_digest(digest(content), expected):
        raise ArtifactRefused(f"the bytes are not those of {expected}")
    return content


def is_digest(text: str) -> bool:
    return _DIGEST.fullmatch(text) is not None


def is_repository(name: str) -> bool:
    """Whether a module of that name has a name in a registry: neither `a..b` nor `a-` has one."""
    return _REPOSITORY.fullmatch(name) is not None


def tag(version: str) -> str:
    """The tag of a version. A tag has no `+` and a version no `_`, so the one stands for the other.

    Raises ArtifactRefused.
    """
    written = version.replace("+", "_")
    if "_" in version or not _TAG.fullmatch(written) or not version[:1].isdigit():
        raise ArtifactRefused(f"{version!r} can't be a tag")
    return written


def version(tag: str) -> str | None:
    """The version that a tag names; None for a tag of another kind, such as `index` or `latest`."""
    return tag.replace("_", "+") if _TAG.fullmatch(tag) and tag[0].isdigit() and tag.count("_") < 2 else None


def module_artifact(published: Published) -> Artifact:
    """The artifact of a version. The same bytes always give the same digest. Raises ArtifactRefused."""
    if not is_repository(published.module):
        raise ArtifactRefused(f"module {published.module}: the name can't be that of an OCI repository")
    if len(published.manifest) > MANIFEST_LIMIT or len(published.signatures) > signing.LIMIT:
        raise ArtifactRefused(f"module {published.module}: the manifest or the signatures are too large")
    layer = Descriptor.of(published.wasm, WASM_LAYER)
    config = _encode(_config(published, layer))
    annotations = {
        MANIFEST_ANNOTATION: _text(published.manifest),
        "org.opencontainers.image.title": published.module,
        "org.opencontainers.image.version": published.version,
    }
    if published.signatures:
        annotations[SIGNATURES_ANNOTATION] = _text(published.signatures)
    # So that tools that pull into a folder have a name for the file.
    named = msgspec.structs.replace(layer, annotations={"org.opencontainers.image.title": f"{published.module}.wasm"})
    manifest = ImageManifest(
        schema_version=2,
        media_type=IMAGE_MANIFEST,
        config=Descriptor.of(config, WASM_CONFIG),
        layers=(named,),
        annotations=annotations,
    )
    return _artifact(manifest, config, published.wasm)


def index_artifact(envelope: bytes) -> Artifact:
    """The artifact of an index. Raises ArtifactRefused."""
    if len(envelope) > index.LIMIT:
        raise ArtifactRefused(f"an index has {index.LIMIT} bytes at most")
    manifest = ImageManifest(
        schema_version=2,
        media_type=IMAGE_MANIFEST,
        artifact_type=index.TYPE,
        config=Descriptor.of(b"{}", _EMPTY_CONFIG),
        layers=(Descriptor.of(envelope, _ENVELOPE),),
    )
    return _artifact(manifest, b"{}", envelope)


def read_module(manifest: bytes, fetch: Fetch, module: str, version: str) -> Published:
    """The version that an image manifest holds. `module` and `version` are what was asked for.

    The config isn't read: it repeats what the layer and Maskgate's manifest say, and nothing here believes it.
    Raises ArtifactRefused, and what `fetch` raises.
    """
    parsed = _parsed(manifest)
    if parsed.config.media_type != WASM_CONFIG:
        raise ArtifactRefused("the artifact isn't WebAssembly")
    layer = _only_layer(parsed, WASM_LAYER, WASM_LIMIT)
    if MANIFEST_ANNOTATION not in parsed.annotations:
        raise ArtifactRefused("the artifact has no Maskgate manifest")
    return Published(
        module=module,
        version=version,
        manifest=_annotation(parsed, MANIFEST_ANNOTATION, MANIFEST_LIMIT),
        signatures=_annotation(parsed, SIGNATURES_ANNOTATION, signing.LIMIT),
        wasm=verified(fetch(layer), layer.digest),
    )


def read_index(manifest: bytes, fetch: Fetch) -> bytes:
    """The envelope that an image manifest holds. Raises ArtifactRefused, and what `fetch` raises."""
    parsed = _parsed(manifest)
    if parsed.artifact_type != index.TYPE:
        raise ArtifactRefused("the artifact isn't an index of Maskgate's")
    layer = _only_layer(parsed, _ENVELOPE, index.LIMIT)
    return verified(fetch(layer), layer.digest)


def _config(published: Published, layer: Descriptor) -> dict[str, Any]:
    try:
        names = component_names(published.wasm)
    except Malformed as error:
        raise ArtifactRefused(f"module {published.module}: {error}") from None
    config: dict[str, Any] = {
        "created": _CREATED,
        "architecture": "wasm",
        "os": "wasip1",  # of every core module: the layout has no name for one without WASI
        "layerDigests": [layer.digest],
    }
    if names is not None:
        config |= {"os": "wasip2", "component": {"exports": names.exports, "imports": names.imports}}
    return config


def _artifact(manifest: ImageManifest, *contents: bytes) -> Artifact:
    encoded = _encode(manifest)
    if len(encoded) > ARTIFACT_LIMIT:
        raise ArtifactRefused(f"the artifact's manifest would have more than {ARTIFACT_LIMIT} bytes")
    return Artifact(manifest=encoded, blobs={digest(content): content for content in contents})


def _encode(value: Any) -> bytes:
    return msgspec.json.encode(value, order="deterministic")


def _parsed(manifest: bytes) -> ImageManifest:
    if len(manifest) > ARTIFACT_LIMIT:
        raise ArtifactRefused(f"the artifact's manifest has more than {ARTIFACT_LIMIT} bytes")
    try:
        parsed = msgspec.json.decode(manifest, type=ImageManifest)
    except (ValueError, RecursionError):  # not JSON, of another shape, not UTF-8; too deep
        raise ArtifactRefused("the artifact's manifest isn't an OCI image manifest") from None
    if parsed.schema_version != 2 or parsed.media_type not in (UNSET, IMAGE_MANIFEST):
        raise ArtifactRefused("the artifact's manifest isn't an OCI image manifest")
    return parsed


def _only_layer(manifest: ImageManifest, media_type: str, limit: int) -> Descriptor:
    if len(manifest.layers) != 1:
        raise ArtifactRefused(f"the artifact has {len(manifest.layers)} layers, not one")
    layer = manifest.layers[0]
    if layer.media_type != media_type or not is_digest(layer.digest):
        raise ArtifactRefused(f"the artifact's layer isn't {media_type} by sha256")
    if not 0 <= layer.size <= limit:
        raise ArtifactRefused(f"the artifact's layer has more than {limit} bytes")
    return layer


def _annotation(manifest: ImageManifest, name: str, limit: int) -> bytes:
    content = manifest.annotations.get(name, "").encode()
    if len(content) > limit:
        raise ArtifactRefused(f"the annotation {name} has more than {limit} bytes")
    return content


def _text(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise ArtifactRefused("the manifest and the signatures must be UTF-8") from None
