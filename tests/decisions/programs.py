"""What tests need a process of its own for: to kill it, to take its disk away, to have several at once."""

from __future__ import annotations

import resource
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from queue import SimpleQueue

from gateway.decisions.query import find
from gateway.decisions.record import digest_key
from gateway.decisions.recorder import Recorder
from gateway.decisions.store import DecisionStore
from gateway.flow import Decision, Receipt
from tests.decisions.making import decision, receipt


def say(*words: object) -> None:
    print(*words, flush=True)


def write(path: str, groups: str, size: str) -> None:
    """When a line comes in: open the log and the key, write, and say the writer's id and the key."""
    say("ready")
    sys.stdin.readline()
    key = digest_key(Path(path).parent / "digest.key")
    store = DecisionStore(Path(path))
    for _ in range(int(groups)):
        store.append([decision() for _ in range(int(size))], [])
    store.close()
    say(store.writer, key.hex())


def confirm(path: str) -> None:
    """Record without end, a few groups at a time, and say the ids of each group whose `done` has come."""
    recorder = Recorder(DecisionStore(Path(path)))
    slots = threading.Semaphore(8)

    def record(group: list[Decision]) -> None:
        def done(error: BaseException | None) -> None:
            say(*([one.arrival.id for one in group] if error is None else ["failed:", error]))
            slots.release()

        recorder.put(group, [receipt(group[0])], done)

    while True:
        slots.acquire()
        record([decision() for _ in range(3)])


def full(path: str) -> None:
    """A disk that is full for a while: says what `done` got before, meanwhile and after."""
    store = DecisionStore(Path(path))
    recorder = Recorder(store)

    def record(decisions: list[Decision], receipts: list[Receipt]) -> str:
        told: SimpleQueue[BaseException | None] = SimpleQueue()
        recorder.put(decisions, receipts, told.put)
        return type(told.get()).__name__

    first, meanwhile, after = decision(), decision(), decision()
    say(record([first], []), first.arrival.id)
    no_limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, no_limit[1]))
    say(record([meanwhile], []), meanwhile.arrival.id)
    say(record([], []), "the probe")
    say(record([], [receipt(first)]), "a receipt")
    resource.setrlimit(resource.RLIMIT_FSIZE, no_limit)
    until = time.monotonic() + 20
    while not find(Path(path), {"delivered": "true"}).decisions and time.monotonic() < until:
        time.sleep(0.01)
    say(*[found["id"] for found in find(Path(path), {"delivered": "true"}).decisions])
    say(record([after], []), after.arrival.id)
    recorder.close()
    store.close()


PROGRAMS: Mapping[str, Callable[..., None]] = {"write": write, "confirm": confirm, "full": full}

if __name__ == "__main__":
    PROGRAMS[sys.argv[1]](*sys.argv[2:])
