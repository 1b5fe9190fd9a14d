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
from typing import Any

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
    "outcome": "allowed, denied, refused or failed.",
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


class QueryError(ValueError):
    """A filter, a cursor or a limit can't be read. The text names it."""


class Page(Struct, frozen=True, kw_only=True):
    decisions: list[dict[str, Any]]  # newest first
    next: str | None  # cursor of the next page; None: this is the last


def find(path: Path, filters: Mapping[str, str], *, cursor: str | None = None, limit: int = 100) -> Page:
    """One page of the log in `path`, newest first. Raises QueryError."""
    if not 1 <= limit <= LIMIT:
        raise QueryError(f"limit: 1 to {LIMIT}")
    where, values = _conditions(filters)
    if cursor is not None:
        where.append("id < :cursor")
        values["cursor"] = _read_cursor(cursor)
    condition = " AND ".join(where) or "1"
    query = f"SELECT id, writer, seq, detail FROM decisions WHERE {condition} ORDER BY id DESC LIMIT :limit"
    with closing(_connect(path)) as db:
        rows = db.execute(query, {**values, "limit": limit + 1}).fetchall()
        decisions = [_decision(db, row) for row in rows[:limit]]
    more = len(rows) > limit
    return Page(decisions=decisions, next=_write_cursor(rows[limit - 1][0]) if more else None)


def get(path: Path, id: str) -> dict[str, Any] | None:
    """One decision, None where there is none of that id."""
    if not _ID.fullmatch(id):
        return None
    with closing(_connect(path)) as db:
        row = db.execute("SELECT id, writer, seq, detail FROM decisions WHERE id = ?", (id,)).fetchone()
        return _decision(db, row) if row else None


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


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=5)


def _decision(db: sqlite3.Connection, row: tuple[str, str, int, str]) -> dict[str, Any]:
    id, writer, seq, detail = row
    decision = msgspec.json.decode(detail)
    arrival = decision.pop("arrival")
    arrival["time"] = rfc3339(arrival["time"])
    deliveries: dict[str, Any] = {
        plan["destination"]: {"state": "unknown"} for plan in decision["plans"] if plan.get("messages")
    }
    if decision["outcome"] == "allowed":
        for destination, delivered, when, attempts, receipt, error in db.execute(
            "SELECT destination, delivered, time, attempts, receipt, error FROM deliveries WHERE decision = ?", (id,)
        ):
            ending = {"state": "delivered" if delivered else "failed", "time": rfc3339(when), "attempts": attempts}
            deliveries[destination] = ending | {k: v for k, v in (("receipt", receipt), ("error", error)) if v}
    else:
        deliveries = {}
    for plan in decision["plans"]:
        _join(plan)
    return {**arrival, **decision, "deliveries": deliveries, "writer": writer, "seq": seq}


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
