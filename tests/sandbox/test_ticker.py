"""Deadlines hold whatever Python does meanwhile. How soon isn't asserted: only that a call ends."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import wasmtime

from gateway.errors import GuestFailure
from gateway.sandbox import capi
from gateway.sandbox.compiler import configuration
from gateway.sandbox.engine import Engine
from gateway.sandbox.frame import GuestError
from gateway.sandbox.guest import Guest
from gateway.sandbox.ticker import Ticker
from tests.sandbox.making import HASTY, batch, does, program, step, wat

LOOPS = wat("misbehaves", place=5, does=does("loops"))
ROOT = Path(__file__).parent.parent.parent
SANE = 5  # seconds; deadlines here are of 50 ms


@contextmanager
def spinning() -> Iterator[None]:
    """A Python thread that wants the GIL all the time."""
    stop = threading.Event()

    def spin() -> None:
        while not stop.is_set():
            sum(range(1000))

    thread = threading.Thread(target=spin)
    thread.start()
    yield
    stop.set()
    thread.join()


def test_the_clock_is_native_on_linux(engine: Engine) -> None:
    assert engine.ticker.native == (sys.platform == "linux")


@pytest.mark.parametrize("hold", [False, True], ids=["releases the GIL", "holds the GIL"])
@pytest.mark.parametrize("busy", [False, True], ids=["alone", "beside a busy thread"])
def test_a_loop_ends_at_its_deadline(engine: Engine, hold: bool, busy: bool) -> None:
    guest = Guest(program(engine, LOOPS, module_step=step(limits=HASTY)))
    started = time.monotonic()
    if busy:
        with spinning(), pytest.raises(GuestError) as raised:
            guest.transform(batch(b"{}"), hold=hold)
    else:
        with pytest.raises(GuestError) as raised:
            guest.transform(batch(b"{}"), hold=hold)
    assert raised.value.failure is GuestFailure.TIMEOUT
    assert time.monotonic() - started < SANE


def test_a_clock_that_needs_the_gil_is_given_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no native timer a call never holds the GIL, asked to or not: it would never end."""
    monkeypatch.setattr(Ticker, "_start_timer", lambda self: False)
    engine = Engine(None)
    assert not engine.ticker.native
    with pytest.raises(GuestError) as raised:
        Guest(program(engine, LOOPS, module_step=step(limits=HASTY))).transform(batch(b"{}"), hold=True)
    assert raised.value.failure is GuestFailure.TIMEOUT
    engine.close()


def test_ticks_are_no_less_than_the_time_asked_for(engine: Engine) -> None:
    assert engine.ticker.milliseconds == 5
    assert [engine.ticker.ticks(time) for time in (1, 5, 6, 50)] == [2, 2, 3, 11]


def test_a_closed_clock_stands_still() -> None:
    wasm_engine = wasmtime.Engine(configuration())
    ticker = Ticker(wasm_engine, 1)
    ticker.close()
    ticker.close()
    time.sleep(0.05)  # a tick that was under way
    module = wasmtime.Module(wasm_engine, '(module (memory (export "memory") 1) (func (export "f")))')
    pre = wasmtime.Linker(wasm_engine).instantiate_pre(module)
    instance = capi.Instance(capi.address(wasm_engine), capi.address(pre), 1 << 20, 1)
    time.sleep(0.05)
    instance.call(instance.export("f"))  # its deadline, one tick on, has not come


@pytest.mark.parametrize("end", ["", "raise SystemExit(0)", "engine = None", "engine.close()"])
def test_python_ends_cleanly_with_an_engine_that_nobody_closed(end: str) -> None:
    """A timer that outlived its engine would write into freed memory."""
    code = f"from gateway.sandbox.engine import Engine\nimport time\nengine = Engine(None, 1)\n{end}\ntime.sleep(0.05)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, "")


def test_an_engine_that_nobody_closed_is_ticked_no_more_and_never_freed() -> None:
    engine = Engine(None)
    timer, memory = engine.ticker._delete_timer, weakref.ref(engine.wasmtime)
    assert timer is not None
    assert timer.alive
    del engine
    gc.collect()
    assert not timer.alive
    assert memory() is not None  # a tick under way may still come
