"""Questions to the decision log. One list of filters makes the HTTP parameters, the command's options and the docs."""

from __future__ import annotations

import base64
import binascii
import csv
import io
import re
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeAlias

import msgspec
from msgspec import Struct

LIMIT = 1000  # rows of one page
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SPAN = re.compile(r"([0-9]{1,6})([smhd])")
_EPOCH = datetime.fromtimestamp(0, UTC)
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
FILTERS: Mapping[str, str] = {
    "since": "Not before: RFC 3339, or so long ago, as 15m, 2h or 7d.",
    "until": "Before: RFC 3339, or so long ago.",
    "producer": "Name of the producer.",
    "stream": "Name of the stream.",
    "destination": "A destination that a plan was run for.",
    "outcome": "allowed, denied, refused, failed, or unknown: hosts were asked, and there is no decision.",
    "code": "Code of the problem that was answered, or that a message was refused with.",
    "policy": "A Cedar policy that determined the decision, or whether a class was released.",
    "credential": "Id of the credential.",
    "user": "Name of the user who had values revealed.",
    "request_id": "X-Request-Id of the request.",
    "idempotency_key": "Idempotency-Key of the request.",
    "delivered": "true: by all; false: a destination didn't confirm; unknown: no ending is known.",
}

# `?1` is a filter's value, `?2` the same as a JSON string. What is looked up inside `detail` is looked for as text
# first: that is several times faster than reading the JSON of every row.
_AMISS = "(code IS NOT NULL OR refused > 0)"  # word for word as in the index of these rows
_WHERE: Mapping[str, str] = {
    "producer": "producer = ?1",
    "stream": "stream = ?1",
    "destination": "instr(detail, '\"destination\":' || ?2)"
    " AND EXISTS (SELECT 1 FROM json_each(detail, '$.plans') WHERE json_extract(value, '$.destination') = ?1)",
    "outcome": "outcome = ?1",
    "code": f"{_AMISS} AND (code = ?1 OR refused > 0 AND instr(detail, ?2)"
    " AND EXISTS (SELECT 1 FROM json_each(detail, '$.refusals') WHERE key = ?1))",
    "policy": "instr(detail, ?2)"
    " AND EXISTS (SELECT 1 FROM json_tree(detail) WHERE path LIKE '%.policies' AND value = ?1)",
    "credential": "credential = ?1",
    "user": "instr(detail, '\"user\":' || ?2) AND json_extract(detail, '$.reveal.user') = ?1",
    "request_id": "request_id = ?1",
    "idempotency_key": "idempotency_key = ?1",
}
_ENDINGS = "(SELECT count(*) FROM deliveries WHERE decision = id{})"
_DELIVERED: Mapping[str, str] = {
    "true": f"outcome = 'allowed' AND {_ENDINGS.format(' AND delivered = 1')} = leaving",
    "false": "id IN (SELECT decision FROM deliveries WHERE delivered = 0)",
    "unknown": f"outcome = 'allowed' AND leaving > 0 AND {_ENDINGS.format('')} < leaving",
}


UNKNOWN = "unknown"  # the outcome of a request that has rows of what it asked, and no decision
# Those requests, as the decisions that they haven't.
_UNKNOWN = """(
SELECT decision AS id, writer, seq, producer, credential, stream, 'unknown' AS outcome, NULL AS code, 0 AS refused,
0 AS leaving, request_id, idempotency_key, detail
FROM asked WHERE number = 1 AND NOT EXISTS (SELECT 1 FROM decisions WHERE id = asked.decision)
)"""
_ASKED_SINCE = 2  # version of the log


class QueryError(ValueError):
    """A filter, a cursor or a limit can't be read. The text names it."""


class Page(Struct, frozen=True, kw_only=True):
    decisions: list[dict[str, Any]]  # newest first
    next: str | None  # cursor of the next page; None: this is the last


def find(path: Path, filters: Mapping[str, str], *, cursor: str | None = None, limit: int = 100) -> Page:
    """One page of the log in `path`, newest first. Raises QueryError."""
    if not 1 <= limit <= LIMIT:
        raise QueryError(f"limit: 1 to {LIMIT}")
    before = _read_cursor(cursor) if cursor is not None else None
    outcome = filters.get("outcome")
    with closing(_connect(path)) as db:
        db.execute("BEGIN")  # what is decided between two questions would be in neither's answer
        read = _Reader(db)
        rows = read.rows("decisions", filters, before, limit + 1) if outcome != UNKNOWN else []
        found = {row[0]: read.decision for row in rows}
        if outcome in (None, UNKNOWN) and read.has_asked:
            rest = {name: value for name, value in filters.items() if name != "outcome"}
            least = rows[limit][0] if len(rows) > limit else ""
            unknown = read.rows(_UNKNOWN, rest, before, limit + 1, least)
            found |= {row[0]: read.unknown for row in unknown}
            rows = sorted(rows + unknown, reverse=True)
        decisions = [found[row[0]](row) for row in rows[:limit]]
    more = len(rows) > limit
    return Page(decisions=decisions, next=_write_cursor(rows[limit - 1][0]) if more else None)


def get(path: Path, id: str) -> dict[str, Any] | None:
    """One decision, or what is known of a request that has none; None where there is nothing of that id."""
    if not _ID.fullmatch(id):
        return None
    with closing(_connect(path)) as db:
        db.execute("BEGIN")
        read = _Reader(db)
        if row := read.row("decisions", id):
            return read.decision(row)
        row = read.row(_UNKNOWN, id) if read.has_asked else None
        return read.unknown(row) if row else None


def every(path: Path, filters: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """All that the filters let through, newest first, a page at a time."""
    cursor: str | None = None
    while True:
        page = find(path, filters, cursor=cursor, limit=LIMIT)
        yield from page.decisions
        cursor = page.next
        if cursor is None:
            return


COLUMNS = (
    "id", "time", "producer", "credential", "client", "stream", "outcome", "status", "code", "policies", "revision",
    "messages", "bytes_in", "destinations", "delivered", "request_id", "traceparent", "idempotency_key",
)  # fmt: skip


def csv_line(values: Mapping[str, Any] | None) -> str:
    """One line of CSV (RFC 4180) for a decision; None: the header. A cell is never read as a formula."""
    cells = list(COLUMNS) if values is None else [_cell(values, column) for column in COLUMNS]
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue()


def _cell(decision: Mapping[str, Any], column: str) -> str:
    if column == "policies":
        value: Any = " ".join(decision["policies"])
    elif column == "destinations":
        value = " ".join(plan["destination"] for plan in decision["plans"])
    elif column == "delivered":
        value = " ".join(f"{name}={ending['state']}" for name, ending in decision["deliveries"].items())
    else:
        value = decision.get(column)
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


_Row: TypeAlias = tuple[str, str, int, str]  # id, writer, seq, detail


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=5)


class _Reader:
    """Reads the log through one connection, in one transaction."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        version: int = db.execute("PRAGMA user_version").fetchone()[0]
        self.has_asked = version >= _ASKED_SINCE  # else no gateway has opened it since

    def rows(
        self, table: str, filters: Mapping[str, str], before: str | None, limit: int, least: str = ""
    ) -> list[_Row]:
        """Newest first: those with an id less than `before`, and no less than `least`. Raises QueryError."""
        where, values = _conditions(filters)
        for condition, name, bound in (("id < :before", "before", before), ("id >= :least", "least", least)):
            if bound:
                where.append(condition)
                values[name] = bound
        condition = " AND ".join(where) or "1"
        query = f"SELECT id, writer, seq, detail FROM {table} WHERE {condition} ORDER BY id DESC LIMIT :limit"
        return self._db.execute(query, {**values, "limit": limit}).fetchall()

    def row(self, table: str, id: str) -> _Row | None:
        found: _Row | None = self._db.execute(
            f"SELECT id, writer, seq, detail FROM {table} WHERE id = ?", (id,)
        ).fetchone()
        return found

    def decision(self, row: _Row) -> dict[str, Any]:
        id, writer, seq, detail = row
        decision = msgspec.json.decode(detail)
        arrival = decision.pop("arrival")
        arrival["time"] = rfc3339(arrival["time"])
        deliveries: dict[str, Any] = {
            plan["destination"]: {"state": "unknown"} for plan in decision["plans"] if plan.get("messages")
        }
        if decision["outcome"] == "allowed":
            for destination, delivered, when, attempts, receipt, error in self._db.execute(
                "SELECT destination, delivered, time, attempts, receipt, error FROM deliveries WHERE decision = ?",
                (id,),
            ):
                ending = {"state": "delivered" if delivered else "failed", "time": rfc3339(when), "attempts": attempts}
                deliveries[destination] = ending | {k: v for k, v in (("receipt", receipt), ("error", error)) if v}
        else:
            deliveries = {}
        for plan in decision["plans"]:
            _join(plan)
        asked = self._asked(id)
        return {**arrival, **decision, "asked": asked, "deliveries": deliveries, "writer": writer, "seq": seq}

    def unknown(self, row: _Row) -> dict[str, Any]:
        """What is known of a request without a decision, with the fields of one."""
        id, writer, seq, detail = row
        first = msgspec.json.decode(detail)
        arrival, asked = first["arrival"], self._asked(id)
        return {
            **arrival,
            "time": rfc3339(arrival["time"]),
            "outcome": UNKNOWN,
            "status": None,
            "code": None,
            **{name: first[name] for name in ("policies", "revision", "messages", "input")},
            "plans": [*{plan["destination"]: plan for entry in asked for plan in entry["plans"]}.values()],
            "refusals": {},
            "asked": asked,
            "deliveries": {},
            "writer": writer,
            "seq": seq,
        }

    def _asked(self, id: str) -> list[dict[str, Any]]:
        """What modules asked hosts for a request, in order."""
        if not self.has_asked:
            return []
        rows = self._db.execute("SELECT seq, detail FROM asked WHERE decision = ? ORDER BY number", (id,))
        return [_entry(seq, msgspec.json.decode(detail)) for seq, detail in rows]


def _entry(seq: int, row: Mapping[str, Any]) -> dict[str, Any]:
    """What one row adds to its request's decision."""
    own = {name: row[name] for name in ("module", "version", "sha256", "plans", "hosts")}
    return {"time": rfc3339(row["time"]), **own, "seq": seq}


def _join(plan: dict[str, Any]) -> None:
    """Put what a record has counted beside the steps and classes that it counts for."""
    for step, spent in zip(plan["steps"], plan.pop("microseconds"), strict=False):
        step["microseconds"] = spent
    fields = plan.pop("fields", {})
    for data_class in plan["classes"]:
        data_class["fields"] = fields.get(data_class["name"], 0)


def _conditions(filters: Mapping[str, str]) -> tuple[list[str], dict[str, Any]]:
    """Conditions of SQL, and the values of their parameters."""
    where: list[str] = []
    values: dict[str, Any] = {}
    for name, value in filters.items():
        if name not in FILTERS:
            raise QueryError(f"{name}: no such filter")
        if name in ("since", "until"):
            where.append(f"id >= :{name}" if name == "since" else f"id < :{name}")
            values[name] = _id_at(_milliseconds(name, value))
        elif name == "delivered":
            if value not in _DELIVERED:
                raise QueryError("delivered: true, false or unknown")
            where.append(f"({_DELIVERED[value]})")
        else:
            where.append(_WHERE[name].replace("?1", f":{name}").replace("?2", f":{name}_json"))
            values |= {name: value, f"{name}_json": _json(name, value)}
    if filters.get("outcome", "allowed") != "allowed":
        where.append(_AMISS)  # has its index
    return where, values


def _json(name: str, text: str) -> str:
    """As the log's encoder writes it."""
    try:
        return msgspec.json.encode(text).decode()
    except UnicodeEncodeError:
        raise QueryError(f"{name}: not Unicode") from None


def _milliseconds(name: str, text: str) -> int:
    """Since the epoch, rounded down."""
    if span := _SPAN.fullmatch(text):
        return time.time_ns() // 1_000_000 - int(span[1]) * _SECONDS[span[2]] * 1000
    try:
        when = datetime.fromisoformat(text)
        return ((when if when.tzinfo else when.replace(tzinfo=UTC)) - _EPOCH) // timedelta(milliseconds=1)
    except (ValueError, OverflowError):
        raise QueryError(f"{name}: RFC 3339, or so long ago, as 15m, 2h or 7d") from None


def _id_at(milliseconds: int) -> str:
    """The least UUIDv7 of a time: ids sort by time, so they serve as its index."""
    stamp = f"{min(max(0, milliseconds), (1 << 48) - 1):012x}"
    return f"{stamp[:8]}-{stamp[8:]}-7000-8000-000000000000"


def rfc3339(nanoseconds: int) -> str:
    """UTC with microseconds, of nanoseconds since the epoch."""
    seconds, rest = divmod(nanoseconds, 1_000_000_000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest // 1000:06}Z"


def _write_cursor(id: str) -> str:
    return base64.urlsafe_b64encode(id.encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> str:
    try:
        id = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (binascii.Error, ValueError):
        id = ""
    if not _ID.fullmatch(id):
        raise QueryError("cursor: take it from `next` of the page before")
    return id
