"""Files and folders that grants open to a guest, as WASI preview 1 has them: `fs:read:PATH` and `fs:write:PATH`.

A granted folder is preopened under its own name; of a granted file, its folder is, with that file alone in it. A path
never leads out: `..`, absolute paths and symbolic links are refused at every step of the way. A file that is open to be
read was read whole when it was opened, so that a guest doesn't wait for a disk each time; what a run opens, it closes.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Collection, Sequence
from typing import Protocol

from msgspec import Struct

# WASI preview 1 errno
SUCCESS, ACCES, BADF, EXIST, FAULT, FBIG, INVAL, IO, ISDIR, MFILE, NAMETOOLONG = 0, 2, 8, 20, 21, 22, 28, 29, 31, 33, 37
NOENT, NOSPC, NOTDIR, NOTEMPTY, OVERFLOW, XDEV, NOTCAPABLE = 44, 51, 54, 55, 61, 75, 76

SIZE_LIMIT = 64 << 20  # bytes of all files that an instance has open
OPEN_LIMIT = 64  # descriptors of an instance
WRITTEN_OPEN_LIMIT = 16  # of those, to files that are open to be written: they are the gateway's descriptors too
CALL_LIMIT = 1 << 20  # bytes that one call reads or writes: copying them keeps the GIL
OFFSET_LIMIT = 1 << 62  # bytes; a place in a file is before it
_VECTORS = 64  # buffers of a call
_PATH_LIMIT = 4096  # bytes
FIRST = 3  # descriptor; those before it are standard input, output and error
DIRECTORY, REGULAR = 3, 4  # filetype
READ = 1 << 1 | 1 << 2 | 1 << 5 | 1 << 13 | 1 << 14 | 1 << 18 | 1 << 21  # rights: read, seek, tell, open, list, stat
WRITING = 1 << 6 | 1 << 8 | 1 << 10 | 1 << 11 | 1 << 22  # rights: write, allocate, create, truncate
O_DIRECTORY = 1 << 1  # oflags; the others make or cut files
_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK


class Memory(Protocol):
    """A guest's memory."""

    def read(self, at: int, length: int) -> bytes | None: ...


class Guest(Memory, Protocol):
    """The running guest, as the functions here see it."""

    files: Files

    def write(self, at: int, content: bytes) -> int: ...
    def deny(self, name: str) -> int: ...


class Folder(Struct, frozen=True):
    """The folder `inside` a preopened one. `only`: the names that are seen there; None: all.

    `writes`: the names among them that may be written to; True: everything in it may.
    """

    preopened: str
    only: frozenset[str] | None = None
    inside: tuple[str, ...] = ()
    writes: frozenset[str] | bool = False

    def may_write(self, names: Sequence[str]) -> bool:
        if isinstance(self.writes, bool):
            return self.writes
        return len(names) == 1 and names[0] in self.writes


class File(Struct):
    """A file that is open to be read."""

    content: bytes
    at: int = 0


class Writable(Protocol):
    """A file that is open to be written (gateway.sandbox.writing)."""

    def close(self) -> None: ...


class Files:
    """What one instance may reach, and what it has open."""

    __slots__ = ("_held", "_next", "_open", "listing", "preopened", "written")

    def __init__(self, grants: Collection[str]) -> None:
        reads, writes = (
            sorted(grant.removeprefix(kind) for grant in grants if grant.startswith(f"{kind}/"))
            for kind in ("fs:read:", "fs:write:")
        )
        self.preopened = _preopened(reads, writes) if reads or writes else []
        self._open: dict[int, Folder | File | Writable] = dict(enumerate(self.preopened, FIRST))
        self._next = FIRST + len(self.preopened)
        self._held = 0  # bytes
        self.written = 0  # bytes, in this run
        self.listing: tuple[int, list[bytes]] | None = None  # descriptor of the folder read last, and its entries then

    def __del__(self) -> None:
        self.end()

    def begin(self) -> None:
        """The guest starts or goes on."""
        self.written = 0

    def end(self) -> None:
        """Close what the run has opened. An instance that waits for the next one holds no file."""
        self.listing = None
        for descriptor, known in list(self._open.items()):
            if not isinstance(known, Folder):
                self.close(descriptor)

    def get(self, descriptor: int) -> Folder | File | Writable | None:
        return self._open.get(descriptor)

    def open(self, folder: Folder, names: list[str], *, directory: bool) -> int:
        """A new descriptor to read from, or a negative errno."""
        if folder.only is not None and names and not (len(names) == 1 and names[0] in folder.only):
            return -NOENT
        if len(self._open) >= OPEN_LIMIT:
            return -MFILE
        try:
            found = _read(folder, names, SIZE_LIMIT - self._held)
        except OSError as error:
            return -errno_of(error)
        if isinstance(found, File) and directory:
            return -NOTDIR
        return self.add(found)

    def add(self, found: Folder | File | Writable) -> int:
        """Its descriptor, or a negative errno. No number is given twice: what a run has left open is nothing later."""
        writable = not isinstance(found, (Folder, File))
        if len(self._open) >= OPEN_LIMIT or (writable and self._writable() >= WRITTEN_OPEN_LIMIT):
            if not isinstance(found, (Folder, File)):
                found.close()
            return -MFILE
        if isinstance(found, File):
            self._held += len(found.content)
        descriptor, self._next = self._next, self._next + 1
        self._open[descriptor] = found
        return descriptor

    def _writable(self) -> int:
        return sum(not isinstance(known, (Folder, File)) for known in self._open.values())

    def close(self, descriptor: int) -> bool:
        self._forget(descriptor)
        closed = self._open.pop(descriptor, None)
        if isinstance(closed, File):
            self._held -= len(closed.content)
        elif closed is not None and not isinstance(closed, Folder):
            closed.close()
        return closed is not None

    def _forget(self, descriptor: int) -> None:
        if self.listing is not None and self.listing[0] == descriptor:
            self.listing = None

    def renumber(self, descriptor: int, to: int) -> bool:
        """Let `to` be what `descriptor` was; both must be open."""
        if descriptor not in self._open or to not in self._open:
            return False
        if descriptor != to:
            moved = self._open.pop(descriptor)
            self._forget(descriptor)
            self.close(to)
            self._open[to] = moved
        return True


_ERRORS = {
    errno.ELOOP: NOTCAPABLE,  # a link isn't followed
    errno.EFBIG: FBIG, errno.ENOTDIR: NOTDIR, errno.EINVAL: INVAL, errno.EEXIST: EXIST, errno.EISDIR: ISDIR,
    errno.ENOTEMPTY: NOTEMPTY, errno.EACCES: ACCES, errno.EPERM: ACCES, errno.EROFS: ACCES, errno.ENOSPC: NOSPC,
    errno.EDQUOT: NOSPC, errno.EXDEV: XDEV, errno.ENXIO: INVAL, errno.EIO: IO, errno.ENAMETOOLONG: NAMETOOLONG,
    errno.EMFILE: MFILE, errno.ENFILE: MFILE, errno.EBUSY: ACCES, errno.EOVERFLOW: OVERFLOW,
}  # fmt: skip


def errno_of(error: OSError) -> int:
    """WASI's number for an error of the system's."""
    return _ERRORS.get(error.errno or 0, NOENT)


def parts(guest: Guest, at: int, length: int) -> list[str] | int:
    """The names of a path in the guest's memory; or an errno, NOTCAPABLE where it leads out of its folder."""
    length &= 0xFFFFFFFF
    path = guest.read(at, length) if length <= _PATH_LIMIT else b"\xff"
    if path is None:
        return FAULT
    try:
        text = path.decode()
    except UnicodeDecodeError:
        return INVAL
    names = [name for name in text.split("/") if name not in ("", ".")]
    return NOTCAPABLE if text.startswith("/") or ".." in names or "\0" in text else names


def vectors(guest: Memory, at: int, count: int) -> list[tuple[int, int]] | None:
    """A guest's buffers, address and length: as many as one call fills, CALL_LIMIT bytes. None: no memory is there."""
    table = guest.read(at, 8 * min(count & 0xFFFFFFFF, _VECTORS))
    if table is None:
        return None
    numbers = [int.from_bytes(table[i : i + 4], "little") for i in range(0, len(table), 4)]
    found, left = [], CALL_LIMIT
    for start, length in zip(numbers[::2], numbers[1::2], strict=True):
        found.append((start, min(length, left)))
        left -= min(length, left)
        if not left:
            break
    return found


def step_into(at: int, name: str, flags: int = _FLAGS, mode: int = 0) -> int:
    """A descriptor for `name` in the folder `at`, which is to be closed. Raises OSError.

    No link is followed. What is neither a folder nor a file isn't opened: that can end somebody's wait, or do whatever
    a device does.
    """
    try:
        _check_kind(os.stat(name, dir_fd=at, follow_symlinks=False))
    except FileNotFoundError:
        if not flags & os.O_CREAT:
            raise
    into = os.open(name, flags | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK, mode, dir_fd=at)
    try:
        _check_kind(os.fstat(into))  # somebody may have put another thing in its place
    except OSError:
        os.close(into)
        raise
    return into


def _check_kind(known: os.stat_result) -> None:
    if not (stat.S_ISDIR(known.st_mode) or stat.S_ISREG(known.st_mode) or stat.S_ISLNK(known.st_mode)):
        raise OSError(errno.EINVAL, "not a file")


def walk(folder: Folder, names: Sequence[str]) -> int:
    """A descriptor of the gateway's own for what `names` lead to, which is to be closed. Raises OSError."""
    at = os.open(folder.preopened, _FLAGS & ~os.O_NOFOLLOW | os.O_DIRECTORY)  # the grant itself may lie behind a link
    try:
        for name in (*folder.inside, *names):
            into = step_into(at, name)
            os.close(at)
            at = into
    except BaseException:
        os.close(at)
        raise
    return at


def _preopened(reads: list[str], writes: list[str]) -> list[Folder]:
    whole = {path.rstrip("/") or "/": path in writes for path in (*reads, *writes) if os.path.isdir(path)}
    names: dict[str, dict[str, bool]] = {}
    for path in (*reads, *writes):
        if not os.path.isdir(path):
            folder, _, name = path.rpartition("/")
            names.setdefault(folder or "/", {})[name] = path in writes
    return [Folder(path, None, (), may) for path, may in whole.items()] + [
        Folder(path, frozenset(only), (), frozenset(name for name, may in only.items() if may))
        for path, only in names.items()
    ]


def _read(folder: Folder, names: list[str], most: int) -> Folder | File:
    """Raises OSError."""
    at = walk(folder, names)
    try:
        kind = os.fstat(at)
        if stat.S_ISDIR(kind.st_mode):
            inside, only = (*folder.inside, *names), None if names else folder.only
            return Folder(folder.preopened, only, inside, folder.writes)
        if kind.st_size > most:
            raise OSError(errno.EFBIG, "too large")
        with open(at, "rb", closefd=False) as file:
            content = file.read(most + 1)
        if len(content) > most:
            raise OSError(errno.EFBIG, "too large")
        return File(content)
    finally:
        os.close(at)
