"""Reading and splitting bodies, within limits."""

from __future__ import annotations

import asyncio
import gzip
import tracemalloc
import zlib
from array import array
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import pytest

from gateway import media
from gateway.errors import (
    BadEncoding,
    BodyTimeout,
    BodyTooLarge,
    ClientGone,
    EmptyBody,
    MaskgateError,
    MessageTooLarge,
    TooManyMessages,
    Unavailable,
    UnsupportedEncoding,
)
from gateway.flow import Limits
from gateway.web import body

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]


def events(*parts: bytes) -> Receive:
    """An ASGI receive that gives `parts`, one an event."""
    left = list(parts)

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": left.pop(0), "more_body": bool(left)}

    return receive


def read(receive: Receive, limit: int = 100, declared: int | None = None, seconds: float = 5) -> bytes:
    async def run() -> bytes:
        return await body.Reader(seconds, 1 << 20).read(receive, limit, declared)

    return asyncio.run(run())


def test_a_body_in_parts_is_put_together() -> None:
    assert read(events(b"ab", b"", b"cd")) == b"abcd"


def test_a_declared_length_over_the_limit_is_refused_unread() -> None:
    async def never() -> MutableMapping[str, Any]:
        raise AssertionError("read")

    with pytest.raises(BodyTooLarge):
        read(never, limit=10, declared=11)


def test_a_body_over_the_limit_is_refused_where_it_passes_it() -> None:
    async def endless() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": b"x" * 8, "more_body": True}

    with pytest.raises(BodyTooLarge):
        read(endless, limit=100)


def test_a_slow_body_times_out() -> None:
    async def silent() -> MutableMapping[str, Any]:
        await asyncio.sleep(60)
        raise AssertionError("waited")

    with pytest.raises(BodyTimeout):
        read(silent, seconds=0.01)


def test_somebody_elses_cancellation_goes_through() -> None:
    async def run() -> None:
        async def silent() -> MutableMapping[str, Any]:
            await asyncio.sleep(60)
            raise AssertionError("waited")

        task = asyncio.ensure_future(body.Reader(60, 100).read(silent, 10, None))
        await asyncio.sleep(0.01)
        task.cancel()
        await task

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(run())


def test_a_client_that_goes_away() -> None:
    async def gone() -> MutableMapping[str, Any]:
        return {"type": "http.disconnect"}

    with pytest.raises(ClientGone):
        read(gone)


def test_all_bodies_that_are_being_read_have_a_bound_together() -> None:
    async def run() -> list[bytes | BaseException]:
        reader = body.Reader(60, 100)
        read_on = asyncio.Event()

        def sending(size: int) -> Receive:
            left = [b"x" * size, b"y"]

            async def receive() -> MutableMapping[str, Any]:
                if len(left) == 1:
                    await read_on.wait()
                return {"type": "http.request", "body": left.pop(0), "more_body": bool(left)}

            return receive

        reading = [asyncio.create_task(reader.read(sending(size), 100, None)) for size in (60, 30, 20)]
        await asyncio.sleep(0.01)
        read_on.set()
        ended = await asyncio.gather(*reading, return_exceptions=True)
        return [*ended, await reader.read(sending(90), 100, None)]  # what was held is let go

    first, second, third, after = asyncio.run(run())
    assert (first, second, after) == (b"x" * 60 + b"y", b"x" * 30 + b"y", b"x" * 90 + b"y")
    assert isinstance(third, Unavailable)


def decompress(content: bytes, encoding: str = "gzip", limit: int = 1 << 20) -> bytes:
    return asyncio.run(body.decompress(content, encoding, limit))


@pytest.mark.parametrize("size", [0, 1, 1000, 256 << 10, (256 << 10) + 1, 1 << 20])
def test_gzip_and_deflate_give_back_what_went_in(size: int) -> None:
    content = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    assert decompress(gzip.compress(content)) == content
    assert decompress(zlib.compress(content), "deflate") == content
    assert decompress(content, "identity") == content


def test_a_gzip_file_may_have_several_members() -> None:
    assert decompress(gzip.compress(b"one") + gzip.compress(b"") + gzip.compress(b"two")) == b"onetwo"


@pytest.mark.parametrize(
    "content",
    [
        gzip.compress(b"hello" * 1000)[:-9],
        gzip.compress(b"hello")[:5],
        b"",
        b"plain text",
        gzip.compress(b"hello") + b"garbage",
        gzip.compress(b"one") + gzip.compress(b"two")[:-1],
        gzip.compress(bytes(1 << 20))[:-1],
    ],
    ids=["truncated", "half a header", "empty", "plain", "garbage behind", "second member truncated", "no checksum"],
)
def test_what_is_not_whole_gzip_is_refused(content: bytes) -> None:
    with pytest.raises(BadEncoding):
        decompress(content, limit=2 << 20)


def test_what_stands_behind_deflate_is_refused() -> None:
    with pytest.raises(BadEncoding):
        decompress(zlib.compress(b"a") + zlib.compress(b"b"), "deflate")


def test_an_unknown_encoding() -> None:
    with pytest.raises(UnsupportedEncoding):
        decompress(b"", "br")


def test_a_gzip_bomb_is_decompressed_to_the_limit_and_no_further() -> None:
    bomb = zlib.compressobj(9, wbits=31)
    content = b"".join(bomb.compress(bytes(1 << 20)) for _ in range(1024)) + bomb.flush()  # 1 GiB of zeros
    assert len(content) < 2 << 20
    tracemalloc.start()
    with pytest.raises(BodyTooLarge):
        decompress(content, limit=4 << 20)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 16 << 20


@pytest.mark.parametrize("over", [-1, 0, 1])
def test_the_limit_is_exact(over: int) -> None:
    content = gzip.compress(bytes(300_000 + over))
    if over > 0:
        with pytest.raises(BodyTooLarge):
            decompress(content, limit=300_000)
    else:
        assert len(decompress(content, limit=300_000)) == 300_000 + over


LIMITS = Limits(message=10, messages=3, body=1000)


def split(content: bytes, media_type: str = media.NDJSON) -> list[bytes]:
    batch = body.split(content, media_type, LIMITS)
    assert batch.ends.typecode == "I"
    assert batch.ends[-1] == len(batch.body)
    return list(batch)


@pytest.mark.parametrize(
    ("content", "messages"),
    [
        (b"1\n2\n3\n", [b"1\n", b"2\n", b"3\n"]),
        (b"1\n2\n3", [b"1\n", b"2\n", b"3"]),
        (b"1\r\n2\r\n", [b"1\r\n", b"2\r\n"]),
        (b"\n1\n\n\r\n2\n", [b"1\n", b"2"]),
        (b"1", [b"1"]),
        (b"1\n\n\n\n\n\n", [b"1"]),
    ],
)
def test_ndjson_is_split_at_line_feeds(content: bytes, messages: list[bytes]) -> None:
    assert split(content) == messages


def test_json_and_csv_are_one_message() -> None:
    assert split(b'{\n"a":1}', media.JSON) == [b'{\n"a":1}']
    assert split(b"a,b\n" * 50, media.CSV) == [b"a,b\n" * 50]


@pytest.mark.parametrize(
    ("content", "media_type", "error"),
    [
        (b"", media.JSON, EmptyBody),
        (b" \r\n\t", media.NDJSON, EmptyBody),
        (b"\n\n", media.CSV, EmptyBody),
        (b"x" * 11, media.JSON, MessageTooLarge),
        (b"1\n" + b"x" * 11 + b"\n", media.NDJSON, MessageTooLarge),
        (b"1\n2\n3\n4\n", media.NDJSON, TooManyMessages),
        (b"1\n" * 500, media.NDJSON, TooManyMessages),
    ],
)
def test_what_breaks_a_limit(content: bytes, media_type: str, error: type[MaskgateError]) -> None:
    with pytest.raises(error):
        split(content, media_type)


def test_the_message_that_is_too_large_is_named_by_its_index() -> None:
    with pytest.raises(MessageTooLarge, match=r"^Message 1 has 11 bytes"):
        split(b"1\n" + b"x" * 11 + b"\n")


def test_a_line_of_the_limit_passes() -> None:
    assert body.split(b"x" * 10 + b"\n", media.NDJSON, LIMITS).ends == array("I", [11])
