"""WASI preview 1's functions that open files to be written, and write. Each gets (guest, raw arguments).

What a run may write is bounded, and so is what all of them leave of a disk.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from typing import Any

from gateway.sandbox import naming, reading, room
from gateway.sandbox.files import (
    BADF,
    FAULT,
    FBIG,
    INVAL,
    O_DIRECTORY,
    OFFSET_LIMIT,
    READ,
    REGULAR,
    SUCCESS,
    WRITING,
    Folder,
    Guest,
    errno_of,
    parts,
    step_into,
    vectors,
    walk,
)
from gateway.sandbox.naming import Import

_CREATE, _EXCLUSIVE, _TRUNCATE = 1 << 0, 1 << 2, 1 << 3  # oflags
_APPEND = 1 << 0  # fdflags
_MODE = 0o600


class Written:
    """A file that is open to be written. It is closed with the instance."""

    __slots__ = ("append", "at", "file")

    def __init__(self, file: int, append: bool) -> None:
        self.file, self.append, self.at = file, append, 0

    def close(self) -> None:
        os.close(self.file)


def _of_file(name: str, change: Callable[[Guest, Written, Any], int], instead: Import | None = None) -> Import:
    """A function that gets the file which its first argument names; `instead`: for what isn't open to be written."""

    def call(guest: Guest, raw: Any) -> int:
        file = guest.files.get(raw[0].i32)
        if isinstance(file, Written):
            try:
                return change(guest, file, raw)
            except OSError as error:
                return errno_of(error)
        if instead is not None:
            return instead(guest, raw)
        writes = any(folder.writes for folder in guest.files.preopened)
        return BADF if writes and file is None else guest.deny(name)

    return call


# ---------------------------------------------------------------- opening


def _path_open(guest: Guest, raw: Any) -> int:
    oflags = raw[4].i32
    if not oflags & ~O_DIRECTORY and not raw[5].i64 & WRITING:
        return reading.IMPORTS["path_open"](guest, raw)
    folder = guest.files.get(raw[0].i32)
    whole = isinstance(folder, Folder) and folder.writes is True
    if whole and not oflags & ~O_DIRECTORY and (oflags & O_DIRECTORY or _is_folder(guest, folder, raw)):
        # language runtimes ask for all rights where they open a folder
        return _open_folder(guest, folder, raw)
    found = naming.named(guest, raw[0].i32, raw[2].i32, raw[3].i32, file=True)
    if isinstance(found, int):
        return naming.deny(guest, "path_open", found)
    try:
        written = _open(guest, *found, oflags, bool(raw[7].i32 & _APPEND))
    except OSError as error:
        return naming.deny(guest, "path_open", errno_of(error))
    descriptor = guest.files.add(written)
    return guest.write(raw[8].i32, descriptor.to_bytes(4, "little")) if descriptor > 0 else -descriptor


def _open(guest: Guest, folder: Folder, names: list[str], oflags: int, append: bool) -> Written:
    """Raises OSError."""
    at = walk(folder, names[:-1])
    try:
        flags = os.O_RDWR
        if oflags & _CREATE:
            room.spend(guest, at, room.MADE)
            flags |= os.O_CREAT | (os.O_EXCL if oflags & _EXCLUSIVE else 0)
        file = step_into(at, names[-1], flags, _MODE)
    finally:
        os.close(at)
    try:
        if oflags & _TRUNCATE:
            os.ftruncate(file, 0)
    except OSError:
        os.close(file)
        raise
    return Written(file, append)


def _is_folder(guest: Guest, folder: Any, raw: Any) -> bool:
    names = parts(guest, raw[2].i32, raw[3].i32)
    if isinstance(names, int):
        return False
    try:
        at = walk(folder, names)
    except OSError:
        return False
    try:
        return stat.S_ISDIR(os.fstat(at).st_mode)
    finally:
        os.close(at)


def _open_folder(guest: Guest, folder: Any, raw: Any) -> int:
    names = parts(guest, raw[2].i32, raw[3].i32)
    if isinstance(names, int):
        return naming.deny(guest, "path_open", names)
    descriptor = guest.files.open(folder, names, directory=True)
    if descriptor < 0:
        return naming.deny(guest, "path_open", -descriptor)
    return guest.write(raw[8].i32, descriptor.to_bytes(4, "little"))


# ---------------------------------------------------------------- open files


def _put(guest: Guest, file: Written, raw: Any, at: int, told: int) -> tuple[int, int]:
    """Write the guest's buffers at `at`. Gives an errno, and how many bytes, which go where `told` points too."""
    buffers = vectors(guest, raw[1].i32, raw[2].i32)
    if buffers is None:
        return FAULT, 0
    if at + sum(length for _, length in buffers) > room.WRITE_LIMIT:
        return FBIG, 0
    parts = [guest.read(start, length) for start, length in buffers]
    content = b"".join(part for part in parts if part is not None)
    if None in parts:
        return FAULT, 0
    room.spend(guest, file.file, len(content))
    done = os.pwrite(file.file, content, at)
    return guest.write(told, done.to_bytes(4, "little")), done


def _fd_write(guest: Guest, file: Written, raw: Any) -> int:
    at = os.fstat(file.file).st_size if file.append else file.at
    answer, done = _put(guest, file, raw, at, raw[3].i32)
    file.at = at + done
    return answer


def _fd_pwrite(guest: Guest, file: Written, raw: Any) -> int:
    return _put(guest, file, raw, raw[3].i64 & (1 << 64) - 1, raw[4].i32)[0]


def _get(guest: Guest, file: Written, raw: Any, at: int, told: int) -> tuple[int, int]:
    """Fill the guest's buffers from `at` on. Gives an errno, and how many bytes, which go where `told` points too."""
    buffers = vectors(guest, raw[1].i32, raw[2].i32)
    if buffers is None:
        return FAULT, 0
    if at >= OFFSET_LIMIT:
        return INVAL, 0
    content = os.pread(file.file, sum(length for _, length in buffers), at)
    given = 0
    for to, length in buffers:
        if guest.write(to, content[given : given + length]) != SUCCESS:
            return FAULT, 0
        given = min(given + length, len(content))
    return guest.write(told, given.to_bytes(4, "little")), given


def _fd_read(guest: Guest, file: Written, raw: Any) -> int:
    answer, given = _get(guest, file, raw, file.at, raw[3].i32)
    file.at += given
    return answer


def _fd_pread(guest: Guest, file: Written, raw: Any) -> int:
    return _get(guest, file, raw, raw[3].i64 & (1 << 64) - 1, raw[4].i32)[0]


def _fd_seek(guest: Guest, file: Written, raw: Any) -> int:
    base = {0: 0, 1: file.at, 2: os.fstat(file.file).st_size}.get(raw[2].i32)
    if base is None or not 0 <= base + raw[1].i64 < OFFSET_LIMIT:
        return INVAL
    file.at = base + raw[1].i64
    return guest.write(raw[3].i32, file.at.to_bytes(8, "little"))


def _fd_tell(guest: Guest, file: Written, raw: Any) -> int:
    return guest.write(raw[1].i32, file.at.to_bytes(8, "little"))


def _fd_allocate(guest: Guest, file: Written, raw: Any) -> int:
    at, length = (raw[i].i64 & (1 << 64) - 1 for i in (1, 2))
    if at + length > room.WRITE_LIMIT:
        return FBIG
    if not length:
        return INVAL
    room.spend(guest, file.file, length)
    os.posix_fallocate(file.file, at, length)
    return SUCCESS


def _fd_filestat_set_size(guest: Guest, file: Written, raw: Any) -> int:
    size = raw[1].i64 & (1 << 64) - 1
    if size > room.WRITE_LIMIT:
        return FBIG
    os.ftruncate(file.file, size)
    return SUCCESS


def _fd_filestat_set_times(guest: Guest, file: Written, raw: Any) -> int:
    naming.set_times(file.file, raw, 1)
    return SUCCESS


def _fd_sync(guest: Guest, file: Written, raw: Any) -> int:
    os.fdatasync(file.file)
    return SUCCESS


def _fd_fdstat_get(guest: Guest, file: Written, raw: Any) -> int:
    rights = (READ | WRITING).to_bytes(8, "little")
    flags = (_APPEND if file.append else 0).to_bytes(2, "little")
    return guest.write(raw[1].i32, bytes((REGULAR, 0)) + flags + bytes(4) + rights + bytes(8))


def _fd_fdstat_set_flags(guest: Guest, file: Written, raw: Any) -> int:
    file.append = bool(raw[1].i32 & _APPEND)
    return SUCCESS


def _fd_filestat_get(guest: Guest, file: Written, raw: Any) -> int:
    return guest.write(raw[1].i32, naming.filestat(REGULAR, os.fstat(file.file).st_size))


def _fd_advise(guest: Guest, raw: Any) -> int:
    return SUCCESS if guest.files.get(raw[0].i32) else reading.unknown(guest, "fd_advise")


def _fd_renumber(guest: Guest, raw: Any) -> int:
    return SUCCESS if guest.files.renumber(raw[0].i32, raw[1].i32) else reading.unknown(guest, "fd_renumber")


_OF_OPEN_FILES = {
    "fd_write": _fd_write, "fd_pwrite": _fd_pwrite, "fd_read": _fd_read, "fd_pread": _fd_pread, "fd_seek": _fd_seek,
    "fd_tell": _fd_tell, "fd_allocate": _fd_allocate, "fd_filestat_set_size": _fd_filestat_set_size,
    "fd_filestat_set_times": _fd_filestat_set_times, "fd_sync": _fd_sync, "fd_datasync": _fd_sync,
    "fd_fdstat_get": _fd_fdstat_get, "fd_fdstat_set_flags": _fd_fdstat_set_flags, "fd_filestat_get": _fd_filestat_get,
}  # fmt: skip


def imports(others: dict[str, Import]) -> dict[str, Import]:
    """All of them; `others`: what the functions do with descriptors that aren't open to be written."""
    return {
        **{name: _of_file(name, change, others.get(name)) for name, change in _OF_OPEN_FILES.items()},
        "path_open": _path_open,
        "fd_advise": _fd_advise,
        "fd_renumber": _fd_renumber,
        **naming.IMPORTS,
    }
