"""A receiver on loopback: it answers as a test tells it to, and remembers what it got."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True, slots=True)
class Posted:
    connection: int  # counted from 1
    line: str
    headers: Mapping[str, str]  # names in lowercase
    body: bytes


Answer = Callable[[Posted, asyncio.StreamWriter], Awaitable[None]]


def answer(status: int, body: bytes = b"", **headers: str) -> Answer:
    """A whole answer. Header names with underscores."""
    lines = [f"HTTP/1.1 {status} Whatever", f"content-length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    content = "\r\n".join([*lines, "", ""]).encode("latin-1") + body

    async def write(posted: Posted, writer: asyncio.StreamWriter) -> None:
        writer.write(content)
        await writer.drain()

    return write


async def hang(posted: Posted, writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


async def close(posted: Posted, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def drip(posted: Posted, writer: asyncio.StreamWriter) -> None:
    """Headers without end, some bytes at a time: never silent for long, never done."""
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"x: y\r\n")
        await writer.drain()
        await asyncio.sleep(0.01)


async def never_end(posted: Posted, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nab")
    await writer.drain()
    await asyncio.Event().wait()


@dataclass
class Receiver:
    answers: list[Answer] = field(default_factory=list)  # one for each POST, then 200
    posted: list[Posted] = field(default_factory=list)
    url: str = ""
    connections: int = 0
    came: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def got(self, count: int) -> None:
        """Returns when so many POSTs have come."""
        async with self.came:
            await self.came.wait_for(lambda: len(self.posted) >= count)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        number = self.connections
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                line, *rest = head.decode("latin-1").strip().split("\r\n")
                headers = {name.lower(): value for name, value in (text.split(": ", 1) for text in rest)}
                body = await reader.readexactly(int(headers["content-length"]))
                posted = Posted(connection=number, line=line, headers=headers, body=body)
                respond = self.answers.pop(0) if self.answers else answer(200, b"ok")
                async with self.came:
                    self.posted.append(posted)
                    self.came.notify_all()
                await respond(posted, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the sink has closed it
        finally:
            writer.close()


@asynccontextmanager
async def receiving(*answers: Answer, tls: ssl.SSLContext | None = None) -> AsyncIterator[Receiver]:
    receiver = Receiver(answers=list(answers))
    tasks: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.get_running_loop().create_task(receiver.serve(reader, writer)))

    server = await asyncio.start_server(accept, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    receiver.url = f"http{'s' if tls else ''}://127.0.0.1:{port}/in?token=s3cret"
    try:
        yield receiver
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
