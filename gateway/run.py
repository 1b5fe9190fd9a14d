"""The `run` of the sentence: one request's messages through the plans of its route.

Values in, values out; it blocks while the guests work. The server runs it in the loop or in a sandbox thread,
`maskgate apply` and the policy tests run it where they stand.
"""

from __future__ import annotations

import hmac
from array import array
from collections.abc import Callable, Mapping
from time import perf_counter_ns

from msgspec import Struct

from gateway.errors import GuestFailed, GuestFailure, MaskgateError, MessageTooLarge, TooManyMessages
from gateway.flow import (
    Batch,
    ClassRecord,
    Limits,
    Plan,
    PlanRecord,
    Refusal,
    Route,
    Step,
    StepRecord,
)
from gateway.sandbox.frame import GuestError, Output
from gateway.sandbox.guest import Program
from gateway.sandbox.pool import Pool, Run

_LINE_FEED = 10


class Ran(Struct, frozen=True, kw_only=True):
    """What became of a request's messages. With an `error` nothing of it may be delivered."""

    messages: int  # how many there were, once documents were split into messages
    cleaned: Mapping[str, Batch]  # destination → messages, one line of JSON each; none where no message is left
    records: tuple[PlanRecord, ...]
    refused: tuple[Refusal, ...]  # by index; a message that one plan refuses goes to no destination
    error: MaskgateError | None = None


class _Flow:
    """Messages on their way through one plan, and what is known of those that left it."""

    __slots__ = ("batch", "counts", "dropped", "origins", "refused", "steps")

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        self.origins: array[int] | None = None  # index of each message among the request's; None: 0, 1, 2, …
        self.refused: list[Refusal] = []
        self.dropped = 0
        self.steps: list[StepRecord] = []
        self.counts: dict[str, int] = {}  # of the last step's report

    def fork(self) -> _Flow:
        """The same messages, for another plan."""
        flow = _Flow(self.batch)
        flow.origins, flow.refused, flow.dropped = self.origins, list(self.refused), self.dropped
        flow.steps = list(self.steps)
        return flow

    def origin(self, index: int) -> int:
        return index if self.origins is None else self.origins[index]


class _Stopped(Exception):
    """A step failed; the flow holds its record."""

    def __init__(self, error: MaskgateError) -> None:
        self.error = error


class Runner:
    """Runs routes with the programs of one snapshot."""

    def __init__(self, pool: Pool, programs: Mapping[str, Program], digest_key: bytes) -> None:
        """`programs` by `Step.digest`; `digest_key` makes the keyed digests of the record (HMAC-SHA-256)."""
        self._pool, self.programs, self._key = pool, programs, digest_key

    def digest(self, content: bytes) -> str:
        """Keyed digest of a body, so that who holds a body and the key can find its record."""
        return hmac.digest(self._key, content, "sha256").hex()

    def run(self, route: Route, batch: Batch, *, ticks: int | None = None, hold: bool = False) -> Ran:
        """All plans of `route` over `batch` (at least one message). Never raises for what a guest does.

        `ticks` and `hold`: see `gateway.sandbox.guest.Guest.transform`.
        """

        def call(step: Step, messages: Batch) -> Run:
            return self._pool.run(self.programs[step.digest], route.producer, messages, ticks=ticks, hold=hold)

        return self._run(route, batch, call)

    def _run(self, route: Route, batch: Batch, call: Callable[[Step, Batch], Run]) -> Ran:
        trunk = _Flow(batch)
        flows: list[tuple[Plan, _Flow]] = []
        alike: dict[str, _Flow] = {}  # plan digest → its flow: equal plans run once
        error: MaskgateError | None = None
        try:
            for step in route.normalise:
                _advance(trunk, step, call)
                _check_sizes(trunk, route.limits)
            for plan in route.plans:
                flow = alike.get(plan.digest)
                if flow is None:
                    flow = alike[plan.digest] = trunk.fork()
                    flows.append((plan, flow))
                    for step in plan.steps[len(route.normalise) :]:
                        _advance(flow, step, call)
                    _check_lines(flow, plan)
                else:
                    flows.append((plan, flow))
        except _Stopped as stopped:
            error = stopped.error
            flows = flows or [(plan, trunk) for plan in route.plans]
        refused = _union([flow for _, flow in flows])
        if error is None:
            for flow in alike.values():
                _leave_out(flow, refused)
        messages = len(trunk.batch) + len(trunk.refused) if route.normalise else len(batch)
        return Ran(
            messages=messages,
            cleaned={} if error else {plan.destination: flow.batch for plan, flow in flows if len(flow.batch)},
            records=tuple(self._record(plan, flow, delivered=error is None) for plan, flow in flows),
            refused=tuple(sorted(refused.values(), key=lambda refusal: refusal.index)),
            error=error,
        )

    def _record(self, plan: Plan, flow: _Flow, *, delivered: bool) -> PlanRecord:
        leaves = delivered and len(flow.batch) > 0
        return PlanRecord(
            destination=plan.destination,
            plan=plan.digest,
            steps=tuple(flow.steps),
            classes=tuple(
                ClassRecord(
                    name=ruling.name,
                    treatment=ruling.treatment,
                    policies=ruling.policies,
                    fields=flow.counts.get(ruling.name, 0),
                )
                for ruling in plan.rulings
            ),
            messages=len(flow.batch) if leaves else 0,
            bytes=len(flow.batch.body) if leaves else 0,
            dropped=flow.dropped,
            refused=len(flow.refused),
            unlisted=flow.counts.get("unlisted", 0),
            output=self.digest(flow.batch.body) if leaves else None,
        )


def _advance(flow: _Flow, step: Step, call: Callable[[Step, Batch], Run]) -> None:
    if not len(flow.batch):
        return
    started = perf_counter_ns()
    try:
        run = call(step, flow.batch)
    except GuestError as error:
        flow.steps.append(_step_record(step, started, error.denied, error.failure))
        raise _Stopped(GuestFailed(error.failure, step.module)) from None
    flow.steps.append(_step_record(step, started, run.denied, None))
    _take(flow, step, run.output)


def _take(flow: _Flow, step: Step, output: Output) -> None:
    document = step.splits and flow.origins is None and len(flow.batch) == 1
    if output.refused:
        flow.refused += [
            Refusal(
                index=refused.position if document else flow.origin(refused.source),
                code=refused.code,
                offset=refused.offset,
            )
            for refused in output.refused
        ]
    if document:
        flow.origins = output.positions
    elif flow.origins is not None:
        flow.origins = array("I", [flow.origins[source] for source in output.sources])
    elif output.positions is not None or step.splits:
        flow.origins = output.sources
    flow.dropped += output.dropped
    flow.counts = dict(output.report)
    flow.batch = output.batch


def _step_record(step: Step, started: int, denied: Mapping[str, int], failure: GuestFailure | None) -> StepRecord:
    return StepRecord(
        module=step.module,
        version=step.version,
        sha256=step.sha256,
        microseconds=(perf_counter_ns() - started) // 1000,
        grants=step.grants,
        reads=step.reads,
        denied=dict(denied),
        failure=failure.value if failure else None,
    )


def _check_sizes(flow: _Flow, limits: Limits) -> None:
    """What a step has made of a document keeps the stream's limits too."""
    if len(flow.batch) > limits.messages:
        raise _Stopped(TooManyMessages(f"{len(flow.batch)} messages; this stream takes {limits.messages}."))
    start = 0
    for index, end in enumerate(flow.batch.ends):
        if end - start > limits.message:
            raise _Stopped(MessageTooLarge(f"Message {flow.origin(index)} is over {limits.message} bytes."))
        start = end


def _check_lines(flow: _Flow, plan: Plan) -> None:
    """Sinks write the last step's messages as they are: each must be one line."""
    body, ends = flow.batch.body, flow.batch.ends
    if body.count(b"\n") != len(ends) or any(not end or body[end - 1] != _LINE_FEED for end in ends):
        raise _Stopped(GuestFailed(GuestFailure.BAD_OUTPUT, plan.steps[-1].module))


def _union(flows: list[_Flow]) -> dict[int, Refusal]:
    refused: dict[int, Refusal] = {}
    for flow in flows:
        for refusal in flow.refused:
            refused.setdefault(refusal.index, refusal)
    return refused


def _leave_out(flow: _Flow, refused: Mapping[int, Refusal]) -> None:
    """Fail closed: a message that another plan has refused isn't delivered by this one."""
    if len(refused) == len({refusal.index for refusal in flow.refused}):
        return
    kept = [(flow.origin(i), message) for i, message in enumerate(flow.batch) if flow.origin(i) not in refused]
    flow.batch = Batch.of([message for _, message in kept])
    flow.origins = array("I", [origin for origin, _ in kept])
