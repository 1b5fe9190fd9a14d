"""What a source may do to a module folder, and what it may not: installs that fail, signatures, what was seen."""

from __future__ import annotations

import multiprocessing
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import structs

from gateway.bench.answers import MANIFEST, NAME, order, wasm
from gateway.registry import envelope, layout, signing
from gateway.registry.folder import FolderRegistry
from gateway.registry.install import Installed, NotInstalled, install
from gateway.registry.published import Published
from gateway.registry.signing import Trust, TrustedKey
from gateway.registry.store import ModuleStore, signed

PUBLISHER, REGISTRY, STRANGER = (Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2, 3))
PUBLIC = envelope.public_of(REGISTRY)
TRUST = Trust(keys={"publisher": TrustedKey(public=envelope.public_of(PUBLISHER), modules=("*",))})


def version(number: str, *keys: Ed25519PrivateKey) -> Published:
    manifest, content = yaml.safe_dump({**MANIFEST, "version": number}).encode(), wasm(order(number))
    signatures = b""
    for key in keys:
        signatures = signing.sign(NAME, number, manifest, content, key, signatures)
    return Published(module=NAME, version=number, manifest=manifest, wasm=content, signatures=signatures)


@pytest.fixture
def registry(tmp_path: Path) -> FolderRegistry:
    made = FolderRegistry(tmp_path / "registry")
    for number in ("1.0.0", "1.1.0"):
        assert made.publish(version(number, PUBLISHER), REGISTRY)
    return made


@pytest.fixture
def modules(tmp_path: Path) -> Path:
    return tmp_path / "modules"


def get(registry: FolderRegistry, modules: Path, wanted: str = "*", **given: Any) -> Installed:
    options: dict[str, Any] = {"trust": TRUST, "registry_key": PUBLIC, **given}
    return install(registry, NAME, wanted, modules, **options)


def signers(modules: Path, number: str) -> tuple[str, ...]:
    return signed(ModuleStore(modules).read(NAME, number), TRUST)


# ---------------------------------------------------------------- signatures


def resign(registry: FolderRegistry, *keys: Ed25519PrivateKey) -> None:
    """What whoever holds a registry's folder can do: other signatures for the same files."""
    (registry.root / NAME / "1.1.0" / "signatures.json").write_bytes(version("1.1.0", *keys).signatures)


def test_a_source_cant_take_a_signature_away(registry: FolderRegistry, modules: Path) -> None:
    """What is in force needs it at the next load."""
    get(registry, modules)
    resign(registry, STRANGER)
    get(registry, modules)
    assert signers(modules, "1.1.0") == ("publisher",)
    (registry.root / NAME / "1.1.0" / "signatures.json").unlink()
    get(registry, modules)


def test_a_source_adds_signatures(registry: FolderRegistry, modules: Path) -> None:
    get(registry, modules)
    resign(registry, STRANGER)
    assert get(registry, modules).new
    assert not get(registry, modules).new
    both = {"publisher": PUBLISHER, "stranger": STRANGER}
    trust = Trust(keys={n: TrustedKey(public=envelope.public_of(k), modules=("*",)) for n, k in both.items()})
    assert signed(ModuleStore(modules).read(NAME, "1.1.0"), trust) == ("publisher", "stranger")


def test_signatures_that_were_damaged_are_put_right(registry: FolderRegistry, modules: Path) -> None:
    get(registry, modules)
    path = modules / NAME / "1.1.0" / "signatures.json"
    good = path.read_bytes()
    other = version("1.0.0", PUBLISHER).signatures
    for damaged in (b"", b"{", other, good.replace(b'"sig":"', b'"sig":"AAAA')):
        path.write_bytes(damaged)
        get(registry, modules)
        assert signers(modules, "1.1.0") == ("publisher",)


def test_publishing_again_takes_no_signature_away(registry: FolderRegistry) -> None:
    assert registry.publish(version("1.1.0", STRANGER), REGISTRY)
    known = envelope.read(registry.fetch(NAME, "1.1.0").signatures, signing.TYPE)
    wanted = [envelope.key_id(envelope.public_of(key)) for key in (PUBLISHER, STRANGER)]
    assert [one.keyid for one in known.signatures] == wanted
    assert not registry.publish(version("1.1.0", STRANGER), REGISTRY)


def test_publishing_again_alters_no_signature(registry: FolderRegistry) -> None:
    before = registry.fetch(NAME, "1.1.0").signatures
    forged = envelope.read(version("1.1.0", STRANGER).signatures, signing.TYPE)
    named = structs.replace(forged.signatures[0], keyid=envelope.key_id(envelope.public_of(PUBLISHER)))
    content = envelope.encode(structs.replace(forged, signatures=(named,)))
    assert not registry.publish(structs.replace(version("1.1.0"), signatures=content), REGISTRY)
    assert registry.fetch(NAME, "1.1.0").signatures == before


def test_more_signatures_than_there_may_be_are_refused(registry: FolderRegistry, modules: Path) -> None:
    get(registry, modules)
    keys = [Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in range(50, 50 + envelope.SIGNATURES)]
    resign(registry, *keys)
    with pytest.raises(NotInstalled, match="more than 16"):
        get(registry, modules)
    assert signers(modules, "1.1.0") == ("publisher",)


# ---------------------------------------------------------------- what was seen


def test_an_index_was_seen_even_where_nothing_came_of_it(registry: FolderRegistry, modules: Path) -> None:
    before = registry.index(NAME)
    registry.yank(NAME, "1.1.0", "it leaks", REGISTRY)
    with pytest.raises(NotInstalled, match="was withdrawn: it leaks"):
        get(registry, modules, "1.1.0")
    (registry.root / NAME / "index.json").write_bytes(before)
    with pytest.raises(NotInstalled, match="older than one that was seen: 2 < 3"):
        get(registry, modules, "1.1.0")
    assert ModuleStore(modules).installed(NAME) == []


def test_what_was_seen_is_kept_for_each_registry(registry: FolderRegistry, modules: Path, tmp_path: Path) -> None:
    """One has published more often than the other; or has a new key."""
    other = FolderRegistry(tmp_path / "other")
    other.publish(version("1.1.0", PUBLISHER), STRANGER)
    before = other.index(NAME)
    other.yank(NAME, "1.1.0", "it leaks", STRANGER)
    other.yank(NAME, "1.1.0", None, STRANGER)
    key = envelope.public_of(STRANGER)
    for _ in range(2):
        assert get(registry, modules).version == "1.1.0"
        assert get(other, modules, registry_key=key).version == "1.1.0"
    (other.root / NAME / "index.json").write_bytes(before)
    with pytest.raises(NotInstalled, match="older than one that was seen: 1 < 3"):
        get(other, modules, registry_key=key)
    assert get(registry, modules).version == "1.1.0"


def test_all_versions_are_withdrawn(registry: FolderRegistry, modules: Path) -> None:
    for number in ("1.0.0", "1.1.0"):
        registry.yank(NAME, number, "it leaks", REGISTRY)
    with pytest.raises(NotInstalled, match=r"no version \* that isn't withdrawn"):
        get(registry, modules)


def test_why_it_was_withdrawn_is_text(registry: FolderRegistry, modules: Path) -> None:
    registry.yank(NAME, "1.1.0", "\x1b[2J\r\nmask 1.1.0: installed" + "x" * 5000, REGISTRY)
    with pytest.raises(NotInstalled) as raised:
        get(registry, modules, "1.1.0")
    assert str(raised.value).isprintable()
    assert len(str(raised.value)) < 1000


# ---------------------------------------------------------------- what is left behind


@pytest.mark.parametrize("wanted", ["9.9.9", "../1.0.0"])
def test_what_isnt_installed_leaves_nothing(tmp_path: Path, modules: Path, wanted: str) -> None:
    with pytest.raises(NotInstalled):
        get(FolderRegistry(tmp_path / "empty"), modules, wanted)
    assert list(modules.iterdir()) == []


def test_a_version_that_isnt_whole_is_named(registry: FolderRegistry, modules: Path) -> None:
    """As after a copy that was broken off."""
    get(registry, modules)
    (modules / NAME / "1.1.0" / f"{NAME}.wasm").unlink()
    with pytest.raises(NotInstalled, match=f"module {NAME}: version 1.1.0 is there, and is not whole"):
        get(registry, modules)
    shutil.rmtree(modules / NAME / "1.1.0")
    assert get(registry, modules).new


def _add_and_die(folder: Path, published: Published) -> None:
    os.rename = lambda *given: os._exit(9)
    with layout.held(folder, NAME) as held:
        layout.add(held, published)


def test_what_a_killed_process_left_is_cleared_away(registry: FolderRegistry, modules: Path) -> None:
    process = multiprocessing.get_context("fork").Process(target=_add_and_die, args=(modules, version("1.0.0")))
    process.start()
    process.join()
    assert process.exitcode == 9
    assert len(list((modules / NAME).iterdir())) == 1
    assert get(registry, modules, "1.0.0").new
    seen = f"index-{envelope.key_id(PUBLIC)}.json"
    assert {one.name for one in (modules / NAME).iterdir()} == {"1.0.0", seen}
