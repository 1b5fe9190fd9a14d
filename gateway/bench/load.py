"""A load on one server: N keep-alive connections, each sending its next request when it has the answer.

Run as a process of its own (`python -m gateway.bench.load`), so that it doesn't share the server's GIL. Prints JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from pathlib import Path

import uvloop
from msgspec import Struct


class Load(Struct, frozen=True, kw_only=True):
    """What a run saw. Times in seconds."""

    requests: int
    errors: int  # answers other than 2xx
    seconds: float
    p50: float
    p99: float
    first: float  # the first request's time
    worst: float

    @property
    def rate(self) -> float:
        return self.requests / self.seconds


class _Connection(asyncio.Protocol):
    def __init__(self, request: bytes, until: float, times: list[float], interval: float) -> None:
        self.request, self.until, self.times, self.interval = request, until, times, interval
        self.errors = 0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._buffer = b""
        self._sent = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self._send()

    def _send(self) -> None:
        self._sent = time.perf_counter()
        self.transport.write(self.request)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        self._buffer = data if not self._buffer else self._buffer + data
        head = self._buffer.find(b"\r\n\r\n")
        if head < 0:
            return
        at = self._buffer.lower().find(b"content-length:", 0, head)
        length = int(self._buffer[at + 15 : self._buffer.index(b"\r\n", at)]) if at >= 0 else 0
        if len(self._buffer) < head + 4 + length:
            return
        now = time.perf_counter()
        self.errors += self._buffer[9:10] != b"2"
        self.times.append(now - self._sent)
        self._buffer = b""
        if now >= self.until:
            self.transport.close()
        elif self.interval:
            asyncio.get_running_loop().call_later(self.interval, self._send)
        else:
            self._send()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)


async def _run(host: str, port: int, request: bytes, connections: int, seconds: float, interval: float) -> Load:
    loop = asyncio.get_running_loop()
    times: list[float] = []
    start = time.perf_counter()
    made = [
        (await loop.create_connection(lambda: _Connection(request, start + seconds, times, interval), host, port))[1]
        for _ in range(connections)
    ]
    await asyncio.wait_for(asyncio.gather(*(connection.done for connection in made)), seconds + 30)
    spent = time.perf_counter() - start
    first = times[0]
    times.sort()
    return Load(
        requests=len(times),
        errors=sum(connection.errors for connection in made),
        seconds=spent,
        p50=times[len(times) // 2],
        p99=times[int(len(times) * 0.99)],
        first=first,
        worst=times[-1],
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--interval", type=float, default=0, help="seconds between an answer and the next request")
    parser.add_argument("request", type=Path, help="file with the bytes of one HTTP request")
    args = parser.parse_args()
    if args.host not in ("127.0.0.1", "::1", "localhost"):
        parser.error("a load goes to this machine only")
    load = uvloop.run(
        _run(args.host, args.port, args.request.read_bytes(), args.connections, args.seconds, args.interval)
    )
    print(json.dumps({field: getattr(load, field) for field in load.__struct_fields__}))


if __name__ == "__main__":
    main()
