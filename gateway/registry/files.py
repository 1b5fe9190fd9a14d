"""Reading what others may have put there: regular files alone, no more than so many bytes; and writing whole files."""

from __future__ import annotations

import os
import stat
from pathlib import Path


def read(path: Path, limit: int, *, links: bool = False) -> bytes:
    """All of a file. `links`: its name may be a link to it. Raises OSError; ValueError: not a file, or too large."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | (0 if links else os.O_NOFOLLOW))
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)  # open() would leave a folder's open
        raise ValueError("not a regular file")
    with open(descriptor, "rb") as stream:
        content = stream.read(limit + 1)
    if len(content) > limit:
        raise ValueError(f"more than {limit} bytes")
    return content


def write(path: Path, content: bytes) -> None:
    """A new file, on disk when this returns. Raises OSError, also where there is one already."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
    with open(descriptor, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(descriptor)


def replace(path: Path, content: bytes) -> None:
    """Put `content` in the place of a file, whole or not at all. Raises OSError."""
    temporary = path.with_name(f".{path.name}.{os.urandom(6).hex()}")
    try:
        write(temporary, content)
        os.replace(temporary, path)
        sync_names(path.parent)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def sync_names(folder: Path) -> None:
    """Have the names in a folder on disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
