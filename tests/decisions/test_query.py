from __future__ import annotations

import base64
import csv
import io
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.decisions import query
from gateway.decisions.query import FILTERS, QueryError, every, find, get
from gateway.decisions.record import new_id
from gateway.decisions.store import DecisionStore
from tests.decisions.making import asked, decision, denied, receipt

DAY = 86_400_000  # milliseconds
NOW = time.time_ns() // 1_000_000


def id_at(milliseconds: int, number: int = 0) -> str:
    text = f"{milliseconds:012x}"
    return f"{text[:8]}-{text[8:]}-7000-8000-{number:012x}"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[DecisionStore]:
    store = DecisionStore(tmp_path / "decisions.db")
    yield store
    store.close()


@pytest.fixture
def log(store: DecisionStore) -> Path:
    """Decisions whose request ids name them, the youngest first; `github` is two days old."""
    who = denied(request_id="who", producer=None, credential=None, status=401, code="no_credential")
    dropped = decision(request_id="dropped", messages=0, policies=('say "yes" – always',))
    waits = decision(request_id="waits", destinations=("lake",), stream="returns")
    lost = decision(request_id="lost", destinations=("crm", "lake"), idempotency_key="k-1")
    both = decision(request_id="both", destinations=("crm", "lake"), credential="key-2", refusals={"too_deep": 1})
    crm = decision(request_id="crm", released="crm-sees-email", policies=("storefront-publishes",))
    old = id_at(NOW - 2 * DAY)
    github = decision(
        request_id="github", id=old, producer="github", outcome="refused", status=422, code="invalid_json", messages=0
    )
    store.append([github, who, dropped, waits, lost, both, crm], [])
    store.append([], [receipt(crm), receipt(both), receipt(both, "lake"), receipt(lost)])
    store.append([], [receipt(lost, "lake", delivered=False, attempts=5)])
    return store.path


def named(path: Path, **filters: str) -> list[str]:
    return [found["request_id"] for found in find(path, filters).decisions]


ALL = ["crm", "both", "lost", "waits", "dropped", "who", "github"]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({}, ALL),
        ({"since": "1d"}, ALL[:-1]),
        ({"since": "3d"}, ALL),
        ({"until": "24h"}, ["github"]),
        ({"since": "3d", "until": "1d"}, ["github"]),
        ({"producer": "github"}, ["github"]),
        ({"stream": "returns"}, ["waits"]),
        ({"producer": "web-shop", "stream": "orders"}, ["crm", "both", "lost", "dropped"]),
        ({"destination": "lake"}, ["both", "lost", "waits"]),
        ({"outcome": "denied"}, ["who"]),
        ({"outcome": "refused"}, ["github"]),
        ({"outcome": "allowed"}, ["crm", "both", "lost", "waits", "dropped"]),
        ({"code": "no_credential"}, ["who"]),
        ({"code": "too_deep"}, ["both"]),
        ({"policy": "storefront-publishes"}, ["crm"]),
        ({"policy": "crm-sees-email"}, ["crm"]),
        ({"policy": 'say "yes" – always'}, ["dropped"]),
        ({"policy": "pii.email"}, []),  # in the record, but no policy
        ({"credential": "key-2"}, ["both"]),
        ({"request_id": "waits"}, ["waits"]),
        ({"idempotency_key": "k-1"}, ["lost"]),
        ({"delivered": "true"}, ["crm", "both", "dropped"]),
        ({"delivered": "false"}, ["lost"]),
        ({"delivered": "unknown"}, ["waits"]),
        ({"delivered": "false", "destination": "crm", "producer": "web-shop"}, ["lost"]),
    ],
    ids=str,
)
def test_filters(log: Path, filters: dict[str, str], found: list[str]) -> None:
    assert named(log, **filters) == found


@pytest.mark.parametrize("name", [name for name in FILTERS if name not in ("since", "until", "delivered")])
@pytest.mark.parametrize("value", ["' OR 1 --", "%", "_", "*", "", "\x00", '"', "?1", ":limit", "ünknown"])
def test_a_value_is_only_a_value(log: Path, name: str, value: str) -> None:
    assert named(log, **{name: value}) == []


@pytest.mark.parametrize(
    ("filters", "error"),
    [
        ({"producers": "x"}, "producers: no such filter"),
        ({"since": "yesterday"}, "since: RFC 3339"),
        ({"since": "15 m"}, "since: RFC 3339"),
        ({"until": "7w"}, "until: RFC 3339"),
        ({"until": ""}, "until: RFC 3339"),
        ({"delivered": "yes"}, "delivered: true, false or unknown"),
        ({"producer": "\udc80"}, "producer: not Unicode"),
    ],
    ids=str,
)
def test_what_is_no_filter(log: Path, filters: dict[str, str], error: str) -> None:
    with pytest.raises(QueryError, match=f"^{error}"):
        find(log, filters)


def test_times_are_exact_to_the_millisecond(store: DecisionStore) -> None:
    for offset in range(1000):
        store.append([decision(id=id_at(1_763_893_000_000 + offset), request_id=str(offset))], [])
    start = datetime(2025, 11, 23, 10, 16, 40, tzinfo=UTC)
    for offset in (0, 1, 122, 123, 124, 999):
        when = start + timedelta(milliseconds=offset)
        bounds = {"since": when.isoformat(), "until": (when + timedelta(milliseconds=2)).isoformat()}
        assert named(store.path, **bounds) == [str(n) for n in (offset + 1, offset) if n < 1000]


@pytest.mark.parametrize(("zone", "hours"), [("Z", 0), ("", 0), ("+00:00", 0), ("-11:00", -11), ("+05:00", 5)])
def test_a_time_without_a_zone_is_utc_and_others_are_converted(store: DecisionStore, zone: str, hours: int) -> None:
    when = datetime(2025, 11, 23, 12, tzinfo=UTC)
    store.append([decision(id=id_at(int(when.timestamp()) * 1000), request_id="it")], [])
    local = f"{when + timedelta(hours=hours):%Y-%m-%dT%H:%M:%S}{zone}"
    assert named(store.path, since=local) == ["it"]
    assert named(store.path, until=local) == []


@pytest.mark.parametrize("bound", ["999999d", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_times_far_away(log: Path, bound: str) -> None:
    assert [named(log, since=bound), named(log, until=bound)] in ([ALL, []], [[], ALL])


def test_pages_of_equal_times_leave_nothing_out_and_repeat_nothing(store: DecisionStore) -> None:
    same = [decision(id=id_at(NOW, number), time=NOW * 1_000_000, request_id=str(number)) for number in range(25)]
    store.append(same, [])
    seen: list[str] = []
    cursor = None
    for page_number in range(5):
        page = find(store.path, {}, cursor=cursor, limit=6)
        seen += [found["request_id"] for found in page.decisions]
        cursor = page.next
        assert (cursor is None) == (page_number == 4)
        store.append([decision()], [])  # a younger one doesn't shift the pages
    assert seen == [str(number) for number in reversed(range(25))]


def test_a_full_last_page_has_no_next(log: Path) -> None:
    assert find(log, {}, limit=len(ALL)).next is None
    assert find(log, {}, limit=len(ALL) - 1).next is not None


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "é",
        "=",
        base64.urlsafe_b64encode(b"' OR 1 --").decode(),
        base64.urlsafe_b64encode(b"\xff" * 36).decode(),
    ],
)
def test_what_is_no_cursor(log: Path, cursor: str) -> None:
    with pytest.raises(QueryError, match=r"^cursor: "):
        find(log, {}, cursor=cursor)


@pytest.mark.parametrize("limit", [-1, 0, 1001])
def test_what_is_no_limit(log: Path, limit: int) -> None:
    with pytest.raises(QueryError, match=r"^limit: 1 to 1000"):
        find(log, {}, limit=limit)


def test_every_goes_through_all_pages(store: DecisionStore) -> None:
    some = [decision() for _ in range(query.LIMIT * 2 + 1)]
    store.append(some, [])
    assert [found["id"] for found in every(store.path, {})] == [one.arrival.id for one in reversed(some)]


def test_a_decision_reads_as_it_was_made(store: DecisionStore) -> None:
    one = decision(destinations=("crm", "lake", "none"), released="crm-sees-email", time=1_763_893_000_123_456_789)
    store.append([one], [])
    store.append([], [receipt(one, receipt="a.ndjson:0"), receipt(one, "lake", delivered=False, attempts=5)])
    found = get(store.path, one.arrival.id)
    assert found is not None
    assert found["time"] == "2025-11-23T10:16:40.123456Z"
    assert (found["writer"], found["seq"], found["producer"]) == (store.writer, 1, "web-shop")
    assert found["plans"][0]["steps"][0]["microseconds"] == 4
    assert found["plans"][0]["classes"] == [
        {"name": "pii.email", "treatment": "keep", "policies": ["crm-sees-email"], "fields": 2}
    ]
    when = "2025-11-23T10:16:40.124456Z"
    assert found["deliveries"] == {
        "crm": {"state": "delivered", "time": when, "attempts": 1, "receipt": "a.ndjson:0"},
        "lake": {"state": "failed", "time": when, "attempts": 5, "error": "http_500"},
        "none": {"state": "unknown"},
    }
    assert find(store.path, {}).decisions == [found]


@pytest.mark.parametrize("id", [new_id(), "x", "", "' OR 1 --", new_id().upper()])
def test_there_is_no_such_decision(log: Path, id: str) -> None:
    assert get(log, id) is None


def test_a_log_that_nobody_writes_can_be_read(log: Path, store: DecisionStore) -> None:
    store.close()
    assert [path.name for path in log.parent.iterdir()] == ["decisions.db"]
    assert named(log) == ALL


def test_reading_and_writing_do_not_wait_for_each_other(log: Path, store: DecisionStore) -> None:
    with closing(sqlite3.connect(log, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert named(log) == ALL
    reading = every(log, {})
    next(reading)
    store.append([decision(request_id="meanwhile")], [])
    assert [found["request_id"] for found in reading] == ALL[1:]


@pytest.mark.parametrize(
    ("filters", "index"),
    [
        ({"since": "1h"}, "sqlite_autoindex_decisions_1 (id>?)"),
        ({"producer": "web-shop"}, "decisions_producer (producer=?)"),
        ({"producer": "web-shop", "since": "1h"}, "decisions_producer (producer=? AND id>?)"),
        ({"stream": "orders"}, "decisions_stream (stream=?)"),
        ({"outcome": "denied"}, "decisions_amiss"),
        ({"code": "too_deep"}, "decisions_amiss"),
        ({"request_id": "r"}, "decisions_request (request_id=?)"),
        ({"idempotency_key": "k"}, "decisions_key (idempotency_key=?)"),
        ({"delivered": "false"}, "deliveries_failed"),
    ],
    ids=str,
)
def test_filters_have_their_index_and_sort_nothing(log: Path, filters: dict[str, str], index: str) -> None:
    where, values = query._conditions(filters)
    with closing(sqlite3.connect(log)) as db:
        asked = f"EXPLAIN QUERY PLAN SELECT detail FROM decisions WHERE {' AND '.join(where)} ORDER BY id DESC LIMIT 9"
        plan = "\n".join(row[3] for row in db.execute(asked, values))
    assert index in plan
    assert "TEMP B-TREE" not in plan


@pytest.fixture
def lost_log(log: Path, store: DecisionStore) -> Path:
    """The same log, with requests whose gateway ended after hosts were asked: two younger ones, and one in between."""
    aside = decision(request_id="aside", id=id_at(NOW - DAY), producer="erp", stream="returns", credential="key-3")
    first = decision(request_id="first", idempotency_key="k-2")
    last = decision(request_id="last", producer="erp")
    both = get(log, find(log, {"request_id": "both"}).decisions[0]["id"])
    assert both is not None
    decided = decision(id=both["id"])
    store.append([], [], [asked(aside, destination="lake"), asked(decided)])
    store.append([], [], [asked(first), asked(decided, 2, "lake", "lake.example"), asked(last)])
    store.append([], [], [asked(first, 2, "lake")])
    return log


ALL_AND_LOST = ["last", "first", *ALL[:-1], "aside", ALL[-1]]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({}, ALL_AND_LOST),
        ({"outcome": "unknown"}, ["last", "first", "aside"]),
        ({"outcome": "allowed"}, ["crm", "both", "lost", "waits", "dropped"]),
        ({"outcome": "failed"}, []),
        ({"producer": "erp"}, ["last", "aside"]),
        ({"outcome": "unknown", "producer": "web-shop"}, ["first"]),
        ({"stream": "returns"}, ["waits", "aside"]),
        ({"credential": "key-3"}, ["aside"]),
        ({"request_id": "first"}, ["first"]),
        ({"idempotency_key": "k-2"}, ["first"]),
        ({"destination": "lake"}, ["both", "lost", "waits", "aside"]),
        ({"policy": "storefront-publishes"}, ["last", "first", "crm", "aside"]),
        ({"code": "too_deep"}, ["both"]),
        ({"user": "last"}, []),
        ({"delivered": "unknown"}, ["waits"]),
        ({"delivered": "true"}, ["crm", "both", "dropped"]),
        ({"delivered": "false"}, ["lost"]),
        ({"since": "3d", "until": "1h"}, ["aside", "github"]),
        ({"outcome": "unknown", "since": "1h"}, ["last", "first"]),
    ],
    ids=str,
)
def test_who_asked_and_has_no_decision_is_found(lost_log: Path, filters: dict[str, str], found: list[str]) -> None:
    assert named(lost_log, **filters) == found
    assert [row["request_id"] for row in every(lost_log, filters)] == found


@pytest.mark.parametrize("limit", range(1, 11))
def test_pages_hold_both_kinds(lost_log: Path, store: DecisionStore, limit: int) -> None:
    store.append([decision(id=id_at(NOW - 3 * DAY, number), request_id=f"old-{number}") for number in range(5)], [])
    seen: list[list[str]] = []
    cursor = None
    while not seen or cursor is not None:
        page = find(lost_log, {}, cursor=cursor, limit=limit)
        seen.append([found["request_id"] for found in page.decisions])
        cursor = page.next
    oldest = [f"old-{number}" for number in reversed(range(5))]
    assert [name for names in seen for name in names] == ALL_AND_LOST + oldest
    assert [len(page) for page in seen[:-1]] == [limit] * (len(seen) - 1)


def test_what_was_asked_stands_in_the_decision(lost_log: Path) -> None:
    (both,) = find(lost_log, {"request_id": "both"}).decisions
    assert both == get(lost_log, both["id"])
    own = {"module": "http-enricher", "version": "1.0.0", "sha256": "f" * 64}
    assert [{**row, "time": ""} for row in both["asked"]] == [
        {
            **own,
            "time": "",
            "plans": [{"destination": destination, "plan": "b" * 64}],
            "hosts": [{"host": f"{destination}.example", "requests": 2, "bytes": 70}],
            "seq": seq,
        }
        for destination, seq in (("crm", 9), ("lake", 11))
    ]
    (crm,) = find(lost_log, {"request_id": "crm"}).decisions
    assert crm["asked"] == []


def test_a_request_without_a_decision_reads_like_one(lost_log: Path, store: DecisionStore) -> None:
    (first,) = find(lost_log, {"request_id": "first"}).decisions
    assert first == get(lost_log, first["id"])
    assert first.keys() >= get(lost_log, find(lost_log, {"request_id": "crm"}).decisions[0]["id"]).keys()  # type: ignore[union-attr]
    assert {name: first[name] for name in ("outcome", "status", "code", "deliveries", "refusals")} == {
        "outcome": "unknown",
        "status": None,
        "code": None,
        "deliveries": {},
        "refusals": {},
    }
    assert (first["producer"], first["revision"], first["messages"], first["input"]) == (
        "web-shop",
        "d" * 64,
        3,
        "e" * 64,
    )
    assert (first["writer"], first["seq"]) == (store.writer, 10)
    assert first["plans"] == [{"destination": name, "plan": "b" * 64} for name in ("crm", "lake")]
    assert [row["seq"] for row in first["asked"]] == [10, 13]
    cells = dict(zip(query.COLUMNS, next(csv.reader([query.csv_line(first)])), strict=True))
    assert (cells["outcome"], cells["status"], cells["destinations"]) == ("unknown", "", "crm lake")


def test_a_decision_that_comes_takes_its_place(lost_log: Path, store: DecisionStore) -> None:
    (first,) = find(lost_log, {"request_id": "first"}).decisions
    store.append([decision(id=first["id"], request_id="first")], [])
    (now,) = find(lost_log, {"request_id": "first"}).decisions
    assert (now["outcome"], now["asked"]) == ("allowed", first["asked"])
    assert named(lost_log) == ALL_AND_LOST
    assert named(lost_log, outcome="unknown") == ["last", "aside"]


def test_a_decision_that_comes_while_it_is_read_is_not_missed(
    lost_log: Path, store: DecisionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = {name: find(lost_log, {"request_id": name}).decisions[0]["id"] for name in ("first", "last")}

    def commits_meanwhile(method: str, name: str) -> None:
        read = getattr(query._Reader, method)

        def and_meanwhile(self: query._Reader, table: str, *rest: Any) -> Any:
            found = read(self, table, *rest)
            if table == "decisions":
                store.append([decision(id=ids[name], request_id=name)], [])
            return found

        monkeypatch.setattr(query._Reader, method, and_meanwhile)

    commits_meanwhile("rows", "first")
    assert named(lost_log) == ALL_AND_LOST
    commits_meanwhile("row", "last")
    assert get(lost_log, ids["last"]) is not None


def test_a_log_that_no_gateway_has_opened_since_version_1_is_read(tmp_path: Path) -> None:
    path = tmp_path / "decisions.db"
    with closing(sqlite3.connect(path)) as db:
        db.executescript((Path(__file__).parent / "version1.sql").read_text(encoding="utf-8"))
    (old,) = find(path, {}).decisions
    assert (old["request_id"], old["asked"], get(path, old["id"])) == ("old", [], old)
    assert get(path, new_id()) is None
    assert find(path, {"outcome": "unknown"}).decisions == []


@pytest.mark.parametrize(
    ("filters", "index"),
    [
        ({}, "sqlite_autoindex_asked_1 (decision>?)"),
        ({"since": "1h"}, "sqlite_autoindex_asked_1 (decision>?)"),
        ({"producer": "web-shop"}, "asked_producer (producer=? AND decision>?)"),
        ({"request_id": "r"}, "asked_request (request_id=? AND decision>?)"),
        ({"idempotency_key": "k"}, "asked_key (idempotency_key=? AND decision>?)"),
    ],
    ids=str,
)
def test_so_have_filters_of_requests_without_a_decision(lost_log: Path, filters: dict[str, str], index: str) -> None:
    where, values = query._conditions(filters)
    condition = " AND ".join([*where, "id >= :least"])
    with closing(sqlite3.connect(lost_log)) as db:
        asked = f"EXPLAIN QUERY PLAN SELECT detail FROM {query._UNKNOWN} WHERE {condition} ORDER BY id DESC LIMIT 9"
        plan = "\n".join(row[3] for row in db.execute(asked, {**values, "least": "0"}))
    assert index in plan
    assert "decisions USING COVERING INDEX" in plan
    assert "TEMP B-TREE" not in plan


def test_csv_has_a_column_for_each_name_and_no_formula(store: DecisionStore) -> None:
    one = decision(
        destinations=("crm", "lake"), request_id='=HYPERLINK("x")', traceparent="+1", idempotency_key="@a,b\nc",
        client="-1", credential="\tx", stream="pos\r\nsales", policies=("a", "b"),
    )  # fmt: skip
    store.append([one], [receipt(one)])
    [found] = every(store.path, {})
    header, row = csv.reader(io.StringIO(query.csv_line(None) + query.csv_line(found), newline=""))
    cells = dict(zip(header, row, strict=True))
    assert tuple(header) == query.COLUMNS
    assert cells == {
        "id": one.arrival.id,
        "time": found["time"],
        "producer": "web-shop",
        "credential": "'\tx",
        "client": "'-1",
        "stream": "pos\r\nsales",
        "outcome": "allowed",
        "status": "200",
        "code": "",
        "policies": "a b",
        "revision": "",
        "messages": "1",
        "bytes_in": "9",
        "destinations": "crm lake",
        "delivered": "crm=delivered lake=unknown",
        "request_id": '\'=HYPERLINK("x")',
        "traceparent": "'+1",
        "idempotency_key": "'@a,b\nc",
    }
