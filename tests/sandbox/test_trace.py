"""What a guest says of its own end: nothing of it reaches a gateway, all of it the author of a module."""

from __future__ import annotations

import pytest

from gateway.sandbox.engine import Engine
from gateway.sandbox.frame import GuestError
from gateway.sandbox.guest import Guest
from tests.sandbox.making import batch, escaped, program, step, u32, wat

UTF16 = "utf-16-le"
MESSAGE, FILE = "a value of a message".encode(UTF16), "assembly/index.ts".encode(UTF16)
ABORT = {
    "module": "env",
    "name": "abort",
    "type": "(param i32 i32 i32 i32)",
    "call": "(block (result i32) "
    "(call $import (i32.const 104) (i32.const 204) (i32.const 7) (i32.const 3)) unreachable)",
    "data": f'(data (i32.const 100) "{escaped(u32(len(MESSAGE)) + MESSAGE)}")'
    f'(data (i32.const 200) "{escaped(u32(len(FILE)) + FILE)}")',
}
PANIC = {
    "name": "fd_write",
    "type": "(param i32 i32 i32 i32) (result i32)",
    "call": "(block (result i32) "
    "(drop (call $import (i32.const 2) (i32.const 100) (i32.const 1) (i32.const 90))) unreachable)",
    "data": f'(data (i32.const 100) "{escaped(u32(200, 12))}") (data (i32.const 200) "main.go:42 \\0a")',
}


def ended(engine: Engine, holes: dict[str, str], *, traced: bool, grants: tuple[str, ...] = ()) -> GuestError:
    made = program(engine, wat("calls", **holes), module_step=step(grants=grants))
    made.traced = traced
    guest = Guest(made)
    with pytest.raises(GuestError) as caught:
        guest.transform(batch(b"{}"))
    return caught.value


def test_an_author_reads_the_backtrace(engine: Engine) -> None:
    trace = ended(engine, {"call": "(unreachable)"}, traced=True).trace
    assert "wasm trap: wasm `unreachable` instruction executed" in trace
    assert "wasm backtrace" in trace


def test_an_author_reads_what_assemblyscript_aborts_with(engine: Engine) -> None:
    assert ended(engine, ABORT, traced=True).trace.startswith("abort: a value of a message at assembly/index.ts:7:3\n")


@pytest.mark.parametrize("grants", [(), ("log",)])
def test_an_author_reads_what_was_written_before_the_end(engine: Engine, grants: tuple[str, ...]) -> None:
    assert ended(engine, PANIC, traced=True, grants=grants).trace.startswith("main.go:42\n")


@pytest.mark.parametrize("holes", [{"call": "(unreachable)"}, ABORT, PANIC], ids=["trap", "abort", "panic"])
def test_a_gateway_reads_nothing(engine: Engine, holes: dict[str, str]) -> None:
    error = ended(engine, holes, traced=False)
    assert error.trace == ""
    assert str(error) == "guest_trap"


def test_what_is_kept_is_of_one_run_and_little(engine: Engine) -> None:
    often = PANIC["call"].replace("unreachable", "(i32.const 0)")
    large = f'(data (i32.const 100) "{escaped(u32(0, 65536))}")'
    made = program(engine, wat("calls", **PANIC | {"call": often, "data": large}))
    made.traced = True
    guest = Guest(made)
    for _ in range(2):
        guest.transform(batch(b"{}"))
        assert len(guest._running.said) == 4 << 10


@pytest.mark.parametrize("at", [0, 2, -2, 131070])
def test_an_abort_from_nowhere(engine: Engine, at: int) -> None:
    nowhere = ABORT["call"].replace("i32.const 104", f"i32.const {at}")
    assert "abort: " in ended(engine, ABORT | {"call": nowhere}, traced=True).trace


@pytest.mark.parametrize("vector", [(-1, 5), (131071, 2), (0, 5)])
def test_words_from_nowhere(engine: Engine, vector: tuple[int, int]) -> None:
    wild = f'(data (i32.const 100) "{escaped(u32(*(number & 0xFFFFFFFF for number in vector)))}")'
    assert ended(engine, PANIC | {"data": wild}, traced=True).trace.startswith("error while executing")
