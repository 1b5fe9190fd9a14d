"""What may be altered between a module's author and a gateway: named and refused, and the old version serves on."""

from __future__ import annotations

import base64
import json
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import structs

from gateway.bench.answers import MANIFEST, NAME, order, wasm
from gateway.documents.finding import PolicyError
from gateway.policy.load import load
from gateway.registry import envelope, index, signing
from gateway.registry.folder import FolderRegistry, NotPublished
from gateway.registry.index import Index
from gateway.registry.install import Installed, NotInstalled, install
from gateway.registry.published import Published
from gateway.registry.signing import Trust, TrustedKey
from gateway.registry.sources import NotThere, SourceFailed
from gateway.registry.store import ModuleStore
from gateway.sandbox.engine import Engine
from tests import versions
from tests.building import SIGNING_KEY, Place
from tests.conftest import serving

ORDER = json.dumps({"order_id": "o-1"})
OTHER = Ed25519PrivateKey.from_private_bytes(b"\7" * 32)
EMPTY_SECTION = b"\0\1\0"


def append(path: Path, content: bytes) -> None:
    path.write_bytes(path.read_bytes() + content)


def untrust(place: Place) -> None:
    public = base64.b64encode(envelope.public_of(OTHER)).decode()
    place.write("trust.yaml", {"keys": {"others": {"ed25519": public, "modules": ["*"]}}, "unsigned": "fresh"})


def trust_for_others(place: Place) -> None:
    trust = place.read("trust.yaml")
    trust["keys"]["tests"]["modules"] = ["csv-*", "extract"]
    place.write("trust.yaml", trust)


def forge(place: Place) -> None:
    """Another's signature, under the name of the key that counts."""
    path = place.modules / "mask" / "signatures.json"
    found = ModuleStore(place.modules).read("mask")
    forged = json.loads(signing.sign("mask", found.version, found.manifest, found.wasm, OTHER))
    forged["signatures"][0]["keyid"] = envelope.key_id(envelope.public_of(SIGNING_KEY))
    path.write_text(json.dumps(forged))


def swap_signatures(place: Place) -> None:
    other = place.modules / "extract" / "signatures.json"
    (place.modules / "mask" / "signatures.json").write_bytes(other.read_bytes())


def change_lock(place: Place, **members: str) -> None:
    locked = place.read("modules.lock")
    locked["modules"]["mask"] |= members
    place.write("modules.lock", locked)


def relock(place: Place) -> None:
    """The lock of a module that was altered, and not signed again."""
    append(place.modules / "mask" / "mask.wasm", EMPTY_SECTION)
    change_lock(place, **ModuleStore(place.modules).lock_entry("mask"))


TAMPERED: dict[str, tuple[Callable[[Place], object], str, str]] = {
    "module": (
        lambda place: append(place.modules / "mask" / "mask.wasm", EMPTY_SECTION),
        "module_wasm", "module mask: mask.wasm is not the one that is locked",
    ),
    "manifest": (
        lambda place: append(place.modules / "mask" / "manifest.yaml", b"\n"),
        "module_manifest", "module mask: manifest.yaml is not the one that is locked",
    ),
    "signature": (
        lambda place: append(place.modules / "mask" / "signatures.json", b"}"),
        "module_signature", "module mask: signatures.json: not a DSSE envelope",
    ),
    "signature that is forged": (
        forge, "module_signature", "module mask: signatures.json: the signature of key tests is not right",
    ),
    "signature of another module": (
        swap_signatures, "module_signature", "module mask: signatures.json is for other files",
    ),
    "signature that is gone": (
        lambda place: (place.modules / "mask" / "signatures.json").unlink(),
        "module_unsigned", "module mask: no signature by a key that counts for it",
    ),
    "key that isn't trusted": (untrust, "module_unsigned", "module mask: no signature by a key that counts for it"),
    "key that is trusted for others": (
        trust_for_others, "module_unsigned", "module mask: no signature by a key that counts for it",
    ),
    "lock": (
        lambda place: change_lock(place, sha256="0" * 64),
        "module_wasm", "module mask: mask.wasm is not the one that is locked",
    ),
    "version in the lock": (
        lambda place: change_lock(place, version="9.9.9"), "module_version", "the lock 9.9.9",
    ),
    "module and lock": (relock, "module_signature", "module mask: signatures.json is for other files"),
}  # fmt: skip


@pytest.mark.anyio
@pytest.mark.parametrize(("tamper", "code", "said"), TAMPERED.values(), ids=TAMPERED)
async def test_what_was_altered_is_named_and_the_old_version_serves_on(
    place: Place, tamper: Callable[[Place], object], code: str, said: str
) -> None:
    async with serving(place) as client:
        revision = client.gateway.snapshot.revision
        tamper(place)
        place.edit("streams/orders.yaml", "stream: orders", "# another revision\nstream: orders")
        assert not await client.gateway.reload()
        assert client.gateway.refused is not None
        assert said in client.gateway.refused.reason
        assert "modules.lock:" in client.gateway.refused.reason
        assert client.gateway.snapshot.revision == revision
        assert (await client.post("orders", ORDER)).status_code == 200


@pytest.mark.parametrize(("tamper", "code", "said"), TAMPERED.values(), ids=TAMPERED)
def test_each_has_its_code(place: Place, tamper: Callable[[Place], object], code: str, said: str) -> None:
    tamper(place)
    with pytest.raises(PolicyError) as raised:
        load(place.policies, ModuleStore(place.modules))
    finding = next(one for one in raised.value.findings if "module mask" in one.message)
    assert {(one.file, one.code) for one in raised.value.findings} == {("modules.lock", code)}
    assert said in finding.message


def test_an_unsigned_module_needs_leave(place: Place) -> None:
    """`unsigned: refuse` is what a trust.yaml without a word of it says."""
    versions.install(place, "1.0.0")
    assert load(place.policies, ModuleStore(place.modules)).modules[NAME].signed_by == ()
    trust = place.read("trust.yaml")
    del trust["unsigned"]
    place.write("trust.yaml", trust)
    with pytest.raises(PolicyError, match=f"module {NAME}: no signature .*trust.yaml wants one"):
        load(place.policies, ModuleStore(place.modules))
    place.sign(NAME, "1.0.0")
    assert load(place.policies, ModuleStore(place.modules)).modules[NAME].signed_by == ("tests",)
    (place.policies / "trust.yaml").unlink()
    with pytest.raises(PolicyError, match="instances: kept needs one"):
        load(place.policies, ModuleStore(place.modules))


def test_compiled_code_that_was_altered_is_named_and_not_run(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    content = wasm(order("1"))
    for _ in range(2):
        engine = Engine(tmp_path / "compiled")
        try:
            with caplog.at_level(logging.WARNING):
                engine.compile(content)
        finally:
            engine.close()
        entries = list((tmp_path / "compiled").glob("*.cwasm"))
        assert len(entries) == 1
        code = bytearray(entries[0].read_bytes())
        code[len(code) // 2] ^= 1
        entries[0].write_bytes(code)
    assert f"compiled module {entries[0].name} was altered" in caplog.text


# ---------------------------------------------------------------- between a registry and a module folder

PUBLIC = envelope.public_of(OTHER)  # the registry's
TRUST = Trust(keys={"tests": TrustedKey(public=envelope.public_of(SIGNING_KEY), modules=("*",))}, unsigned=False)


def version(number: str, answer: str | None = None, *, signed: bool = True) -> Published:
    manifest = yaml.safe_dump({**MANIFEST, "version": number}).encode()
    content = wasm(order(answer or number))
    signatures = signing.sign(NAME, number, manifest, content, SIGNING_KEY) if signed else b""
    return Published(module=NAME, version=number, manifest=manifest, wasm=content, signatures=signatures)


@pytest.fixture
def registry(tmp_path: Path) -> FolderRegistry:
    made = FolderRegistry(tmp_path / "registry")
    for number in ("1.0.0", "1.1.0"):
        assert made.publish(version(number), OTHER)
    return made


def get(registry: FolderRegistry, tmp_path: Path, wanted: str = "*", **given: Any) -> Installed:
    options: dict[str, Any] = {"trust": TRUST, "registry_key": PUBLIC, **given}
    return install(registry, NAME, wanted, tmp_path / "modules", **options)


def test_what_was_published_is_installed(registry: FolderRegistry, tmp_path: Path) -> None:
    first, again = get(registry, tmp_path), get(registry, tmp_path)
    assert (first.version, first.signed_by, first.new) == ("1.1.0", ("tests",), True)
    assert again.new is False
    found = ModuleStore(tmp_path / "modules").read(NAME, "1.1.0")
    assert found == version("1.1.0")
    assert get(registry, tmp_path, "~1.0").version == "1.0.0"


def test_a_version_that_is_there_is_never_replaced(registry: FolderRegistry) -> None:
    before = registry.fetch(NAME, "1.1.0")
    assert not registry.publish(version("1.1.0"), OTHER)
    with pytest.raises(NotPublished, match=f"module {NAME}: version 1.1.0 is there, and is another one"):
        registry.publish(version("1.1.0", "something else"), OTHER)
    assert registry.fetch(NAME, "1.1.0") == before


def test_who_has_another_key_publishes_nothing(registry: FolderRegistry) -> None:
    before = registry.index(NAME)
    with pytest.raises(NotPublished, match="isn't signed by a key that counts"):
        registry.publish(version("1.2.0"), SIGNING_KEY)
    with pytest.raises(NotPublished, match="has to sign"):
        registry.publish(version("1.2.0"), None)
    assert registry.index(NAME) == before
    assert not (registry.root / NAME / "1.2.0").exists()


ALTERED = {
    "module": (
        f"1.1.0/{NAME}.wasm", lambda content: content + EMPTY_SECTION, r"answers\.wasm is not the one that the index",
    ),
    "manifest": ("1.1.0/manifest.yaml", lambda content: content + b"\n", "manifest.yaml is not the one that the index"),
    "signature": ("1.1.0/signatures.json", lambda content: content[:-10], "signatures.json: not a DSSE envelope"),
    "signature of nobody known": (
        "1.1.0/signatures.json",
        lambda content: signing.sign(NAME, "1.1.0", version("1.1.0").manifest, version("1.1.0").wasm, OTHER),
        "no signature by a key that counts",
    ),
    "index": ("index.json", lambda content: content.replace(b'"payload":"', b'"payload":"AAAA'), "is not right"),
    "index of another's": (
        "index.json", lambda content: index.encode(Index(module=NAME, serial=99), SIGNING_KEY), "isn't signed by a key",
    ),
    "index that is empty": ("index.json", lambda content: b"", "not a DSSE envelope"),
}  # fmt: skip


@pytest.mark.parametrize(("file", "alter", "said"), ALTERED.values(), ids=ALTERED)
def test_what_was_altered_on_the_way_isnt_installed(
    registry: FolderRegistry, tmp_path: Path, file: str, alter: Callable[[bytes], bytes], said: str
) -> None:
    path = registry.root / NAME / file
    path.write_bytes(alter(path.read_bytes()))
    with pytest.raises(NotInstalled, match=said):
        get(registry, tmp_path)
    assert ModuleStore(tmp_path / "modules").installed(NAME) == []


def test_an_older_index_is_refused(registry: FolderRegistry, tmp_path: Path) -> None:
    before = registry.index(NAME)
    registry.yank(NAME, "1.1.0", "it leaks", OTHER)
    assert get(registry, tmp_path).version == "1.0.0"
    (registry.root / NAME / "index.json").write_bytes(before)
    with pytest.raises(NotInstalled, match="older than one that was seen: 2 < 3"):
        get(registry, tmp_path)
    kept = tmp_path / "modules" / NAME / f"index-{envelope.key_id(PUBLIC)}.json"
    kept.write_bytes(b"{}")
    with pytest.raises(NotInstalled, match="was altered"):
        get(registry, tmp_path)


def test_a_withdrawn_version_is_had_by_who_has_locked_it_alone(registry: FolderRegistry, tmp_path: Path) -> None:
    locked = {"version": "1.1.0", "sha256": (one := get(registry, tmp_path)).sha256, "manifest": one.manifest}
    registry.yank(NAME, "1.1.0", "it leaks", OTHER)
    for wanted in ("1.1.0", "^1.1"):
        with pytest.raises(NotInstalled, match=r"withdrawn: it leaks|no version \^1\.1"):
            get(registry, tmp_path / "fresh", wanted)
    assert get(registry, tmp_path / "locked", pinned=locked).version == "1.1.0"
    with pytest.raises(NotInstalled, match="not the one that is locked"):
        get(registry, tmp_path / "other", pinned={**locked, "sha256": "0" * 64})
    registry.yank(NAME, "1.1.0", None, OTHER)
    assert get(registry, tmp_path / "fresh", "^1.1").version == "1.1.0"


def test_without_the_registrys_key_only_a_whole_version_can_be_had(registry: FolderRegistry, tmp_path: Path) -> None:
    assert get(registry, tmp_path, "1.0.0", registry_key=None).version == "1.0.0"
    with pytest.raises(NotInstalled, match="only a whole version"):
        get(registry, tmp_path, "^1", registry_key=None)


def test_an_unsigned_version_is_installed_with_leave_alone(tmp_path: Path) -> None:
    made = FolderRegistry(tmp_path / "registry")
    made.publish(version("1.0.0", signed=False), OTHER)
    with pytest.raises(NotInstalled, match="no signature"):
        get(made, tmp_path)
    assert get(made, tmp_path, trust=structs.replace(TRUST, unsigned=True)).signed_by == ()


@pytest.mark.parametrize(
    "name", ["../answers", "a/b", "/etc", "", ".", "..", "a\0b", "A", "a" * 64, "ä", "answers/../../x", "-a", ".a"]
)
def test_names_that_lead_elsewhere(registry: FolderRegistry, tmp_path: Path, name: str) -> None:
    with pytest.raises(NotInstalled, match="not a name"):
        install(registry, name, "1.0.0", tmp_path / "modules", trust=TRUST, registry_key=None)
    with pytest.raises(NotThere):
        registry.fetch(name, "1.0.0")
    with pytest.raises(NotPublished):
        registry.publish(structs.replace(version("1.0.0"), module=name), OTHER)
    assert not (tmp_path / "modules").exists()


@pytest.mark.parametrize("number", ["../1.0.0", "1.0.0/..", "1", "", ".", "1.0.0\0", "1.0.0-" + "a" * 70])
def test_versions_that_lead_elsewhere(registry: FolderRegistry, tmp_path: Path, number: str) -> None:
    with pytest.raises(NotInstalled):
        get(registry, tmp_path, number)
    with pytest.raises(NotThere):
        registry.fetch(NAME, number)


def test_links_in_a_registry_lead_nowhere(registry: FolderRegistry, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"\0asm not for others")
    path = registry.root / NAME / "1.0.0" / f"{NAME}.wasm"
    path.unlink()
    path.symlink_to(secret)
    with pytest.raises(SourceFailed, match="symbolic links"):
        registry.fetch(NAME, "1.0.0")
    os.mkfifo(registry.root / NAME / "1.1.0" / "pipe")
    path = registry.root / NAME / "1.1.0" / "manifest.yaml"
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(SourceFailed, match="not a regular file"):
        registry.fetch(NAME, "1.1.0")
