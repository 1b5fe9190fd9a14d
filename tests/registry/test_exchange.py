"""Whom a server may send us to, and over what."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from gateway.registry.exchange import Exchange, is_loopback, parsed, shown
from gateway.registry.sources import SourceFailed
from tests.registry.oci_server import serving


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_this_machine_is_known(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["10.0.0.1", "169.254.169.254", "localhost.example", "example.com", "::2", "", "0x7f.1"]
)
def test_other_machines_are_known(host: str) -> None:
    assert not is_loopback(host)


def test_a_server_elsewhere_cant_send_us_to_this_machine() -> None:
    asked: list[str] = []

    async def endpoint(request: Request) -> Response:
        asked.append(request.url.path)
        return PlainTextResponse("here")

    with serving(Starlette(routes=[Route("/{path:path}", endpoint)])) as url:
        assert Exchange(url).ask("GET", url, limit=10).body == b"here"
        for elsewhere in (Exchange("https://registry.example.com"), Exchange("http://registry.internal", plain=True)):
            with pytest.raises(SourceFailed, match="without TLS"):
                elsewhere.ask("GET", f"{url}/admin", limit=10)
    assert asked == ["/"]
    for here in ("https://127.0.0.1/", "https://localhost:8443/", "https://[::1]/"):
        with pytest.raises(SourceFailed, match="this machine"):
            Exchange("https://registry.example.com").ask("GET", here, limit=10)


HEAD = b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n"


@pytest.mark.parametrize("first", [HEAD, HEAD + b"\r\n"], ids=["headers", "body"])
@pytest.mark.parametrize(("rest", "pause"), [(b"x", 0.05), (b"", 0.05)], ids=["slow", "silent"])
def test_no_part_of_an_answer_may_last(first: bytes, rest: bytes, pause: float) -> None:
    with dripping(first, rest, pause) as url, pytest.raises(SourceFailed, match=r"longer than 0\.3 seconds"):
        Exchange(url, whole=0.3).ask("GET", url, limit=1 << 20)


def test_answers_before_the_answer_end_too() -> None:
    with (
        dripping(b"", b"HTTP/1.1 100 Continue\r\n\r\n", 0.02) as url,
        pytest.raises(SourceFailed, match="longer than"),
    ):
        Exchange(url, whole=0.3).ask("GET", url, limit=1 << 20)


@contextmanager
def dripping(first: bytes, rest: bytes, pause: float) -> Iterator[str]:
    """A server that sends `first`, and then `rest` again and again until nobody reads any more."""
    over = threading.Event()

    def serve() -> None:
        connection, _ = listening.accept()
        with connection, suppress(OSError):
            connection.recv(65536)
            connection.sendall(first)
            while not over.wait(pause):
                connection.sendall(rest)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
        finally:
            over.set()
            thread.join()


def test_a_server_without_tls_is_the_only_one_that_may() -> None:
    with pytest.raises(SourceFailed, match="without TLS"):
        Exchange("http://registry.internal", plain=True).ask("GET", "http://minio.internal/blob", limit=10)
    with pytest.raises(SourceFailed, match="without TLS"):
        Exchange("http://127.0.0.1:5000").ask("GET", "http://registry.internal/", limit=10)


def test_what_is_secret_goes_to_one_origin_and_no_cookie_anywhere() -> None:
    seen: list[tuple[str | None, str | None]] = []

    async def endpoint(request: Request) -> Response:
        seen.append((request.headers.get("authorization"), request.headers.get("cookie")))
        where = str(request.url)
        if "127.0.0.1" in where:
            answer: Response = RedirectResponse(where.replace("127.0.0.1", "localhost"))
        elif request.url.path == "/again":
            answer = PlainTextResponse("there")
        else:
            answer = RedirectResponse(where.rstrip("/") + "/again")
        answer.set_cookie("session", "1")
        return answer

    with serving(Starlette(routes=[Route("/{path:path}", endpoint)])) as url:
        answer = Exchange(url).ask("GET", url, limit=10, secret={"authorization": "Basic x"}, redirects="anywhere")
    assert answer.body == b"there"
    assert seen == [("Basic x", None), (None, None), (None, None)]


def test_an_address_is_shown_without_its_secrets() -> None:
    assert shown(parsed("https://registry.example.com:444/a/b?signature=secret#x")) == (
        "https://registry.example.com:444/a/b"
    )
