"""OCI layouts on disk: what stands there, and what is refused when it has been changed."""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from gateway.registry import oci
from gateway.registry.oci import ArtifactRefused
from gateway.registry.oci_layout import OciLayout
from gateway.registry.sources import NotThere, SourceFailed
from tests.registry.published import COMPONENT, CORE, published

ONE = published()


@pytest.fixture
def layout(tmp_path: Path) -> OciLayout:
    layout = OciLayout(tmp_path / "layout")
    layout.publish(ONE)
    return layout


def listing(layout: OciLayout) -> dict[str, Any]:
    listing: dict[str, Any] = json.loads((layout.folder / "mask" / "index.json").read_bytes())
    return listing


def blob(layout: OciLayout, content: bytes) -> Path:
    return layout.folder / "mask" / "blobs" / "sha256" / oci.digest(content).removeprefix("sha256:")


def test_a_module_is_a_layout_that_other_tools_read(layout: OciLayout) -> None:
    assert json.loads((layout.folder / "mask" / "oci-layout").read_bytes()) == {"imageLayoutVersion": "1.0.0"}
    found = listing(layout)
    assert (found["schemaVersion"], found["mediaType"]) == (2, "application/vnd.oci.image.index.v1+json")
    (entry,) = found["manifests"]
    assert entry["annotations"] == {"org.opencontainers.image.ref.name": "1.2.0"}
    for path in blob(layout, CORE).parent.iterdir():
        assert oci.digest(path.read_bytes()) == f"sha256:{path.name}"


def test_what_is_read_is_what_was_published(layout: OciLayout) -> None:
    component = published("csv", "0.1.0-rc.1+build", wasm=COMPONENT)
    layout.publish(component)
    assert layout.fetch("mask", "1.2.0") == ONE
    assert layout.fetch("csv", "0.1.0-rc.1+build") == component
    assert layout.names() == ["csv", "mask"]
    assert layout.versions("csv") == ["0.1.0-rc.1+build"]


def test_versions_share_their_blobs(layout: OciLayout) -> None:
    layout.publish(published(version="1.3.0"))
    assert sorted(layout.versions("mask")) == ["1.2.0", "1.3.0"]
    assert len(list(blob(layout, CORE).parent.iterdir())) == 4  # the module, its config, two manifests


def test_a_version_is_published_once(layout: OciLayout) -> None:
    before = (layout.folder / "mask" / "index.json").stat().st_ino
    layout.publish(ONE)
    assert (layout.folder / "mask" / "index.json").stat().st_ino == before
    with pytest.raises(ArtifactRefused, match="with other bytes"):
        layout.publish(replace(ONE, wasm=COMPONENT))
    assert layout.fetch("mask", "1.2.0") == ONE


def test_an_index_is_replaced(layout: OciLayout) -> None:
    with pytest.raises(NotThere):
        layout.index("mask")
    for envelope in (b'{"serial":1}', b'{"serial":2}'):
        layout.publish_index("mask", envelope)
        assert layout.index("mask") == envelope
    assert layout.versions("mask") == ["1.2.0"]


def test_what_other_tools_have_written_stays(layout: OciLayout) -> None:
    foreign = {
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "digest": "sha256:" + "0" * 64,
        "size": 5,
        "platform": {"os": "linux", "architecture": "arm64"},
    }
    path = layout.folder / "mask" / "index.json"
    path.write_text(json.dumps({**listing(layout), "manifests": [foreign], "annotations": {"a": "b"}}))
    layout.publish(published(version="1.3.0"))
    assert listing(layout)["manifests"][0] == foreign
    assert listing(layout)["annotations"] == {"a": "b"}


def test_many_publish_at_once(tmp_path: Path) -> None:
    layout = OciLayout(tmp_path / "layout")
    versions = [f"1.0.{patch}" for patch in range(24)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda version: layout.publish(published(version=version)), versions))
    assert sorted(layout.versions("mask")) == sorted(versions)
    assert [path.name for path in layout.folder.rglob(".writing-*")] == []


@pytest.mark.parametrize(("name", "version"), [("mask", "9.9.9"), ("csv", "1.2.0"), ("../layout/mask", "1.2.0")])
def test_what_isnt_there_is_said_not_to_be(layout: OciLayout, name: str, version: str) -> None:
    with pytest.raises(NotThere):
        layout.fetch(name, version)


@pytest.mark.parametrize("change", [b"", CORE[:-1], CORE + b"\0", bytes(reversed(CORE))])
def test_a_blob_that_was_changed_is_refused_and_put_right_by_publishing(layout: OciLayout, change: bytes) -> None:
    blob(layout, CORE).write_bytes(change)
    with pytest.raises(SourceFailed):
        layout.fetch("mask", "1.2.0")
    layout.publish(ONE)
    assert layout.fetch("mask", "1.2.0") == ONE


def test_a_blob_that_is_gone_or_no_file_is_refused(layout: OciLayout) -> None:
    path = blob(layout, CORE)
    path.unlink()
    with pytest.raises(SourceFailed):
        layout.fetch("mask", "1.2.0")
    os.mkfifo(path)
    with pytest.raises(SourceFailed):
        layout.fetch("mask", "1.2.0")


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("index.json", b""),
        ("index.json", b"[" * 100_000),
        ("index.json", b'{"schemaVersion":2,"manifests":5}'),
        ("index.json", b'{"schemaVersion":3,"manifests":[]}'),
        ("index.json", b'{"schemaVersion":2,"manifests":[{"mediaType":"\xff"}]}'),
        ("oci-layout", b"{}"),
        ("oci-layout", b'{"imageLayoutVersion":"\xff"}'),
        ("oci-layout", b'{"imageLayoutVersion":"2.0.0"}'),
        ("oci-layout", b" " * 5000),
    ],
)
def test_a_layout_that_isnt_one_is_refused(layout: OciLayout, file: str, content: bytes) -> None:
    (layout.folder / "mask" / file).write_bytes(content)
    with pytest.raises(SourceFailed):
        layout.fetch("mask", "1.2.0")


@pytest.mark.parametrize(
    "change",
    [{"digest": "sha256:../../../../etc/passwd"}, {"digest": "sha512:" + "0" * 64}, {"size": 0}, {"size": 2**60}],
)
def test_an_entry_that_isnt_one_is_refused(layout: OciLayout, change: dict[str, Any]) -> None:
    found = listing(layout)
    found["manifests"][0] |= change
    (layout.folder / "mask" / "index.json").write_text(json.dumps(found))
    with pytest.raises(SourceFailed):
        layout.fetch("mask", "1.2.0")


def test_two_artifacts_of_one_version_are_refused(layout: OciLayout) -> None:
    layout.publish(published(version="1.3.0"))
    found = listing(layout)
    found["manifests"][1]["annotations"] = found["manifests"][0]["annotations"]
    (layout.folder / "mask" / "index.json").write_text(json.dumps(found))
    with pytest.raises(SourceFailed, match="several"):
        layout.fetch("mask", "1.2.0")
