"""Files and folders that a grant `fs:read:PATH` opens to a guest, as WASI preview 1 has them: to read, no more.

A granted folder is preopened under its own name; of a granted file, its folder is, with that file alone in it. A path
never leads out: `..`, absolute paths and symbolic links are refused at every step of the way. A file is read whole
when it is opened, so that a guest holds no descriptor of the gateway's and never waits for a disk while it runs.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Collection
from typing import Any, Protocol

from msgspec import Struct

# WASI preview 1 errno
SUCCESS, BADF, FAULT, FBIG, INVAL, IO, MFILE, NOENT, NOTDIR, NOTCAPABLE = 0, 8, 21, 22, 28, 29, 33, 44, 54, 76

SIZE_LIMIT = 64 << 20  # bytes of all files that an instance has open
OPEN_LIMIT = 64  # descriptors of an instance
_PATH_LIMIT = 4096  # bytes
_FIRST = 3  # descriptor; those before it are standard input, output and error
_DIRECTORY, _REGULAR = 3, 4  # filetype
_READ = 1 << 1 | 1 << 2 | 1 << 5 | 1 << 13 | 1 << 14 | 1 << 18 | 1 << 21  # rights: read, seek, tell, open, list, stat
_WRITING = 1 << 6 | 1 << 8 | 1 << 10 | 1 << 11 | 1 << 22  # rights: write, allocate, create, truncate
_O_DIRECTORY = 1 << 1  # oflags; the others make or cut files
_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK


class Guest(Protocol):
    """The running guest, as the functions here see it."""

    files: Files

    def read(self, at: int, length: int) -> bytes | None: ...
    def write(self, at: int, content: bytes) -> int: ...
    def deny(self, name: str) -> int: ...


class _Folder(Struct, frozen=True):
    """The folder `inside` a preopened one. `only`: the names that are seen there; None: all."""

    preopened: str
    only: frozenset[str] | None = None
    inside: tuple[str, ...] = ()


class _File(Struct):
    content: bytes
    at: int = 0


class Files:
    """What one instance may read, and what it has open."""

    __slots__ = ("_held", "_open", "preopened")

    def __init__(self, grants: Collection[str]) -> None:
        paths = sorted(grant.removeprefix("fs:read:") for grant in grants if grant.startswith("fs:read:"))
        self.preopened = _preopened(paths) if paths else []
        self._open: dict[int, _Folder | _File] = dict(enumerate(self.preopened, _FIRST))
        self._held = 0  # bytes

    def get(self, descriptor: int) -> _Folder | _File | None:
        return self._open.get(descriptor)

    def open(self, folder: _Folder, path: str, *, directory: bool) -> int:
        """A new descriptor, or a negative errno."""
        names = [name for name in path.split("/") if name not in ("", ".")]
        if path.startswith("/") or ".." in names or "\0" in path:
            return -NOTCAPABLE
        if folder.only is not None and names and not (len(names) == 1 and names[0] in folder.only):
            return -NOENT
        if len(self._open) >= OPEN_LIMIT:
            return -MFILE
        try:
            found = _read(folder, names, SIZE_LIMIT - self._held)
        except OSError as error:
            return -_ERRORS.get(error.errno or 0, NOENT)
        if isinstance(found, _File):
            if directory:
                return -NOTDIR
            self._held += len(found.content)
        descriptor = max(self._open, default=_FIRST - 1) + 1
        self._open[descriptor] = found
        return descriptor

    def close(self, descriptor: int) -> bool:
        closed = self._open.pop(descriptor, None)
        if isinstance(closed, _File):
            self._held -= len(closed.content)
        return closed is not None


# A link is not followed (ELOOP); a file that is too large for what the instance may hold is refused (EFBIG).
_ERRORS = {40: NOTCAPABLE, 20: NOTDIR, 27: FBIG, 22: INVAL}


def _preopened(paths: list[str]) -> list[_Folder]:
    whole = [path.rstrip("/") or "/" for path in paths if os.path.isdir(path)]
    names: dict[str, set[str]] = {}
    for path in paths:
        if not os.path.isdir(path):
            folder, _, name = path.rpartition("/")
            names.setdefault(folder or "/", set()).add(name)
    return [_Folder(path) for path in whole] + [_Folder(path, frozenset(only)) for path, only in names.items()]


def _read(folder: _Folder, names: list[str], most: int) -> _Folder | _File:
    """Raises OSError."""
    at = os.open(folder.preopened, _FLAGS & ~os.O_NOFOLLOW | os.O_DIRECTORY)  # the grant itself may lie behind a link
    try:
        for name in (*folder.inside, *names):
            into = os.open(name, _FLAGS, dir_fd=at)
            os.close(at)
            at = into
        kind = os.fstat(at)
        if stat.S_ISDIR(kind.st_mode):
            return _Folder(folder.preopened, None if names else folder.only, (*folder.inside, *names))
        if not stat.S_ISREG(kind.st_mode):
            raise OSError(22, "not a file")
        if kind.st_size > most:
            raise OSError(27, "too large")
        with open(at, "rb", closefd=False) as file:
            content = file.read(most + 1)
        if len(content) > most:
            raise OSError(27, "too large")
        return _File(content)
    finally:
        os.close(at)


# ---------------------------------------------------------------- the imports; each gets (guest, raw arguments)


def _unknown(guest: Guest, name: str) -> int:
    """A descriptor that isn't one to read from: a mistake of a guest that may read, an attempt of one that may not."""
    return BADF if guest.files.preopened else guest.deny(name)


def _fd_prestat_get(guest: Guest, raw: Any) -> int:
    index = raw[0].i32 - _FIRST
    if not 0 <= index < len(guest.files.preopened):
        return BADF  # the end of the list, which language runtimes walk at start
    name = guest.files.preopened[index].preopened.encode()
    return guest.write(raw[1].i32, b"\0\0\0\0" + len(name).to_bytes(4, "little"))


def _fd_prestat_dir_name(guest: Guest, raw: Any) -> int:
    index = raw[0].i32 - _FIRST
    if not 0 <= index < len(guest.files.preopened):
        return _unknown(guest, "fd_prestat_dir_name")
    name = guest.files.preopened[index].preopened.encode()
    return guest.write(raw[1].i32, name) if len(name) <= raw[2].i32 & 0xFFFFFFFF else INVAL


def _path_open(guest: Guest, raw: Any) -> int:
    folder = guest.files.get(raw[0].i32)
    length = raw[3].i32 & 0xFFFFFFFF
    if not guest.files.preopened or raw[4].i32 & ~_O_DIRECTORY or raw[5].i64 & _WRITING:
        return guest.deny("path_open")
    if not isinstance(folder, _Folder):
        return NOTDIR if folder else BADF
    path = guest.read(raw[2].i32, length) if length <= _PATH_LIMIT else b"\xff"
    if path is None:
        return FAULT
    try:
        name = path.decode()
    except UnicodeDecodeError:
        return INVAL
    descriptor = guest.files.open(folder, name, directory=bool(raw[4].i32 & _O_DIRECTORY))
    if descriptor == -NOTCAPABLE:
        return guest.deny("path_open")
    return guest.write(raw[8].i32, descriptor.to_bytes(4, "little")) if descriptor > 0 else -descriptor


def _fd_read(guest: Guest, raw: Any) -> int:
    file = guest.files.get(raw[0].i32)
    if not isinstance(file, _File):
        return _unknown(guest, "fd_read")
    given = _scatter(guest, file.content, file.at, raw[1].i32, raw[2].i32)
    if given < 0:
        return -given
    file.at += given
    return guest.write(raw[3].i32, given.to_bytes(4, "little"))


def _fd_pread(guest: Guest, raw: Any) -> int:
    file = guest.files.get(raw[0].i32)
    if not isinstance(file, _File):
        return _unknown(guest, "fd_pread")
    given = _scatter(guest, file.content, raw[3].i64 & (1 << 64) - 1, raw[1].i32, raw[2].i32)
    return guest.write(raw[4].i32, given.to_bytes(4, "little")) if given >= 0 else -given


def _scatter(guest: Guest, content: bytes, at: int, vectors: int, count: int) -> int:
    """How many bytes of `content` from `at` on were written to the guest's buffers, or a negative errno."""
    table = guest.read(vectors, 8 * min(count & 0xFFFFFFFF, 64))
    if table is None:
        return -FAULT
    start = at
    for entry in range(0, len(table), 8):
        to, length = (int.from_bytes(table[i : i + 4], "little") for i in (entry, entry + 4))
        part = content[at : at + length]
        if guest.write(to, part) != SUCCESS:
            return -FAULT
        at += len(part)
    return at - start


def _fd_seek(guest: Guest, raw: Any) -> int:
    file = guest.files.get(raw[0].i32)
    if not isinstance(file, _File):
        return _unknown(guest, "fd_seek")
    base = {0: 0, 1: file.at, 2: len(file.content)}.get(raw[2].i32)
    if base is None or base + raw[1].i64 < 0:
        return INVAL
    file.at = base + raw[1].i64
    return guest.write(raw[3].i32, (file.at & (1 << 64) - 1).to_bytes(8, "little"))


def _fd_tell(guest: Guest, raw: Any) -> int:
    file = guest.files.get(raw[0].i32)
    if not isinstance(file, _File):
        return _unknown(guest, "fd_tell")
    return guest.write(raw[1].i32, file.at.to_bytes(8, "little"))


def _fd_close(guest: Guest, raw: Any) -> int:
    return SUCCESS if guest.files.close(raw[0].i32) else _unknown(guest, "fd_close")


def _fd_fdstat_get(guest: Guest, raw: Any) -> int:
    known = guest.files.get(raw[0].i32)
    if known is None:
        return _unknown(guest, "fd_fdstat_get")
    kind = _DIRECTORY if isinstance(known, _Folder) else _REGULAR
    rights = _READ.to_bytes(8, "little")
    return guest.write(raw[1].i32, bytes((kind,)) + bytes(7) + rights + rights)


def _fd_filestat_get(guest: Guest, raw: Any) -> int:
    known = guest.files.get(raw[0].i32)
    if known is None:
        return _unknown(guest, "fd_filestat_get")
    size = len(known.content) if isinstance(known, _File) else 0
    kind = _DIRECTORY if isinstance(known, _Folder) else _REGULAR
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
