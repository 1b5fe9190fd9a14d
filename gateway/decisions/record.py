"""What a decision is made of besides its facts: its id and the key of its digests."""

from __future__ import annotations

import os
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path

_KEY = 32  # bytes of the digest key
_POOL = 512  # ids' worth of random bytes fetched at once: a system call for each would give the GIL up each time


class _Ids:
    """The last 60 bits of time that were given out, and random bytes for the next ids."""

    def __init__(self) -> None:
        self.last = 0
        self.begin()

    def begin(self) -> None:
        """Also in a child process, which must not give out its parent's ids, nor wait for its parent's threads."""
        self.lock = threading.Lock()
        self.noise: list[int] = []

    def next(self, stamp: int) -> tuple[int, int]:
        with self.lock:
            if not self.noise:
                self.noise = [*memoryview(os.urandom(8 * _POOL)).cast("Q")]
            self.last = max(stamp, self.last + 1)
            return self.last, self.noise.pop()


_ids = _Ids()
os.register_at_fork(after_in_child=_ids.begin)


def new_id() -> str:
    """A UUIDv7 (RFC 9562, 5.7), lowercase with hyphens; later ones of one process sort behind earlier ones.

    48 bits of milliseconds and 12 of their fraction (method 3 of section 6.2), counted on where the clock stands
    still; 62 random bits.
    """
    now = time.time_ns()
    milliseconds, rest = divmod(now, 1_000_000)
    stamp = milliseconds << 12 | (rest << 12) // 1_000_000
    stamp, noise = _ids.next(stamp)
    text = f"{stamp >> 12:012x}7{stamp & 0xFFF:03x}{noise >> 2 | 1 << 63:016x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def digest_key(path: Path) -> bytes:
    """The log's own key for keyed digests: 32 random bytes in a file of mode 0600, made at the first start.

    Several workers may start at once: they get the same key. Raises OSError; ValueError where the file holds
    something else, since digests under a short or empty key can be undone by guessing.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        _make_key(path)
    key = path.read_bytes()
    if len(key) != _KEY:
        raise ValueError(f"{path}: not a key of {_KEY} bytes; restore it, or remove it and have a new one made")
    return key


def _make_key(path: Path) -> None:
    """Written under another name first: the key is there whole or not at all, and the first to link it wins."""
    descriptor, draft = tempfile.mkstemp(prefix=f"{path.name}.", dir=path.parent)  # mode 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(os.urandom(_KEY))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        os.unlink(draft)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
