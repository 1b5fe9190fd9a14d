"""Instances: kept or fresh, for one producer alone, and gone once they have failed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import pytest

from gateway.errors import GuestFailure
from gateway.flow import Limits
from gateway.sandbox.engine import Engine
from gateway.sandbox.frame import GuestError
from gateway.sandbox.guest import Program
from gateway.sandbox.kind import LoadError
from gateway.sandbox.pool import Pool
from tests.sandbox.making import HASTY, LIMITS, OTHER, PRODUCER, batch, does, step, wasm


@pytest.fixture(scope="module")
def cached(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Each guest is compiled once for all tests here."""
    engine = Engine(tmp_path_factory.mktemp("compiled"))
    yield engine
    engine.close()


@pytest.fixture
def pool(cached: Engine) -> Pool:
    return Pool(cached, 4)


def load(pool: Pool, binary: bytes, *, secrets: dict[str, bytes] | None = None, **given: Any) -> Program:
    sha256 = hashlib.sha256(binary).hexdigest()
    made = step(sha256=sha256, digest=sha256 + repr(sorted(given.items())), **given)
    return pool.program(made, binary, secrets or {})


REMEMBERS, ECHO = wasm("remembers"), wasm("echo")


def say(pool: Pool, program: Program, producer: str, message: bytes) -> bytes:
    """What a guest answers: of remembers.wat, what was said to it before."""
    return pool.run(program, producer, batch(message)).output.batch.body


def test_a_kept_instance_remembers_its_producer_and_no_other(pool: Pool) -> None:
    program = load(pool, REMEMBERS, kept=True)
    assert say(pool, program, PRODUCER, b"shop 1") == b""
    assert say(pool, program, OTHER, b"hub 1") == b""
    assert say(pool, program, PRODUCER, b"shop 2") == b"shop 1"
    assert say(pool, program, OTHER, b"hub 2") == b"hub 1"
    assert say(pool, program, PRODUCER, b"shop 3") == b"shop 2"


def test_two_steps_of_one_producer_share_no_instance(pool: Pool) -> None:
    one = load(pool, REMEMBERS, kept=True, config=b'{"a":1}')
    two = load(pool, REMEMBERS, kept=True, config=b'{"a":2}')
    assert one is not two
    assert say(pool, one, PRODUCER, b"for one") == b""
    assert say(pool, two, PRODUCER, b"for two") == b""
    assert say(pool, one, PRODUCER, b"") == b"for one"


def test_a_fresh_step_remembers_nothing(pool: Pool) -> None:
    program = load(pool, REMEMBERS)
    for producer in (PRODUCER, PRODUCER, OTHER, PRODUCER):
        assert say(pool, program, producer, b"x") == b""


def test_the_longest_unused_goes_first(pool: Pool) -> None:
    program = load(pool, REMEMBERS, kept=True)
    for name in ("a", "b", "c", "d"):
        say(pool, program, name, name.encode())
    assert say(pool, program, "a", b"again") == b"a"
    say(pool, program, "e", b"e")  # the fifth: of a, b, c, d now b is the longest unused
    assert say(pool, program, "a", b"") == b"again"
    assert say(pool, program, "c", b"") == b"c"
    assert say(pool, program, "b", b"") == b""


@pytest.mark.parametrize(("what", "failure"), [("loops", GuestFailure.TIMEOUT), ("is_unreachable", GuestFailure.TRAP)])
def test_an_instance_that_failed_is_gone(pool: Pool, what: str, failure: GuestFailure) -> None:
    program = load(pool, wasm("misbehaves", place=5, does=does(what)), kept=True, limits=HASTY)
    for _ in range(2):
        with pytest.raises(GuestError) as raised:
            pool.run(program, PRODUCER, batch(b"{}"))
        assert raised.value.failure is failure
    assert not pool._idle


def test_an_instance_whose_frame_was_wrong_is_gone(pool: Pool) -> None:
    program = load(pool, REMEMBERS, kept=True)
    say(pool, program, PRODUCER, b"kept")
    with pytest.raises(GuestError):
        pool.run(program, PRODUCER, batch(b"two", b"messages"))
    assert say(pool, program, PRODUCER, b"") == b""


def test_an_instance_that_has_grown_large_is_gone(pool: Pool) -> None:
    grows = wasm("misbehaves", place=5, does=does("grows_then_goes_on"))
    for memory, kept in ((8 << 20, 1), (9 << 20, 0)):
        program = load(pool, grows, kept=True, limits=Limits(memory=memory, time=1000))
        pool.run(program, f"{memory}", batch(b"{}"))
        assert len([key for key in pool._idle if key[0] == f"{memory}"]) == kept


def test_attempts_without_a_grant_come_with_the_run_and_with_the_failure(pool: Pool) -> None:
    typed = {"name": "fd_sync", "type": "(param i32) (result i32)"}
    call = "(call $import (i32.const 3))"
    assert pool.run(load(pool, wasm("calls", **typed, call=call)), PRODUCER, batch(b"{}")).denied == {"fd_sync": 1}
    trapping = wasm("calls", **typed, call=f"(block (result i32) (drop {call}) unreachable)")
    with pytest.raises(GuestError) as raised:
        pool.run(load(pool, trapping), PRODUCER, batch(b"{}"))
    assert raised.value.denied == {"fd_sync": 1}


def test_an_equal_step_has_the_same_program(pool: Pool) -> None:
    program = load(pool, ECHO, secrets={"pseudonym": b"1"})
    assert load(pool, ECHO, secrets={"pseudonym": b"1"}) is program
    assert load(pool, ECHO, secrets={"pseudonym": b"2"}) is not program
    assert load(pool, ECHO, secrets={"pseudonym": b"1"}, kept=True) is not program


def test_what_a_new_policy_doesnt_use_is_forgotten(pool: Pool) -> None:
    stays, goes = load(pool, REMEMBERS, kept=True), load(pool, ECHO, kept=True)
    say(pool, stays, PRODUCER, b"kept")
    say(pool, goes, PRODUCER, b"{}")
    pool.retain(frozenset({stays}))
    assert say(pool, goes, PRODUCER, b"{}") == b"{}"  # a run under way ends as it began
    assert say(pool, stays, PRODUCER, b"") == b"kept"
    assert load(pool, REMEMBERS, kept=True) is stays
    assert load(pool, ECHO, kept=True) is not goes


@pytest.mark.parametrize(
    ("binary", "said"),
    [
        (b"", "not a module that can be compiled"),
        (b"\0asm\1\0\0\0\7", "not a module that can be compiled"),
        (wasm("shape", mg_alloc=""), "no function mg_alloc"),
        (wasm("shape", imports='(import "env" "open" (func))'), r"env\.open"),
        (wasm("refuses"), r"rules\[2\]: no such treatment"),
        (wasm("misbehaves", place=4, does=does("loops")), "guest_timeout"),
        (wasm("misbehaves", place=1, does=does("is_unreachable")), "guest_trap"),
    ],
    ids=["empty", "cut off", "without mg_alloc", "an import", "a configuration", "loops", "traps"],
)
def test_a_program_is_tried_when_it_is_loaded(pool: Pool, binary: bytes, said: str) -> None:
    for _ in range(2):  # nothing of a failure stays
        with pytest.raises(LoadError, match=said):
            load(pool, binary, limits=HASTY if said == "guest_timeout" else LIMITS)


def test_in_the_event_loop_a_slow_start_counts_against_the_loops_deadline(pool: Pool, cached: Engine) -> None:
    """`ticks` is for the instance's making too."""
    clock = "(call $import (i32.const 1) (i64.const 0) (i32.const 4096))"
    binary = wasm(
        "calls",
        name="clock_time_get",
        type="(param i32 i64 i32) (result i32)",
        data="(global $until (mut i64) (i64.const 0))",
        configure=f"""(drop {clock})
          (global.set $until (i64.add (i64.load (i32.const 4096)) (i64.const 100_000_000)))
          (loop $on (drop {clock}) (br_if $on (i64.lt_u (i64.load (i32.const 4096)) (global.get $until))))""",
        call="(i32.const 0)",
    )
    program = load(pool, binary, kept=True, grants=("clock",), limits=Limits(time=5000, memory=LIMITS.memory))
    with pytest.raises(GuestError) as raised:  # it takes 100 ms
        pool.run(program, PRODUCER, batch(b"{}"), ticks=cached.ticker.ticks(10))
    assert raised.value.failure is GuestFailure.TIMEOUT
    assert pool.run(program, PRODUCER, batch(b"{}")).output.batch.ends
    assert pool.run(program, PRODUCER, batch(b"{}"), ticks=cached.ticker.ticks(1000)).output.batch.ends
