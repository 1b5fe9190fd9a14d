"""Commands: a message on standard input, the one that leaves on standard output."""

from __future__ import annotations

import logging
from typing import Any

import pytest
import wasmtime

from gateway.errors import GuestFailure, LoadFailure
from gateway.flow import Limits, RefusalKind, Step
from gateway.sandbox.command import Guest, Program
from gateway.sandbox.engine import Engine
from gateway.sandbox.frame import GuestError, Refused
from gateway.sandbox.kind import LoadError
from gateway.sandbox.kinds import program as program_of
from tests.building import Place
from tests.conftest import serving
from tests.sandbox.making import GUESTS, LIMITS, batch, step

TEXT = (GUESTS / "command.wat").read_text(encoding="utf-8")
REFUSALS = {"too_deep": RefusalKind(status=422, title="Too deep")}


def command(engine: Engine, text: str = TEXT, **given: Any) -> Guest:
    made: Step = step(abi="wasi-command", refusals=REFUSALS, **given)
    return Program(engine, wasmtime.Module(engine.wasmtime, text), made, {}).guest()


def test_what_becomes_of_messages(engine: Engine) -> None:
    output = command(engine).transform(batch(b"pone", b"d", b"rtoo_deep 3", b"z" + b"two" * 5000, b"rtoo_deep\nmore"))
    assert list(output.batch) == [b"one", b"two" * 5000]
    assert list(output.sources) == [0, 3]
    assert output.refused == (Refused(2, 2, "too_deep", 3), Refused(4, 4, "too_deep", None))
    assert (output.dropped, dict(output.report)) == (1, {})


def test_nothing_is_left_for_the_next_message(engine: Engine) -> None:
    guest = command(engine)
    for _ in range(2):
        assert list(guest.transform(batch(b"c", b"c", b"c")).batch) == [b"0", b"0", b"0"]


@pytest.mark.parametrize(
    ("message", "failure"),
    [
        (b"xone", GuestFailure.EXIT),
        (b"tone", GuestFailure.TRAP),
        (b"l", GuestFailure.TIMEOUT),
        (b"m", GuestFailure.MEMORY),
        (b"rnever_declared", GuestFailure.BAD_REASON),
        (b"r", GuestFailure.BAD_REASON),
        (b"rtoo_deep 99", GuestFailure.BAD_REASON),
        (b"rtoo_deep and its value", GuestFailure.BAD_REASON),
    ],
)
def test_what_fails_fails_its_batch_alone(engine: Engine, message: bytes, failure: GuestFailure) -> None:
    guest = command(engine, limits=Limits(time=100, memory=LIMITS.memory))
    with pytest.raises(GuestError) as raised:
        guest.transform(batch(b"pone", message, b"ptwo"))
    assert raised.value.failure is failure
    assert list(guest.transform(batch(b"pthree")).batch) == [b"three"]


def test_output_without_end(engine: Engine) -> None:
    with pytest.raises(GuestError) as raised:
        command(engine, limits=Limits(time=2000, memory=1 << 20)).transform(batch(b"b"))
    assert raised.value.failure in (GuestFailure.OUTPUT_TOO_LARGE, GuestFailure.TIMEOUT)


def test_the_output_of_all_messages_together_is_limited(engine: Engine) -> None:
    messages = [b"p" + b"x" * 200_000] * 6
    assert len(command(engine).transform(batch(*messages[:5])).batch) == 5
    with pytest.raises(GuestError) as raised:
        command(engine).transform(batch(*messages))
    assert raised.value.failure is GuestFailure.OUTPUT_TOO_LARGE


def test_all_messages_share_one_deadline(engine: Engine) -> None:
    """A hundred messages, each of which would take its whole time, take it once."""
    guest = command(engine, limits=Limits(time=100, memory=LIMITS.memory))
    with pytest.raises(GuestError) as raised:
        guest.transform(batch(*[b"l"] * 100))
    assert raised.value.failure is GuestFailure.TIMEOUT


def test_its_arguments_are_its_name_and_its_configuration(engine: Engine) -> None:
    assert list(command(engine).transform(batch(b"a")).batch) == [b"guest\0"]
    assert list(command(engine, config=b'{"a":1}').transform(batch(b"a")).batch) == [b'guest\0{"a":1}\0']


def test_its_environment_is_what_is_granted(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOWN", "1")
    monkeypatch.setenv("HIDDEN", "2")
    assert list(command(engine, grants=("env:SHOWN",)).transform(batch(b"e")).batch) == [b"SHOWN=1\0"]
    assert command(engine).transform(batch(b"e")).dropped == 1
    monkeypatch.setenv("SHOWN", "\udcff")  # as Python has what isn't UTF-8
    assert list(command(engine, grants=("env:SHOWN",)).transform(batch(b"e")).batch) == [b"SHOWN=\xff\0"]


def test_attempts_without_a_grant_are_counted(engine: Engine) -> None:
    guest = command(engine)
    guest.transform(batch(b"sone", b"pone", b"stwo"))
    assert guest.denied == {"random_get": 2}
    guest.transform(batch(b"pone"))
    assert guest.denied == {}
    granted = command(engine, grants=("random",))
    granted.transform(batch(b"sone"))
    assert granted.denied == {}


def test_attempts_of_a_run_that_fails_are_counted(engine: Engine) -> None:
    guest = command(engine)
    with pytest.raises(GuestError):
        guest.transform(batch(b"sone", b"S"))
    assert guest.denied == {"random_get": 2}


def test_standard_error_is_logged_with_a_grant_alone(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        command(engine).transform(batch(b"rtoo_deep"))
        assert "too_deep" not in caplog.text
        command(engine, grants=("log",)).transform(batch(b"rtoo_deep"))
        assert "too_deep" in caplog.text


@pytest.mark.parametrize(
    ("text", "failure", "said"),
    [
        ('(module (func (export "_start")))', LoadFailure.EXPORT, "no memory"),
        ('(module (memory (export "memory") 1))', LoadFailure.EXPORT, "no function _start"),
        ('(module (memory (export "memory") 1) (func (export "_start") (param i32)))', LoadFailure.EXPORT, "_start"),
        (
            '(module (import "x" "y" (func)) (memory (export "memory") 1) (func (export "_start")))',
            LoadFailure.IMPORT, "x.y",
        ),
    ],
)  # fmt: skip
def test_what_is_no_command(engine: Engine, text: str, failure: LoadFailure, said: str) -> None:
    with pytest.raises(LoadError, match=said) as raised:
        command(engine, text)
    assert raised.value.failure is failure


def test_a_command_asks_no_host(engine: Engine) -> None:
    with pytest.raises(LoadError, match=r"can't use http:example\.com"):
        command(engine, grants=("http:example.com",))


def test_a_terminal_obeys_nothing_of_what_it_says_of_its_end(engine: Engine) -> None:
    """As of the other kinds: its author reads it."""
    loud = TEXT.replace("(call $rest (i32.const 1)) (unreachable)", "(call $rest (i32.const 2)) (unreachable)")
    made = Program(engine, wasmtime.Module(engine.wasmtime, loud), step(abi="wasi-command"), {})
    made.traced = True
    with pytest.raises(GuestError) as raised:
        made.guest().transform(batch(b"t\x1b[2Jmain.c:42\n"))
    assert raised.value.trace.startswith("[2Jmain.c:42\n")


@pytest.mark.parametrize(("abi", "said"), [("maskgate/1", "mg_alloc"), ("component", "core module")])
def test_the_manifest_says_which_kind_it_is(engine: Engine, abi: str, said: str) -> None:
    with pytest.raises(LoadError, match=said):
        program_of(engine, wasmtime.Module(engine.wasmtime, TEXT), step(abi=abi), {})


@pytest.mark.anyio
@pytest.mark.parametrize("kept", [False, True], ids=["fresh", "kept"])
async def test_a_message_goes_through_a_gateway(place: Place, kept: bool) -> None:
    refusals = {"too_deep": {"status": 422, "title": "Too deep"}}
    place.add_guest(
        "command", GUESTS / "command.wat", kept=kept, manifest={"abi": "wasi-command", "refusals": refusals}
    )
    key = place.add_producer("unix", "orders", "command", accept=("application/x-ndjson",))
    async with serving(place) as client:
        body = 'p{"order_id":"one"}\nd\nrtoo_deep\ns{"order_id":"two"}\n'
        answer = await client.post("orders", body, key, content_type="application/x-ndjson")
        assert answer.status_code == 200, answer.text
        assert (answer.json()["delivered"], answer.json()["dropped"]) == (2, 1)
        assert answer.json()["results"] == [{"index": 2, "status": "refused", "code": "too_deep"}]
        (decision,) = await client.decisions(producer="unix")
        plan = decision["plans"][0]
        assert plan["steps"][0]["module"] == "command"
        assert plan["denied"] == {"command.random_get": 1}
        assert client.place.delivered("crm").count(b"order_id") == 2
        failed = await client.post("orders", "x", key, content_type="application/x-ndjson")
        assert (failed.status_code, failed.json()["code"]) == (422, "guest_exit")
