"""`http:` reaches the host that it names and nothing else, and never waits while a guest runs."""

from __future__ import annotations

import json
import logging
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from gateway.config import networks
from gateway.flow import AskedHost
from gateway.sandbox import fetch, http
from gateway.sandbox.engine import Engine
from gateway.sandbox.fetch import Fetcher
from gateway.sandbox.guest import Guest
from gateway.sandbox.http import ANSWER_LIMIT, Answer, Failure, Request
from gateway.sandbox.kind import NotAsked
from tests.answering import Host, answering
from tests.certificates import certificate
from tests.sandbox.making import batch, u32
from tests.sandbox.test_host import NOWHERE, OUT, Called, caller, stored

LOOPBACK = networks("127.0.0.0/8")
ASKED = 8192  # where the request stands


@pytest.fixture
def host() -> Iterator[Host]:
    with answering() as host:
        yield host


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    fetcher = Fetcher(LOOPBACK, seconds=1.0)
    yield fetcher
    fetcher.close()


def asks(engine: Engine, request: bytes, *, fetcher: Fetcher | None = None, grant: str = "", room: int = 256) -> Called:
    """What a guest sees of a request."""
    program = caller(
        engine, "http", ASKED, len(request), OUT, room,
        module="maskgate", data=stored(ASKED, request), grants=(grant,) if grant else (),
    )  # fmt: skip
    program.fetch = fetcher or program.fetch
    return Called(Guest(program))


def written(url: str, **more: Any) -> bytes:
    return json.dumps({"url": url, **more}).encode()


def test_with_the_grant_the_host_answers(engine: Engine, host: Host, fetcher: Fetcher) -> None:
    request = written(f"http://127.0.0.1:{host.port}/a?b", headers={"x-token": "t", "Accept": "text/plain"})
    seen = asks(engine, request, fetcher=fetcher, grant=f"http:127.0.0.1:{host.port}")
    answer = u32(200) + json.dumps({"path": "/a?b", "body": ""}).encode()
    assert (seen.answer, seen.denied) == (len(answer), {})
    assert seen.memory.startswith(answer)
    ((method, path, headers, body),) = host.asked
    assert (method, path, body) == ("GET", "/a?b", b"")
    assert headers == {
        "host": f"127.0.0.1:{host.port}",
        "accept-encoding": "identity",
        "x-token": "t",
        "accept": "text/plain",
    }


def test_a_post_sends_its_body(engine: Engine, host: Host, fetcher: Fetcher) -> None:
    request = written(f"http://127.0.0.1:{host.port}/", method="POST", body='{"é":1}')
    seen = asks(engine, request, fetcher=fetcher, grant=f"http:127.0.0.1:{host.port}")
    assert seen.answer > 0
    assert host.asked[0][0::3] == ("POST", '{"é":1}'.encode())


@pytest.mark.parametrize("grant", ["", "http:127.0.0.1", "http:localhost:PORT", "http:127.0.0.1:1", "secret:http"])
def test_without_the_grant_nothing_is_asked(engine: Engine, host: Host, fetcher: Fetcher, grant: str) -> None:
    request = written(f"http://127.0.0.1:{host.port}/")
    seen = asks(engine, request, fetcher=fetcher, grant=grant.replace("PORT", str(host.port)))
    assert (seen.answer, seen.denied) == (http.NOT_GRANTED, {"maskgate.http": 1})
    assert seen.memory == bytes(256)
    assert host.asked == []


@pytest.mark.parametrize("public", [(), networks("10.0.0.0/8")])
def test_addresses_inside_are_not_spoken_to(engine: Engine, host: Host, public: Any) -> None:
    for scheme in ("http", "https"):
        for name in (
            "127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "[::1]", "2130706433", "0x7f000001", "0177.0.0.1", "127.1",
        ):  # fmt: skip
            fetcher = Fetcher(public)
            request = written(f"{scheme}://{name}:{host.port}/")
            seen = asks(engine, request, fetcher=fetcher, grant=f"http:{name}:{host.port}")
            fetcher.close()
            assert (seen.answer, seen.denied) == (http.FAILED, {"maskgate.http": 1}), (scheme, name)
    assert host.asked == []


def test_what_a_name_was_checked_as_is_what_is_connected_to(
    host: Host, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that leads outside when it is checked, and inside the next time it is asked for."""
    answers = [[("127.0.0.1", 0)], [("10.1.2.3", 0)]]
    resolved = []

    def getaddrinfo(name: str, port: int, **more: Any) -> list[Any]:
        resolved.append(name)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address, _ in answers.pop(0)]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    request = http.read(written(f"http://turning.example:{host.port}/"))
    assert isinstance(fetcher({b"": request})[b""], Answer)
    assert resolved == ["turning.example"]
    other = Fetcher(LOOPBACK, seconds=1.0)  # without the connection that is open
    assert other({b"": request}) == {b"": Failure(denied=True)}
    other.close()
    assert len(host.asked) == 1


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("93.184.215.14", True),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True),
        ("10.0.0.1", False),
        ("127.8.9.1", False),
        ("169.254.169.254", False),  # where clouds keep credentials
        ("100.64.0.1", False),
        ("192.168.1.1", False),
        ("172.31.255.255", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("ff02::1", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::a00:1", False),  # 10.0.0.1 through NAT64
        ("2002:a00:1::", False),  # and through 6to4
        ("64:ff9b:1::a00:1", False),  # RFC 8215
        ("::ffff:0:10.0.0.1", False),  # RFC 2765
        ("::10.0.0.1", False),
        ("fec0::1", False),
        ("4000::1", False),
        ("3fff::1", False),
        ("192.0.0.8", False),
        ("168.63.129.16", False),
        ("10.9.0.1", True),  # opened below
    ],
)
def test_which_addresses_are_outside(address: str, allowed: bool) -> None:
    opened = networks("10.9.0.0/16")
    assert fetch._Guarded(fetch._Names(), opened, public=True)._may(address) is allowed
    assert fetch._Guarded(fetch._Names(), opened, public=False)._may(address) is (address == "10.9.0.1")


def test_tls_is_checked(host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tls, trusted = certificate(tmp_path, "localhost")
    with answering(tls) as secure:
        outcomes = []
        for file, name in (("", "localhost"), (str(trusted), "127.0.0.1"), (str(trusted), "localhost")):
            monkeypatch.setenv("SSL_CERT_FILE", file)
            fetcher = Fetcher(LOOPBACK, seconds=2.0)
            outcomes.append(fetcher({b"": http.read(written(f"https://{name}:{secure.port}/"))})[b""])
            fetcher.close()
    assert outcomes[:2] == [Failure(), Failure()]  # an authority that nobody trusts; another name
    assert isinstance(outcomes[2], Answer)


def test_a_redirect_is_an_answer_and_leads_nowhere(engine: Engine, host: Host, fetcher: Fetcher) -> None:
    for _ in range(2):
        seen = asks(
            engine,
            written(f"http://127.0.0.1:{host.port}/moved"),
            fetcher=fetcher,
            grant=f"http:127.0.0.1:{host.port}",
        )
        assert (seen.answer, seen.memory[:4]) == (4, u32(302))
    assert [asked.path for asked in host.asked] == ["/moved", "/moved"]
    assert "cookie" not in host.asked[1].headers


def test_what_takes_too_long_or_says_too_much_is_no_answer(host: Host, fetcher: Fetcher) -> None:
    paths = {b"slow": "/slow", b"large": f"/large/{ANSWER_LIMIT + 1}", b"zipped": "/zipped"}
    whole = {b"whole": f"/large/{ANSWER_LIMIT}"}
    requests = {
        name: http.read(written(f"http://127.0.0.1:{host.port}{path}")) for name, path in (paths | whole).items()
    }
    outcomes = fetcher(requests)
    assert {name: outcomes[name] for name in paths} == dict.fromkeys(paths, Failure())
    assert outcomes[b"whole"] == Answer(200, b"x" * ANSWER_LIMIT)


def test_what_is_asked_stands_in_no_log(host: Host, fetcher: Fetcher, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for place in (f"127.0.0.1:{host.port}", "127.0.0.1:1", "10.1.2.3"):
        asked = written(
            f"http://{place}/of/zoe%40mail.example", headers={"x-name": "Quintana"}, method="POST", body="4111"
        )
        fetcher({b"": http.read(asked)})
    assert caplog.records
    assert [value for value in ("zoe", "Quintana", "4111") if value in caplog.text] == []
    alone = (
        "import gateway.sandbox.fetch, logging; logging.getLogger().setLevel(logging.DEBUG); "
        "print(logging.getLogger('httpcore').getEffectiveLevel())"
    )
    level = subprocess.run([sys.executable, "-c", alone], capture_output=True, text=True, check=True).stdout
    assert int(level) == logging.WARNING


def test_a_host_that_is_not_there(fetcher: Fetcher) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        request = http.read(written(f"http://127.0.0.1:{taken.getsockname()[1]}/"))
        assert fetcher({b"": request}) == {b"": Failure()}


def test_requests_of_a_batch_are_made_at_once_and_no_more_than_sixteen(host: Host, fetcher: Fetcher) -> None:
    urls = [f"http://127.0.0.1:{host.port}/soon?{number}" for number in range(40)]
    outcomes = fetcher({url.encode(): http.read(written(url)) for url in urls})
    bodies = [json.loads(outcome.body)["path"] for outcome in outcomes.values() if isinstance(outcome, Answer)]
    assert bodies == [f"/soon?{number}" for number in range(40)]
    assert 4 < host.most <= 16


def test_a_name_that_nobody_resolves_holds_up_no_other(
    host: Host, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve, gate = socket.getaddrinfo, threading.Event()

    def getaddrinfo(name: str, *rest: Any, **more: Any) -> list[Any]:
        if name == "hanging.example":
            gate.wait(30)
        return resolve("127.0.0.1", *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    hanging = [written(f"http://hanging.example:{host.port}/{number}") for number in range(64)]
    assert set(fetcher({one: http.read(one) for one in hanging}).values()) == {Failure()}
    request = http.read(written(f"http://other.example:{host.port}/"))
    assert isinstance(fetcher({b"": request})[b""], Answer)
    gate.set()


def test_an_answer_in_very_many_pieces(fetcher: Fetcher) -> None:
    with trickling(b"1\r\nx\r\n" * 20_000 + b"0\r\n\r\n") as port:
        request = http.read(written(f"http://127.0.0.1:{port}/"))
        assert fetcher({b"": request}) == {b"": Answer(200, b"x" * 20_000)}


def test_what_stands_behind_an_answer_is_nobodys(fetcher: Fetcher) -> None:
    smuggled = b"HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\nSMUGGLED"
    with trickling(b"2\r\nok\r\n0\r\n\r\n" + smuggled) as port:
        for number in range(3):
            request = http.read(written(f"http://127.0.0.1:{port}/{number}"))
            assert fetcher({b"": request}) == {b"": Answer(200, b"ok")}


def test_a_request_is_so_long_and_no_longer(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "REQUEST_LIMIT", 100)
    request = written("https://a.example/", method="POST", body="")
    for length, answer in ((http.REQUEST_LIMIT, http.FAILED), (http.REQUEST_LIMIT + 1, http.BAD_REQUEST)):
        long = written("https://a.example/", method="POST", body="x" * (length - len(request)))
        assert (len(long), asks(engine, long, grant="http:a.example").answer) == (length, answer)


def test_one_host_has_one_name() -> None:
    for url in (
        "https://A.Example/",
        "HTTPS://a.example:443/",
        "https://a.example:/",
        "https://a.example?x@b.example/",
    ):
        assert exchange().ask(written(url)) == http.PENDING
    for url in ("https://a.example:0/", "https://a.example:80/", "https://b.a.example/", "https://a.example.b/"):
        assert exchange().ask(written(url)) == http.NOT_GRANTED


OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"transfer-encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("begins", "goes_on"),
    [
        (b"", b"HTTP/1.1 103 Early Hints\r\n\r\n" * 1000),
        (OK, b"x: y\r\n" * 1000),
        (OK + b"x: ", b"y" * 8000),
        (OK + b"\r\n", b"z" * 8000),
        (OK + b"\r\n", b""),
        (OK, b""),
        (CHUNKED, b"1\r\nx\r\n" * 1000),
        (CHUNKED + b"1;", b"extension" * 1000),
        (CHUNKED + b"0\r\n", b"x: y\r\n" * 1000),
        (OK + b"transfer-encoding: gzip, chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n", b""),
        (OK + b"content-length: 1\r\ncontent-length: 2\r\n\r\nxx", b""),
        (OK + b"content-length: 99999999999999999999\r\n\r\n", b"z" * 8000),
        (b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n", b"z" * 8000),
    ],
    ids=[
        "informational answers", "headers", "a long header", "a body without end", "a body that never comes",
        "headers that never end", "chunks without end", "a long chunk extension", "trailers", "compressed",
        "two lengths", "a length of all there is", "another protocol",
    ],
)  # fmt: skip
def test_an_answer_that_is_none(fetcher: Fetcher, begins: bytes, goes_on: bytes) -> None:
    """What a host sends again and again ends at a limit of size or of time, and nothing of it is an answer."""
    with answering_with(begins, goes_on) as port:
        request = http.read(written(f"http://127.0.0.1:{port}/"))
        assert fetcher({b"": request}) == {b"": Failure()}


@contextmanager
def answering_with(begins: bytes, goes_on: bytes) -> Iterator[int]:
    """A host that answers one request so, and then sends `goes_on` until nobody listens; its port."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):
            connection, _ = listening.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(begins)
                while goes_on:
                    connection.sendall(goes_on)
                connection.recv(1)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield listening.getsockname()[1]
    listening.close()
    thread.join(5)
    assert not thread.is_alive()


@contextmanager
def trickling(chunks: bytes) -> Iterator[int]:
    """A host that answers each request with a chunked body, and with whatever stands behind it; its port."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listening.accept()
                with connection, suppress(OSError):
                    connection.recv(65536)
                    connection.sendall(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" + chunks)
                    connection.settimeout(2)
                    connection.recv(1)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield listening.getsockname()[1]
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()
    thread.join(5)


def exchange() -> http.Exchange:
    return http.Exchange(["http:a.example"])


def test_a_request_is_pending_until_it_is_fetched_and_equal_ones_are_one() -> None:
    open_ = exchange()
    one, two = written("https://a.example/1"), written("https://a.example/2")
    assert [open_.ask(one), open_.ask(two), open_.ask(one)] == [http.PENDING] * 3
    assert list(open_.wanted) == [one, two]
    assert open_.take({one: Answer(200, b"x"), two: Failure(denied=True)}) == 1
    assert (open_.ask(one), open_.ask(two)) == (Answer(200, b"x"), Failure(denied=True))
    open_.begin()
    assert open_.ask(one) == http.PENDING


def test_an_answer_may_lead_to_another_request_but_not_for_ever() -> None:
    open_ = exchange()
    for number in range(http.ROUNDS):
        assert open_.ask(written(f"https://a.example/{number}")) == http.PENDING
        open_.take({asked: Answer(200, b"") for asked in open_.wanted})
    assert open_.ask(written("https://a.example/more")) == http.FAILED
    assert open_.ask(written("https://a.example/0")) == Answer(200, b"")


def test_a_batch_asks_for_so_much_and_no_more() -> None:
    open_ = exchange()
    asked = [open_.ask(written(f"https://a.example/{number}")) for number in range(1002)]
    assert asked == [http.PENDING] * 1000 + [http.FAILED] * 2
    open_.take({key: Answer(200, b"x" * ANSWER_LIMIT) for key in open_.wanted})
    kept = [open_.ask(written(f"https://a.example/{number}")) for number in range(1000)]
    assert 10 < sum(isinstance(outcome, Answer) for outcome in kept) <= 16  # MiB
    open_.begin()
    long = [written("https://a.example/", method="POST", body="x" * 65_000 + str(n)) for n in range(300)]
    assert [open_.ask(one) for one in long].count(http.FAILED) > 40


@pytest.mark.parametrize(
    "request_",
    [
        b"",
        b"{}",
        b"[]",
        b'{"url":"https://a.example/","also":1}',
        written("ftp://a.example/"),
        written("//a.example/"),
        written("https:///path"),
        written("https://user@a.example/"),
        written("https://a.example/#part"),
        written("https://a.example/a b"),
        written("https://a.example/\r\nx: y"),
        written("https://a.example/\u00e9"),
        written("https://a.example:99999/"),
        written("https://a.example:x/"),
        written("https://\u0430.example/"),
        written("https://a.example\\@b.example/"),
        written("https://a.example\\.b.example/"),
        written("https://a.example:65536/"),
        written("https://a.example:+443/"),
        written("https://a.example:443:80/"),
        written("https://a.example./"),
        written("https://a%2eexample/"),
        written("https://a.example,b.example/"),
        written("https://a.exa\tmple/"),
        written("https:// a.example/"),
        written("https:a.example/"),
        written("https://[a.example]/"),
        written("https://[::1%25lo]/"),
        written("https://a.example/", method="DELETE"),
        written("https://a.example/", body="x"),
        written("https://a.example/", headers={"host": "b.example"}),
        written("https://a.example/", headers={"Transfer-Encoding": "chunked"}),
        written("https://a.example/", headers={"a b": "c"}),
        written("https://a.example/", headers={"a": "b\r\nc: d"}),
        written("https://a.example/", headers={"a": "\u00e9"}),
        written("https://a.example/") + b"x",
    ],
)
def test_what_is_no_request(request_: bytes) -> None:
    assert exchange().ask(request_) == http.BAD_REQUEST


@pytest.mark.parametrize(
    ("url", "grant"),
    [
        ("https://a.example/x", "http:a.example"),
        ("https://A.Example:443/x", "http:a.example"),
        ("http://a.example/x", "http:a.example"),
        ("http://a.example:443/x", "http:a.example:443"),
        ("https://a.example:8443/{/id}", "http:a.example:8443"),
        ("https://[2001:DB8::1]/", "http:[2001:db8::1]"),
        ("mailto:a@b.example", None),
        ("https://a.example:x/", None),
        ("no address", None),
    ],
)
def test_the_grant_that_an_address_needs(url: str, grant: str | None) -> None:
    assert http.grant(url) == grant
    if grant is not None and "{" not in url:
        assert http.Exchange([grant]).ask(written(url)) == http.PENDING


def test_a_guest_that_points_nowhere(engine: Engine, host: Host, fetcher: Fetcher) -> None:
    request = written(f"http://127.0.0.1:{host.port}/")
    grants = (f"http:127.0.0.1:{host.port}",)
    data = stored(ASKED, request)
    for at in NOWHERE:
        for place in ((at, len(request), OUT, 256), (ASKED, at, OUT, 256), (ASKED, len(request), at, 256)):
            if place[1:2] == (-0x80000000,) or place[0] == at or place[1] == at or place[2] == at:
                program = caller(engine, "http", *place, module="maskgate", data=data, grants=grants)
                program.fetch = fetcher
                assert Called(Guest(program)).answer == http.BAD_REQUEST


def test_too_small_a_room_says_so(engine: Engine, host: Host, fetcher: Fetcher) -> None:
    request = written(f"http://127.0.0.1:{host.port}/")
    seen = asks(engine, request, fetcher=fetcher, grant=f"http:127.0.0.1:{host.port}", room=20)
    assert (seen.answer, seen.memory) == (http.TOO_SMALL, bytes(256))


def test_without_a_network_every_request_fails(engine: Engine) -> None:
    assert asks(engine, written("https://a.example/"), grant="http:a.example").answer == http.FAILED


def test_nobody_is_asked_what_is_not_written_down(engine: Engine, host: Host, fetcher: Fetcher) -> None:
    request = written(f"http://127.0.0.1:{host.port}/a?b", method="POST", headers={"x-y": "z"}, body="é")
    told: list[AskedHost] = []

    def asking(hosts: Sequence[AskedHost]) -> bool:
        told.extend(hosts)
        return False

    program = caller(
        engine, "http", ASKED, len(request), OUT, 256,
        module="maskgate", data=stored(ASKED, request), grants=(f"http:127.0.0.1:{host.port}",),
    )  # fmt: skip
    program.fetch = fetcher
    with pytest.raises(NotAsked):
        Guest(program).transform(batch(b"{}"), asking=asking)
    assert told == [AskedHost(host=f"127.0.0.1:{host.port}", requests=1, bytes=len("/a?b") + len("x-yz") + 2)]
    answer = Guest(program).transform(batch(b"{}")).batch.body[:4]
    assert int.from_bytes(answer, "little", signed=True) == http.FAILED
    assert host.asked == []


def test_what_is_told_of_requests_names_hosts_as_grants_do() -> None:
    urls = ("https://a.example/1", "https://b.example:8443/", "https://A.example:443/22", "http://[::1]/x?y")
    requests = [http.read(written(url)) for url in urls]
    told = [(asked.host, asked.requests, asked.bytes) for asked in http.volume(requests)]
    assert told == [("a.example", 2, 5), ("b.example:8443", 1, 1), ("[::1]", 1, 4)]
    assert [f"http:{host}" for host, *_ in told] == [http.grant(urls[index]) for index in (0, 1, 3)]


def test_a_request_says_no_more_than_it_is_given() -> None:
    assert http.read(written("https://a.example?x=1", headers={"x": ""})) == Request(
        method="GET", scheme="https", host="a.example", port=443, target="/?x=1", headers=(("x", ""),), body=b""
    )
