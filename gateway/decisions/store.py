"""The decision log: SQLite, append-only, durable when `append` returns.

Several processes write to one file, each a writer with a sequence of its own. A group is one statement, of one step:
an INSERT into the view `entries`, whose trigger writes the rows and which commits itself. `sqlite3` gives the GIL up at
every step, and beside a busy event loop each of them waits to get it back. Only what modules ask hosts is a second one.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from gateway.flow import Asked, Decision, Receipt

VERSION = 2  # PRAGMA user_version
_BUSY_TIMEOUT = 10  # seconds that a writer waits for another

# What the log is filtered by has a column; all else is in `detail`. Indexes end in the id, by which answers are sorted.
# Few of them: each costs every commit pages to write and sync. What few rows have is in an index of those rows alone.
_SCHEMA = """
CREATE TABLE decisions (
    id TEXT PRIMARY KEY,        -- UUIDv7: sorts by time
    time INTEGER NOT NULL,      -- nanoseconds since the epoch, UTC
    writer TEXT NOT NULL,       -- the process that wrote it
    seq INTEGER NOT NULL,       -- 1, 2, 3, … of that writer
    producer TEXT,
    credential TEXT,
    stream TEXT NOT NULL,
    outcome TEXT NOT NULL,
    status INTEGER NOT NULL,
    code TEXT,
    refused INTEGER NOT NULL,   -- messages
    leaving INTEGER NOT NULL,   -- destinations that get messages of it
    request_id TEXT,
    idempotency_key TEXT,
    detail TEXT NOT NULL        -- the whole decision, JSON
);
CREATE INDEX decisions_producer ON decisions (producer, id);
CREATE INDEX decisions_stream ON decisions (stream, id);
CREATE INDEX decisions_amiss ON decisions (id) WHERE code IS NOT NULL OR refused > 0;
CREATE INDEX decisions_request ON decisions (request_id, id) WHERE request_id IS NOT NULL;
CREATE INDEX decisions_key ON decisions (idempotency_key, id) WHERE idempotency_key IS NOT NULL;
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
CREATE INDEX deliveries_failed ON deliveries (decision) WHERE delivered = 0;
"""
_COLUMNS = (
    "id", "time", "writer", "seq", "producer", "credential", "stream", "outcome", "status", "code", "refused",
    "leaving", "request_id", "idempotency_key", "detail",
)  # fmt: skip
# Decisions and receipts go in through one view, so that a group is one statement: `kind` 0 is a decision, 1 a receipt.
_NEW = [f"NEW.c{number}" for number in range(1, len(_COLUMNS) + 1)]
_ENTRIES = (
    "CREATE VIEW entries AS SELECT 0 AS kind, "
    + ", ".join(f"{column} AS c{number}" for number, column in enumerate(_COLUMNS, 1))
    + " FROM decisions",
    f"""
CREATE TRIGGER entries_insert INSTEAD OF INSERT ON entries BEGIN
    INSERT INTO decisions SELECT {", ".join(_NEW)} WHERE NEW.kind = 0;
    -- a receipt that is there already stays as it is
    INSERT OR IGNORE INTO deliveries SELECT {", ".join(_NEW[:7])} WHERE NEW.kind = 1;
END
""",
)
# What modules ask hosts has its rows before its request has a decision. They have a statement of their own: one more in
# the view's trigger would cost every decision a microsecond.
_ASKED = (
    """
CREATE TABLE asked (
    decision TEXT NOT NULL,     -- the id that the request's decision has, once there is one
    number INTEGER NOT NULL,    -- 1, 2, 3, … of that request
    time INTEGER NOT NULL,
    writer TEXT NOT NULL,
    seq INTEGER NOT NULL,       -- in the writer's one sequence, with its decisions
    producer TEXT,
    credential TEXT,
    stream TEXT NOT NULL,
    request_id TEXT,
    idempotency_key TEXT,
    detail TEXT NOT NULL,       -- all of it, JSON
    PRIMARY KEY (decision, number)
)
""",
    "CREATE INDEX asked_producer ON asked (producer, decision)",
    "CREATE INDEX asked_request ON asked (request_id, decision) WHERE request_id IS NOT NULL",
    "CREATE INDEX asked_key ON asked (idempotency_key, decision) WHERE idempotency_key IS NOT NULL",
    # OR REPLACE deletes without asking a trigger of deletions
    """
CREATE TRIGGER asked_no_REPLACE BEFORE INSERT ON asked
WHEN EXISTS (SELECT 1 FROM asked WHERE decision = NEW.decision AND number = NEW.number)
BEGIN SELECT RAISE(ABORT, 'asked is append-only'); END
""",
)
_APPEND_ONLY = """
CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END
"""
_WIDTH = 1 + len(_COLUMNS)  # values of one entry
_NONE = (None,) * (_WIDTH - 8)  # behind a receipt's
_WIDTH_ASKED = 11  # columns
_ROWS = 128  # of one statement; SQLite takes 32,766 values

_encode = msgspec.json.Encoder().encode


@cache
def _statement(table: str, width: int, rows: int) -> str:
    row = f"({','.join('?' * width)})"
    return f"INSERT INTO {table} VALUES {','.join([row] * rows)}"


def _append_only(*tables: str) -> list[str]:
    return [_APPEND_ONLY.format(table=table, verb=verb) for table in tables for verb in ("UPDATE", "DELETE")]


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """No other process is opening a log in `folder`: going over to WAL doesn't wait for a lock, it fails."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


class DecisionStore:
    """One process's way into the log. `append` belongs to one thread; readers open connections of their own."""

    def __init__(self, path: Path) -> None:
        """Opens or makes the file (mode 0600).

        Raises OSError, sqlite3.Error, and RuntimeError for a log of a newer version.
        """
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        self.path = path
        self.writer = str(uuid.uuid4())
        self._seq = 0
        self._db = sqlite3.connect(
            path, isolation_level=None, timeout=_BUSY_TIMEOUT, check_same_thread=False, cached_statements=2 * _ROWS
        )
        try:
            with _alone(path.parent):
                self._db.execute("PRAGMA journal_mode=WAL")
                self._db.execute("PRAGMA synchronous=FULL")
                self._prepare()
        except BaseException:
            self._db.close()
            raise

    def append(self, decisions: Sequence[Decision], receipts: Sequence[Receipt], asked: Sequence[Asked] = ()) -> None:
        """Write all or nothing; durable when it returns. Raises sqlite3.Error, and then nothing is written.

        A decision whose text isn't Unicode raises UnicodeEncodeError.
        """
        seq = self._seq
        values: list[Any] = []
        for decision in decisions:
            seq += 1
            a = decision.arrival
            refused = sum(decision.refusals.values()) if decision.refusals else 0
            leaving = sum([1 for plan in decision.plans if plan.messages])
            values += (
                0, a.id, a.time, self.writer, seq, a.producer, a.credential, a.stream, decision.outcome,
                decision.status, decision.code, refused, leaving, a.request_id, a.idempotency_key,
                _encode(decision).decode(),
            )  # fmt: skip
        for r in receipts:
            values += (1, r.decision, r.destination, r.delivered, r.time, r.attempts, r.receipt, r.error)
            values += _NONE
        if not asked and 0 < len(values) <= _ROWS * _WIDTH:
            self._db.execute(_statement("entries", _WIDTH, len(values) // _WIDTH), values)  # commits itself
        elif asked or values:
            rows = [value for at, row in enumerate(asked, 1) for value in self._row(row, seq + at)]
            seq += len(asked)
            with self._transaction():
                self._insert("entries", _WIDTH, values)
                self._insert("asked", _WIDTH_ASKED, rows)
        self._seq = seq

    def probe(self) -> None:
        """Raises sqlite3.Error if the log couldn't be written now: it writes what is there already."""
        self._db.execute(f"PRAGMA user_version = {VERSION}")

    def close(self) -> None:
        self._db.close()

    def _row(self, asked: Asked, seq: int) -> tuple[Any, ...]:
        a = asked.arrival
        return (
            a.id, asked.number, asked.time, self.writer, seq, a.producer, a.credential, a.stream, a.request_id,
            a.idempotency_key, _encode(asked).decode(),
        )  # fmt: skip

    def _insert(self, table: str, width: int, values: list[Any]) -> None:
        """Rows of `width` values each, as many at a time as one statement takes."""
        most = _ROWS * width
        for start in range(0, len(values), most):
            some = values[start : start + most]
            self._db.execute(_statement(table, width, len(some) // width), some)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise

    def _prepare(self) -> None:
        with self._transaction():
            version = self._db.execute("PRAGMA user_version").fetchone()[0]
            if version > VERSION:
                raise RuntimeError(f"{self.path.name} is of version {version}; this gateway writes {VERSION}")
            if version < 1:
                for statement in [*_SCHEMA.split(";\n"), *_ENTRIES, *_append_only("decisions", "deliveries")]:
                    if statement.strip():
                        self._db.execute(statement)
            if version < 2:
                for statement in [*_ASKED, *_append_only("asked")]:
                    self._db.execute(statement)
            if version < VERSION:
                self._db.execute(f"PRAGMA user_version = {VERSION}")
