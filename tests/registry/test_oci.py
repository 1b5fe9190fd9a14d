"""The artifacts: what stands in them, and what is refused when they are read back."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
import wasmtime
from msgspec.structs import replace

from gateway.registry import oci
from gateway.registry.component_names import ComponentNames, Malformed, component_names
from gateway.registry.oci import ArtifactRefused, Descriptor
from tests.registry.published import COMPONENT, CORE, published

ONE = oci.module_artifact(published()).manifest


def fetched(artifact: oci.Artifact) -> oci.Fetch:
    return lambda blob: artifact.blobs[blob.digest]


def edited(artifact: oci.Artifact, **changes: Any) -> bytes:
    return json.dumps({**json.loads(artifact.manifest), **changes}).encode()


def test_a_version_is_an_artifact_in_the_layout_for_wasm() -> None:
    one = published()
    artifact = oci.module_artifact(one)
    manifest = json.loads(artifact.manifest)
    assert (manifest["schemaVersion"], manifest["mediaType"]) == (2, "application/vnd.oci.image.manifest.v1+json")
    assert manifest["config"]["mediaType"] == "application/vnd.wasm.config.v0+json"
    (layer,) = manifest["layers"]  # the layout has readers reject a second one
    assert layer["mediaType"] == "application/wasm"
    assert layer["digest"] == f"sha256:{hashlib.sha256(CORE).hexdigest()}"
    assert layer["size"] == len(CORE)
    config = json.loads(artifact.blobs[manifest["config"]["digest"]])
    assert config.pop("created").endswith("Z")
    assert config == {"architecture": "wasm", "os": "wasip1", "layerDigests": [layer["digest"]]}
    assert manifest["annotations"]["maskgate.manifest.v1+yaml"] == one.manifest.decode()


def test_a_component_says_what_it_imports_and_exports() -> None:
    artifact = oci.module_artifact(published(wasm=COMPONENT))
    config = json.loads(artifact.blobs[json.loads(artifact.manifest)["config"]["digest"]])
    assert config["os"] == "wasip2"
    assert config["component"] == {
        "imports": ["wasi:clocks/monotonic-clock@0.2.0", "log"],
        "exports": ["run", "kept"],
    }


@pytest.mark.parametrize("wasm", [CORE, COMPONENT])
@pytest.mark.parametrize("signed", [True, False])
def test_what_is_read_back_is_what_was_published(wasm: bytes, signed: bool) -> None:
    one = published(wasm=wasm, signed=signed)
    artifact = oci.module_artifact(one)
    assert oci.read_module(artifact.manifest, fetched(artifact), "mask", "1.2.0") == one


def test_the_same_bytes_have_the_same_digest_and_others_another() -> None:
    one = published()
    digests = {
        oci.module_artifact(other).digest
        for other in (one, replace(one), replace(one, signatures=b""), replace(one, manifest=one.manifest + b" "))
    }
    assert len(digests) == 3


def test_an_index_is_an_artifact_of_its_own_kind() -> None:
    artifact = oci.index_artifact(b'{"payload":"e30="}')
    assert json.loads(artifact.manifest)["artifactType"] == "application/vnd.maskgate.index.v1+json"
    assert oci.read_index(artifact.manifest, fetched(artifact)) == b'{"payload":"e30="}'
    with pytest.raises(ArtifactRefused, match="isn't WebAssembly"):
        oci.read_module(artifact.manifest, fetched(artifact), "mask", "1.2.0")
    module = oci.module_artifact(published())
    with pytest.raises(ArtifactRefused, match="isn't an index"):
        oci.read_index(module.manifest, fetched(module))


@pytest.mark.parametrize(
    ("version", "tag"), [("1.2.0", "1.2.0"), ("1.2.0-rc.1+build.5", "1.2.0-rc.1_build.5"), ("0.0.1", "0.0.1")]
)
def test_a_version_has_a_tag_and_a_tag_a_version(version: str, tag: str) -> None:
    assert oci.tag(version) == tag
    assert oci.version(tag) == version


@pytest.mark.parametrize("version", ["", "../1.0.0", "1.0.0/x", "latest", "1.0.0_x", "1" * 129, "1.0.0\n", "index"])
def test_what_is_no_version_has_no_tag(version: str) -> None:
    with pytest.raises(ArtifactRefused):
        oci.tag(version)


@pytest.mark.parametrize("tag", ["index", "latest", "../../etc", "1.0.0/..", "", "sha256:00", "1_2_3", "1.0\n"])
def test_what_is_no_tag_of_a_version_is_passed_over(tag: str) -> None:
    assert oci.version(tag) is None


@pytest.mark.parametrize("name", ["a..b", "a-", "a/b", "../a", "-a", "A"])
def test_a_name_that_registries_dont_take_is_refused(name: str) -> None:
    with pytest.raises(ArtifactRefused, match="repository"):
        oci.module_artifact(replace(published(), module=name))


@pytest.mark.parametrize(
    "changes",
    [
        {"layers": []},
        {"layers": "none"},
        {"schemaVersion": 1},
        {"schemaVersion": "2"},
        {"mediaType": "application/vnd.oci.image.index.v1+json"},
        {"annotations": {}},
        {"annotations": {oci.MANIFEST_ANNOTATION: 5}},
        {"annotations": {oci.MANIFEST_ANNOTATION: "x" * ((1 << 20) + 1)}},
        {"annotations": {oci.MANIFEST_ANNOTATION: "x", oci.SIGNATURES_ANNOTATION: "x" * ((64 << 10) + 1)}},
        {"annotations": {oci.MANIFEST_ANNOTATION: "x" * (5 << 20)}},
    ],
)
def test_a_manifest_that_isnt_one_is_refused(changes: dict[str, Any]) -> None:
    artifact = oci.module_artifact(published())
    with pytest.raises(ArtifactRefused):
        oci.read_module(edited(artifact, **changes), fetched(artifact), "mask", "1.2.0")


@pytest.mark.parametrize(
    "change",
    [
        {"mediaType": "application/vnd.oci.image.layer.v1.tar"},
        {"digest": "sha256:../../../../etc/passwd"},
        {"digest": "md5:d41d8cd98f00b204e9800998ecf8427e"},
        {"digest": "sha256:" + "A" * 64},
        {"size": -1},
        {"size": (64 << 20) + 1},
        {"size": 2**70},
    ],
)
def test_a_layer_that_isnt_one_is_refused_before_it_is_fetched(change: dict[str, Any]) -> None:
    artifact = oci.module_artifact(published())
    layer = {**json.loads(artifact.manifest)["layers"][0], **change}

    def never(blob: Descriptor) -> bytes:
        raise AssertionError(blob)

    with pytest.raises(ArtifactRefused):
        oci.read_module(edited(artifact, layers=[layer]), never, "mask", "1.2.0")


def test_a_second_layer_is_refused() -> None:
    artifact = oci.module_artifact(published())
    layer = json.loads(artifact.manifest)["layers"][0]
    with pytest.raises(ArtifactRefused, match="2 layers"):
        oci.read_module(edited(artifact, layers=[layer, layer]), fetched(artifact), "mask", "1.2.0")


@pytest.mark.parametrize(
    "manifest",
    [
        b"",
        b"null",
        b"\xff",
        ONE.replace(b"mask", b"ma\xff", 1),
        ONE.replace(b"sha256:", b"\xed\xa0\x80", 1),
        b"[" * 100_000,
        b'{"schemaVersion":2,"x":' + b"[" * 100_000,
        b'{"a":' * 50_000,
        b" " * ((4 << 20) + 1),
        b'{"schemaVersion":2,"config":{},"layers":[' + b"{}," * 100_000 + b"{}]}",
    ],
)
def test_a_manifest_that_is_a_bomb_is_refused(manifest: bytes) -> None:
    with pytest.raises(ArtifactRefused):
        oci.read_index(manifest, lambda blob: b"")
    with pytest.raises(ArtifactRefused):
        oci.read_module(manifest, lambda blob: CORE, "mask", "1.2.0")


def test_bytes_with_another_digest_are_refused() -> None:
    artifact = oci.module_artifact(published())
    with pytest.raises(ArtifactRefused, match="not those of sha256"):
        oci.read_module(artifact.manifest, lambda blob: CORE[:-1] + b"\x7f", "mask", "1.2.0")


@pytest.mark.parametrize("manifest", [b"\xff\xfe", b"\xed\xa0\x80"])
def test_a_manifest_that_isnt_text_is_refused(manifest: bytes) -> None:
    with pytest.raises(ArtifactRefused, match="UTF-8"):
        oci.module_artifact(replace(published(), manifest=manifest))


def test_names_are_those_of_the_outermost_component() -> None:
    nested = wasmtime.wat2wasm(
        """(component
            (component $inner (import "hidden" (func)) (import "also-hidden" (instance)))
            (import "own" (func $own))
            (instance $made (export "through" (func $own)))
            (export "outer" (instance $made)))"""
    )
    assert component_names(nested) == ComponentNames(
        imports=("own",), exports=("outer",), import_kinds=("function",), export_kinds=("instance",)
    )
    assert component_names(CORE) is None


@pytest.mark.parametrize(
    "wasm",
    [
        b"",
        b"\0asm",
        b"\0asm\x02\0\0\0",
        b"MZ\0\0\0\0\0\0",
        COMPONENT[:8] + b"\x0a",  # no size
        COMPONENT[:8] + b"\x0a\xff\xff\xff\xff\x0f",  # a section of 4 GiB
        COMPONENT[:8] + b"\x0a\xff\xff\xff\xff\xff\xff",  # a number without end
        COMPONENT[:8] + b"\x0a\x05\xff\xff\xff\xff\x0f",  # 4 Gi imports
        COMPONENT[:8] + b"\x0a\x02\x01\x09",  # a name of a kind that nobody has
        COMPONENT[:8] + b"\x0a\x05\x01\x00\x01\xff\x01",  # a name that isn't UTF-8
        COMPONENT[:8] + b"\x0a\x05\x01\x00\x01a\x07",  # an import of a kind that nobody has
        COMPONENT[:8] + (b"\x0a\x06\x01\x00\x01a\x01\x00" * 1001),  # many sections of one
    ],
)
def test_what_is_no_webassembly_is_refused(wasm: bytes) -> None:
    with pytest.raises(Malformed):
        component_names(wasm)
    with pytest.raises(ArtifactRefused):
        oci.module_artifact(published(wasm=wasm))


def test_each_cut_of_a_component_is_read_or_refused() -> None:
    outcomes = set()
    for end in range(8, len(COMPONENT)):
        try:
            outcomes.add(type(component_names(COMPONENT[:end])))
        except Malformed:
            outcomes.add(Malformed)
    assert outcomes == {Malformed, ComponentNames}  # a cut between two sections is a shorter component
