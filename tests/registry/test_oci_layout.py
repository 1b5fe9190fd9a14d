"""OCI layouts on disk: what stands there, and what is refused when it has been changed."""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from gateway.registry import oci
from gateway.registry.oci_layout import OciLayout
from gateway.registry.oci_modules import OciModules
from gateway.registry.sources import SourceFailed
from tests.registry.published import CORE, published

ONE = published()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "layout" / "mask"


@pytest.fixture
def layout(tmp_path: Path) -> OciModules:
    layout = OciModules(OciLayout(tmp_path / "layout"))
    layout.publish(ONE, None)
    return layout


def listing(folder: Path) -> dict[str, Any]:
    listing: dict[str, Any] = json.loads((folder / "index.json").read_bytes())
    return listing


def blob(folder: Path, content: bytes) -> Path:
    return folder / "blobs" / "sha256" / oci.digest(content).removeprefix("sha256:")


def test_a_module_is_a_layout_that_other_tools_read(layout: OciModules, folder: Path) -> None:
    assert json.loads((folder / "oci-layout").read_bytes()) == {"imageLayoutVersion": "1.0.0"}
    found = listing(folder)
    assert (found["schemaVersion"], found["mediaType"]) == (2, "application/vnd.oci.image.index.v1+json")
    (entry,) = found["manifests"]
    assert entry["annotations"] == {"org.opencontainers.image.ref.name": "1.2.0"}
    for path in blob(folder, CORE).parent.iterdir():
        assert oci.digest(path.read_bytes()) == f"sha256:{path.name}"


def test_versions_share_their_blobs(layout: OciModules, folder: Path) -> None:
    layout.publish(published(version="1.3.0"), None)
    assert sorted(layout.versions("mask")) == ["1.2.0", "1.3.0"]
    assert len(list(blob(folder, CORE).parent.iterdir())) == 4  # the module, its config, two manifests


def test_what_other_tools_have_written_stays(layout: OciModules, folder: Path) -> None:
    foreign = {
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "digest": "sha256:" + "0" * 64,
        "size": 5,
        "platform": {"os": "linux", "architecture": "arm64"},
    }
    path = folder / "index.json"
    path.write_text(json.dumps({**listing(folder), "manifests": [foreign], "annotations": {"a": "b"}}))
    layout.publish(published(version="1.3.0"), None)
    assert listing(folder)["manifests"][0] == foreign
    assert listing(folder)["annotations"] == {"a": "b"}


def test_many_publish_at_once(tmp_path: Path) -> None:
    layout = OciModules(OciLayout(tmp_path / "layout"))
    versions = [f"1.0.{patch}" for patch in range(24)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda version: layout.publish(published(version=version), None), versions))
    assert sorted(layout.versions("mask")) == sorted(versions)
    assert [path.name for path in tmp_path.rglob(".*")] == []


@pytest.mark.parametrize("change", [b"", CORE[:-1], CORE + b"\0", bytes(reversed(CORE))])
def test_a_blob_that_was_changed_is_refused_until_it_is_written_again(
    layout: OciModules, folder: Path, change: bytes
) -> None:
    blob(folder, CORE).write_bytes(change)
    with pytest.raises(SourceFailed):
        layout.fetch("mask", "1.2.0")
    layout.publish(published(version="1.3.0"), None)  # of the same bytes
    assert layout.fetch("mask", "1.2.0") == ONE


def test_a_blob_that_is_gone_or_no_file_is_refused(layout: OciModules, folder: Path) -> None:
    path = blob(folder, CORE)
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
def test_a_layout_that_isnt_one_is_refused(layout: OciModules, file: str, content: bytes, folder: Path) -> None:
    (folder / file).write_bytes(content)
    with pytest.raises(SourceFailed):
        layout.fetch("mask", "1.2.0")


@pytest.mark.parametrize(
    "change",
    [{"digest": "sha256:../../../../etc/passwd"}, {"digest": "sha512:" + "0" * 64}, {"size": 0}, {"size": 2**60}],
)
def test_an_entry_that_isnt_one_is_refused(layout: OciModules, change: dict[str, Any], folder: Path) -> None:
    found = listing(folder)
    found["manifests"][0] |= change
    (folder / "index.json").write_text(json.dumps(found))
    with pytest.raises(SourceFailed):
        layout.fetch("mask", "1.2.0")


def test_two_artifacts_of_one_version_are_refused(layout: OciModules, folder: Path) -> None:
    layout.publish(published(version="1.3.0"), None)
    found = listing(folder)
    found["manifests"][1]["annotations"] = found["manifests"][0]["annotations"]
    (folder / "index.json").write_text(json.dumps(found))
    with pytest.raises(SourceFailed, match="several"):
        layout.fetch("mask", "1.2.0")
