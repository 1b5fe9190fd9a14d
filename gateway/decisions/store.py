"""The decision log: SQLite, append-only, durable when `append` returns.

Several processes write to one file, each a writer with a sequence of its own. A group is one transaction of a few
statements with many rows each: `sqlite3` gives the GIL up at every step of a statement, and beside a busy event loop
each row of an `executemany` would wait for it.
"""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Sequence
from itertools import chain
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
_APPEND_ONLY = """
CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END;
"""
_DECISION_COLUMNS = ("id", "time", "writer", "seq", "producer", "stream", "outcome", "status", "code", "detail")
_DELIVERY_COLUMNS = ("decision", "destination", "delivered", "time", "attempts", "receipt", "error")
_ROWS = (64, 16, 4, 1)  # of one statement: few texts, so that each is prepared once

_encode = msgspec.json.Encoder().encode


class DecisionStore:
    """One process's way into the log. `append` belongs to one thread; readers open connections of their own."""

    def __init__(self, path: Path) -> None:
        """Opens or makes the file (mode 0600). Raises sqlite3.Error; RuntimeError for a log of a newer version."""
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        self.path = path
        self.writer = str(uuid.uuid4())
        self._seq = 0
        self._db = sqlite3.connect(path, isolation_level=None, timeout=_BUSY_TIMEOUT, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._prepare()

    def append(self, decisions: Sequence[Decision], receipts: Sequence[Receipt]) -> None:
        """Write all or nothing; durable when it returns. Raises sqlite3.Error, and then nothing is written."""
        seq = self._seq
        rows = []
        for decision in decisions:
            seq += 1
            arrival = decision.arrival
            rows.append((
                arrival.id, arrival.time, self.writer, seq, arrival.producer, arrival.stream,
                decision.outcome, decision.status, decision.code, _encode(decision).decode(),
            ))  # fmt: skip
        endings = [
            (r.decision, r.destination, r.delivered, r.time, r.attempts, r.receipt, r.error) for r in receipts
        ]
        self._db.execute("BEGIN IMMEDIATE")
        try:
            self._insert("INSERT INTO decisions", _DECISION_COLUMNS, rows)
            # a receipt that was written already stays as it was
            self._insert("INSERT OR IGNORE INTO deliveries", _DELIVERY_COLUMNS, endings)
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise
        self._seq = seq

    def close(self) -> None:
        self._db.close()

    def _insert(self, into: str, columns: tuple[str, ...], rows: Sequence[tuple[Any, ...]]) -> None:
        start = 0
        for size in _ROWS:
            while len(rows) - start >= size:
                values = ",".join([f"({','.join('?' * len(columns))})"] * size)
                statement = f"{into} ({','.join(columns)}) VALUES {values}"
                self._db.execute(statement, tuple(chain.from_iterable(rows[start : start + size])))
                start += size

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
            for statement in [*_SCHEMA.split(";\n"), *triggers]:
                if statement.strip():
                    self._db.execute(statement)
            self._db.execute(f"PRAGMA user_version = {VERSION}")
        self._db.execute("COMMIT")
