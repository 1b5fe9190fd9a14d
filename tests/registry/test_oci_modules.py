"""Publishing modules as OCI artifacts and reading them back: in a registry and in layouts, by the same rules."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from gateway.registry import envelope, index, oci, signing
from gateway.registry.folder import NotPublished
from gateway.registry.index import Index
from gateway.registry.install import Installed, NotInstalled, install
from gateway.registry.oci_layout import OciLayout
from gateway.registry.oci_modules import OciModules
from gateway.registry.oci_registry import OciRegistry
from gateway.registry.signing import Trust, TrustedKey
from gateway.registry.sources import NotThere, SourceFailed
from tests.registry.oci_server import registry
from tests.registry.published import AUTHOR, COMPONENT, CORE, OTHER, REGISTRY, STRANGER, published

ONE = published()


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with registry() as server:
        yield server.host


@pytest.fixture(params=["registry", "layout"])
def modules(request: pytest.FixtureRequest, server: str, tmp_path: Path) -> OciModules:
    if request.param == "layout":
        return OciModules(OciLayout(tmp_path / "layouts"))
    prefix = f"acme/{request.node.name.lower().translate({ord('['): '/', ord(']'): None, ord('.'): '-'})}"
    return OciModules(OciRegistry(server, prefix.replace("_", "-"), tls=False, environ={}))


def read(modules: OciModules, name: str = "mask") -> Index:
    return index.read(modules.index(name), name, {"registry": envelope.public_of(REGISTRY)})


def test_what_is_read_is_what_was_published(modules: OciModules) -> None:
    component = published("csv", "0.1.0-rc.1+build.5", wasm=COMPONENT, signed=False)
    assert modules.publish(ONE, REGISTRY)
    assert modules.publish(component, REGISTRY)
    assert modules.fetch("mask", "1.2.0") == ONE
    assert modules.fetch("csv", "0.1.0-rc.1+build.5") == component
    assert modules.names() == ["csv", "mask"]
    assert modules.versions("csv") == ["0.1.0-rc.1+build.5"]


def test_the_index_lists_what_was_published_and_its_serial_grows(modules: OciModules) -> None:
    with pytest.raises(NotThere):
        modules.index("mask")
    for serial, version in enumerate(("1.2.0", "1.10.0", "1.9.0"), 1):
        modules.publish(published(version=version), REGISTRY)
        known = read(modules)
        assert known.serial == serial
        assert known.versions[-1].version == version
        assert known.versions[-1].sha256 == oci.digest(CORE).removeprefix("sha256:")
    assert modules.versions("mask") == ["1.2.0", "1.9.0", "1.10.0"]


def test_a_version_is_published_once(modules: OciModules) -> None:
    assert modules.publish(ONE, REGISTRY)
    assert not modules.publish(ONE, REGISTRY)
    for other in (published(wasm=COMPONENT), published(more="# other\n")):
        with pytest.raises(NotPublished, match="is another one"):
            modules.publish(other, REGISTRY)
    assert modules.fetch("mask", "1.2.0") == ONE
    assert read(modules).serial == 1


def test_signatures_may_be_added_and_arent_taken_away(modules: OciModules) -> None:
    unsigned = replace(ONE, signatures=b"")
    both = replace(ONE, signatures=signing.sign("mask", "1.2.0", ONE.manifest, ONE.wasm, OTHER, ONE.signatures))
    for one in (unsigned, ONE, both):
        assert modules.publish(one, REGISTRY)
        assert modules.fetch("mask", "1.2.0") == one
    for one in (unsigned, replace(ONE, signatures=signing.sign("mask", "1.2.0", ONE.manifest, ONE.wasm, OTHER))):
        assert not modules.publish(one, REGISTRY)
        assert modules.fetch("mask", "1.2.0") == both


def test_only_the_registrys_key_publishes(modules: OciModules) -> None:
    modules.publish(ONE, REGISTRY)
    for key in (STRANGER, None):
        with pytest.raises(NotPublished, match="key"):
            modules.publish(published(version="2.0.0"), key)
        with pytest.raises(NotPublished, match="key"):
            modules.yank("mask", "1.2.0", "why not", key)
    assert modules.versions("mask") == ["1.2.0"]
    assert read(modules).serial == 1


def installed(modules: OciModules, name: str, wanted: str, root: Path) -> Installed:
    trust = Trust(unsigned=False, keys={"acme": TrustedKey(public=envelope.public_of(AUTHOR), modules=("*",))})
    return install(modules, name, wanted, root / "installed", trust=trust, registry_key=None)


def test_without_an_index_versions_come_from_tags(modules: OciModules, tmp_path: Path) -> None:
    assert modules.publish(ONE, None)
    assert not modules.publish(ONE, None)
    assert modules.versions("mask") == ["1.2.0"]
    with pytest.raises(NotThere):
        modules.index("mask")
    for wanted in ("^1.1", "*", "1.2.0"):
        done = installed(modules, "mask", wanted, tmp_path)
        assert (done.version, done.signed_by) == ("1.2.0", ("acme",))
    for wanted in ("^2", "1.3.0"):
        with pytest.raises(NotInstalled):
            installed(modules, "mask", wanted, tmp_path)
    assert modules.publish(ONE, REGISTRY)  # there already, and now it is listed
    assert [one.version for one in read(modules).versions] == ["1.2.0"]


def test_a_version_is_withdrawn_and_taken_back(modules: OciModules) -> None:
    modules.publish(ONE, REGISTRY)
    modules.yank("mask", "1.2.0", "leaks", REGISTRY)
    assert (read(modules).serial, read(modules).versions[0].yanked) == (2, "leaks")
    modules.yank("mask", "1.2.0", None, REGISTRY)
    assert (read(modules).serial, read(modules).versions[0].yanked) == (3, None)
    for name, version in (("mask", "9.9.9"), ("csv", "1.0.0")):
        with pytest.raises(NotPublished, match="no version"):
            modules.yank(name, version, "why not", REGISTRY)
    assert modules.fetch("mask", "1.2.0") == ONE


@pytest.mark.parametrize(
    "broken",
    [
        replace(ONE, module="csv"),
        replace(ONE, version="1.3.0"),
        replace(ONE, signatures=published(wasm=COMPONENT).signatures),
        replace(ONE, manifest=b"module: mask\n"),
        published(wasm=b"\0asm\x02\0\0\0"),
        published("a..b"),
        published("a-"),
    ],
    ids=["module", "version", "signatures", "manifest", "wasm", "dots", "dash"],
)
def test_what_doesnt_fit_isnt_published(modules: OciModules, broken: object) -> None:
    with pytest.raises(NotPublished):
        modules.publish(broken, REGISTRY)  # type: ignore[arg-type]
    with pytest.raises(SourceFailed):
        modules.fetch("mask", "1.2.0")


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("mask", "9.9.9"),
        ("csv", "1.2.0"),
        ("../mask", "1.2.0"),
        ("mask", "1.0.0/../1.2.0"),
        ("mask", "index"),
        ("", ""),
    ],
)
def test_what_isnt_there_is_said_not_to_be(modules: OciModules, name: str, version: str) -> None:
    modules.publish(ONE, REGISTRY)
    with pytest.raises(NotThere):
        modules.fetch(name, version)
