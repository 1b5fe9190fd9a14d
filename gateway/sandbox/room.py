"""What guests may take of a disk: so much in a run, and never the last of it, which the gateway needs for records."""

from __future__ import annotations

import errno
import os

from gateway.sandbox.files import Guest

WRITE_LIMIT = 64 << 20  # bytes that a run may write, and that a file may have when it is done
MADE = 4 << 10  # bytes that a file or a folder counts for when it is made
_LEFT, _LEFT_PART = 1 << 30, 20  # bytes of a file system that stay free, or this part of it, if that is less


def spend(guest: Guest, file: int, more: int) -> None:
    """Count bytes that are about to be written where the descriptor `file` is. Raises OSError if there is no room."""
    if guest.files.written + more > WRITE_LIMIT:
        raise OSError(errno.ENOSPC, "the run has written too much")
    disk = os.fstatvfs(file)
    free, whole = disk.f_bavail * disk.f_frsize, disk.f_blocks * disk.f_frsize
    if free - more < min(_LEFT, whole // _LEFT_PART) or disk.f_favail < disk.f_files // _LEFT_PART:
        raise OSError(errno.ENOSPC, "the disk is nearly full")
    guest.files.written += more
