"""Who works for whom, and when: one thread for a producer at a time, and slow ones on a thread of their own."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable

import pytest

from gateway.sandbox.lanes import Lanes

PATIENCE = 20  # seconds until a test gives up


class Work:
    """Jobs that note who did them; a job is (producer, number, what to do and whether it ran out of time)."""

    def __init__(self, threads: int) -> None:
        self.done: defaultdict[str, list[int]] = defaultdict(list)
        self.by: defaultdict[str, list[str]] = defaultdict(list)  # producer → name of the thread, by job
        self.turns: list[list[tuple[str, int]]] = []
        self.clashes: list[str] = []
        self._busy: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._left = 0
        self._all = threading.Condition()
        self.lanes: Lanes[tuple[str, int, Callable[[], bool]]] = Lanes(threads, self._run, self._finish)

    def put(self, producer: str, number: int = 0, act: Callable[[], bool] = lambda: False) -> None:
        with self._all:
            self._left += 1
        self.lanes.put(producer, (producer, number, act))

    def wait(self) -> None:
        with self._all:
            assert self._all.wait_for(lambda: not self._left, PATIENCE)

    def _run(self, job: tuple[str, int, Callable[[], bool]]) -> bool:
        producer, number, act = job
        if not self._busy[producer].acquire(blocking=False):
            self.clashes.append(producer)
            return False
        try:
            slow = act()
            self.done[producer].append(number)
            self.by[producer].append(threading.current_thread().name)
            return slow
        finally:
            self._busy[producer].release()

    def _finish(self, jobs: list[tuple[str, int, Callable[[], bool]]]) -> None:
        with self._all:
            self.turns.append([(producer, number) for producer, number, _ in jobs])
            self._left -= len(jobs)
            self._all.notify_all()


@pytest.fixture
def work() -> Work:
    return Work(2)


def test_a_producers_jobs_are_done_in_order_by_one_thread_at_a_time(work: Work) -> None:
    producers = [f"producer-{number}" for number in range(5)]

    def send(producer: str) -> None:
        for number in range(2000):
            work.put(producer, number)

    senders = [threading.Thread(target=send, args=(producer,)) for producer in producers]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    work.wait()
    work.lanes.close()
    assert work.clashes == []
    assert work.done == {producer: list(range(2000)) for producer in producers}
    assert all(len({producer for producer, _ in turn}) == 1 for turn in work.turns)
    assert not any(work.lanes.busy(producer) for producer in producers)


def test_what_waits_is_done_in_one_turn_up_to_a_bound() -> None:
    work = Work(1)
    go = threading.Event()
    work.put("first", act=lambda: not go.wait(PATIENCE))
    for number in range(100):
        work.put("one", number)
    work.put("two")
    assert work.lanes.busy("one")
    go.set()
    work.wait()
    work.lanes.close()
    assert [(turn[0][0], len(turn)) for turn in work.turns] == [("first", 1), ("one", 64), ("two", 1), ("one", 36)]


def test_a_producer_that_ran_out_of_time_has_a_thread_of_its_own_until_it_is_in_time(work: Work) -> None:
    for number, slow in enumerate((True, True, False, False)):
        work.put("loops", number, lambda slow=slow: slow)  # type: ignore[misc]
        work.wait()
        work.put("works", number)
        work.wait()
    work.lanes.close()
    assert [name == "sandbox-slow" for name in work.by["loops"]] == [False, True, True, False]
    assert "sandbox-slow" not in work.by["works"]


def test_one_that_ran_out_of_time_elsewhere_begins_on_the_slow_thread(work: Work) -> None:
    work.lanes.slow("loops")
    assert not work.lanes.busy("loops")
    work.put("loops")
    work.wait()
    work.lanes.close()
    assert work.by["loops"] == ["sandbox-slow"]


def test_however_many_producers_loop_the_others_are_served(work: Work) -> None:
    go = threading.Event()
    for number in range(4):
        work.lanes.slow(f"loops-{number}")
        work.put(f"loops-{number}", act=lambda: go.wait(PATIENCE))
    served = threading.Event()
    work.put("works", act=lambda: served.set() is not None)  # type: ignore[func-returns-value]
    assert served.wait(PATIENCE)
    assert not go.is_set()
    go.set()
    work.wait()
    work.lanes.close()


def test_closing_does_what_waits_however_many_turns_it_takes(work: Work) -> None:
    for number in range(500):
        work.put(f"producer-{number % 7}", number, lambda number=number: number % 50 == 0)  # type: ignore[misc]
    work.lanes.close()
    assert sum(map(len, work.done.values())) == 500
    assert work.clashes == []
