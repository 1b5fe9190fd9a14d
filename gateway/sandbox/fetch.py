"""The network end of `maskgate.http`: fetches what a guest asked for, and speaks to no address inside the network.

A name is resolved once, and the address that was checked is the one that is connected to, so that a name which
changes its mind (DNS rebinding) leads nowhere else. No redirect is followed, no proxy of the environment asked, no
cookie kept. Without TLS only networks that the operator opened are spoken to.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import threading
from collections.abc import Iterable, Mapping, Sequence
from socket import SOCK_STREAM
from typing import Any, TypeAlias

import httpcore

from gateway.config import Network
from gateway.sandbox.http import ANSWER_LIMIT, Answer, Failure, Outcome, Request, authority
from gateway.trust import authorities

log = logging.getLogger("maskgate.module")

_AT_ONCE = 16  # requests of one call
_KEPT = 64  # connections that are open and idle

_Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052


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
        self._pools: Mapping[str, httpcore.AsyncConnectionPool] = {}

    def __call__(self, requests: Mapping[bytes, Request]) -> dict[bytes, Outcome]:
        """All at once; waits until each has its answer or has failed."""
        outcomes = asyncio.run_coroutine_threadsafe(self._all(list(requests.values())), self._started()).result()
        return dict(zip(requests, outcomes, strict=True))

    def close(self) -> None:
        """Nothing may be under way."""
        with self._lock:
            if self._loop is None or self._thread is None:
                return
            asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()
            self._loop = None

    def _started(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._pools = {
                    scheme: httpcore.AsyncConnectionPool(
                        ssl_context=authorities() if scheme == "https" else None,
                        max_connections=None,  # the threads that ask bound them
                        max_keepalive_connections=_KEPT,
                        keepalive_expiry=30,
                        network_backend=_Guarded(self._inside, public=scheme == "https"),
                    )
                    for scheme in ("https", "http")
                }
                self._thread = threading.Thread(target=self._loop.run_forever, name="sandbox-fetch", daemon=True)
                self._thread.start()
            return self._loop

    async def _close(self) -> None:
        for pool in self._pools.values():
            await pool.aclose()

    async def _all(self, requests: Sequence[Request]) -> list[Outcome]:
        turns = asyncio.Semaphore(_AT_ONCE)
        ends = self._seconds + asyncio.get_running_loop().time()

        async def one(request: Request) -> Outcome:
            try:
                async with asyncio.timeout_at(ends), turns:
                    return await self._fetch(request)
            except _Denied:
                log.warning("a module asked for %s, whose addresses are not open to modules", request.host)
                return Failure(denied=True)
            except Exception as failure:  # the text may hold what was sent
                log.info("a module's request to %s failed: %s", request.host, type(failure).__name__)
                return Failure()

        return await asyncio.gather(*map(one, requests))

    async def _fetch(self, request: Request) -> Outcome:
        url = httpcore.URL(
            scheme=request.scheme.encode(), host=request.host, port=request.port, target=request.target.encode()
        )
        host = authority(request.scheme, request.host, request.port)
        headers = [("host", host), ("accept-encoding", "identity"), *request.headers]
        if request.body:
            headers.append(("content-length", str(len(request.body))))
        async with self._pools[request.scheme].stream(
            request.method, url, headers=headers, content=request.body or None
        ) as response:
            if any(name.lower() == b"content-encoding" and value != b"identity" for name, value in response.headers):
                return Failure()
            body = b""
            async for piece in response.aiter_stream():
                body += piece
                if len(body) > ANSWER_LIMIT:
                    return Failure()
        return Answer(response.status, body)


class _Guarded(httpcore.AsyncNetworkBackend):
    """Connects to the addresses that may be spoken to, and to those alone."""

    def __init__(self, inside: Sequence[Network], *, public: bool) -> None:
        self._inside, self._public = inside, public
        self._backend = httpcore.AnyIOBackend()

    async def connect_tcp(self, host: str, port: int, *args: Any, **kwargs: Any) -> httpcore.AsyncNetworkStream:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=SOCK_STREAM)
        addresses = [str(info[4][0]) for info in found]
        permitted = [address for address in dict.fromkeys(addresses) if self._may(address)]
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
        return self._public and address.is_global and not address.is_multicast


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
