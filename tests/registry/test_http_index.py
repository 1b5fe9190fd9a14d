"""A registry folder over HTTP: from any web server, and from `maskgate registry serve`'s files."""

from __future__ import annotations

import functools
import http.server
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from gateway.registry.http_index import HttpIndex
from gateway.registry.sources import NotThere, SourceFailed
from gateway.web.registry_files import application
from tests.certificates import certificate
from tests.registry.oci_server import serving, without_end
from tests.registry.published import CORE, published

ONE, UNSIGNED = published(), published("csv", "0.1.0-rc.1+build", signed=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("registry")
    for one in (ONE, UNSIGNED):
        version = root / one.module / one.version
        version.mkdir(parents=True)
        (version / "manifest.yaml").write_bytes(one.manifest)
        (version / f"{one.module}.wasm").write_bytes(one.wasm)
        if one.signatures:
            (version / "signatures.json").write_bytes(one.signatures)
        (root / one.module / "index.json").write_text(json.dumps({"of": one.module}))
    (root / "index.json").write_text(json.dumps({"modules": ["mask", "csv", "../etc", ".git", ""]}))
    return root


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments: object) -> None:
        pass


@contextmanager
def any_web_server(folder: Path, tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """What `python -m http.server --directory FOLDER` runs."""
    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http{'s' if tls else ''}://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module", params=["any web server", "ours"])
def index(request: pytest.FixtureRequest, folder: Path) -> Iterator[HttpIndex]:
    with any_web_server(folder) if request.param == "any web server" else serving(application(folder)) as url:
        yield HttpIndex(url)


def test_what_is_read_is_what_stands_there(index: HttpIndex) -> None:
    assert index.names() == ["csv", "mask"]  # what is no name is left out
    assert json.loads(index.index("mask")) == {"of": "mask"}
    assert index.fetch("mask", "1.2.0") == ONE
    assert index.fetch("csv", "0.1.0-rc.1+build") == UNSIGNED


@pytest.mark.parametrize(
    ("name", "version"),
    [("mask", "9.9.9"), ("other", "1.2.0"), ("../mask", "1.2.0"), ("mask", "../mask/1.2.0"), ("mask", "1.2.0/..")],
)
def test_what_isnt_there_is_said_not_to_be(index: HttpIndex, name: str, version: str) -> None:
    with pytest.raises(NotThere):
        index.fetch(name, version)


def test_a_module_without_an_index_is_said_to_have_none(index: HttpIndex) -> None:
    for name in ("other", "..", "mask/1.2.0"):
        with pytest.raises(NotThere):
            index.index(name)


@pytest.mark.parametrize(
    "url",
    [
        "http://registry.example.com",
        "ftp://127.0.0.1",
        "https://user:word@127.0.0.1",
        "https://",
        "nowhere",
        "https://[::1/x",
    ],
)
def test_an_address_without_tls_or_with_a_user_is_refused(url: str) -> None:
    with pytest.raises(SourceFailed):
        HttpIndex(url).names()


@contextmanager
def answering(answer: Callable[[Request], Response]) -> Iterator[HttpIndex]:
    async def endpoint(request: Request) -> Response:
        return answer(request)

    with serving(Starlette(routes=[Route("/{path:path}", endpoint)])) as url:
        yield HttpIndex(f"{url}/modules")


@pytest.mark.parametrize(
    "answer",
    [
        lambda request: without_end(),
        lambda request: Response(status_code=500),
        lambda request: Response(status_code=204),
        lambda request: Response(b"[" * 100_000),
        lambda request: Response(b'{"modules": "mask"}'),
        lambda request: Response(b"{}", headers={"content-encoding": "br"}),
        lambda request: RedirectResponse(str(request.url)),
        lambda request: RedirectResponse(str(request.url).replace("127.0.0.1", "localhost")),
        lambda request: RedirectResponse("http://elsewhere.example/index.json"),
    ],
)
def test_an_answer_that_isnt_one_is_refused(answer: Callable[[Request], Response]) -> None:
    with answering(answer) as index, pytest.raises(SourceFailed):
        index.names()


def test_a_module_larger_than_one_may_be_is_refused() -> None:
    def answer(request: Request) -> Response:
        return without_end(4 << 20) if request.url.path.endswith(".wasm") else Response(b"")

    with answering(answer) as index, pytest.raises(SourceFailed, match="bytes"):
        index.fetch("mask", "1.2.0")


def test_a_redirect_on_the_same_host_is_followed() -> None:
    def answer(request: Request) -> Response:
        if request.url.path.startswith("/modules"):
            return RedirectResponse(request.url.path.replace("/modules", "/moved"))
        return Response(CORE)

    with answering(answer) as index:
        assert index.fetch("mask", "1.2.0") == replace(ONE, manifest=CORE, signatures=CORE)


def test_a_server_that_nobody_vouches_for_is_refused(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls, authority = certificate(tmp_path, "127.0.0.1")
    with any_web_server(folder, tls) as url:
        with pytest.raises(SourceFailed, match="ConnectError"):
            HttpIndex(url).fetch("mask", "1.2.0")
        monkeypatch.setenv("SSL_CERT_FILE", str(authority))
        assert HttpIndex(url).fetch("mask", "1.2.0") == ONE
