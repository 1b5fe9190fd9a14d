"""`maskgate.http`: requests to the hosts that grants `http:HOST` name, made between two runs of the guest.

An import may not wait (docs/architecture.md, Threads). Who asks for something the first time is told that it is
pending and goes on with the next message. When it returns, what it gives is thrown away; all that it asked for is
fetched at once, and it transforms the same batch again, with the answers at hand. So a batch of 2,000 messages waits
once, for all of its requests together, and equal requests are one.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Literal, Protocol
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from gateway.flow import AskedHost

# What the import gives instead of a length.
NOT_GRANTED, TOO_SMALL, PENDING, FAILED, BAD_REQUEST = -1, -2, -3, -4, -5

ROUNDS = 4  # of fetching, in one transform: an answer may lead to another request
REQUEST_LIMIT = 64 << 10  # bytes of one request
ANSWER_LIMIT = 1 << 20  # bytes of one answer's body
_REQUESTS = 1000  # that differ, in one transform
_BYTES = 16 << 20  # of all requests and answers of one transform

_PORTS = {"https": 443, "http": 80}
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_FIELD = re.compile(r"[\x20-\x7e]*")
_TARGET = re.compile(r"[\x21-\x7e]*")
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?|[0-9a-f:.]+")
# What says where a request ends, where it goes, and what stays between two machines, isn't for a guest to say.
_KEPT_BACK = frozenset(
    (
        "accept-encoding", "connection", "content-length", "expect", "host", "keep-alive", "proxy-authorization",
        "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
    )
)  # fmt: skip


class Request(Struct, frozen=True, kw_only=True):
    """A request that was granted. The target is the path with the query."""

    method: str
    scheme: str  # http or https
    host: str  # lowercase; of an IPv6 address without brackets
    port: int
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


class Answer(Struct, frozen=True):
    """What came back, whatever its status."""

    status: int
    body: bytes


class Failure(Struct, frozen=True):
    """Nothing came back. `denied`: because the address isn't one to speak to."""

    denied: bool = False


Outcome = Answer | Failure


class _Wanted(Struct, frozen=True, forbid_unknown_fields=True):
    """A request as a guest writes it, in JSON."""

    url: str
    method: Literal["GET", "POST"] = "GET"
    headers: dict[str, str] = {}
    body: str = ""


_decode = msgspec.json.Decoder(_Wanted).decode


class Guest(Protocol):
    """The running guest, as the import sees it."""

    exchange: Exchange | None

    def read(self, at: int, length: int) -> bytes | None: ...
    def write(self, at: int, content: bytes) -> int: ...
    def deny(self, name: str) -> int: ...


class Exchange:
    """The requests and answers of one instance, for one transform at a time."""

    __slots__ = ("_answers", "_bytes", "_hosts", "_rounds", "wanted")

    def __init__(self, grants: Collection[str]) -> None:
        self._hosts = frozenset(grant.removeprefix("http:") for grant in grants if grant.startswith("http:"))
        self.begin()

    def begin(self) -> None:
        """Another transform begins: no answer serves two batches."""
        self.wanted: dict[bytes, Request] = {}
        self._answers: dict[bytes, Outcome] = {}
        self._bytes = self._rounds = 0

    def ask(self, written: bytes) -> Outcome | int:
        """What came back for a request, or what the import says instead."""
        known = self._answers.get(written)
        if known is not None:
            return known
        if written in self.wanted:
            return PENDING
        try:
            wanted = read(written)
        except ValueError:
            return BAD_REQUEST
        if authority(wanted.scheme, wanted.host, wanted.port) not in self._hosts:
            return NOT_GRANTED
        self._bytes += len(written)
        if self._rounds == ROUNDS or len(self.wanted) + len(self._answers) == _REQUESTS or self._bytes > _BYTES:
            return FAILED
        self.wanted[written] = wanted
        return PENDING

    def take(self, outcomes: Mapping[bytes, Outcome]) -> int:
        """Note what came of all that was wanted. Gives how many addresses were denied."""
        for written, outcome in outcomes.items():
            if isinstance(outcome, Answer):
                self._bytes += len(outcome.body)
                if len(outcome.body) > ANSWER_LIMIT or self._bytes > _BYTES:
                    outcome = Failure()
            self._answers[written] = outcome
        self.wanted = {}
        self._rounds += 1
        return sum(isinstance(outcome, Failure) and outcome.denied for outcome in outcomes.values())


def read(written: bytes) -> Request:
    """A guest's request. Raises ValueError for what isn't one."""
    wanted = _decode(written)
    parts = urlsplit(wanted.url)
    host, port = parts.hostname or "", parts.port
    if parts.scheme not in _PORTS or not _HOST.fullmatch(host) or "@" in parts.netloc or "#" in wanted.url:
        raise ValueError("url")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if not _TARGET.fullmatch(wanted.url):
        raise ValueError("url")
    for name, value in wanted.headers.items():
        if not _TOKEN.fullmatch(name) or name.lower() in _KEPT_BACK or not _FIELD.fullmatch(value):
            raise ValueError("headers")
    if wanted.body and wanted.method == "GET":
        raise ValueError("body")
    return Request(
        method=wanted.method,
        scheme=parts.scheme,
        host=host,
        port=_PORTS[parts.scheme] if port is None else port,
        target=target,
        headers=tuple(wanted.headers.items()),
        body=wanted.body.encode(),
    )


def authority(scheme: str, host: str, port: int) -> str:
    """What a grant calls a host: its name or address, and the port unless it is the scheme's."""
    bracketed = f"[{host}]" if ":" in host else host
    return bracketed if port == _PORTS[scheme] else f"{bracketed}:{port}"


def volume(requests: Iterable[Request]) -> tuple[AskedHost, ...]:
    """How much is asked, by host: what a record may say of requests."""
    by_host: dict[str, list[int]] = {}
    for request in requests:
        headers = sum(len(name) + len(value) for name, value in request.headers)
        size = len(request.target) + headers + len(request.body)
        by_host.setdefault(authority(request.scheme, request.host, request.port), []).append(size)
    return tuple([AskedHost(host=host, requests=len(sizes), bytes=sum(sizes)) for host, sizes in by_host.items()])


def grant(url: str) -> str | None:
    """The grant that a request to `url` needs; None where it isn't the address of anything."""
    try:
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname:
            return None
        return f"http:{authority(parts.scheme, parts.hostname, parts.port or _PORTS[parts.scheme])}"
    except ValueError:
        return None


def request(guest: Guest, raw: Any) -> int:
    """The import: (request, its length, room for the answer, bytes of that) → length of what was written there, which
    is the status (u32) and the body; or why there is nothing.
    """
    length = raw[1].i32 & 0xFFFFFFFF
    if guest.exchange is None:
        guest.deny("maskgate.http")
        return NOT_GRANTED
    written = guest.read(raw[0].i32, length) if length <= REQUEST_LIMIT else None
    if written is None:
        return BAD_REQUEST
    outcome = guest.exchange.ask(written)
    if outcome == NOT_GRANTED:
        guest.deny("maskgate.http")
    if isinstance(outcome, int):
        return outcome
    if isinstance(outcome, Failure):
        return FAILED
    content = outcome.status.to_bytes(4, "little") + outcome.body
    if len(content) > raw[3].i32 & 0xFFFFFFFF:
        return TOO_SMALL
    return len(content) if guest.write(raw[2].i32, content) == 0 else BAD_REQUEST
