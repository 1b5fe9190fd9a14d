"""What a guest may import, with and without grants, called by real guests."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

import pytest

from gateway.errors import GuestFailure
from gateway.sandbox import host, http
from gateway.sandbox.engine import Engine
from gateway.sandbox.frame import GuestError
from gateway.sandbox.guest import Guest
from gateway.sandbox.kind import unrecorded
from gateway.sandbox.running import Running
from tests.sandbox.making import batch, escaped, program, step, u32, wat

SUCCESS, BADF, FAULT, NOTCAPABLE = 0, 8, 21, 76
OUT = 4096  # the memory that a guest of calls.wat gives back
NOWHERE = (131072, -1, -0x80000000, 131069)  # in a memory of two pages: not a byte, or too few of them
TYPES = {"i": "i32", "I": "i64"}


class Called:
    """What a guest saw of one call, and what the host counted."""

    def __init__(self, guest: Guest) -> None:
        message = guest.transform(batch(b"{}"), asking=unrecorded).batch.body
        self.answer = int.from_bytes(message[:4], "little", signed=True)
        self.memory = message[4:]
        self.denied = dict(guest.denied)


def calls(
    engine: Engine,
    name: str,
    *arguments: int,
    grants: tuple[str, ...] = (),
    secrets: dict[str, bytes] | None = None,
    module: str = "wasi_snapshot_preview1",
    data: str = "",
) -> Called:
    """Call an import of the sandbox with integers."""
    return Called(Guest(caller(engine, name, *arguments, grants=grants, secrets=secrets, module=module, data=data)))


def caller(
    engine: Engine, name: str, *arguments: int, module: str, data: str, grants: Any = (), secrets: Any = None
) -> Any:
    parameters, results, _ = host._OFFERED[module, name]
    given = " ".join(
        f"({TYPES[letter]}.const {argument})" for letter, argument in zip(parameters, arguments, strict=True)
    )
    kind = " ".join(f"(param {TYPES[letter]})" for letter in parameters)
    text = wat(
        "calls",
        module=module,
        name=name,
        type=f"{kind} (result i32)" if results else kind,
        call=f"(call $import {given})" if results else f"(block (result i32) (call $import {given}) (i32.const 0))",
        data=data,
    )
    return program(engine, text, secrets=secrets, module_step=step(grants=grants))


def stored(at: int, content: bytes) -> str:
    """A data segment."""
    return f'(data (i32.const {at}) "{escaped(content)}")'


# ---------------------------------------------------------------- without a grant

HARMLESS = {  # what language runtimes ask at their start, and what they learn: nothing
    "args_get": SUCCESS,
    "args_sizes_get": SUCCESS,
    "environ_get": SUCCESS,
    "environ_sizes_get": SUCCESS,
    "fd_prestat_get": BADF,
    "sched_yield": SUCCESS,
}
WASI = sorted(name for module, name in host._OFFERED if module == "wasi_snapshot_preview1")


def test_wasi_is_all_of_preview_1() -> None:
    assert len(WASI) == 46


@pytest.mark.parametrize("name", [name for name in WASI if name != "proc_exit"])
def test_wasi_without_a_grant(engine: Engine, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("MASKGATE_TEST", "not for guests")
    parameters = host._OFFERED["wasi_snapshot_preview1", name][0]
    seen = calls(engine, name, *[OUT + 8 * i for i in range(len(parameters))])
    if name in HARMLESS:
        assert (seen.answer, seen.denied) == (HARMLESS[name], {})
    else:
        assert (seen.answer, seen.denied) == (NOTCAPABLE, {name: 1})
    assert seen.memory == bytes(256)


def test_proc_exit_ends_the_guest_and_nothing_else(engine: Engine) -> None:
    for code in (0, 1, -1):
        with pytest.raises(GuestError) as raised:
            calls(engine, "proc_exit", code)
        assert raised.value.failure is GuestFailure.EXIT


def test_abort_is_a_trap(engine: Engine) -> None:
    with pytest.raises(GuestError) as raised:
        calls(engine, "abort", OUT, OUT, 1, 2, module="env")
    assert raised.value.failure is GuestFailure.TRAP


def test_attempts_are_counted_by_run_and_the_first_has_those_before_it(engine: Engine) -> None:
    text = wat(
        "calls",
        name="clock_time_get",
        type="(param i32 i64 i32) (result i32)",
        call="(call $import (i32.const 0) (i64.const 0) (i32.const 4096))",
        configure="(drop (call $import (i32.const 0) (i64.const 0) (i32.const 4096)))",
    )
    guest = Guest(program(engine, text))
    assert guest.denied == {"clock_time_get": 1}
    assert Called(guest).denied == {"clock_time_get": 2}
    assert Called(guest).denied == {"clock_time_get": 1}


def test_attempts_of_a_guest_that_never_got_ready_are_known(engine: Engine) -> None:
    text = wat(
        "calls",
        name="random_get",
        type="(param i32 i32) (result i32)",
        call="(i32.const 0)",
        configure="(drop (call $import (i32.const 4096) (i32.const 8))) unreachable",
    )
    with pytest.raises(GuestError) as raised:
        Guest(program(engine, text))
    assert raised.value.denied == {"random_get": 1}


def test_the_start_function_has_no_memory_to_be_written_to(engine: Engine) -> None:
    text = wat(
        "shape",
        imports='(import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))',
        initialize="""(func $start
          (if (i32.ne (call $random (i32.const 0) (i32.const 8)) (i32.const 21)) (then unreachable)))
          (start $start)""",
    )
    assert Guest(program(engine, text, module_step=step(grants=("random",)))).memory_size == 131072


# ---------------------------------------------------------------- with grants


def test_clock(engine: Engine) -> None:
    before = time.time_ns()
    seen = calls(engine, "clock_time_get", 0, 0, OUT, grants=("clock",))
    assert before <= int.from_bytes(seen.memory[:8], "little") <= time.time_ns()
    before = time.monotonic_ns()
    seen = calls(engine, "clock_time_get", 1, 0, OUT, grants=("clock",))
    assert before <= int.from_bytes(seen.memory[:8], "little") <= time.monotonic_ns()
    assert (seen.answer, seen.denied) == (SUCCESS, {})
    assert calls(engine, "clock_res_get", 0, OUT, grants=("clock",)).memory[:8] == u32(1, 0)


def test_random(engine: Engine) -> None:
    seen = [calls(engine, "random_get", OUT, 32, grants=("random",)) for _ in range(2)]
    assert [each.answer for each in seen] == [SUCCESS, SUCCESS]
    assert seen[0].memory[:32] != seen[1].memory[:32] != bytes(32)
    assert seen[0].memory[32:] == bytes(224)
    assert calls(engine, "random_get", OUT, 64 << 10, grants=("random",)).answer == SUCCESS
    assert calls(engine, "random_get", OUT, (64 << 10) + 1, grants=("random",)).answer == FAULT
    assert calls(engine, "random_get", OUT, -1, grants=("random",)).answer == FAULT


def test_environment(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGION", "eu")
    monkeypatch.setenv("STAGE", "")
    monkeypatch.setenv("MASKGATE_TEST", "not for guests")
    monkeypatch.delenv("ABSENT", raising=False)
    grants = ("env:ABSENT", "env:REGION", "env:STAGE")
    sizes = calls(engine, "environ_sizes_get", OUT, OUT + 4, grants=grants)
    assert (sizes.answer, sizes.memory[:8]) == (SUCCESS, u32(2, len(b"REGION=eu\0STAGE=\0")))
    seen = calls(engine, "environ_get", OUT, OUT + 16, grants=grants)
    assert seen.memory[:8] == u32(OUT + 16, OUT + 26)
    assert seen.memory[16:].rstrip(b"\0") == b"REGION=eu\0STAGE="


def test_environment_to_nowhere(engine: Engine, monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    monkeypatch.setenv("REGION", "eu")
    monkeypatch.setenv("STAGE", "")
    grants = ("env:REGION", "env:STAGE")
    for at in NOWHERE:
        assert calls(engine, "environ_get", OUT, at, grants=grants).answer == FAULT
        assert calls(engine, "environ_get", at, OUT, grants=grants).answer == FAULT
        assert calls(engine, "environ_sizes_get", at, OUT, grants=grants).answer == FAULT
        assert calls(engine, "environ_sizes_get", OUT, at, grants=grants).answer == FAULT
    assert not caplog.records  # each is an answer and not an exception


def logs(engine: Engine, descriptor: int, vectors: list[tuple[int, int]], data: str = "", count: int = -1) -> Called:
    """Write `vectors` (address, length), which stand at 8192."""
    table = stored(8192, b"".join(u32(at & 0xFFFFFFFF, length & 0xFFFFFFFF) for at, length in vectors))
    count = len(vectors) if count == -1 else count
    return calls(engine, "fd_write", descriptor, 8192, count, OUT, grants=("log",), data=table + data)


def test_log(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "maskgate.module")
    text = stored(12288, b"one\ntwo \x1b[2J\xff")
    seen = logs(engine, 1, [(12288, 4), (12292, 9)], text)
    assert (seen.answer, seen.memory[:4]) == (SUCCESS, u32(13))
    assert [record.getMessage() for record in caplog.records] == ["guest: 'one\\n'", "guest: 'two \\x1b[2J\ufffd'"]
    assert logs(engine, 0, [(12288, 4)]).answer == BADF
    assert logs(engine, 3, [(12288, 4)]).answer == BADF


def test_what_a_guest_logs_is_little(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "maskgate.module")
    seen = logs(engine, 2, [(12288, 6000)] * 64, stored(12288, b"x" * 6000), count=-2)
    assert seen.answer == SUCCESS  # it is told that all was written
    assert sum(record.getMessage().count("x") for record in caplog.records) == 4096


def test_a_guest_logs_few_records(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "maskgate.module")
    vectors = stored(8192, u32(12288, 1) * 64) + stored(12288, b"x")
    write = "(drop (call $import (i32.const 1) (i32.const 8192) (i32.const 64) (i32.const 4096)))" * 100
    kind = "(param i32 i32 i32 i32) (result i32)"
    text = wat("calls", name="fd_write", type=kind, call=f"{write} (i32.const 0)", data=vectors)
    assert Called(Guest(program(engine, text, module_step=step(grants=("log",))))).answer == 0
    assert len(caplog.records) == 256


def test_a_log_from_nowhere(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "maskgate.module")
    for at in NOWHERE:
        assert logs(engine, 1, [(at, 4)]).answer == FAULT
        assert calls(engine, "fd_write", 1, at, 1, OUT, grants=("log",), data="").answer == FAULT
        assert calls(engine, "fd_write", 1, OUT, 0, at, grants=("log",), data="").answer == FAULT
    assert not caplog.records


# ---------------------------------------------------------------- secrets

SECRETS = {"pseudonym": b"of the step's own", "webhook": b"not granted"}


def secret(
    engine: Engine, name: bytes, capacity: int = 64, *, at: int = 8192, length: int = -1, out: int = OUT
) -> Called:
    return calls(
        engine,
        "secret",
        at,
        len(name) if length == -1 else length,
        out,
        capacity,
        grants=("secret:pseudonym", "secret:forgotten"),
        secrets=SECRETS,
        module="maskgate",
        data=stored(8192, name),
    )


def test_a_secret(engine: Engine) -> None:
    value = SECRETS["pseudonym"]
    for capacity in (64, len(value)):
        seen = secret(engine, b"pseudonym", capacity)
        assert (seen.answer, seen.memory.rstrip(b"\0"), seen.denied) == (len(value), value, {})


@pytest.mark.parametrize("capacity", [16, 0, -1, -0x80000000])
def test_a_buffer_that_is_too_small_for_it(engine: Engine, capacity: int) -> None:
    seen = secret(engine, b"pseudonym", capacity)
    assert (seen.answer, seen.memory, seen.denied) == (-2, bytes(256), {})


@pytest.mark.parametrize(
    "name", [b"webhook", b"forgotten", b"absent", b"", b"pseudonym\0", b"PSEUDONYM", b"\xff", b"*", b"p" * 300]
)
def test_a_secret_that_isnt_granted(engine: Engine, name: bytes) -> None:
    seen = secret(engine, name)
    assert (seen.answer, seen.memory, seen.denied) == (-1, bytes(256), {"maskgate.secret": 1})


def test_a_secret_to_nowhere_and_by_a_name_from_nowhere(engine: Engine) -> None:
    for at in NOWHERE:
        assert secret(engine, b"pseudonym", out=at).answer == -1
        assert secret(engine, b"pseudonym", at=at).answer == -1
    assert secret(engine, b"pseudonym", length=-2).answer == -1


@pytest.mark.parametrize(("name", "failed"), [("secret", -1), ("http", http.FAILED)])
def test_a_mistake_of_the_host_s_is_not_taken_for_a_length(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, name: str, failed: int
) -> None:
    def fails(running: Running, at: int, length: int) -> bytes | None:
        raise RuntimeError("a value")

    monkeypatch.setattr(Running, "read", fails)
    seen = calls(engine, name, OUT, 8, OUT, 64, module="maskgate", grants=("http:a.example",))
    assert (seen.answer, seen.memory) == (failed, bytes(256))
    assert caplog.messages == ["an import failed: RuntimeError"]


@pytest.mark.parametrize("name", ["clock_time_get", "clock_res_get", "random_get"])
def test_wild_pointers(engine: Engine, name: str) -> None:
    at: Callable[[int], tuple[int, ...]] = {
        "clock_time_get": lambda at: (0, 0, at),
        "clock_res_get": lambda at: (0, at),
        "random_get": lambda at: (at, 8),
    }[name]
    for address in NOWHERE:
        assert calls(engine, name, *at(address), grants=("clock", "random")).answer == FAULT


def test_a_name_that_nobody_can_have_isnt_read(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading keeps the GIL: a guest must not have megabytes read again and again."""
    lengths: list[int] = []
    read = Running.read

    def noting(running: Running, at: int, length: int) -> bytes | None:
        lengths.append(length)
        return read(running, at, length)

    monkeypatch.setattr(Running, "read", noting)
    assert secret(engine, b"pseudonym", length=100_000).answer == -1
    assert secret(engine, b"pseudonym", length=256).answer == -1
    assert lengths == [0, 256]
