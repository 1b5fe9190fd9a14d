"""WASI preview 1's functions that open files to be written, and write. Each gets (guest, raw arguments).

Special files are never opened, and what an instance may write is bounded.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from typing import Any

from gateway.sandbox import naming, reading
from gateway.sandbox.files import (
    BADF,
    FAULT,
    FBIG,
    INVAL,
    NOSPC,
    O_DIRECTORY,
    READ,
    REGULAR,
    SUCCESS,
    WRITING,
    Folder,
    Guest,
    errno_of,
    parts,
    walk,
)
from gateway.sandbox.naming import Import

WRITE_LIMIT = 64 << 20  # bytes that an instance may write, and that a file may have when it is done
_CREATE, _EXCLUSIVE, _TRUNCATE = 1 << 0, 1 << 2, 1 << 3  # oflags
_APPEND = 1 << 0  # fdflags
_VECTORS = 64
_MODE = 0o600
_FLAGS = os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK


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
        written = _open(*found, oflags, bool(raw[7].i32 & _APPEND))
    except OSError as error:
        return naming.deny(guest, "path_open", errno_of(error))
    descriptor = guest.files.add(written)
    return guest.write(raw[8].i32, descriptor.to_bytes(4, "little")) if descriptor > 0 else -descriptor


def _open(folder: Folder, names: list[str], oflags: int, append: bool) -> Written:
    """Raises OSError."""
    at = walk(folder, names[:-1])
    try:
        create = (os.O_CREAT if oflags & _CREATE else 0) | (os.O_EXCL if oflags & _EXCLUSIVE else 0)
        file = os.open(names[-1], _FLAGS | create, _MODE, dir_fd=at)
    finally:
        os.close(at)
    try:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            raise OSError(errno.EINVAL, "not a file")
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


def _put(guest: Guest, file: Written, raw: Any, at: int | None, told: int) -> int:
    """Write the guest's buffers at `at` (None: at the end); how much goes where `told` points."""
    table = guest.read(raw[1].i32, 8 * min(raw[2].i32 & 0xFFFFFFFF, _VECTORS))
    if table is None:
        return FAULT
    written = 0
    for entry in range(0, len(table), 8):
        start, length = (int.from_bytes(table[i : i + 4], "little") for i in (entry, entry + 4))
        if guest.files.written + length > WRITE_LIMIT:
            return NOSPC
        content = guest.read(start, length)
        if content is None:
            return FAULT
        begin = os.fstat(file.file).st_size if at is None else at + written
        if begin + length > WRITE_LIMIT:
            return FBIG
        done = os.pwrite(file.file, content, begin)
        guest.files.written += done
        written += done
        if at is None:
            file.at = begin + done
        if done < length:
            break
    return guest.write(told, written.to_bytes(4, "little"))


def _fd_write(guest: Guest, file: Written, raw: Any) -> int:
    if file.append:
        return _put(guest, file, raw, None, raw[3].i32)
    before = guest.files.written
    answer = _put(guest, file, raw, file.at, raw[3].i32)
    file.at += guest.files.written - before
    return answer


def _fd_pwrite(guest: Guest, file: Written, raw: Any) -> int:
    return _put(guest, file, raw, raw[3].i64 & (1 << 64) - 1, raw[4].i32)


def _get(guest: Guest, file: Written, raw: Any, at: int, told: int) -> int:
    table = guest.read(raw[1].i32, 8 * min(raw[2].i32 & 0xFFFFFFFF, _VECTORS))
    if table is None:
        return FAULT
    given = 0
    for entry in range(0, len(table), 8):
        to, length = (int.from_bytes(table[i : i + 4], "little") for i in (entry, entry + 4))
        left = max(0, os.fstat(file.file).st_size - at - given)
        content = os.pread(file.file, min(length, left, WRITE_LIMIT), at + given)
        if guest.write(to, content) != SUCCESS:
            return FAULT
        given += len(content)
    return guest.write(told, given.to_bytes(4, "little")) or -given


def _fd_read(guest: Guest, file: Written, raw: Any) -> int:
    answer = _get(guest, file, raw, file.at, raw[3].i32)
    file.at -= min(answer, 0)
    return max(answer, 0)


def _fd_pread(guest: Guest, file: Written, raw: Any) -> int:
    at = raw[3].i64 & (1 << 64) - 1
    return max(_get(guest, file, raw, at, raw[4].i32), 0) if at < 1 << 62 else INVAL


def _fd_seek(guest: Guest, file: Written, raw: Any) -> int:
    base = {0: 0, 1: file.at, 2: os.fstat(file.file).st_size}.get(raw[2].i32)
    if base is None or not 0 <= base + raw[1].i64 < 1 << 62:
        return INVAL
    file.at = base + raw[1].i64
    return guest.write(raw[3].i32, file.at.to_bytes(8, "little"))


def _fd_tell(guest: Guest, file: Written, raw: Any) -> int:
    return guest.write(raw[1].i32, file.at.to_bytes(8, "little"))


def _fd_allocate(guest: Guest, file: Written, raw: Any) -> int:
    at, length = (raw[i].i64 & (1 << 64) - 1 for i in (1, 2))
    if at + length > WRITE_LIMIT:
        return FBIG
    if not length:
        return INVAL
    os.posix_fallocate(file.file, at, length)
    return SUCCESS


def _fd_filestat_set_size(guest: Guest, file: Written, raw: Any) -> int:
    size = raw[1].i64 & (1 << 64) - 1
    if size > WRITE_LIMIT:
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
