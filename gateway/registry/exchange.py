"""HTTP with a server that isn't trusted: answers within limits of size and time, redirects that give nothing away.

What a server writes is never believed and never shown; errors name the address without its query, and the status.
"""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from http.cookiejar import CookieJar, DefaultCookiePolicy
from ipaddress import ip_address
from threading import Timer
from typing import Any, Literal

import httpx
from msgspec import Struct

from gateway.registry.sources import SourceFailed
from gateway.trust import authorities

# They would log every address, and a redirect's may hold a signature that lets others in.
logging.getLogger("httpx").setLevel(logging.WARNING)
logging.getLogger("httpcore").setLevel(logging.WARNING)

_CONNECT = 10.0  # seconds
_SILENCE = 20.0  # seconds without a byte
_WHOLE = 120.0  # seconds for an answer of any size
_REDIRECTS = 5
_REDIRECTING = frozenset((301, 302, 303, 307, 308))

Redirects = Literal["none", "same origin", "anywhere"]


class Answer(Struct, frozen=True, kw_only=True):
    status: int
    headers: httpx.Headers
    body: bytes
    url: httpx.URL  # that it came from, after redirects


class Exchange:
    """A client of one server and of those that it sends us to. Not for two threads at once."""

    def __init__(self, server: str, *, plain: bool = False, whole: float = _WHOLE, silence: float = _SILENCE) -> None:
        """`server`: its address; `plain`: it may be spoken to without TLS, and it alone. Times in seconds.

        Raises SourceFailed where the address isn't one.
        """
        self._host, self._plain, self._whole = parsed(server).host, plain, whole
        self._client = httpx.Client(
            timeout=httpx.Timeout(silence, connect=_CONNECT),
            follow_redirects=False,
            limits=httpx.Limits(max_keepalive_connections=0),  # a handful of requests, and nobody who closes us
            trust_env=False,
            verify=authorities(),
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),  # none is kept
            # What is asked for is what is counted and hashed: nothing is unpacked on the way.
            headers={"accept-encoding": "identity", "user-agent": "maskgate"},
        )

    def ask(
        self,
        method: str,
        url: str | httpx.URL,
        *,
        limit: int,
        headers: Mapping[str, str] | None = None,
        secret: Mapping[str, str] | None = None,
        content: bytes = b"",
        redirects: Redirects = "none",
    ) -> Answer:
        """One answer, whatever its status; `limit` is in bytes of its body.

        `secret`: headers that go to the address's own origin, and to no other that it redirects to. A redirect that
        `redirects` doesn't allow is an answer. Raises SourceFailed.
        """
        start, deadline = parsed(url), time.monotonic() + self._whole
        where = start
        for _ in range(_REDIRECTS + 1):
            self._check(where)
            own = secret if _origin(where) == _origin(start) else None
            answer = self._once(method, where, {**(headers or {}), **(own or {})}, content, limit, deadline)
            if redirects == "none" or answer.status not in _REDIRECTING or "location" not in answer.headers:
                return answer
            where = located(answer)
            if redirects == "same origin" and _origin(where) != _origin(start):
                raise SourceFailed(f"{shown(start)} redirects to another host")
        raise SourceFailed(f"{shown(start)} redirects more than {_REDIRECTS} times")

    def _once(
        self, method: str, url: httpx.URL, headers: Mapping[str, str], content: bytes, limit: int, deadline: float
    ) -> Answer:
        clock = _Clock(deadline)
        try:
            with (
                clock,
                self._client.stream(
                    method, url, headers=headers, content=content, extensions={"trace": clock.trace}
                ) as response,
            ):
                if response.headers.get("content-encoding", "identity") != "identity":
                    raise SourceFailed(f"{shown(url)} answers in an encoding that wasn't asked for")
                body = bytearray()
                for chunk in response.iter_raw():
                    body += chunk
                    if len(body) > limit:
                        raise SourceFailed(f"{shown(url)} has more than {limit} bytes")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            if not clock.ran_out:
                raise SourceFailed(f"{shown(url)} can't be read ({type(error).__name__})") from None
        if clock.ran_out:
            raise SourceFailed(f"{shown(url)} takes longer than {self._whole:g} seconds")
        return Answer(status=response.status_code, headers=response.headers, body=bytes(body), url=url)

    def _check(self, url: httpx.URL) -> None:
        # A server elsewhere can't send us to one on this machine, which would take us for one of its own.
        here = is_loopback(self._host) and is_loopback(url.host)
        if is_loopback(url.host) and not here:
            raise SourceFailed(f"{shown(url)}: a server elsewhere can't send us to this machine, with or without TLS")
        if url.scheme == "https" or (url.scheme == "http" and (here or (self._plain and url.host == self._host))):
            return
        raise SourceFailed(f"{shown(url)}: that host isn't spoken to without TLS")


class _Clock:
    """Ends a connection at `deadline` (of time.monotonic). httpx counts the time of each read alone, and a server may
    have headers, or answers before its answer, without end."""

    def __init__(self, deadline: float) -> None:
        self.ran_out = False
        self._socket: socket.socket | None = None
        self._timer = Timer(max(0.0, deadline - time.monotonic()), self._end)
        self._timer.daemon = True

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *raised: object) -> None:
        self._timer.cancel()

    def trace(self, event: str, details: Mapping[str, Any]) -> None:
        """Of httpx's extension `trace`."""
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            self._socket = details["return_value"].get_extra_info("socket")
            if self.ran_out:
                self._shut()

    def _end(self) -> None:
        self.ran_out = True
        self._shut()

    def _shut(self) -> None:
        if self._socket is not None:
            with suppress(OSError):
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)  # wakes who reads; of TLS, too


def parsed(url: str | httpx.URL) -> httpx.URL:
    """Raises SourceFailed for what isn't an absolute address, or has a user in it."""
    try:
        found = httpx.URL(url)
    except httpx.InvalidURL:
        raise SourceFailed("a server's address can't be read") from None
    if not found.host or found.userinfo:
        raise SourceFailed(f"{shown(found)} isn't an address of a server")
    return found


def located(answer: Answer) -> httpx.URL:
    """Where the Location of an answer points to. Raises SourceFailed."""
    try:
        return parsed(answer.url.join(answer.headers.get("location", "")))
    except httpx.InvalidURL:
        raise SourceFailed(f"{shown(answer.url)} redirects to what isn't an address") from None


def is_loopback(host: str) -> bool:
    """Whether a host, by name or address, is this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def same_origin(one: httpx.URL, other: httpx.URL) -> bool:
    return _origin(one) == _origin(other)


def shown(url: httpx.URL) -> str:
    """An address as errors have it: without user and query, where secrets are."""
    return f"{url.scheme}://{url.netloc.decode('ascii', 'replace')}{url.path}"


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port
