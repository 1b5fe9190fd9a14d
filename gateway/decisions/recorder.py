"""The one thread that writes the log: it takes all that waits and commits it once."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue

from msgspec import Struct

from gateway.decisions.store import DecisionStore
from gateway.flow import Asked, Decision, Receipt

log = logging.getLogger("maskgate.decisions")

Done = Callable[[BaseException | None], None]
_RECEIPTS_WAIT = 0.05  # seconds that receipts wait for decisions to ride along with
_RETRY = 1.0  # seconds after which receipts that couldn't be written are tried again


class _Entry(Struct, frozen=True):
    decisions: Sequence[Decision]
    receipts: Sequence[Receipt]
    done: Done | None
    asked: Sequence[Asked] = ()


class Recorder:
    def __init__(self, store: DecisionStore) -> None:
        self._store = store
        self._queue: SimpleQueue[_Entry | None] = SimpleQueue()
        self._unwritten: list[_Entry] = []  # receipts of commits that failed; they are tried again
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    def put(
        self,
        decisions: Sequence[Decision],
        receipts: Sequence[Receipt],
        done: Done | None,
        asked: Sequence[Asked] = (),
    ) -> None:
        """Have all this written, in one transaction. Any thread may call it.

        `done` is called in the recorder's thread: with None when it is durable, with the error when it isn't. It
        must not raise. Receipts that nobody waits for may wait a moment; receipts that the log can't take now are
        tried again; decisions, and what is about to be asked, aren't. With nothing, it tells whether the log could be
        written.
        """
        self._queue.put(_Entry(decisions, receipts, done, asked))

    def close(self) -> None:
        """Write what waits, then end. No `put` may follow."""
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        open_ = True
        while open_:
            entries: list[_Entry] = []
            open_ = self._take(entries)
            kept, self._unwritten = self._unwritten, []
            if kept or entries:
                self._write(kept + entries)
        if self._unwritten:
            log.error("the endings of %d groups of deliveries were not recorded", len(self._unwritten))

    def _take(self, entries: list[_Entry]) -> bool:
        """Wait for work, then take all there is. False when it is the last."""
        wait = _RETRY if self._unwritten else None
        until = 0.0  # when receipts alone have waited enough
        try:
            while (entry := self._queue.get(timeout=wait)) is not None:
                entries.append(entry)
                if entry.done is not None or entry.decisions:
                    until, wait = 0.0, 0.0  # somebody waits for an answer
                elif wait != 0.0:
                    until = until or time.monotonic() + _RECEIPTS_WAIT
                    wait = max(0.0, until - time.monotonic())
        except Empty:
            return True
        return False

    def _write(self, entries: list[_Entry]) -> None:
        failure: BaseException | None = None
        try:
            self._commit(entries)
        except sqlite3.OperationalError as error:  # the disk is full, the file is locked, …: the same for all
            failure = error
            log.error("a group of %d couldn't be recorded: %s", len(entries), error)
            self._unwritten += [_Entry((), entry.receipts, None) for entry in entries if entry.receipts]
        except Exception as error:
            if len(entries) > 1:  # one that can't be written costs the others nothing
                for entry in entries:
                    self._write([entry])
                return
            failure = error
            log.exception("a record couldn't be written")
        for entry in entries:
            if entry.done is not None:
                self._tell(entry.done, failure)

    def _commit(self, entries: list[_Entry]) -> None:
        decisions = [decision for entry in entries for decision in entry.decisions]
        receipts = [receipt for entry in entries for receipt in entry.receipts]
        asked = [row for entry in entries for row in entry.asked]
        if decisions or receipts or asked:
            self._store.append(decisions, receipts, asked)
        else:
            self._store.probe()

    @staticmethod
    def _tell(done: Done, failure: BaseException | None) -> None:
        try:
            done(failure)
        except Exception:  # the thread goes on for all the others
            log.exception("whoever waited for a record failed")
