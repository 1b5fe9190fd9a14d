"""Four threads at once: what happens to a guest surfaces in the call that it happened in, and nowhere else.

wasmtime-py keeps a host function's pending exception in a module global, which threads mix up; the sandbox goes
past it (docs/architecture.md, Threads), and here is the proof.
"""

from __future__ import annotations

import gc
import os
import random
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.errors import GuestFailure
from gateway.flow import Limits
from gateway.sandbox.engine import Engine
from gateway.sandbox.frame import GuestError
from gateway.sandbox.guest import Guest, Program
from gateway.sandbox.pool import Pool
from tests.sandbox.making import LIMITS, batch, does, program, step, u32, wat

THREADS, CALLS = 4, 4000
_HASTY = Limits(time=1, memory=LIMITS.memory)

_SYNC = {"name": "fd_sync", "type": "(param i32) (result i32)"}
_SYNCS = "(call $import (i32.const 3))"
_DENIED = wat("calls", **_SYNC, call=_SYNCS)
_DENIED_AND_TRAPS = wat("calls", **_SYNC, call=f"(block (result i32) (drop {_SYNCS}) unreachable)")
_EXITS = wat("calls", name="proc_exit", type="(param i32)", call="(call $import (i32.const 0)) unreachable")
_RANDOM = {"name": "random_get", "type": "(param i32 i32) (result i32)"}
_WILD = wat("calls", **_RANDOM, call="(call $import (i32.const -1) (i32.const 8))")


def _misbehaves(what: str) -> str:
    return wat("misbehaves", place=5, does=does(what))


# Kind of guest → its text, its step's kept, how many of a hundred calls are its
KINDS: dict[str, tuple[str, bool, int]] = {
    "echoes": (wat("echo"), True, 40),
    "echoes afresh": (wat("echo"), False, 15),
    "remembers": (wat("remembers"), True, 12),
    "traps": (_misbehaves("is_unreachable"), True, 8),
    "exhausts the stack": (_misbehaves("exhausts_the_stack"), False, 5),
    "is denied": (_DENIED, True, 8),
    "is denied and traps": (_DENIED_AND_TRAPS, True, 5),
    "exits": (_EXITS, False, 3),
    "writes wildly": (_WILD, True, 3),
    "loops": (_misbehaves("loops"), True, 1),
}
FAILURES = {
    "traps": GuestFailure.TRAP,
    "exhausts the stack": GuestFailure.TRAP,
    "is denied and traps": GuestFailure.TRAP,
    "exits": GuestFailure.EXIT,
    "loops": GuestFailure.TIMEOUT,
}
DENIED = {"is denied": {"fd_sync": 1}, "is denied and traps": {"fd_sync": 1}}
ANSWERS = {"is denied": 76, "writes wildly": 21}


class Caller:
    """One producer in one thread, that knows what must come of each of its calls."""

    def __init__(self, pool: Pool, programs: dict[str, Program], number: int) -> None:
        self.pool, self.programs, self.producer = pool, programs, f"producer-{number}"
        self.random = random.Random(number)
        self.said = b""  # to the guest that remembers
        self.seen: Counter[str] = Counter()
        self.wrong: list[str] = []

    def work(self) -> None:
        kinds, weights = list(KINDS), [weight for _, _, weight in KINDS.values()]
        for number, kind in enumerate(self.random.choices(kinds, weights, k=CALLS)):
            try:
                self._call(kind, b"%s says %d" % (self.producer.encode(), number))
            except BaseException as error:
                self.wrong.append(f"{kind}: {error!r}")
            self.seen[kind] += 1

    def _call(self, kind: str, message: bytes) -> None:
        messages = [message] * (self.random.randint(1, 3) if kind.startswith("echoes") else 1)
        try:
            run = self.pool.run(self.programs[kind], self.producer, batch(*messages), hold=self.random.random() < 0.5)
        except GuestError as error:
            self._check(kind, "failure", error.failure, FAILURES.get(kind))
            self._check(kind, "denied", dict(error.denied), DENIED.get(kind, {}))
            return
        self._check(kind, "denied", dict(run.denied), DENIED.get(kind, {}))
        out = list(run.output.batch)
        if kind == "remembers":
            self._check(kind, "output", out, [self.said])
            self.said = message
        elif kind.startswith("echoes"):
            self._check(kind, "output", out, messages)
        else:
            self._check(kind, "answer", out[0][:4], u32(ANSWERS[kind]))

    def _check(self, kind: str, what: str, seen: object, expected: object) -> None:
        if seen != expected:
            self.wrong.append(f"{kind}: {what} {seen!r} and not {expected!r}")


def together(works: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.fixture
def programs(engine: Engine) -> dict[str, Program]:
    grants = {"writes wildly": ("random",)}
    return {
        kind: program(
            engine,
            text,
            module_step=step(
                kept=kept, grants=grants.get(kind, ()), limits=_HASTY if kind == "loops" else LIMITS, splits=True
            ),
        )
        for kind, (text, kept, _) in KINDS.items()
    }


def test_calls_of_four_threads_dont_mix(engine: Engine, programs: dict[str, Program]) -> None:
    pool = Pool(engine, 64)
    callers = [Caller(pool, programs, number) for number in range(THREADS)]
    together([caller.work for caller in callers])
    assert [caller.wrong[:3] for caller in callers] == [[]] * THREADS
    assert sum(sum(caller.seen.values()) for caller in callers) == THREADS * CALLS
    assert all(set(caller.seen) == set(KINDS) for caller in callers)


def test_a_guest_goes_from_thread_to_thread(engine: Engine) -> None:
    """A kept instance is made in one thread and called in others, one at a time."""
    guest = Guest(program(engine, _DENIED))
    answers: list[tuple[bytes, dict[str, int]]] = []

    def call() -> None:
        answers.append((guest.transform(batch(b"{}")).batch.body[:4], dict(guest.denied)))

    for _ in range(20):
        together([call])
    assert answers == [(u32(76), {"fd_sync": 1})] * 20


def test_the_stack_of_a_guest_fits_on_a_small_thread(engine: Engine) -> None:
    """Where threads have one megabyte a guest that recurses without end is still ended in order."""
    deep = program(engine, wat("misbehaves", place=5, does=does("exhausts_the_stack")))
    failures: list[GuestFailure] = []

    def recurse() -> None:
        with pytest.raises(GuestError) as raised:
            Guest(deep).transform(batch(b"{}"))
        failures.append(raised.value.failure)

    before = threading.stack_size(1 << 20)
    try:
        together([recurse, recurse])
    finally:
        threading.stack_size(before)
    assert failures == [GuestFailure.TRAP, GuestFailure.TRAP]


def resident() -> int:
    """Bytes of memory that this process holds."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.parametrize("kind", ["echoes afresh", "exhausts the stack", "is denied and traps"])
def test_instances_leave_nothing_behind(engine: Engine, programs: dict[str, Program], kind: str) -> None:
    pool = Pool(engine, 4)

    def run(times: int) -> None:
        for _ in range(times):
            try:
                pool.run(programs[kind], "web-shop", batch(b"{}"))
            except GuestError as error:
                if error.failure is not FAILURES.get(kind):
                    raise

    run(500)
    gc.collect()
    before = resident()
    run(7000)
    gc.collect()
    assert resident() - before < 16 << 20  # 2.4 kB for each of them; the smallest instance takes more
