"""Modules of the kind `component`: one linked for a step (`Program`), and an instance of it (`Guest`).

They are in the world that modules/sdk/wit/transform.wit describes. Each message is a call, and text: what isn't UTF-8
is refused before it gets there, with the code `not_utf8`, which a component's manifest declares.
"""

from __future__ import annotations

import time
from array import array
from collections import Counter
from collections.abc import Mapping
from itertools import chain
from math import ceil
from typing import Any

import wasmtime
from msgspec import Struct
from wasmtime import component

from gateway.errors import GuestFailure, LoadFailure
from gateway.flow import Batch, Step
from gateway.sandbox import capi, frame, kind
from gateway.sandbox.component import values
from gateway.sandbox.component.calls import Instance
from gateway.sandbox.component.linking import NoExport, link
from gateway.sandbox.component.running import Running
from gateway.sandbox.engine import Engine
from gateway.sandbox.frame import GuestError, Output, Refused
from gateway.sandbox.kind import SPLIT_INTO, Asking, LoadError, ask

NOT_UTF8 = "not_utf8"
_GRANTS = ("secret:", "http:", "env:", "clock", "random", "log")  # that a component can use
_RUNS = 1000  # of a kept instance: how much memory it has can't be asked, so that it is replaced now and then
# Ticks beyond the time that is left: the clock alone tells a deadline from a trap here (wasmtime's errors don't), so no
# tick may end a call before its time is up, even where two come at once.
_LATER = 2
_TEXT_LIMIT = 4 << 10  # bytes of a configuration's refusal
_CODE_LIMIT = 100  # bytes of a refusal's code; a longer one is nobody's


class Program(kind.Program):
    """A step's component, compiled and linked."""

    def __init__(self, engine: Engine, code: component.Component, step: Step, secrets: Mapping[str, bytes]) -> None:
        """Raises LoadError for a wrong export or import, and for grants that a component can't use."""
        super().__init__(engine, step, secrets)
        self.code = code
        if NOT_UTF8 not in step.refusals:
            raise LoadError(LoadFailure.EXPORT, f"a component's manifest declares the refusal {NOT_UTF8}")
        useless = next((grant for grant in step.grants if not grant.startswith(_GRANTS)), None)
        if useless is not None:
            raise LoadError(LoadFailure.IMPORT, f"a component can't use {useless}")
        try:
            self.linked = link(engine.wasmtime, code)
        except NoExport as error:
            raise LoadError(LoadFailure.EXPORT, str(error)) from None
        except (ValueError, wasmtime.WasmtimeError) as error:
            raise LoadError(LoadFailure.IMPORT, str(error)) from None

    def guest(self, *, ticks: int | None = None) -> Guest:
        return Guest(self, ticks=ticks)


class _Made(Struct, frozen=True):
    """What became of one message."""

    messages: tuple[bytes, ...] = ()
    refused: bytes | None = None  # `code` or `code OFFSET`
    counts: Mapping[str, int] = {}


class Guest:
    """One configured instance. Not for two threads at once, nor for two producers ever."""

    def __init__(self, program: Program, *, ticks: int | None = None) -> None:
        """Raises GuestError; its text is the component's own where `configure` refused."""
        self.program = program
        self._runs = 0
        self._running = Running(program)
        self._running.begin(program.seconds(ticks))
        try:
            self._start(ticks or program.ticks)
        except GuestError as error:
            error.denied = self.denied
            raise
        finally:
            self._running.end()

    def _start(self, ticks: int) -> None:
        """Instantiate and configure."""
        program, step = self.program, self.program.step
        try:
            self._instance = Instance(
                program.engine.wasmtime, program.linked.linker, program.code, step.limits.memory, ticks,
                traced=program.traced,
            )  # fmt: skip
            configure, self._transform = (self._instance.export(name) for name in ("configure", "transform"))
        except capi.Ended as ended:
            raise self._failed(ended, GuestFailure.INSTANTIATION) from None
        try:
            refused = self._instance.call(configure, step.config, _refused_configuration)
        except capi.Ended as ended:
            raise self._failed(ended, GuestFailure.TRAP) from None
        if refused is not None:
            raise GuestError(GuestFailure.REFUSED_CONFIG, refused)

    @property
    def denied(self) -> Mapping[str, int]:
        """Imports that it tried without a grant in the last run; in its first, since it was made."""
        return self._running.denied

    @property
    def worn(self) -> bool:
        return self._runs >= _RUNS

    def transform(
        self, batch: Batch, *, ticks: int | None = None, hold: bool = False, asking: Asking | None = None
    ) -> Output:
        """Run `batch` (at least one message) through the component. Raises GuestError, NotAsked; then drop the guest.

        All of its messages share one deadline: the stream's, or `ticks`. The GIL is never kept. `asking`: see
        `gateway.sandbox.kind.ask`.
        """
        if self._runs:
            self._running.denied = Counter()
        self._runs += 1
        messages = list(batch)
        made: dict[int, _Made] = {}
        exchange = self._running.exchange
        while True:
            self._running.begin(self.program.seconds(ticks))
            try:
                self._run({i: message for i, message in enumerate(messages) if i not in made}, made, ticks)
            finally:
                self._running.end()
            if exchange is None or not exchange.wanted:
                break
            if denied := exchange.take(ask(exchange.wanted, self.program.fetch, asking)):
                self._running.denied["maskgate.http"] += denied
        if exchange is not None:
            exchange.begin()
        return self._output([made[i] for i in range(len(messages))], batch)

    def _run(self, messages: Mapping[int, bytes], made: dict[int, _Made], ticks: int | None) -> None:
        """What becomes of each message, but of those that wait for a host's answer."""
        step = self.program.step
        ends = time.monotonic() + self.program.seconds(ticks)
        given = list(chain.from_iterable(one.messages for one in made.values()))
        entries, room = len(given), step.limits.memory - sum(map(len, given))
        for index, message in messages.items():
            most = SPLIT_INTO * step.limits.messages - entries if step.splits else 1
            one = self._one(message, ends, most, room)
            if one is not None:
                made[index] = one
                entries += len(one.messages)
                room -= sum(map(len, one.messages))

    def _one(self, message: bytes, ends: float, most: int, room: int) -> _Made | None:
        """What becomes of one message; None: it waits for a host's answer.

        `ends`: time.monotonic(). `most`: messages that it may become; `room`: bytes of them.
        """
        try:
            message.decode()
        except UnicodeDecodeError as error:
            return _Made(refused=f"{NOT_UTF8} {error.start}".encode())
        left = ends - time.monotonic()
        if left <= 0:
            raise GuestError(GuestFailure.TIMEOUT)
        running, step = self._running, self.program.step
        running.continues(left)
        self._instance.deadline(self.program.engine.ticker.ticks(ceil(left * 1000)) + _LATER)

        def read(value: Any) -> _Made | None:
            if not running.counts.keys() <= step.counters:
                raise GuestError(GuestFailure.BAD_REPORT, "a name that isn't a counter")
            return None if running.pending else _answer(value, running.counts, most, room, splits=step.splits)

        try:
            return self._instance.call(self._transform, message, read)
        except capi.Ended as ended:
            raise self._failed(ended, GuestFailure.TRAP) from None

    def _output(self, made: list[_Made], batch: Batch) -> Output:
        step = self.program.step
        passed: list[bytes] = []
        sources, positions = array("I"), array("I")
        refused: list[Refused] = []
        counts: Counter[str] = Counter()
        dropped = entries = 0
        for source, one in enumerate(made):
            counts.update(one.counts)
            if one.refused is not None:
                refused.append(frame.reason(one.refused, entries, source, batch, step.refusals))
            for text in one.messages:
                passed.append(text)
                sources.append(source)
                positions.append(entries)
                entries += 1
            dropped += not one.messages and one.refused is None
            entries += not one.messages
        if counts and max(counts.values()) >= 1 << 53:
            raise GuestError(GuestFailure.BAD_REPORT, "a count out of range")
        return Output(
            batch=Batch.of(passed),
            sources=sources,
            positions=positions if refused or dropped else None,
            refused=tuple(refused),
            dropped=dropped,
            report=dict(counts),
        )

    def _failed(self, ended: capi.Ended, otherwise: GuestFailure) -> GuestError:
        running = self._running
        late = time.monotonic() >= running.until - self.program.engine.ticker.milliseconds / 1000
        error = GuestError(GuestFailure.EXIT if running.exited else GuestFailure.TIMEOUT if late else otherwise)
        error.trace = running.trace(ended)
        return error


def _refused_configuration(value: Any) -> str | None:
    """Of a result<_, string>, the text."""
    if value.of.result.is_ok:
        return None
    text = values.text(value.of.result.val[0], _TEXT_LIMIT).decode(errors="replace")
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _answer(value: Any, counts: Mapping[str, int], most: int, room: int, *, splits: bool) -> _Made:
    """What a result<list<string>, refusal> says: messages, or a reason. Raises GuestError."""
    inner = value.of.result.val[0]
    if not value.of.result.is_ok:
        code, offset = values.field(inner, 0), values.field(inner, 1)
        at = b" %d" % offset.of.option[0].of.u32 if offset.of.option else b""
        return _Made(refused=values.text(code, _CODE_LIMIT) + at, counts=counts)
    if values.size(inner) > most:
        failure = GuestFailure.OUTPUT_TOO_LARGE if splits else GuestFailure.BAD_FRAME
        raise GuestError(failure, f"more than {most} messages out")
    if sum(map(values.length, values.elements(inner))) > room:
        raise GuestError(GuestFailure.OUTPUT_TOO_LARGE)
    return _Made(tuple(map(values.text, values.elements(inner))), counts=counts)
