"""Reads request bodies and splits them into messages, within limits that hold while the bytes come in."""

from __future__ import annotations

import asyncio
import zlib
from array import array
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import numpy as np

from gateway.errors import (
    BadEncoding,
    BodyTimeout,
    BodyTooLarge,
    ClientGone,
    EmptyBody,
    MessageTooLarge,
    TooManyMessages,
    Unavailable,
    UnsupportedEncoding,
)
from gateway.flow import Batch, Limits, as_ends
from gateway.media import JSON, LINES, is_text

_WINDOW_BITS = {"gzip": 31, "x-gzip": 31, "deflate": 15}  # zlib's: gzip (RFC 1952), zlib (RFC 1950)
_AT_ONCE = 256 << 10  # bytes that may be decompressed in the event loop
_LINE_FEED = 10
_SHORTEST = 3  # bytes of a line with its line feed: shorter ones may be empty
_PIECE = 1 << 20  # bytes that a thread decompresses before it looks at the limit

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]


class Reader:
    """Reads bodies: not for too long, and not too many bytes at once, whoever sends them.

    A webhook's sender is known only when its body has been read, so the bound on all bodies together is what keeps
    strangers from filling the memory. For the time there is one look a second at the tasks that read, instead of a
    timer for each request: as a rule a body is there when it is asked for, and a timer would cost more than reading it.
    """

    def __init__(self, seconds: float, most: int) -> None:
        """`seconds`: for a whole body; it may take one more. `most`: bytes of all bodies that are being read.

        Made in the loop that it serves.
        """
        self._seconds, self._most = seconds, most
        self._held = 0
        self._loop = asyncio.get_running_loop()
        self._reading: dict[asyncio.Task[Any], float] = {}
        self._sweep()

    async def read(self, receive: Receive, limit: int, declared: int | None) -> bytes:
        """The body as it came: at most `limit` bytes. `declared`: its Content-Length.

        Raises BodyTooLarge, BodyTimeout, ClientGone, Unavailable.
        """
        if declared is not None and declared > limit:
            raise _too_large(limit)
        task = asyncio.current_task()
        assert task is not None  # a coroutine runs in a task
        self._reading[task] = self._loop.time() + self._seconds
        try:
            return await self._read(receive, limit)
        except asyncio.CancelledError:
            if task in self._reading:  # somebody else's cancellation
                raise
            task.uncancel()
            raise BodyTimeout() from None
        finally:
            self._reading.pop(task, None)

    async def _read(self, receive: Receive, limit: int) -> bytes:
        parts: list[bytes] = []
        size = 0
        more = True
        try:
            while more:
                event = await receive()
                if event["type"] == "http.disconnect":
                    raise ClientGone()
                part = event.get("body", b"")
                more = event.get("more_body", False)
                size += len(part)
                self._held += len(part)
                if size > limit:
                    raise _too_large(limit)
                if self._held > self._most:
                    raise Unavailable("Too many bytes are in flight here. Nothing was sent. Try again later.")
                parts.append(part)
        finally:
            self._held -= size
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _sweep(self) -> None:
        now = self._loop.time()
        for task, deadline in list(self._reading.items()):
            if now > deadline:
                del self._reading[task]
                task.cancel()
        self._loop.call_later(1, self._sweep)


def _too_large(limit: int) -> BodyTooLarge:
    return BodyTooLarge(f"This stream takes bodies of up to {limit} bytes, decompressed.")


async def decompress(body: bytes, encoding: str, limit: int) -> bytes:
    """The content of a body, decompressed no further than `limit` bytes.

    Raises UnsupportedEncoding, BadEncoding (damaged, truncated, or something behind it), BodyTooLarge.
    """
    if encoding in ("", "identity"):
        return body
    bits = _WINDOW_BITS.get(encoding)
    if bits is None:
        raise UnsupportedEncoding()
    decoder = zlib.decompressobj(bits)
    try:
        start = decoder.decompress(body, min(_AT_ONCE, limit + 1))
        if not decoder.eof or decoder.unused_data:
            return await asyncio.to_thread(_rest, decoder, bits, start, limit)
    except zlib.error:
        raise BadEncoding() from None
    if len(start) > limit:
        raise _too_large(limit)
    return start


def _rest(decoder: Any, bits: int, start: bytes, limit: int) -> bytes:
    """`start` and what follows it, over all members of a gzip file, a piece at a time."""
    parts, size = [start], len(start)
    while True:
        if size > limit:
            raise _too_large(limit)
        left = decoder.unconsumed_tail
        if decoder.eof:
            left = decoder.unused_data
            if not left:
                return b"".join(parts)
            if bits != _WINDOW_BITS["gzip"]:
                raise BadEncoding()
            decoder = zlib.decompressobj(bits)
        part = decoder.decompress(left, _PIECE)
        if not part and not decoder.eof and not decoder.unconsumed_tail:
            raise BadEncoding()  # the input ends before the stream does
        parts.append(part)
        size += len(part)


def split(body: bytes, media_type: str, limits: Limits) -> Batch:
    """The messages of a body. A line keeps its line feed, and empty lines are no messages; a document is one message.

    Raises EmptyBody, MessageTooLarge, TooManyMessages.
    """
    if not body or (body.isspace() and is_text(media_type)):
        raise EmptyBody()
    if media_type not in LINES:
        if media_type == JSON and len(body) > limits.message:
            raise MessageTooLarge(f"The message has {len(body)} bytes; this stream takes {limits.message}.")
        return Batch(body=body, ends=array("I", (len(body),)))
    feeds = np.flatnonzero(np.frombuffer(body, np.uint8) == _LINE_FEED)
    ends = feeds.astype(np.uint32) + 1
    if not body.endswith(b"\n"):
        ends = np.append(ends, np.uint32(len(body)))
    lengths = np.diff(ends, prepend=np.uint32(0))
    if lengths.min() < _SHORTEST:
        pieces = [piece for piece in body.split(b"\n") if piece not in (b"", b"\r")]
        if len(pieces) < len(ends):
            return split(b"\n".join(pieces), media_type, limits)
    if len(ends) > limits.messages:
        raise TooManyMessages(f"This stream takes {limits.messages} messages in one request.")
    longest = int(lengths.argmax())
    if lengths[longest] > limits.message + 1:
        size = int(lengths[longest]) - 1
        raise MessageTooLarge(f"Message {longest} has {size} bytes; this stream takes {limits.message}.")
    return Batch(body=body, ends=as_ends(ends))
