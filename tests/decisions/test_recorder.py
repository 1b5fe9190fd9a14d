from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from queue import SimpleQueue

import pytest

from gateway.decisions.recorder import Recorder
from gateway.decisions.store import DecisionStore
from gateway.flow import Asked, Decision, Receipt
from tests.decisions.making import asked, decision, program, receipt

WAIT = 20  # seconds after which something that must happen has not


class Counting(DecisionStore):
    """The real store; knows how many decisions and receipts each commit had."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.commits: SimpleQueue[tuple[int, int]] = SimpleQueue()

    def append(self, decisions: Sequence[Decision], receipts: Sequence[Receipt], asked: Sequence[Asked] = ()) -> None:
        self.commits.put((len(decisions), len(receipts)))
        super().append(decisions, receipts, asked)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Counting]:
    store = Counting(tmp_path / "decisions.db")
    yield store
    store.close()


@pytest.fixture
def recorder(store: Counting) -> Iterator[Recorder]:
    recorder = Recorder(store)
    yield recorder
    recorder.close()


def ids(path: Path, table: str = "decisions") -> list[str]:
    column = "id" if table == "decisions" else "decision"
    with closing(sqlite3.connect(path)) as db:
        return [id for (id,) in db.execute(f"SELECT {column} FROM {table} ORDER BY 1")]


@contextmanager
def held(store: Counting) -> Iterator[None]:
    """Another writer has the log; what the recorder has taken up waits for it, what is put meanwhile is a group."""
    with closing(sqlite3.connect(store.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def wait_for(path: Path, table: str, wanted: list[str]) -> None:
    until = time.monotonic() + WAIT
    while ids(path, table) != wanted:
        assert time.monotonic() < until, f"{table} aren't written"
        time.sleep(0.01)


def test_what_is_done_is_in_the_log(store: Counting, recorder: Recorder) -> None:
    one = decision()
    seen: SimpleQueue[tuple[BaseException | None, list[str]]] = SimpleQueue()
    recorder.put([one], [], lambda error: seen.put((error, ids(store.path))))
    assert seen.get(timeout=WAIT) == (None, [one.arrival.id])


def test_what_is_asked_is_in_the_log_when_it_is_done(store: Counting, recorder: Recorder) -> None:
    one = decision()
    seen: SimpleQueue[tuple[BaseException | None, list[str]]] = SimpleQueue()
    recorder.put([], [], lambda error: seen.put((error, ids(store.path, "asked"))), [asked(one)])
    assert seen.get(timeout=WAIT) == (None, [one.arrival.id])


def test_what_is_asked_is_in_the_group_of_all_that_waits(store: Counting, recorder: Recorder) -> None:
    told: SimpleQueue[BaseException | None] = SimpleQueue()
    some = [decision() for _ in range(3)]
    with held(store):
        recorder.put([decision()], [], told.put)
        assert store.commits.get(timeout=WAIT) == (1, 0)
        recorder.put([], [], told.put, [asked(some[0])])
        recorder.put([some[1]], [receipt(some[1])], told.put)
        recorder.put([], [], told.put, [asked(some[2])])
    assert [told.get(timeout=WAIT) for _ in range(4)] == [None] * 4
    assert store.commits.get(timeout=WAIT) == (1, 1)
    assert store.commits.empty()
    assert ids(store.path, "asked") == [some[0].arrival.id, some[2].arrival.id]


def test_what_cannot_be_written_before_it_is_asked_is_told_and_not_tried_again(
    store: Counting, recorder: Recorder
) -> None:
    told: SimpleQueue[BaseException | None] = SimpleQueue()
    store._db.execute("PRAGMA query_only = ON")
    recorder.put([], [receipt(one := decision())], told.put, [asked(one)])
    assert isinstance(told.get(timeout=WAIT), sqlite3.OperationalError)
    store._db.execute("PRAGMA query_only = OFF")
    recorder.put([decision()], [], told.put)
    assert told.get(timeout=WAIT) is None
    assert (ids(store.path, "asked"), ids(store.path, "deliveries")) == ([], [one.arrival.id])


def test_all_that_waits_is_one_commit(store: Counting, recorder: Recorder) -> None:
    told: SimpleQueue[tuple[int, BaseException | None]] = SimpleQueue()
    with held(store):
        recorder.put([decision()], [], lambda error: told.put((0, error)))
        assert store.commits.get(timeout=WAIT) == (1, 0)
        for number in range(1, 51):
            one = decision()
            recorder.put([one], [receipt(one)], lambda error, number=number: told.put((number, error)))  # type: ignore[misc]
    assert [told.get(timeout=WAIT) for _ in range(51)] == [(number, None) for number in range(51)]
    assert store.commits.get(timeout=WAIT) == (50, 50)
    assert store.commits.empty()


def test_receipts_alone_are_written_soon(store: Counting, recorder: Recorder) -> None:
    recorder.put([], [receipt(one := decision())], None)
    wait_for(store.path, "deliveries", [one.arrival.id])


def test_receipts_that_keep_coming_do_not_put_off_the_first(store: Counting, recorder: Recorder) -> None:
    until = time.monotonic() + WAIT
    while not ids(store.path, "deliveries"):
        recorder.put([], [receipt(decision())], None)
        time.sleep(0.01)
        assert time.monotonic() < until, "the first receipt isn't written"


def test_nothing_is_left_behind_at_the_end(store: Counting) -> None:
    recorder = Recorder(store)
    told: list[BaseException | None] = []
    some = [decision() for _ in range(300)]
    with held(store):
        for one in some:
            recorder.put([one], [], told.append)
            recorder.put([], [receipt(one)], None)
    recorder.close()
    assert told == [None] * 300
    assert ids(store.path) == ids(store.path, "deliveries") == [one.arrival.id for one in some]


def test_a_record_that_cannot_be_written_costs_the_others_nothing(store: Counting, recorder: Recorder) -> None:
    told: SimpleQueue[tuple[str, str]] = SimpleQueue()
    good = [decision(), decision(), decision()]
    with held(store):
        recorder.put([good[0]], [], None)
        assert store.commits.get(timeout=WAIT) == (1, 0)
        recorder.put([good[1]], [], lambda error: told.put(("good", type(error).__name__)))
        recorder.put([decision(request_id="\udc80")], [], lambda error: told.put(("bad", type(error).__name__)))
        recorder.put([good[2]], [], lambda error: told.put(("good", type(error).__name__)))
    assert [told.get(timeout=WAIT) for _ in range(3)] == [
        ("good", "NoneType"),
        ("bad", "UnicodeEncodeError"),
        ("good", "NoneType"),
    ]
    assert ids(store.path) == [one.arrival.id for one in good]


def test_one_that_fails_when_told_does_not_end_the_recorder(
    recorder: Recorder, caplog: pytest.LogCaptureFixture
) -> None:
    told: SimpleQueue[BaseException | None] = SimpleQueue()

    def fail(error: BaseException | None) -> None:
        raise LookupError("of the test")

    recorder.put([decision()], [], fail)
    recorder.put([decision()], [], told.put)
    assert told.get(timeout=WAIT) is None
    assert "whoever waited for a record failed" in caplog.text


def test_a_full_disk_is_told_and_gone_on_from(tmp_path: Path) -> None:
    path = tmp_path / "decisions.db"
    process = program("full", path)
    said = [line.split(" ", 1) for line in process.communicate()[0].splitlines()]
    assert process.returncode == 0
    first, after = said[0][1], said[-1][1]
    assert [kind for kind, *_ in said] == ["NoneType", *["OperationalError"] * 3, first, "NoneType"]
    # `first` without more: its receipt was tried again, though nothing else was put
    assert ids(path) == [first, after]
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT seq FROM decisions ORDER BY id").fetchall() == [(1,), (2,)]


def test_what_was_done_survives_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "decisions.db"
    process = program("confirm", path)
    assert process.stdout is not None
    with process:
        confirmed = [process.stdout.readline() for _ in range(500)]
        process.kill()
        confirmed += [line for line in process.stdout if line.endswith("\n")]
    done = [id for line in confirmed for id in line.split()]
    assert len(done) >= 1500
    assert set(done) <= set(ids(path))
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert db.execute("SELECT max(seq) = count(*) FROM decisions").fetchall() == [(1,)]
