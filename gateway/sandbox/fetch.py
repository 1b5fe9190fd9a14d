"""The network end of `maskgate.http`: fetches what a guest asked for, and speaks to no address inside the network.

A name is resolved once, and the address that was checked is the one that is connected to, so that a name which
changes its mind (DNS rebinding) leads nowhere else. No redirect is followed, no proxy of the environment asked, no
cookie kept. Without TLS only networks that the operator opened are spoken to.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import socket
import ssl
import threading
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeAlias

import httpcore

from gateway.config import Network
from gateway.sandbox.http import ANSWER_LIMIT, Answer, Failure, Outcome, Request, authority
from gateway.trust import authorities

log = logging.getLogger("maskgate.module")

# It would log every header and address, which hold what a module says of a message.
logging.getLogger("httpcore").setLevel(logging.WARNING)

_AT_ONCE = 16  # requests of one call
_NAMES = 32  # that are resolved at a time; a name whose server doesn't answer takes one until the resolver gives up
_PIECES = 64  # of a body, after which others have a turn

_Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")  # of all IPv6 addresses, those that are given out (RFC 4291)
# Not public, whatever Python's version says of them: documentation (RFC 9637), IETF protocols, and the address at which
# Azure's machines find their platform.
_DENIED = tuple(map(ipaddress.ip_network, ("3fff::/20", "192.0.0.0/24", "168.63.129.16/32")))


class _Denied(Exception):
    """A host has no address that may be spoken to."""


class Fetcher:
    """Fetches for guests, in a loop of its own, which begins with the first request. Safe for several threads."""

    def __init__(self, inside: Iterable[Network] = (), seconds: float = 2.0) -> None:
        """`inside`: networks that may be spoken to although they are not public. `seconds`: for all of one call."""
        self._inside, self._seconds = tuple(inside), seconds
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._names = _Names()
        self._trusted: ssl.SSLContext | None = None

    def __call__(self, requests: Mapping[bytes, Request]) -> dict[bytes, Outcome]:
        """All at once; waits until each has its answer or has failed."""
        outcomes = asyncio.run_coroutine_threadsafe(self._all(list(requests.values())), self._started()).result()
        return dict(zip(requests, outcomes, strict=True))

    def close(self) -> None:
        """Nothing may be under way."""
        with self._lock:
            if self._loop is None or self._thread is None:
                return
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()
            self._loop = None
            self._names.close()

    def _started(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._trusted = authorities()
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=self._loop.run_forever, name="sandbox-fetch", daemon=True)
                self._thread.start()
            return self._loop

    async def _all(self, requests: Sequence[Request]) -> list[Outcome]:
        """Connections serve one call: what a host sends behind an answer never becomes another batch's."""
        turns = asyncio.Semaphore(_AT_ONCE)
        ends = self._seconds + asyncio.get_running_loop().time()
        async with self._pool("https") as https, self._pool("http") as http:

            async def one(request: Request) -> Outcome:
                try:
                    async with asyncio.timeout_at(ends), turns:
                        return await _fetch(https if request.scheme == "https" else http, request)
                except _Denied:
                    log.warning("a module asked for %s, whose addresses are not open to modules", request.host)
                    return Failure(denied=True)
                except Exception as failure:  # the text may hold what was sent
                    log.info("a module's request to %s failed: %s", request.host, type(failure).__name__)
                    return Failure()

            return await asyncio.gather(*map(one, requests))

    def _pool(self, scheme: str) -> httpcore.AsyncConnectionPool:
        return httpcore.AsyncConnectionPool(
            ssl_context=self._trusted if scheme == "https" else None,
            max_connections=_AT_ONCE,
            network_backend=_Guarded(self._names, self._inside, public=scheme == "https"),
        )


async def _fetch(pool: httpcore.AsyncConnectionPool, request: Request) -> Outcome:
    url = httpcore.URL(
        scheme=request.scheme.encode(), host=request.host, port=request.port, target=request.target.encode()
    )
    host = authority(request.scheme, request.host, request.port)
    headers = [("host", host), ("accept-encoding", "identity"), *request.headers]
    if request.body:
        headers.append(("content-length", str(len(request.body))))
    body = bytearray()
    async with pool.stream(request.method, url, headers=headers, content=request.body or None) as response:
        if any(name.lower() == b"content-encoding" and value != b"identity" for name, value in response.headers):
            return Failure()
        pieces = 0
        async for piece in response.aiter_stream():
            body += piece
            pieces += 1
            if len(body) > ANSWER_LIMIT:
                return Failure()
            if pieces % _PIECES == 0:
                await asyncio.sleep(0)
    return Answer(response.status, bytes(body))


class _Names:
    """Names as addresses: each is asked for once at a time, whoever wants it."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_NAMES, thread_name_prefix="sandbox-names")
        self._asked: dict[tuple[str, int], asyncio.Task[list[str]]] = {}

    async def addresses(self, host: str, port: int) -> list[str]:
        """In the resolver's order. Raises OSError."""
        key = (host, port)
        task = self._asked.get(key)
        if task is None:
            task = self._asked[key] = asyncio.create_task(self._resolve(host, port))
            task.add_done_callback(lambda done: self._forget(key, done))
        return await asyncio.shield(task)

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _resolve(self, host: str, port: int) -> list[str]:
        look_up = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
        found = await asyncio.get_running_loop().run_in_executor(self._threads, look_up)
        return list(dict.fromkeys(str(info[4][0]) for info in found))

    def _forget(self, key: tuple[str, int], done: asyncio.Task[list[str]]) -> None:
        del self._asked[key]
        if not done.cancelled():
            done.exception()  # somebody may have stopped waiting for it


class _Guarded(httpcore.AsyncNetworkBackend):
    """Connects to the addresses that may be spoken to, and to those alone."""

    def __init__(self, names: _Names, inside: Sequence[Network], *, public: bool) -> None:
        self._names, self._inside, self._public = names, inside, public
        self._backend = httpcore.AnyIOBackend()

    async def connect_tcp(self, host: str, port: int, *args: Any, **kwargs: Any) -> httpcore.AsyncNetworkStream:
        permitted = [address for address in await self._names.addresses(host, port) if self._may(address)]
        if not permitted:
            raise _Denied
        for address in permitted[:-1]:
            try:
                return await self._backend.connect_tcp(address, port, *args, **kwargs)
            except httpcore.ConnectError:
                continue
        return await self._backend.connect_tcp(permitted[-1], port, *args, **kwargs)

    async def connect_unix_socket(self, *args: Any, **kwargs: Any) -> httpcore.AsyncNetworkStream:
        raise _Denied

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def _may(self, written: str) -> bool:
        address = _meant(ipaddress.ip_address(written.partition("%")[0]))
        if any(address in network for network in self._inside):
            return True
        if not self._public or any(address in network for network in _DENIED):
            return False
        return address.is_global and not address.is_multicast and (address.version == 4 or address in _GLOBAL_UNICAST)


def _meant(address: _Address) -> _Address:
    """The IPv4 address that an IPv6 address stands for, where it does."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _NAT64:
            return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if address.sixtofour is not None:
            return address.sixtofour
    return address
