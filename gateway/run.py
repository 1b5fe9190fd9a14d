"""The `run` of the sentence: one request's messages through the plans of its route.

Values in, values out; it blocks while the guests work. The server runs it in the loop or in a sandbox thread,
`maskgate apply` and the policy tests run it where they stand.
"""

from __future__ import annotations

import hmac
from array import array
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from time import perf_counter_ns

import msgspec
import numpy as np
from msgspec import Raw, Struct

from gateway.errors import GuestFailed, GuestFailure, MaskgateError, MessageTooLarge, NotRecorded, TooManyMessages
from gateway.flow import INSIDE, MASK, UNLISTED, AskedHost, Batch, Limits, Plan, PlanRecord, Refusal, Route, Step
from gateway.sandbox.frame import GuestError, Output
from gateway.sandbox.kind import NotAsked, Program
from gateway.sandbox.pool import Pool, Run

_LINE_FEED = 10
_AGAIN = 8  # runs of plans that shuffle; each has fewer messages than the one before

# What a step is about to ask for these plans, by host. It may wait; whether that is written down.
Asking = Callable[[Step, Sequence[Plan], Sequence[AskedHost]], bool]


class Ran(Struct, frozen=True, kw_only=True):
    """What became of a request's messages. With an `error` nothing of it may be delivered."""

    messages: int  # how many there were, once documents were split into messages
    cleaned: Mapping[str, Batch]  # destination → messages, framed as its plan says; none where no message is left
    records: tuple[PlanRecord, ...]
    refused: tuple[Refusal, ...]  # by index; a message that one plan refuses goes to no destination
    error: MaskgateError | None = None


class _Flow:
    """Messages on their way through one plan, and what is known of those that left it."""

    __slots__ = (
        "batch", "counts", "denied", "dropped", "failed", "microseconds", "origins", "refused", "report", "split",
    )  # fmt: skip

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        self.origins: array[int] | None = None  # index of each message among the request's; None: 0, 1, 2, …
        self.refused: list[Refusal] = []
        self.dropped = 0
        self.microseconds: list[int] = []
        self.report: Mapping[str, int] = {}  # of the mask, by class
        self.counts: Mapping[str, int] = {}  # of the other modules: module.name → how many
        self.denied: Counter[str] | None = None
        self.failed: str | None = None
        self.split = False  # a step has made several messages of one

    def fork(self) -> _Flow:
        """The same messages, for another plan."""
        flow = _Flow(self.batch)
        flow.origins, flow.refused, flow.dropped = self.origins, list(self.refused), self.dropped
        flow.microseconds, flow.counts = list(self.microseconds), self.counts
        flow.denied = Counter(self.denied) if self.denied else None
        flow.split = self.split
        return flow

    def origin(self, index: int) -> int:
        return index if self.origins is None else self.origins[index]

    def leave_out(self, refused: Mapping[int, Refusal]) -> bool:
        """Take refused messages out, by the index of the request's message. False: none of them was there."""
        origins = [self.origin(i) for i in range(len(self.batch))]
        if refused.keys().isdisjoint(origins):
            return False
        kept = [(origin, message) for origin, message in zip(origins, self.batch, strict=True) if origin not in refused]
        known = {refusal.index for refusal in self.refused}
        self.refused += [refused[index] for index in sorted(refused.keys() & set(origins) - known)]
        self.batch = Batch.of([message for _, message in kept])
        self.origins = array("I", [origin for origin, _ in kept])
        return True


class _Stopped(Exception):
    """The request ends here; the flow holds what is to be recorded."""

    def __init__(self, error: MaskgateError) -> None:
        self.error = error


class Runner:
    """Runs routes with the programs of one snapshot."""

    def __init__(self, pool: Pool, programs: Mapping[str, Program], digest_key: bytes) -> None:
        """`programs` by `Step.digest`; `digest_key` makes the keyed digests of the record (HMAC-SHA-256)."""
        self._pool, self.programs = pool, programs
        self._digest = hmac.new(digest_key, digestmod="sha256")
        self._shuffling = frozenset(
            digest
            for digest, program in programs.items()
            if program.step.module == MASK and b'"kind":"shuffle"' in program.step.config
        )
        self._fixed: dict[int, tuple[Plan, Raw, Raw]] = {}  # id of a plan → it, and what its records have in common

    def digest(self, content: bytes) -> str:
        """Keyed digest of a body, so that who holds a body and the key can find its record."""
        digest = self._digest.copy()  # unlike hmac.digest it keeps the GIL for a small body
        digest.update(content)
        return digest.hexdigest()

    def run(
        self,
        route: Route,
        batch: Batch,
        *,
        ticks: int | None = None,
        hold: bool = False,
        asking: Asking | None = None,
    ) -> Ran:
        """All plans of `route` over `batch` (at least one message). Never raises for what a guest does.

        `ticks` and `hold`: see `gateway.sandbox.kind.Guest.transform`. `asking` is told before each round of requests
        to hosts; without it, none is made.
        """

        def call(step: Step, messages: Batch, plan: Plan | None) -> Run:
            told = None
            if asking is not None:
                alike = [other for other in route.plans if plan is None or other.digest == plan.digest]
                told = partial(asking, step, alike)
            program = self.programs[step.digest]
            return self._pool.run(program, route.producer, messages, ticks=ticks, hold=hold, asking=told)

        trunk = _Flow(batch)
        messages = len(batch.ends)
        flows: list[_Flow] = []  # of the plans, in their order
        error: MaskgateError | None = None
        try:
            for step in route.normalise:
                _advance(trunk, step, call, None)
                messages = len(trunk.batch.ends) + len(trunk.refused) + trunk.dropped
                _check_sizes(trunk, route.limits)
            shuffling = any(
                step.digest in self._shuffling
                for plan in (route.plans if self._shuffling else ())
                for step in plan.steps
            )
            before = trunk.fork() if shuffling else None
            _branch(route, trunk, flows, call)
            if before is not None:
                _without_refused(route, before, flows, call)
        except _Stopped as stopped:
            error = stopped.error
            flows = flows or [trunk]
        refused = _union(flows)
        if error is None and refused:
            _leave_out(flows, refused)
        records = tuple(
            [self._record(plan, flow, error is None) for plan, flow in zip(route.plans, flows, strict=False)]
        )
        cleaned = (
            {plan.destination: flow.batch for plan, flow in zip(route.plans, flows, strict=True) if flow.batch.ends}
            if error is None
            else {}
        )
        return Ran(messages=messages, cleaned=cleaned, records=records, refused=refused, error=error)

    def _record(self, plan: Plan, flow: _Flow, leaves: bool) -> PlanRecord:
        fixed = self._fixed.get(id(plan))
        if fixed is None:
            fixed = self._fixed[id(plan)] = (plan, *_fixed(plan))
        fields = dict(flow.report)
        unlisted = fields.pop(UNLISTED, 0) + fields.pop(INSIDE, 0)
        leaves = leaves and bool(flow.batch.ends)
        return PlanRecord(
            destination=plan.destination,
            plan=plan.digest,
            steps=fixed[1],
            classes=fixed[2],
            microseconds=tuple(flow.microseconds),
            fields=fields,
            counts=flow.counts,
            unlisted=unlisted,
            messages=len(flow.batch.ends) if leaves else 0,
            bytes=len(flow.batch.body) if leaves else 0,
            dropped=flow.dropped,
            refused=len(flow.refused),
            output=self.digest(flow.batch.body) if leaves else None,
            denied=flow.denied or {},
            failed=flow.failed,
        )


def _fixed(plan: Plan) -> tuple[Raw, Raw]:
    steps = [
        {name: getattr(step, name) for name in ("module", "version", "sha256", "grants", "reads")}
        for step in plan.steps
    ]
    classes = [
        {"name": r.name, "treatment": r.treatment, "policies": r.policies} | ({"key": r.key} if r.key else {})
        for r in plan.rulings
    ]
    return Raw(msgspec.json.encode(steps)), Raw(msgspec.json.encode(classes))


_Call = Callable[[Step, Batch, Plan | None], Run]  # None: for all plans


def _branch(route: Route, trunk: _Flow, flows: list[_Flow], call: _Call) -> None:
    """Run what the plans don't have in common; equal plans run once."""
    first = len(route.normalise)
    alike: dict[str, _Flow] = {}
    for plan in route.plans:
        flow = alike.get(plan.digest)
        if flow is not None:
            flows.append(flow)
            continue
        flow = alike[plan.digest] = trunk.fork() if len(route.plans) > 1 else trunk
        flows.append(flow)
        for step in plan.steps[first:]:
            _advance(flow, step, call, plan)
        _frame(flow, plan)


def _without_refused(route: Route, before: _Flow, flows: list[_Flow], call: _Call) -> None:
    """Make `flows` what the plans make of the messages that none of them refuses.

    Where values change places, a message that is refused could leave in another's: so the plans are run again without
    it, until they refuse nothing more.
    """
    for _ in range(_AGAIN):
        if not before.leave_out({refusal.index: refusal for refusal in _union(flows)}):
            return
        flows.clear()
        _branch(route, before.fork(), flows, call)
    mask = next(step for step in route.plans[0].steps if step.module == MASK)
    raise _Stopped(GuestFailed(GuestFailure.BAD_OUTPUT, MASK, mask.digest))  # it refuses what it took a moment ago


def _advance(flow: _Flow, step: Step, call: _Call, plan: Plan | None) -> None:
    if not flow.batch.ends:
        return
    started = perf_counter_ns()
    try:
        run = call(step, flow.batch, plan)
    except (GuestError, NotAsked) as error:
        flow.microseconds.append((perf_counter_ns() - started) // 1000)
        _note_denied(flow, step, error.denied)
        flow.report, flow.counts = {}, {}
        if isinstance(error, NotAsked):
            raise _Stopped(NotRecorded()) from None
        flow.failed = step.module
        raise _Stopped(GuestFailed(error.failure, step.module, step.digest)) from None
    flow.microseconds.append((perf_counter_ns() - started) // 1000)
    if run.denied:
        _note_denied(flow, step, run.denied)
    _take(flow, step, run.output, document=plan is None)


def _note_denied(flow: _Flow, step: Step, denied: Mapping[str, int]) -> None:
    if denied:
        flow.denied = flow.denied or Counter()
        for name, attempts in denied.items():
            flow.denied[f"{step.module}.{name}"] += attempts


def _take(flow: _Flow, step: Step, output: Output, *, document: bool) -> None:
    """`document`: what one message is split into here are the request's messages, each with an index of its own.

    That is for all plans to count by, so a destination's own step splits no document, nor does a second step.
    """
    document = document and step.splits and not flow.split and flow.origins is None and len(flow.batch.ends) == 1
    flow.split = flow.split or step.splits
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
    flow.batch = output.batch
    if step.module == MASK:
        flow.report = _by_class(output.report, step.aliases) if step.aliases else output.report
    elif output.report:
        flow.counts = {**flow.counts, **{f"{step.module}.{name}": count for name, count in output.report.items()}}


def _by_class(report: Mapping[str, int], aliases: Mapping[str, str]) -> Mapping[str, int]:
    """What was found in free text counts for its class."""
    counts: Counter[str] = Counter()
    for name, count in report.items():
        counts[aliases.get(name, name)] += count
    counts.pop("", None)
    return counts


def _check_sizes(flow: _Flow, limits: Limits) -> None:
    """What a step has made of a document keeps the stream's limits too."""
    if len(flow.batch.ends) > limits.messages:
        raise _Stopped(TooManyMessages(f"{len(flow.batch)} messages; this stream takes {limits.messages}."))
    lengths = np.diff(np.frombuffer(flow.batch.ends, np.uint32), prepend=np.uint32(0))
    if len(lengths) and lengths.max() > limits.message:
        index = flow.origin(int(lengths.argmax()))
        raise _Stopped(MessageTooLarge(f"Message {index} is over {limits.message} bytes."))


def _frame(flow: _Flow, plan: Plan) -> None:
    """Sinks write messages as they are: here each becomes one line, or gets its length before it."""
    if plan.framing == "length":
        flow.batch = Batch.of([len(message).to_bytes(4, "big") + message for message in flow.batch])
    elif plan.framing == "lines" and not _one_line_each(flow.batch):
        last = plan.steps[-1]
        if last.module != MASK:  # which ends its lines itself
            flow.batch = Batch.of([message.rstrip(b"\r\n") + b"\n" for message in flow.batch])
        if last.module == MASK or not _one_line_each(flow.batch):
            flow.failed = last.module
            raise _Stopped(GuestFailed(GuestFailure.BAD_OUTPUT, last.module, last.digest))


def _one_line_each(batch: Batch) -> bool:
    body, ends = batch.body, batch.ends
    if len(ends) == 1:
        return body.find(b"\n") == len(body) - 1 >= 0
    if body.count(b"\n") != len(ends):
        return False
    if not ends:
        return True
    stops = np.frombuffer(ends, np.uint32)
    filled = stops[0] > 0 and bool((stops[1:] > stops[:-1]).all())
    return filled and bool((np.frombuffer(body, np.uint8)[stops - 1] == _LINE_FEED).all())


def _union(flows: Sequence[_Flow]) -> tuple[Refusal, ...]:
    """What any plan has refused, by index."""
    refused: dict[int, Refusal] = {}
    for flow in flows:
        for refusal in flow.refused:
            refused.setdefault(refusal.index, refusal)
    return tuple([refused[index] for index in sorted(refused)])


def _leave_out(flows: Sequence[_Flow], refused: Sequence[Refusal]) -> None:
    """Fail closed: a message of which any plan has refused anything isn't delivered, nor a part of it."""
    by_index = {refusal.index: refusal for refusal in refused}
    for flow in flows:
        if flow.split or len({refusal.index for refusal in flow.refused}) < len(by_index):
            own = list(flow.refused)
            flow.leave_out(by_index)
            flow.refused = own  # the record counts what each plan refused
