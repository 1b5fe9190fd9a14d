"""The guest that runs in a thread, as its imports see it: what it was granted, and what it has tried and said."""

from __future__ import annotations

import ctypes
import logging
import os
import threading
import time
from collections import Counter

from gateway.sandbox import capi
from gateway.sandbox.files import FAULT, NOTCAPABLE, SUCCESS, Files
from gateway.sandbox.http import Exchange
from gateway.sandbox.kind import Program
from gateway.sandbox.streams import Streams

log = logging.getLogger("maskgate.module")

LOG_LIMIT = 4 << 10  # bytes an instance may log in one run
NAME_LIMIT = 256  # bytes of a secret's or a counter's name; a longer one is nobody's, and isn't read
_LOG_LEAST = 16  # bytes that a record counts for: of single letters there would be thousands
_PAST = 0.001  # seconds beyond the deadline, after which a wait is over


class Running:
    """The guest that runs in this thread, as its imports see it."""

    __slots__ = (
        "clock", "denied", "environment", "exchange", "exit_code", "exited", "files", "grants", "instance", "log_left",
        "module", "said", "secrets", "streams", "traced", "until",
    )  # fmt: skip

    def __init__(self, program: Program, streams: Streams | None = None) -> None:
        """`streams`: of a command; without them there are no arguments, and no standard input or output."""
        grants = program.grants
        self.streams = streams
        self.module = program.step.module
        self.clock = program.clock
        self.traced = program.traced
        self.said = ""  # of its end, in this run, and kept only if `traced`: for the author alone
        self.grants = grants
        self.secrets = program.secrets
        self.environment = _environment(grants)
        self.files = Files(grants)
        self.exchange = Exchange(grants) if any(grant.startswith("http:") for grant in grants) else None
        self.denied: Counter[str] = Counter()  # import → attempts without a grant
        self.exited = False  # it called proc_exit, with:
        self.exit_code = 0
        self.instance: capi.Instance | None = None
        self.log_left = LOG_LIMIT
        self.until = 0.0  # time.monotonic()

    def begin(self, seconds: float) -> None:
        """The guest starts or goes on, in this thread, for so many seconds."""
        self.until = time.monotonic() + seconds
        self.log_left = LOG_LIMIT
        self.said = ""
        self.files.begin()
        _thread.running = self

    def end(self) -> None:
        """The run has ended; an instance that is kept waits for the next."""
        self.files.end()
        _thread.running = None

    def log(self, text: bytes) -> None:
        """To the gateway's log, as much as the run may yet write there."""
        shown = text[: self.log_left]
        if shown.strip():
            self.log_left = max(0, self.log_left - max(len(shown), _LOG_LEAST))
            log.info("%s: %r", self.module, shown.decode(errors="replace"))

    def trace(self, ended: capi.Ended) -> str:
        """For the module's author: what it said of its end, of which a terminal obeys nothing, and the backtrace."""
        said = "".join(letter if letter.isprintable() or letter == "\n" else " " for letter in self.said)
        return "\n".join(text for text in (said.strip(), ended.trace) if text)

    def wait(self, until: float) -> None:
        """Until then, in seconds of time.monotonic(), or as long as the run may last."""
        time.sleep(max(0.0, min(until, self.until + _PAST) - time.monotonic()))

    def secret(self, name: str) -> bytes | None:
        """None where no grant names it or there is none; that is an attempt that counts."""
        value = self.secrets.get(name) if f"secret:{name}" in self.grants else None
        if value is None:
            self.deny("maskgate.secret")
        return value

    def deny(self, name: str) -> int:
        self.denied[name] += 1
        return NOTCAPABLE

    def read(self, at: int, length: int) -> bytes | None:
        """Bytes of the guest's memory; None where it has none."""
        at, length = at & 0xFFFFFFFF, length & 0xFFFFFFFF
        if self.instance is None:
            return None
        return ctypes.string_at(self.instance.data + at, length) if at + length <= self.instance.size else None

    def write(self, at: int, content: bytes) -> int:
        """SUCCESS, or FAULT where the guest has no such memory."""
        at &= 0xFFFFFFFF
        if self.instance is None:
            return FAULT
        if at + len(content) > self.instance.size:
            return FAULT
        ctypes.memmove(self.instance.data + at, content, len(content))
        return SUCCESS


class _Thread(threading.local):
    running: Running | None = None


_thread = _Thread()


def current() -> Running | None:
    """The guest that runs in this thread."""
    return _thread.running


def _environment(grants: frozenset[str]) -> list[bytes]:
    names = sorted(grant.removeprefix("env:") for grant in grants if grant.startswith("env:"))
    return [os.fsencode(f"{name}={os.environ[name]}") for name in names if name in os.environ]
