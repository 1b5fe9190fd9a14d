"""Pushing to an OCI registry and pulling from it, over HTTP, from one that keeps to the rules and ones that don't."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import Response, StreamingResponse

from gateway.registry import oci
from gateway.registry.folder import NotPublished
from gateway.registry.oci_modules import OciModules
from gateway.registry.oci_registry import OciRegistry
from gateway.registry.sources import SourceFailed
from tests.registry.oci_server import PASSWORD, USER, OciServer, registry, without_end
from tests.registry.published import CORE, published

ONE = published()
KNOWN = {"MASKGATE_REGISTRY_USER": USER, "MASKGATE_REGISTRY_PASSWORD": PASSWORD}


@pytest.fixture(scope="module")
def running() -> Iterator[OciServer]:
    with registry() as server:
        yield server


@pytest.fixture
def server(running: OciServer) -> OciServer:
    """As if it had just been started."""
    vars(running).update(vars(OciServer(url=running.url)))
    return running


def client(server: OciServer, environ: dict[str, str] | None = None, **settings: Any) -> OciModules:
    return OciModules(OciRegistry(server.host, "acme/modules", tls=False, environ=environ or {}, **settings))


def test_what_is_pulled_is_what_was_pushed(server: OciServer) -> None:
    client(server).publish(ONE, None)
    assert client(server).fetch("mask", "1.2.0") == ONE
    assert client(server).names() == ["mask"]
    assert client(server).versions("mask") == ["1.2.0"]
    assert list(server.repositories) == ["acme/modules/mask"]


def test_a_blob_that_is_there_isnt_sent_again(server: OciServer) -> None:
    client(server).publish(ONE, None)
    client(server).publish(published(version="1.3.0", signed=False), None)
    layer = oci.digest(CORE)
    assert sum(layer in path for path in server.requests("HEAD")) == 2
    assert len(server.requests("POST")) == 2  # the module and its config, which both versions share
    assert sorted(client(server).versions("mask")) == ["1.2.0", "1.3.0"]


def test_a_build_of_a_version_has_a_tag(server: OciServer) -> None:
    built = published(version="1.2.0+build.5")
    artifacts = OciRegistry(server.host, "acme/modules", tls=False, environ={})
    artifacts.put("mask", oci.tag(built.version), oci.module_artifact(built))
    assert server.repositories["acme/modules/mask"].tags.keys() == {"1.2.0_build.5"}
    assert client(server).versions("mask") == ["1.2.0+build.5"]
    assert client(server).fetch("mask", "1.2.0+build.5") == built


def test_a_version_that_is_a_path_is_never_asked_for(server: OciServer) -> None:
    for name, version in (("mask", "1.0.0/../../../token"), ("../mask", "1.0.0"), ("mask/blobs", "1.0.0")):
        with pytest.raises(SourceFailed):
            client(server).fetch(name, version)
    assert server.seen == []


def test_pages_are_followed_to_the_end(server: OciServer) -> None:
    client(server).publish(ONE, None)
    tags = server.repositories["acme/modules/mask"].tags
    tags |= {f"1.0.{patch}": tags["1.2.0"] for patch in range(25)} | {"latest": tags["1.2.0"], "index": tags["1.2.0"]}
    server.repositories |= {name: server.repositories["acme/modules/mask"] for name in ("acme/modules/csv", "acme/x")}
    server.repositories |= {"acme/modules/deeper/mask": server.repositories["acme/x"]}
    server.page = 4
    assert sorted(client(server).versions("mask")) == sorted([f"1.0.{patch}" for patch in range(25)] + ["1.2.0"])
    assert client(server).names() == ["csv", "mask"]


def test_pages_without_end_are_refused(server: OciServer) -> None:
    client(server).publish(ONE, None)
    server.endless = True
    with pytest.raises(SourceFailed, match="pages"):
        client(server).versions("mask")


def test_pages_on_another_host_are_refused(server: OciServer) -> None:
    client(server).publish(ONE, None)
    server.elsewhere = "https://elsewhere.example"
    with pytest.raises(SourceFailed, match="another host"):
        client(server).versions("mask")


@pytest.mark.parametrize("page", [b"", b"\xff", b'{"tags":["\xff"]}', b'{"tags":5}', b"[" * 100_000, b'{"tags":[1]}'])
def test_a_listing_that_isnt_one_is_refused(server: OciServer, page: bytes) -> None:
    server.listing = page
    with pytest.raises(SourceFailed):
        client(server).versions("mask")
    with pytest.raises(SourceFailed):
        client(server).names()


@pytest.mark.parametrize(
    "token", [b"", b'{"token":"\xff"}', b'{"token":""}', b'{"token":"a\\r\\nb"}', b'{"token":5}', b"[" * 100_000]
)
def test_a_token_that_isnt_one_is_refused(server: OciServer, token: bytes) -> None:
    server.auth, server.granted = "token", token
    with pytest.raises(SourceFailed):
        client(server, KNOWN).fetch("mask", "1.2.0")


@pytest.mark.parametrize("challenge", ["", "Bearer", "Negotiate", 'Bearer realm="', "x" * 5000, 'Bearer service="s"'])
def test_a_challenge_that_isnt_one_is_passed_over(server: OciServer, challenge: str) -> None:
    server.auth, server.challenge = "token", challenge
    with pytest.raises(SourceFailed, match="401"):
        client(server, KNOWN).fetch("mask", "1.2.0")


def test_a_registry_that_lists_nothing_says_so(server: OciServer) -> None:
    server.catalog = False
    with pytest.raises(SourceFailed, match="404"):
        client(server).names()


@pytest.mark.parametrize("auth", ["basic", "token"])
def test_a_registry_that_wants_to_know_us_is_told(server: OciServer, auth: str) -> None:
    server.auth = auth
    client(server, KNOWN).publish(ONE, None)
    assert client(server, KNOWN).fetch("mask", "1.2.0") == ONE
    with pytest.raises(SourceFailed, match="401"):
        client(server).fetch("mask", "1.2.0")
    with pytest.raises(SourceFailed, match="401"):
        client(server, {**KNOWN, "MASKGATE_REGISTRY_PASSWORD": "wrong"}).fetch("mask", "1.2.0")


def test_dockers_credentials_are_found_by_host(server: OciServer, tmp_path: Path) -> None:
    server.auth = "token"
    encoded = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    config = {"auths": {server.host: {"auth": encoded}}, "credsStore": "desktop"}
    (tmp_path / "config.json").write_text(json.dumps(config))
    client(server, {"DOCKER_CONFIG": str(tmp_path)}).publish(ONE, None)
    assert client(server, {"DOCKER_CONFIG": str(tmp_path)}).fetch("mask", "1.2.0") == ONE
    (tmp_path / "config.json").write_text(json.dumps({"auths": {"elsewhere.example": {"auth": encoded}}}))
    with pytest.raises(SourceFailed, match="401"):
        client(server, {"DOCKER_CONFIG": str(tmp_path)}).fetch("mask", "1.2.0")


@pytest.mark.parametrize("config", ["{", '{"auths": 5}', "[" * 100_000, '{"auths": {"HOST": {"auth": "%%"}}}'])
def test_dockers_file_that_cant_be_read_is_named(tmp_path: Path, server: OciServer, config: str) -> None:
    (tmp_path / "config.json").write_text(config.replace("HOST", server.host))
    with pytest.raises(SourceFailed, match=r"config\.json"):
        client(server, {"DOCKER_CONFIG": str(tmp_path)})


def test_credentials_stay_with_the_registry(server: OciServer) -> None:
    server.auth = "token"
    client(server, KNOWN).publish(ONE, None)
    server.blobs_at = server.url.replace("127.0.0.1", "localhost")
    server.seen.clear()
    with pytest.raises(SourceFailed, match="401") as refused:  # the other origin asks for credentials, and gets none
        client(server, KNOWN).fetch("mask", "1.2.0")
    assert "secret" not in str(refused.value)
    assert [bool(seen.authorization) for seen in server.seen if "/blobs/" in seen.path] == [True, False]
    server.auth = "none"
    assert client(server, KNOWN).fetch("mask", "1.2.0") == ONE


def test_an_upload_may_go_to_another_host_but_no_credentials(server: OciServer) -> None:
    server.uploads_at = server.url.replace("127.0.0.1", "localhost")
    client(server).publish(ONE, None)
    assert client(server).fetch("mask", "1.2.0") == ONE
    server.auth = "basic"
    server.seen.clear()
    with pytest.raises(NotPublished, match="401"):
        client(server, KNOWN).publish(published("csv"), None)
    uploads = [seen for seen in server.seen if seen.method == "PUT"]
    assert [seen.authorization for seen in uploads] == [None]


@pytest.mark.parametrize("where", ["http://elsewhere.example", "ftp://127.0.0.1", "http://169.254.169.254"])
def test_a_redirect_out_of_tls_is_refused(server: OciServer, where: str) -> None:
    client(server).publish(ONE, None)
    server.blobs_at = where
    with pytest.raises(SourceFailed, match="without TLS"):
        client(server).fetch("mask", "1.2.0")


@pytest.mark.parametrize("realm", ["http://elsewhere.example/token", "file:///etc/passwd", "nowhere", "http://"])
def test_credentials_go_to_no_realm_without_tls(server: OciServer, realm: str) -> None:
    server.auth, server.realm = "token", realm
    with pytest.raises(SourceFailed, match=r"TLS|address"):
        client(server, KNOWN).fetch("mask", "1.2.0")


def cut(content: bytes) -> Response:
    """Announces all and sends half."""
    return StreamingResponse(iter([content[: len(content) // 2]]), headers={"content-length": str(len(content))})


BROKEN = {
    "others": lambda content: bytes(reversed(content)),
    "longer": lambda content: content + b"\0",
    "shorter": lambda content: content[:-1],
    "empty": lambda content: b"",
    "without end": lambda content: without_end(),
    "cut": cut,
    "gzip": lambda content: Response(content, headers={"content-encoding": "gzip"}),
    "moved": lambda content: Response(status_code=302, headers={"location": "?again"}),
    "not text": lambda content: content.replace(b"mask", b"ma\xff") + b"\xff",
    "nowhere": lambda content: Response(status_code=302, headers={"location": "http://[::1"}),
    "refused in no words": lambda content: Response(status_code=403, content=b'{"errors":[{"code":"\xff"}]}'),
    "refused": lambda content: Response(status_code=500, content=b"[" * 60_000),
}


@pytest.mark.parametrize("broken", BROKEN)
def test_a_blob_that_isnt_what_it_should_be_is_refused(server: OciServer, broken: str) -> None:
    client(server).publish(ONE, None)
    server.break_blob = BROKEN[broken]
    with pytest.raises(SourceFailed):
        client(server).fetch("mask", "1.2.0")
    server.break_blob = None
    assert client(server).fetch("mask", "1.2.0") == ONE


@pytest.mark.parametrize("broken", BROKEN)
def test_a_manifest_that_isnt_what_it_should_be_is_refused(server: OciServer, broken: str) -> None:
    client(server).publish(ONE, None)
    server.break_manifest = BROKEN[broken]
    with pytest.raises(SourceFailed):
        client(server).fetch("mask", "1.2.0")


def test_a_manifest_that_lies_about_sizes_is_refused(server: OciServer) -> None:
    client(server).publish(ONE, None)
    for size in (len(CORE) - 1, len(CORE) + 1, 0):
        server.digest_header = False
        server.break_manifest = lambda content, size=size: content.replace(
            b'"size":%d' % len(CORE), b'"size":%d' % size
        )
        with pytest.raises(SourceFailed):
            client(server).fetch("mask", "1.2.0")


def test_an_answer_that_takes_too_long_is_given_up(server: OciServer) -> None:
    client(server).publish(ONE, None)
    server.break_blob = lambda content: without_end(1)
    with pytest.raises(SourceFailed):
        client(server, whole=0.0).fetch("mask", "1.2.0")


def test_a_registry_that_isnt_there_is_named() -> None:
    with registry() as server:
        pass
    with pytest.raises(SourceFailed, match="ConnectError"):
        client(server).fetch("mask", "1.2.0")
