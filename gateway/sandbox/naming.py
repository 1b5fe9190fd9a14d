"""WASI preview 1's functions that go by names in folders. Each gets (guest, raw arguments).

Links are never made, read or followed. Only within a folder that `fs:write:` grants are folders made, and things
renamed and removed: a grant of a file opens that file alone.
"""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Callable
from typing import Any

from gateway.sandbox import reading, room
from gateway.sandbox.files import (
    BADF,
    CALL_LIMIT,
    DIRECTORY,
    INVAL,
    NOENT,
    NOTCAPABLE,
    NOTDIR,
    REGULAR,
    SUCCESS,
    Folder,
    Guest,
    errno_of,
    parts,
    step_into,
    walk,
)

_ACCESSED, _ACCESSED_NOW, _MODIFIED, _MODIFIED_NOW = 1 << 0, 1 << 1, 1 << 2, 1 << 3  # fstflags
_LINK = 7  # filetype
NAMES_LIMIT = 10_000  # of a folder that is listed

Import = Callable[[Any, Any], int]


def deny(guest: Guest, name: str, number: int) -> int:
    """The errno; that a path led out, or where it may not write, is an attempt that counts."""
    return guest.deny(name) if number == NOTCAPABLE else number


def _of_path(name: str, place: int, change: Callable[[Guest, int, str, Any], object], *, file: bool = False) -> Import:
    """A function that gets the folder, as a descriptor of the gateway's own, and a name in it.

    `place`: of the path among the arguments. `file`: a grant of the file alone is enough.
    """

    def call(guest: Guest, raw: Any) -> int:
        found = named(guest, raw[0].i32, raw[place].i32, raw[place + 1].i32, file=file)
        if isinstance(found, int):
            return deny(guest, name, found)
        folder, names = found
        try:
            at = walk(folder, names[:-1])
            try:
                change(guest, at, names[-1], raw)
            finally:
                os.close(at)
        except OSError as error:
            return deny(guest, name, errno_of(error))
        return SUCCESS

    return call


def named(guest: Guest, descriptor: int, at: int, length: int, *, file: bool) -> tuple[Folder, list[str]] | int:
    """The folder of a path that may be written to, and the path's names; or an errno."""
    folder = guest.files.get(descriptor)
    if not isinstance(folder, Folder):
        return NOTCAPABLE if not guest.files.preopened else NOTDIR if folder else BADF
    names = parts(guest, at, length)
    if isinstance(names, int):
        return names
    if not (folder.may_write(names) if file else folder.writes is True):
        return NOTCAPABLE
    return (folder, names) if names else INVAL


def _fd_readdir(guest: Guest, raw: Any) -> int:
    """Entries of 24 bytes and a name each, from the one that the cookie counts; the last may be cut off.

    They are those that were there when the guest began at the first.
    """
    descriptor = raw[0].i32
    folder = guest.files.get(descriptor)
    if not isinstance(folder, Folder):
        return NOTDIR if folder else reading.unknown(guest, "fd_readdir")
    room, first = min(raw[2].i32 & 0xFFFFFFFF, CALL_LIMIT), raw[3].i64 & (1 << 64) - 1
    known = guest.files.listing
    if not first or known is None or known[0] != descriptor:
        try:
            known = guest.files.listing = (descriptor, _entries(folder))
        except OSError as error:
            return errno_of(error)
    content = bytearray()
    for entry in known[1][first:]:
        content += entry
        if len(content) >= room:
            break
    return guest.write(raw[1].i32, bytes(content[:room])) or guest.write(
        raw[4].i32, min(len(content), room).to_bytes(4, "little")
    )


def _entries(folder: Folder) -> list[bytes]:
    """By name. Raises OSError, for more names than are listed as well."""
    at = walk(folder, ())
    try:
        if folder.only is not None:  # beside a granted file there may be many
            kinds = {name: known for name in folder.only if (known := _kind_of(at, name)) is not None}
        else:
            kinds = {}
            with os.scandir(at) as found:
                for entry in found:
                    if len(kinds) == NAMES_LIMIT:
                        raise OSError(errno.EOVERFLOW, "too many names")
                    kinds[entry.name] = _kind_of_entry(entry)
    finally:
        os.close(at)
    entries = []
    for number, name in enumerate(sorted(kinds), 1):
        encoded = os.fsencode(name)
        head = number.to_bytes(8, "little") + bytes(8) + len(encoded).to_bytes(4, "little")
        entries.append(head + bytes((kinds[name], 0, 0, 0)) + encoded)
    return entries


def _kind_of(at: int, name: str) -> int | None:
    try:
        return _kind(os.stat(name, dir_fd=at, follow_symlinks=False).st_mode)
    except FileNotFoundError:
        return None


def _kind_of_entry(entry: os.DirEntry[str]) -> int:
    """As the folder itself says, without a look at each."""
    if entry.is_symlink():
        return _LINK
    regular = REGULAR if entry.is_file(follow_symlinks=False) else 0
    return DIRECTORY if entry.is_dir(follow_symlinks=False) else regular


def _path_filestat_get(guest: Guest, raw: Any) -> int:
    folder = guest.files.get(raw[0].i32)
    if not isinstance(folder, Folder):
        return NOTDIR if folder else reading.unknown(guest, "path_filestat_get")
    names = parts(guest, raw[2].i32, raw[3].i32)
    if isinstance(names, int):
        return deny(guest, "path_filestat_get", names)
    if folder.only is not None and names and not (len(names) == 1 and names[0] in folder.only):
        return NOENT
    try:
        at = walk(folder, names[:-1])
        try:
            found = os.stat(names[-1], dir_fd=at, follow_symlinks=False) if names else os.fstat(at)
        finally:
            os.close(at)
    except OSError as error:
        return deny(guest, "path_filestat_get", errno_of(error))
    kind = _kind(found.st_mode)
    return guest.write(raw[4].i32, filestat(kind, found.st_size if kind == REGULAR else 0))


def _path_rename(guest: Guest, raw: Any) -> int:
    ends = [named(guest, raw[i].i32, raw[i + 1].i32, raw[i + 2].i32, file=False) for i in (0, 3)]
    opened: list[int] = []
    try:
        for end in ends:
            if isinstance(end, int):
                return deny(guest, "path_rename", end)
            opened.append(walk(end[0], end[1][:-1]))
        (_, old), (_, new) = ends  # type: ignore[misc]
        os.rename(old[-1], new[-1], src_dir_fd=opened[0], dst_dir_fd=opened[1])
    except OSError as error:
        return deny(guest, "path_rename", errno_of(error))
    finally:
        for at in opened:
            os.close(at)
    return SUCCESS


def _make(guest: Guest, at: int, name: str, raw: Any) -> None:
    room.spend(guest, at, room.MADE)
    os.mkdir(name, 0o700, dir_fd=at)


def _set_path_times(guest: Guest, at: int, name: str, raw: Any) -> None:
    file = step_into(at, name)
    try:
        set_times(file, raw, 4)
    finally:
        os.close(file)


def set_times(file: int, raw: Any, first: int) -> None:
    """`first`: the argument with the time of access in nanoseconds; that of change and the flags follow."""
    known, flags = os.fstat(file), raw[first + 2].i32
    now = time.time_ns()
    times = []
    for at, given, asked, current in (
        (first, _ACCESSED, _ACCESSED_NOW, known.st_atime_ns),
        (first + 1, _MODIFIED, _MODIFIED_NOW, known.st_mtime_ns),
    ):
        times.append(raw[at].i64 & (1 << 63) - 1 if flags & given else now if flags & asked else current)
    os.utime(file, ns=(times[0], times[1]))


def _kind(mode: int) -> int:
    return DIRECTORY if stat.S_ISDIR(mode) else REGULAR if stat.S_ISREG(mode) else _LINK if stat.S_ISLNK(mode) else 0


def filestat(kind: int, size: int) -> bytes:
    """Device, inode, links and times are the machine's business."""
    return bytes(16) + bytes((kind,)) + bytes(15) + size.to_bytes(8, "little") + bytes(24)


IMPORTS: dict[str, Import] = {
    "path_create_directory": _of_path("path_create_directory", 1, _make),
    "path_remove_directory": _of_path("path_remove_directory", 1, lambda _, at, name, raw: os.rmdir(name, dir_fd=at)),
    "path_unlink_file": _of_path("path_unlink_file", 1, lambda _, at, name, raw: os.unlink(name, dir_fd=at)),
    "path_filestat_set_times": _of_path("path_filestat_set_times", 2, _set_path_times, file=True),
    "path_rename": _path_rename,
    "path_filestat_get": _path_filestat_get,
    "fd_readdir": _fd_readdir,
}
