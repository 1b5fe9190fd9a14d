from __future__ import annotations

import fcntl
import os
import sqlite3
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gateway.decisions.store import VERSION, DecisionStore
from gateway.flow import Asked, Decision
from tests.decisions.making import asked, decision, denied, program, receipt


@pytest.fixture
def store(tmp_path: Path) -> Iterator[DecisionStore]:
    store = DecisionStore(tmp_path / "log" / "decisions.db")
    yield store
    store.close()


def rows(path: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as db:
        return db.execute(query).fetchall()


def test_a_decision_is_written_whole(store: DecisionStore) -> None:
    one = decision(destinations=("crm", "lake"), request_id="r-1", idempotency_key="k-1", refusals={"too_deep": 2})
    store.append([one], [receipt(one, receipt="a.ndjson:0")])
    assert rows(
        store.path,
        "SELECT id, time, writer, seq, producer, credential, stream, outcome, status, code, refused, leaving,"
        " request_id, idempotency_key FROM decisions",
    ) == [
        (
            one.arrival.id, one.arrival.time, store.writer, 1, "web-shop", "key-1", "orders", "allowed", 200, None,
            2, 2, "r-1", "k-1",
        )
    ]  # fmt: skip
    [(detail,)] = rows(store.path, "SELECT detail FROM decisions")
    assert msgspec.json.decode(detail, type=Decision) == msgspec.json.decode(msgspec.json.encode(one), type=Decision)
    assert rows(store.path, "SELECT * FROM deliveries") == [
        (one.arrival.id, "crm", 1, one.arrival.time + 1_000_000, 1, "a.ndjson:0", None)
    ]


def test_what_is_asked_is_written_whole_and_takes_its_place_in_the_sequence(store: DecisionStore) -> None:
    one = decision(request_id="r-1", idempotency_key="k-1")
    row = asked(one)
    store.append([], [], [row])
    store.append([one], [receipt(one)], [asked(one, 2), asked(one, 3)])
    columns = "decision, number, time, writer, seq, producer, credential, stream, request_id, idempotency_key"
    assert rows(store.path, f"SELECT {columns} FROM asked") == [
        (
            one.arrival.id, n, row.time + (n - 1) * 1_000_000, store.writer, seq, "web-shop", "key-1", "orders", "r-1",
            "k-1",
        )
        for n, seq in ((1, 1), (2, 3), (3, 4))
    ]  # fmt: skip
    assert rows(store.path, "SELECT seq FROM decisions") == [(2,)]
    details = [msgspec.json.decode(detail, type=Asked) for (detail,) in rows(store.path, "SELECT detail FROM asked")]
    assert details == [row, asked(one, 2), asked(one, 3)]


def test_a_denial_has_no_destination(store: DecisionStore) -> None:
    store.append([denied(producer=None, credential=None)], [])
    assert rows(store.path, "SELECT producer, outcome, code, leaving FROM decisions") == [
        (None, "denied", "not_permitted", 0)
    ]


def test_files_are_the_owners_alone(store: DecisionStore) -> None:
    store.append([decision()], [])
    names = {path.name: stat.S_IMODE(path.stat().st_mode) for path in store.path.parent.iterdir()}
    assert names == {"decisions.db": 0o600, "decisions.db-wal": 0o600, "decisions.db-shm": 0o600}
    assert stat.S_IMODE(store.path.parent.stat().st_mode) == 0o700


def test_every_commit_is_synced(store: DecisionStore) -> None:
    assert store._db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert store._db.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL


def test_a_sequence_has_no_gaps_over_groups_of_all_sizes(store: DecisionStore) -> None:
    sizes = (1, 2, 127, 128, 129, 300, 1)
    for size in sizes:
        some = [decision() for _ in range(size)]
        store.append(some, [receipt(one) for one in some])
    assert rows(store.path, "SELECT seq FROM decisions ORDER BY id") == [(n,) for n in range(1, sum(sizes) + 1)]
    assert rows(store.path, "SELECT count(*) FROM deliveries") == [(sum(sizes),)]
    for size in sizes:
        some = [decision() for _ in range(size)]
        store.append([], [], [asked(one) for one in some])
        store.append(some, [], [asked(one, 2) for one in some])
    both = "SELECT seq FROM decisions UNION ALL SELECT seq FROM asked ORDER BY seq"
    assert rows(store.path, both) == [(n,) for n in range(1, 4 * sum(sizes) + 1)]


def test_what_is_asked_twice_under_one_number_takes_its_group_down(store: DecisionStore) -> None:
    one = decision()
    store.append([], [], [asked(one)])
    with pytest.raises(sqlite3.IntegrityError):
        store.append([one], [receipt(one)], [asked(one)])
    assert rows(store.path, "SELECT seq FROM asked") == [(1,)]
    assert rows(store.path, "SELECT id FROM decisions UNION SELECT decision FROM deliveries") == []


@pytest.mark.parametrize("size", [3, 300])
def test_a_group_is_written_whole_or_not_at_all(store: DecisionStore, size: int) -> None:
    first = decision()
    store.append([first], [])
    with pytest.raises(sqlite3.IntegrityError):
        store.append([*(decision() for _ in range(size)), decision(id=first.arrival.id)], [receipt(first)])
    assert rows(store.path, "SELECT id FROM decisions") == [(first.arrival.id,)]
    assert rows(store.path, "SELECT * FROM deliveries") == []
    store.append([decision()], [])
    assert rows(store.path, "SELECT seq FROM decisions ORDER BY id") == [(1,), (2,)]


def test_nothing_is_a_group_too(store: DecisionStore) -> None:
    store.append([], [])
    assert rows(store.path, "SELECT count(*) FROM decisions") == [(0,)]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE decisions SET outcome = 'allowed'",
        "DELETE FROM decisions",
        "UPDATE deliveries SET delivered = 1",
        "DELETE FROM deliveries",
        "UPDATE asked SET detail = '{}'",
        "DELETE FROM asked",
        "REPLACE INTO asked SELECT * FROM asked",
    ],
)
def test_nothing_can_be_altered_or_removed(store: DecisionStore, statement: str) -> None:
    one = decision()
    store.append([one], [receipt(one, delivered=False)], [asked(one)])
    before = rows(store.path, "SELECT * FROM decisions, deliveries, asked")
    with (
        closing(sqlite3.connect(store.path)) as db,
        pytest.raises(sqlite3.IntegrityError, match=r"^\w+ is append-only$"),
    ):
        db.execute(statement)
    assert rows(store.path, "SELECT * FROM decisions, deliveries, asked") == before


def test_the_first_ending_of_a_delivery_stays(store: DecisionStore) -> None:
    one = decision()
    store.append([one], [receipt(one)])
    store.append([], [receipt(one, delivered=False)])
    assert rows(store.path, "SELECT delivered FROM deliveries") == [(1,)]


def test_a_log_is_opened_again_by_another_writer(store: DecisionStore) -> None:
    store.append([decision()], [])
    again = DecisionStore(store.path)
    again.append([decision()], [])
    again.close()
    assert rows(store.path, "SELECT writer, seq FROM decisions ORDER BY id") == [(store.writer, 1), (again.writer, 1)]


def schema(path: Path) -> list[tuple[Any, ...]]:
    return rows(path, "SELECT type, name, sql FROM sqlite_schema ORDER BY 1, 2")


def test_a_log_of_version_1_goes_on_as_if_it_had_been_made_today(store: DecisionStore, tmp_path: Path) -> None:
    path = tmp_path / "decisions.db"
    with closing(sqlite3.connect(path)) as db:
        db.executescript((Path(__file__).parent / "version1.sql").read_text(encoding="utf-8"))
    old = rows(path, "SELECT * FROM decisions JOIN deliveries ON decision = id")
    DecisionStore(path).close()
    again = DecisionStore(path)  # what is done already isn't done twice
    again.append([one := decision()], [], [asked(one)])
    again.close()
    assert schema(path) == schema(store.path)
    assert rows(path, "PRAGMA user_version") == [(VERSION,)]
    assert rows(path, "SELECT * FROM decisions JOIN deliveries ON decision = id") == old
    assert rows(path, "SELECT decision FROM asked") == [(one.arrival.id,)]


def test_a_log_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "decisions.db"
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA user_version = {VERSION + 1}")
    with pytest.raises(RuntimeError, match=f"of version {VERSION + 1}"):
        DecisionStore(path)
    assert rows(path, "SELECT * FROM sqlite_schema") == []


def test_what_is_no_database_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "decisions.db"
    path.write_text("a page of text, and more of it, so that it can't be taken for an empty file")
    with pytest.raises(sqlite3.DatabaseError):
        DecisionStore(path)


def test_a_log_that_another_is_making_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "decisions.db"
    folder = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    with closing(sqlite3.connect(path, isolation_level=None)) as other, ThreadPoolExecutor(1) as thread:
        other.execute("BEGIN IMMEDIATE")
        opening = thread.submit(DecisionStore, path)
        with pytest.raises(TimeoutError):
            opening.result(timeout=0.2)
        other.execute("ROLLBACK")
        os.close(folder)
        opening.result().close()


def test_workers_that_start_and_write_at_once(tmp_path: Path) -> None:
    path = tmp_path / "log" / "decisions.db"
    workers = [program("write", path, "40", "5") for _ in range(3)]
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()
    said = [worker.communicate()[0].split() for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0, 0]
    assert len({key for _, key in said}) == 1
    written = rows(path, "SELECT writer, group_concat(seq, ' ') FROM (SELECT * FROM decisions ORDER BY seq) GROUP BY 1")
    assert dict(written) == {writer: " ".join(map(str, range(1, 201))) for writer, _ in said}
