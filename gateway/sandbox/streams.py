"""Standard input, output and error of a command, as WASI preview 1 has them: one message in, one out.

What is written to standard error is kept for whoever runs the command: with a grant `log` it is logged as well.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from gateway.sandbox import files

SUCCESS, FAULT, FBIG, SPIPE = files.SUCCESS, files.FAULT, files.FBIG, 70
_CHARACTER_DEVICE = 2  # filetype
_READ, _WRITE = 1 << 1, 1 << 6  # rights
_ERRORS_LIMIT = 4 << 10  # bytes of standard error that are kept


class Streams:
    """Those of one run."""

    __slots__ = ("_at", "_most", "arguments", "errors", "full", "output", "stdin")

    def __init__(self, arguments: list[bytes], stdin: bytes, most: int) -> None:
        """`most`: bytes that standard output takes."""
        self.arguments, self.stdin = arguments, stdin
        self.output, self.errors = bytearray(), bytearray()
        self.full = False  # more was written to standard output than it takes
        self._at, self._most = 0, most

    def read(self, most: int) -> bytes:
        part = self.stdin[self._at : self._at + most]
        self._at += len(part)
        return part

    def room(self, descriptor: int) -> int:
        """Bytes that may yet be written."""
        return self._most - len(self.output) if descriptor == 1 else _ERRORS_LIMIT - len(self.errors)

    def write(self, descriptor: int, content: bytes) -> None:
        (self.output if descriptor == 1 else self.errors).extend(content)


class Guest(Protocol):
    """The running guest, as the functions here see it."""

    streams: Streams | None

    def read(self, at: int, length: int) -> bytes | None: ...
    def write(self, at: int, content: bytes) -> int: ...


# ---------------------------------------------------------------- the imports: (guest, its streams, raw arguments)


def _fd_read(guest: Guest, streams: Streams, raw: Any) -> int:
    vectors = files.vectors(guest, raw[1].i32, raw[2].i32)
    if raw[0].i32 != 0:
        return files.BADF
    if vectors is None:
        return FAULT
    given = 0
    for to, length in vectors:
        part = streams.read(length)
        if guest.write(to, part) != SUCCESS:
            return FAULT
        given += len(part)
    return guest.write(raw[3].i32, given.to_bytes(4, "little"))


def _fd_write(guest: Guest, streams: Streams, raw: Any) -> int:
    descriptor = raw[0].i32
    vectors = files.vectors(guest, raw[1].i32, raw[2].i32)
    if descriptor == 0:
        return files.BADF
    if vectors is None:
        return FAULT
    written = 0
    for start, length in vectors:
        if descriptor == 1 and length > streams.room(1):
            streams.full = True
            return FBIG
        text = guest.read(start, min(length, streams.room(descriptor)))
        if text is None:
            return FAULT
        streams.write(descriptor, text)
        written += length
    return guest.write(raw[3].i32, (written & 0xFFFFFFFF).to_bytes(4, "little"))


def _fd_fdstat_get(guest: Guest, streams: Streams, raw: Any) -> int:
    rights = (_WRITE if raw[0].i32 else _READ).to_bytes(8, "little")
    return guest.write(raw[1].i32, bytes((_CHARACTER_DEVICE,)) + bytes(7) + rights + bytes(8))


def _fd_filestat_get(guest: Guest, streams: Streams, raw: Any) -> int:
    return guest.write(raw[1].i32, bytes(16) + bytes((_CHARACTER_DEVICE,)) + bytes(47))


def _no_place(guest: Guest, streams: Streams, raw: Any) -> int:
    return SPIPE


def _nothing(guest: Guest, streams: Streams, raw: Any) -> int:
    return SUCCESS


IMPORTS: dict[str, Callable[[Any, Streams, Any], int]] = {
    "fd_read": _fd_read,
    "fd_write": _fd_write,
    "fd_fdstat_get": _fd_fdstat_get,
    "fd_fdstat_set_flags": _nothing,
    "fd_filestat_get": _fd_filestat_get,
    "fd_seek": _no_place,
    "fd_tell": _no_place,
    "fd_close": _nothing,
    "fd_sync": _nothing,
    "fd_datasync": _nothing,
}
