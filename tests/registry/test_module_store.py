from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from gateway.registry.store import ModuleRefused, ModuleStore

WASM = b"\0asm demo"
MANIFEST = b"""\
module: demo
version: 1.2.3
abi: maskgate/1
scope: message
language: c
description: Does nothing
accepts: [application/json]
produces: application/json
refusals: {}
config: {}
"""
SHA256, MANIFEST_SHA256 = hashlib.sha256(WASM).hexdigest(), hashlib.sha256(MANIFEST).hexdigest()


@pytest.fixture
def store(tmp_path: Path) -> ModuleStore:
    folder = tmp_path / "modules" / "demo"
    folder.mkdir(parents=True)
    (folder / "manifest.yaml").write_bytes(MANIFEST)
    (folder / "demo.wasm").write_bytes(WASM)
    return ModuleStore(tmp_path / "modules")


def test_a_module_comes_with_what_was_verified(store: ModuleStore) -> None:
    module = store.find("demo", "1.2.3", SHA256, MANIFEST_SHA256)
    assert (module.wasm, module.sha256, module.manifest.version) == (WASM, SHA256, "1.2.3")


@pytest.mark.parametrize(
    ("version", "sha256", "manifest", "text"),
    [
        ("1.2.4", SHA256, MANIFEST_SHA256, "version 1.2.3, the lock 1.2.4"),
        ("1.2.3", "0" * 64, MANIFEST_SHA256, "demo.wasm is not the one that is locked"),
        ("1.2.3", SHA256, "0" * 64, "manifest.yaml is not the one that is locked"),
    ],
)
def test_what_differs_is_refused_and_named(
    store: ModuleStore, version: str, sha256: str, manifest: str, text: str
) -> None:
    with pytest.raises(ModuleRefused, match=text):
        store.find("demo", version, sha256, manifest)


@pytest.mark.parametrize("name", ["../demo", "demo/../demo", "/etc", ".", "..", "", "demo\0", "Demo", "a" * 64])
def test_a_name_cannot_leave_the_folder(store: ModuleStore, name: str) -> None:
    with pytest.raises(ModuleRefused, match="not a name"):
        store.find(name, "1.2.3", SHA256, MANIFEST_SHA256)


def test_a_module_that_is_not_there_is_refused(store: ModuleStore) -> None:
    with pytest.raises(ModuleRefused, match=r"other: manifest\.yaml can't be read"):
        store.find("other", "1.2.3", SHA256, MANIFEST_SHA256)


def test_a_manifest_of_another_name_is_refused(store: ModuleStore) -> None:
    (store.folder / "demo" / "demo.wasm").rename(store.folder / "demo" / "other.wasm")
    (store.folder / "demo").rename(store.folder / "other")
    with pytest.raises(ModuleRefused, match="the manifest is that of demo"):
        store.find("other", "1.2.3", SHA256, MANIFEST_SHA256)


def test_a_lock_entry_is_what_find_takes(store: ModuleStore) -> None:
    entry = store.lock_entry("demo")
    assert store.find("demo", entry["version"], entry["sha256"], entry["manifest"]).wasm == WASM


def test_available_passes_over_what_cannot_be_read(store: ModuleStore) -> None:
    broken = store.folder / "broken"
    broken.mkdir()
    (broken / "manifest.yaml").write_text("module: [")
    assert [manifest.module for manifest in store.available()] == ["demo"]
