"""The one thread that writes the log: it takes all that waits and commits it once."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue

from msgspec import Struct

from gateway.decisions.store import DecisionStore
from gateway.flow import Decision, Receipt

log = logging.getLogger("maskgate.decisions")

Done = Callable[[BaseException | None], None]
_RECEIPTS_WAIT = 0.05  # seconds that receipts wait for decisions to ride along with


class _Entry(Struct, frozen=True):
    decisions: Sequence[Decision]
    receipts: Sequence[Receipt]
    done: Done | None


class Recorder:
    def __init__(self, store: DecisionStore) -> None:
        self._store = store
        self._queue: SimpleQueue[_Entry | None] = SimpleQueue()
        self._unwritten: list[Receipt] = []  # of a commit that failed; they are tried again
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    def put(self, decisions: Sequence[Decision], receipts: Sequence[Receipt], done: Done | None) -> None:
        """Have all this written, in one transaction. Any thread may call it.

        `done` is called in the recorder's thread: with None when it is durable, with the error when it isn't. It
        must not raise. Receipts without decisions may wait a moment. With neither, it tells whether the log could be
        written.
        """
        self._queue.put(_Entry(decisions, receipts, done))

    def close(self) -> None:
        """Write what waits, then end."""
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        open_ = True
        while open_:
            entries: list[_Entry] = []
            open_ = self._take(entries)
            self._write(entries)

    def _take(self, entries: list[_Entry]) -> bool:
        """Wait for work, then take all there is. False when it is the last."""
        entry = self._queue.get()
        urgent = False  # somebody waits for an answer
        while entry is not None:
            entries.append(entry)
            urgent = urgent or bool(entry.decisions)
            try:
                entry = self._queue.get(timeout=0 if urgent else _RECEIPTS_WAIT)
            except Empty:
                return True
        return False

    def _write(self, entries: list[_Entry]) -> None:
        decisions = [decision for entry in entries for decision in entry.decisions]
        receipts = self._unwritten + [receipt for entry in entries for receipt in entry.receipts]
        failure: BaseException | None = None
        if entries:
            try:
                if decisions or receipts:
                    self._store.append(decisions, receipts)
                    self._unwritten = []
                else:
                    self._store.probe()
            except Exception as error:  # whatever it is, the gateway goes on and answers 503
                failure = error
                self._unwritten = receipts
                log.error("%d decisions couldn't be recorded: %s", len(decisions), error)
        for entry in entries:
            if entry.done is not None:
                entry.done(failure)
