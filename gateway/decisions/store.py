"""The decision log: SQLite, append-only, durable when `append` returns.

Several processes write to one file, each a writer with a sequence of its own. A group is one statement, of one step:
an INSERT into the view `entries`, whose trigger writes the rows and which commits itself. `sqlite3` gives the GIL up at
every step, and beside a busy event loop each of them waits to get it back.
"""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from gateway.flow import Decision, Receipt

VERSION = 1  # PRAGMA user_version
_BUSY_TIMEOUT = 10  # seconds that a writer waits for another

_SCHEMA = """
CREATE TABLE decisions (
    id TEXT PRIMARY KEY,      -- UUIDv7: sorts by time
    time INTEGER NOT NULL,    -- nanoseconds since the epoch, UTC
    writer TEXT NOT NULL,     -- the process that wrote it
    seq INTEGER NOT NULL,     -- 1, 2, 3, … of that writer
    producer TEXT,
    stream TEXT NOT NULL,
    outcome TEXT NOT NULL,
    status INTEGER NOT NULL,
    code TEXT,
    detail TEXT NOT NULL      -- the whole decision, JSON
);
CREATE INDEX decisions_producer ON decisions (producer, stream, id);
CREATE INDEX decisions_outcome ON decisions (outcome, id) WHERE outcome <> 'allowed';
CREATE TABLE deliveries (
    decision TEXT NOT NULL,
    destination TEXT NOT NULL,
    delivered INTEGER NOT NULL,
    time INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    receipt TEXT,
    error TEXT,
    PRIMARY KEY (decision, destination)
) WITHOUT ROWID;
"""
# Decisions and receipts go in through one view, so that a group is one statement: `kind` 0 is a decision, 1 a receipt.
_ENTRIES = (
    "CREATE VIEW entries AS SELECT 0 AS kind, id AS c1, time AS c2, writer AS c3, seq AS c4, producer AS c5,"
    " stream AS c6, outcome AS c7, status AS c8, code AS c9, detail AS c10 FROM decisions",
    """
CREATE TRIGGER entries_insert INSTEAD OF INSERT ON entries BEGIN
    INSERT INTO decisions SELECT
        NEW.c1, NEW.c2, NEW.c3, NEW.c4, NEW.c5, NEW.c6, NEW.c7, NEW.c8, NEW.c9, NEW.c10
    WHERE NEW.kind = 0;
    -- a receipt that is there already stays as it is
    INSERT OR IGNORE INTO deliveries SELECT NEW.c1, NEW.c2, NEW.c3, NEW.c4, NEW.c5, NEW.c6, NEW.c7
    WHERE NEW.kind = 1;
END
""",
)
_APPEND_ONLY = """
CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END;
"""
_WIDTH = 11  # values of one entry
_ROWS = 128  # of one statement; SQLite takes 32,766 values

_encode = msgspec.json.Encoder().encode


@cache
def _statement(rows: int) -> str:
    row = f"({','.join('?' * _WIDTH)})"
    return f"INSERT INTO entries VALUES {','.join([row] * rows)}"


class DecisionStore:
    """One process's way into the log. `append` belongs to one thread; readers open connections of their own."""

    def __init__(self, path: Path) -> None:
        """Opens or makes the file (mode 0600). Raises sqlite3.Error; RuntimeError for a log of a newer version."""
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        self.path = path
        self.writer = str(uuid.uuid4())
        self._seq = 0
        self._db = sqlite3.connect(
            path, isolation_level=None, timeout=_BUSY_TIMEOUT, check_same_thread=False, cached_statements=_ROWS + 8
        )
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._prepare()

    def append(self, decisions: Sequence[Decision], receipts: Sequence[Receipt]) -> None:
        """Write all or nothing; durable when it returns. Raises sqlite3.Error, and then nothing is written."""
        seq = self._seq
        values: list[Any] = []
        for decision in decisions:
            seq += 1
            arrival = decision.arrival
            values += (
                0, arrival.id, arrival.time, self.writer, seq, arrival.producer, arrival.stream,
                decision.outcome, decision.status, decision.code, _encode(decision).decode(),
            )  # fmt: skip
        for r in receipts:
            values += (1, r.decision, r.destination, r.delivered, r.time, r.attempts, r.receipt, r.error)
            values += (None, None, None)
        self._insert(values)
        self._seq = seq

    def probe(self) -> None:
        """Raises sqlite3.Error if the log couldn't be written now."""
        self._db.execute("BEGIN IMMEDIATE")
        self._db.execute("ROLLBACK")

    def close(self) -> None:
        self._db.close()

    def _insert(self, values: list[Any]) -> None:
        most = _ROWS * _WIDTH
        if len(values) <= most:
            self._db.execute(_statement(len(values) // _WIDTH), values)  # commits itself
            return
        self._db.execute("BEGIN IMMEDIATE")
        try:
            for start in range(0, len(values), most):
                some = values[start : start + most]
                self._db.execute(_statement(len(some) // _WIDTH), some)
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise

    def _prepare(self) -> None:
        self._db.execute("BEGIN IMMEDIATE")
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        if version > VERSION:
            raise RuntimeError(f"{self.path.name} is of version {version}; this gateway writes {VERSION}")
        if version == 0:
            triggers = [
                _APPEND_ONLY.format(table=table, verb=verb)
                for table in ("decisions", "deliveries")
                for verb in ("UPDATE", "DELETE")
            ]
            for statement in [*_SCHEMA.split(";\n"), *_ENTRIES, *triggers]:
                if statement.strip():
                    self._db.execute(statement)
            self._db.execute(f"PRAGMA user_version = {VERSION}")
        self._db.execute("COMMIT")
