"""What a person writes for a registry."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.registry.addresses import source, target
from gateway.registry.folder import FolderRegistry
from gateway.registry.http_index import HttpIndex
from gateway.registry.oci_modules import OciModules
from gateway.registry.oci_registry import OciRegistry
from gateway.registry.sources import NotThere, SourceFailed
from tests.registry.oci_server import registry
from tests.registry.published import REGISTRY, published


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("modules", FolderRegistry),
        ("/srv/registry", FolderRegistry),
        ("./a:b", FolderRegistry),
        ("file:///srv/registry", FolderRegistry),
        ("https://registry.example.com/modules", HttpIndex),
        ("http://127.0.0.1:8081", HttpIndex),
    ],
)
def test_folders_and_web_servers_have_their_forms(written: str, kind: type) -> None:
    assert type(source(written)) is kind


@pytest.mark.parametrize(
    ("written", "place"),
    [
        ("oci://ghcr.io/acme/modules", "ghcr.io/acme/modules"),
        ("OCI://registry.example.com:5000", "registry.example.com:5000"),
        ("oci+http://registry.internal:5000/modules/", "registry.internal:5000/modules"),
        ("oci://[::1]:5000/modules", "[::1]:5000/modules"),
        ("oci-layout:/srv/layouts", "/srv/layouts"),
    ],
)
def test_places_of_artifacts_have_their_forms(written: str, place: str) -> None:
    found = source(written)
    assert isinstance(found, OciModules)
    assert str(found) == place


@pytest.mark.parametrize(
    "written",
    [
        "ftp://registry.example.com",
        "s3://bucket/modules",
        "file://elsewhere.example/modules",
        "file:modules",
        "https://",
        "https://user:word@registry.example.com",
        "https://registry.example.com/modules?token=x",
        "https://registry.example.com/modules#x",
        "oci:ghcr.io/acme",
        "oci://",
        "oci://user@ghcr.io/acme",
        "oci://ghcr.io/acme/../other",
        "oci://ghcr.io/Acme",
        "oci://ghcr.io/acme?x=y",
        "oci://ghcr.io:443#x/acme",
    ],
)
def test_what_has_no_form_is_refused(written: str) -> None:
    with pytest.raises(SourceFailed):
        source(written)


def test_over_http_nothing_is_published() -> None:
    with pytest.raises(SourceFailed, match="folder"):
        target("https://registry.example.com/modules")


def test_layouts_stand_where_they_are_said_to(tmp_path: Path) -> None:
    target(f"oci-layout:{tmp_path}/layouts").publish(published(), REGISTRY)
    assert source(f"oci-layout:{tmp_path}/layouts").fetch("mask", "1.2.0") == published()
    assert (tmp_path / "layouts" / "mask" / "oci-layout").is_file()


def test_a_registry_on_this_machine_needs_no_tls_and_others_do() -> None:
    with registry() as server:
        with pytest.raises(NotThere):
            source(f"oci://{server.host}/acme").fetch("mask", "1.2.0")
        assert server.requests("GET") == ["acme/mask/manifests/1.2.0"]
        server.seen.clear()
        with pytest.raises(SourceFailed):  # in TLS to a port that speaks none
            OciModules(OciRegistry(server.host, "acme", environ={})).fetch("mask", "1.2.0")
        assert server.seen == []
