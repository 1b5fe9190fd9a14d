"""WASI preview 1: looking at what is granted and open, and reading from it. Each gets (guest, raw arguments)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gateway.sandbox.files import (
    BADF,
    DIRECTORY,
    FAULT,
    FIRST,
    INVAL,
    NOTCAPABLE,
    NOTDIR,
    O_DIRECTORY,
    OFFSET_LIMIT,
    READ,
    REGULAR,
    SUCCESS,
    WRITING,
    File,
    Folder,
    Guest,
    parts,
    vectors,
)


def unknown(guest: Guest, name: str) -> int:
    """A descriptor that isn't one to read from: a mistake of a guest that may read, an attempt of one that may not."""
    return BADF if guest.files.preopened else guest.deny(name)


def _fd_prestat_get(guest: Guest, raw: Any) -> int:
    index = raw[0].i32 - FIRST
    if not 0 <= index < len(guest.files.preopened):
        return BADF  # the end of the list, which language runtimes walk at start
    name = guest.files.preopened[index].preopened.encode()
    return guest.write(raw[1].i32, b"\0\0\0\0" + len(name).to_bytes(4, "little"))


def _fd_prestat_dir_name(guest: Guest, raw: Any) -> int:
    index = raw[0].i32 - FIRST
    if not 0 <= index < len(guest.files.preopened):
        return unknown(guest, "fd_prestat_dir_name")
    name = guest.files.preopened[index].preopened.encode()
    return guest.write(raw[1].i32, name) if len(name) <= raw[2].i32 & 0xFFFFFFFF else INVAL


def _path_open(guest: Guest, raw: Any) -> int:
    """To read, that is; `gateway.sandbox.writing` opens to write."""
    folder = guest.files.get(raw[0].i32)
    if not guest.files.preopened or raw[4].i32 & ~O_DIRECTORY or raw[5].i64 & WRITING:
        return guest.deny("path_open")
    if not isinstance(folder, Folder):
        return NOTDIR if folder else BADF
    names = parts(guest, raw[2].i32, raw[3].i32)
    if isinstance(names, int):
        return guest.deny("path_open") if names == NOTCAPABLE else names
    descriptor = guest.files.open(folder, names, directory=bool(raw[4].i32 & O_DIRECTORY))
    if descriptor == -NOTCAPABLE:
        return guest.deny("path_open")
    return guest.write(raw[8].i32, descriptor.to_bytes(4, "little")) if descriptor > 0 else -descriptor


def _fd_read(guest: Guest, raw: Any) -> int:
    file = guest.files.get(raw[0].i32)
    if not isinstance(file, File):
        return unknown(guest, "fd_read")
    given = _scatter(guest, file.content, file.at, raw[1].i32, raw[2].i32)
    if given < 0:
        return -given
    file.at += given
    return guest.write(raw[3].i32, given.to_bytes(4, "little"))


def _fd_pread(guest: Guest, raw: Any) -> int:
    file = guest.files.get(raw[0].i32)
    if not isinstance(file, File):
        return unknown(guest, "fd_pread")
    given = _scatter(guest, file.content, raw[3].i64 & (1 << 64) - 1, raw[1].i32, raw[2].i32)
    return guest.write(raw[4].i32, given.to_bytes(4, "little")) if given >= 0 else -given


def _scatter(guest: Guest, content: bytes, at: int, table: int, count: int) -> int:
    """How many bytes of `content` from `at` on were written to the guest's buffers, or a negative errno."""
    buffers = vectors(guest, table, count)
    if buffers is None:
        return -FAULT
    start = at
    for to, length in buffers:
        part = content[at : at + length]
        if guest.write(to, part) != SUCCESS:
            return -FAULT
        at += len(part)
    return at - start


def _fd_seek(guest: Guest, raw: Any) -> int:
    file = guest.files.get(raw[0].i32)
    if not isinstance(file, File):
        return unknown(guest, "fd_seek")
    base = {0: 0, 1: file.at, 2: len(file.content)}.get(raw[2].i32)
    if base is None or not 0 <= base + raw[1].i64 < OFFSET_LIMIT:
        return INVAL
    file.at = base + raw[1].i64
    return guest.write(raw[3].i32, file.at.to_bytes(8, "little"))


def _fd_tell(guest: Guest, raw: Any) -> int:
    file = guest.files.get(raw[0].i32)
    if not isinstance(file, File):
        return unknown(guest, "fd_tell")
    return guest.write(raw[1].i32, file.at.to_bytes(8, "little"))


def _fd_close(guest: Guest, raw: Any) -> int:
    return SUCCESS if guest.files.close(raw[0].i32) else unknown(guest, "fd_close")


def _fd_fdstat_get(guest: Guest, raw: Any) -> int:
    known = guest.files.get(raw[0].i32)
    if known is None:
        return unknown(guest, "fd_fdstat_get")
    kind = DIRECTORY if isinstance(known, Folder) else REGULAR
    rights = READ.to_bytes(8, "little")
    return guest.write(raw[1].i32, bytes((kind,)) + bytes(7) + rights + rights)


def _fd_filestat_get(guest: Guest, raw: Any) -> int:
    known = guest.files.get(raw[0].i32)
    if known is None:
        return unknown(guest, "fd_filestat_get")
    size = len(known.content) if isinstance(known, File) else 0
    kind = DIRECTORY if isinstance(known, Folder) else REGULAR
    # Device, inode, links and times are the machine's business.
    return guest.write(raw[1].i32, bytes(16) + bytes((kind,)) + bytes(15) + size.to_bytes(8, "little") + bytes(24))


IMPORTS: dict[str, Callable[[Any, Any], int]] = {
    "fd_prestat_get": _fd_prestat_get,
    "fd_prestat_dir_name": _fd_prestat_dir_name,
    "path_open": _path_open,
    "fd_read": _fd_read,
    "fd_pread": _fd_pread,
    "fd_seek": _fd_seek,
    "fd_tell": _fd_tell,
    "fd_close": _fd_close,
    "fd_fdstat_get": _fd_fdstat_get,
    "fd_filestat_get": _fd_filestat_get,
}
