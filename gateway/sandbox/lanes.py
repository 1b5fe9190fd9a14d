"""Sandbox threads: each takes all that waits for one producer, and no producer has two of them.

So a producer whose module loops holds nobody else up for longer than it holds one thread; and once a producer's
guest has run out of time its jobs go to a thread of their own, of low priority, until one of them ends in time.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from queue import SimpleQueue
from typing import Generic, TypeVar

log = logging.getLogger("maskgate.sandbox")

_TURN = 64  # jobs
_TURN_TIME = 0.05  # seconds after which no further job of a turn begins; 64 that are just in time would take many
_LOW_PRIORITY = 10  # nice value, of Linux's threads

Job = TypeVar("Job")


class _Lane(Generic[Job]):
    __slots__ = ("active", "slow", "waiting")

    def __init__(self) -> None:
        self.waiting: deque[Job] = deque()
        self.active = False  # queued for a thread, or in one
        self.slow = False


class Lanes(Generic[Job]):
    def __init__(
        self, threads: int, run: Callable[[Job], bool], finish: Callable[[list[Job]], None], turn: int = _TURN
    ) -> None:
        """`run` does a job and is True if a guest ran out of time; `finish` hands on what was done in one turn.

        Neither may raise. `turn`: jobs of one producer; then it goes to the end of the queue.
        """
        self._run, self._finish, self._turn = run, finish, turn
        self._lanes: dict[str, _Lane[Job]] = {}
        self._lock = threading.Lock()
        self._less = threading.Condition(self._lock)  # notified when a lane has nothing left to do
        self._ready: SimpleQueue[str | None] = SimpleQueue()
        self._ready_slow: SimpleQueue[str | None] = SimpleQueue()
        self._threads = [
            threading.Thread(target=self._serve, args=(self._ready,), name=f"sandbox-{i}", daemon=True)
            for i in range(threads)
        ]
        self._threads.append(threading.Thread(target=self._serve_slow, name="sandbox-slow", daemon=True))
        for thread in self._threads:
            thread.start()

    def put(self, producer: str, job: Job) -> None:
        """Queue a job behind those that wait for `producer`."""
        with self._lock:
            lane = self._lanes.get(producer)
            if lane is None:
                lane = self._lanes[producer] = _Lane()
            lane.waiting.append(job)
            if lane.active:
                return
            lane.active = True
            slow = lane.slow
        (self._ready_slow if slow else self._ready).put(producer)

    def busy(self, producer: str) -> bool:
        """Whether jobs of `producer` wait or run."""
        lane = self._lanes.get(producer)
        return lane is not None and lane.active

    def slow(self, producer: str) -> None:
        """A guest of `producer` ran out of time elsewhere."""
        with self._lock:
            self._lanes.setdefault(producer, _Lane()).slow = True

    def close(self) -> None:
        """End the threads once they have done what waits; a producer's turns may still lead from one to another."""
        with self._less:
            self._less.wait_for(lambda: not any(lane.active for lane in self._lanes.values()))
        for _ in self._threads[:-1]:
            self._ready.put(None)
        self._ready_slow.put(None)
        for thread in self._threads:
            thread.join()

    def _serve_slow(self) -> None:
        try:
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _LOW_PRIORITY)
        except (OSError, AttributeError):  # threads have no priority of their own here
            log.debug("the slow sandbox thread keeps its priority")
        self._serve(self._ready_slow)

    def _serve(self, ready: SimpleQueue[str | None]) -> None:
        while (producer := ready.get()) is not None:
            lane = self._lanes[producer]
            slow = False
            done: list[Job] = []
            until = time.monotonic() + _TURN_TIME
            try:
                while lane.waiting and len(done) < self._turn and not slow and (not done or time.monotonic() < until):
                    done.append(lane.waiting.popleft())
                    slow = self._run(done[-1])
                self._finish(done)
            except Exception:  # a thread that ended would hold its producer up for ever
                log.exception("a turn of %d jobs failed", len(done))
            with self._lock:
                lane.slow = slow
                again = bool(lane.waiting)
                if not again:
                    lane.active = False
                    if not slow:
                        del self._lanes[producer]
                    self._less.notify_all()
            if again:
                (self._ready_slow if slow else self._ready).put(producer)
