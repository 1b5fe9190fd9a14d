"""Destination `file`: by default synced before a delivery is confirmed, rotated by size and by age.

Names are `NAME-YYYYMMDDTHHMMSSZ-WRITER-NNNN.ENDING`, so that several workers share a folder. A file is locked (flock)
while a gateway has it open; one that a killed gateway has left with a torn last message is cut back to the one before.
The next file is there before there is anything for it: making one costs more than a delivery. An empty one goes.
"""

from __future__ import annotations

import errno
import fcntl
import glob
import logging
import os
import secrets
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import BinaryIO

from msgspec import Struct

from gateway.delivery.sink import Done
from gateway.flow import Delivery, Receipt

log = logging.getLogger("maskgate.delivery")

_VECTORS = 512  # buffers in one writev (IOV_MAX is 1024 on Linux)
_BLOCK = 64 << 10


class FileTarget(Struct, frozen=True, kw_only=True):
    """Files `NAME-….ENDING` in `folder`; a new one after `size` bytes or `age` seconds."""

    folder: Path
    size: int = 64 << 20
    age: float = 3600
    sync: bool = True  # confirm what is on the disk; otherwise what the operating system has taken
    lengths: bool = False  # before each message stands its length, four bytes, big endian; else each is a line
    ending: str = "ndjson"


class FileSink:
    def __init__(self, target: FileTarget, name: str) -> None:
        self._target, self._folder, self._name = target, target.folder, name
        self._writer = secrets.token_hex(4)
        self._number = 0
        self._file = -1
        self._path = self._folder
        self._written = 0  # bytes in the open file
        self._opened = 0.0
        self._unsynced = False  # a sync of the open file has failed
        if not self._folder.is_dir():
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _sync_names(self._folder.parent)
        mend(target, name)
        self._queue: SimpleQueue[tuple[list[Delivery], Done] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=f"file-{name}", daemon=True)
        self._thread.start()

    def put(self, deliveries: list[Delivery], done: Done) -> None:
        self._queue.put((deliveries, done))

    def probe(self) -> bool:
        return os.access(self._folder, os.W_OK | os.X_OK)

    def close(self) -> None:
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        open_ = True
        self._make_ready()
        while open_:
            taken: list[tuple[list[Delivery], Done]] = []
            open_ = self._take(taken)
            if taken:
                self._deliver(taken)
            if not open_:
                self._close_file()
            elif self._due():
                self._close_file()
                self._make_ready()

    def _take(self, taken: list[tuple[list[Delivery], Done]]) -> bool:
        """Wait for work or for the file's age, then take all there is. False when it is the last."""
        try:
            left = max(0.0, self._opened + self._target.age - time.monotonic()) if self._written else None
            entry = self._queue.get(timeout=left)
            while entry is not None:
                taken.append(entry)
                entry = self._queue.get_nowait()
        except Empty:
            return True
        return False

    def _deliver(self, taken: list[tuple[list[Delivery], Done]]) -> None:
        group = [delivery for deliveries, _ in taken for delivery in deliveries]
        error: str | None = None
        start = 0
        try:
            if not self._written:
                self._begin_file()
            start = self._written
            self._append([delivery.batch.body for delivery in group])
        except Exception as failure:
            error = _code(failure)
            log.error("destination %s: %s", self._name, error)
            self._cut_back(start)
        receipts = self._receipts(group, start, error)
        at = 0
        for deliveries, done in taken:
            some = receipts[at : at + len(deliveries)]
            at += len(deliveries)
            try:
                done(some)
            except Exception:  # the thread goes on for all the others
                log.exception("whoever waited for destination %s failed", self._name)

    def _receipts(self, group: list[Delivery], start: int, error: str | None) -> list[Receipt]:
        now = time.time_ns()
        receipts = []
        for delivery in group:
            receipts.append(
                Receipt(
                    decision=delivery.decision,
                    destination=delivery.destination,
                    delivered=error is None,
                    time=now,
                    receipt=f"{self._path.name}:{start}" if error is None else None,
                    error=error,
                )
            )
            start += len(delivery.batch.body)
        return receipts

    def _append(self, bodies: list[bytes]) -> None:
        for at in range(0, len(bodies), _VECTORS):
            self._write(bodies[at : at + _VECTORS])
        if self._target.sync:
            try:
                os.fdatasync(self._file)
            except OSError:
                self._unsynced = True
                raise

    def _write(self, bodies: list[bytes]) -> None:
        wanted = sum(map(len, bodies))
        written = os.writev(self._file, bodies)
        self._written += written
        if written < wanted:
            rest = memoryview(b"".join(bodies))[written:]
            while rest:
                written = os.write(self._file, rest)
                self._written += written
                rest = rest[written:]

    def _cut_back(self, length: int) -> None:
        """Take back what a failed write has left; a file that can't be cut is left to the next start."""
        if self._file < 0:
            return
        try:
            os.ftruncate(self._file, length)
            self._written = length
        except OSError:
            log.exception("destination %s: %s keeps a torn end", self._name, self._path.name)
            self._close_file()
        else:
            if self._unsynced:  # what the kernel couldn't write, it may never try again
                self._close_file()

    def _begin_file(self) -> None:
        """The first message of a file comes: its age counts from now. An empty one may have been tidied away."""
        if self._file >= 0 and not os.fstat(self._file).st_nlink:
            self._close_file()
        if self._file < 0:
            self._open_file()
        self._opened = time.monotonic()

    def _make_ready(self) -> None:
        with suppress(OSError):  # the first delivery tries again, and tells
            self._open_file()

    def _open_file(self) -> None:
        self._number += 1
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        path = self._folder / f"{self._name}-{stamp}-{self._writer}-{self._number:04}.{self._target.ending}"
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            if not os.fstat(file).st_nlink:  # another worker, which starts, took it for one that was left behind
                raise FileNotFoundError(errno.ENOENT, "gone before it was locked")
            _sync_names(self._folder)
        except OSError:
            os.close(file)
            with suppress(OSError):
                path.unlink()
            raise
        self._file, self._path, self._written, self._unsynced, self._opened = file, path, 0, False, time.monotonic()

    def _due(self) -> bool:
        if not self._written:
            return False
        return self._written >= self._target.size or time.monotonic() >= self._opened + self._target.age

    def _close_file(self) -> None:
        if self._file >= 0:
            if not os.fstat(self._file).st_size:
                with suppress(OSError):
                    self._path.unlink()
            os.close(self._file)
            self._file, self._written = -1, 0


def _code(failure: Exception) -> str:
    """`file_enospc` and its like."""
    number = failure.errno if isinstance(failure, OSError) else None
    return f"file_{errno.errorcode.get(number or 0, 'error').lower()}"


def mend(target: FileTarget, name: str) -> None:
    """Cut the torn last message off the files that a killed gateway has left behind; those without any message go."""
    for path in target.folder.glob(f"{glob.escape(name)}-*.{target.ending}"):
        try:
            with path.open("r+b") as file:
                _mend(path, file, _last_message_end if target.lengths else _last_line_end)
        except OSError as error:  # it has just been collected, or isn't the gateway's any more
            log.warning("%s: %s", path.name, error.strerror)


def _mend(path: Path, file: BinaryIO, last_end: Callable[[int, int], int]) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return  # another worker writes it
    end = file.seek(0, os.SEEK_END)
    kept = last_end(file.fileno(), end)
    if not kept:
        path.unlink()  # nobody else has it: it is locked
    elif kept < end:
        log.warning("%s: cut %d bytes of a torn message off", path.name, end - kept)
        file.truncate(kept)
        os.fsync(file.fileno())


def _last_message_end(file: int, end: int) -> int:
    at = 0
    while at + 4 <= end:
        after = at + 4 + int.from_bytes(os.pread(file, 4, at), "big")
        if after > end:
            break
        at = after
    return at


def _last_line_end(file: int, end: int) -> int:
    while end:
        start = max(0, end - _BLOCK)
        found = os.pread(file, end - start, start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        end = start
    return 0


def _sync_names(folder: Path) -> None:
    """Have the names in a folder on disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
