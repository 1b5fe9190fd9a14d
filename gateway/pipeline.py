"""The sentence: authenticate → decide → plan → run → record → deliver → acknowledge.

This file alone knows the order. A request is a `Job`; `handle` takes it through the first four in the event loop,
the rest is done for all the jobs that wait together, each stage handing the group to the next. Nothing is
delivered before its decision is durable, and no module asks a host before a row says so; a denial, a refusal and a
failure are recorded by the same exit.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

from gateway import metrics
from gateway.canary import Canary
from gateway.config import Settings
from gateway.decisions.recorder import Recorder
from gateway.delivery.sink import Sink
from gateway.errors import (
    GuestFailed,
    GuestFailure,
    MaskgateError,
    ModuleOpen,
    NotDelivered,
    NotPermitted,
    NotRecorded,
    TooBusy,
    Unavailable,
    UnknownStream,
    UnsupportedMediaType,
)
from gateway.flow import Arrival, Batch, Credential, Delivery, Limits, Receipt, Route, Trial
from gateway.job import Acknowledgement, Job, acknowledgement, asker, decision_of
from gateway.run import Ran
from gateway.sandbox.breaker import Breakers
from gateway.sandbox.lanes import Lanes
from gateway.snapshot import Snapshot, steps_of

log = logging.getLogger("maskgate")

_INLINE_BYTES = 32 << 10  # a body up to this size may be run in the event loop
_INLINE_TICKS = 3
_ASKING = 4  # requests of one producer that may wait for hosts at a time
_RECEIPTS_WAIT = 0.02  # seconds that receipts wait for decisions to ride along with


class Call(Protocol):
    """A request as the edge sees it. The edge authenticates and reads; the pipeline says when."""

    stream: str
    media_type: str
    client: str | None

    async def authenticate(self, snapshot: Snapshot) -> Credential: ...

    async def read(self, limits: Limits) -> Batch: ...

    def arrival(self, producer: str | None, credential: str | None) -> Arrival: ...


class Pipeline:
    def __init__(
        self,
        settings: Settings,
        recorder: Recorder,
        current: Callable[[], Snapshot],
        judged: Callable[[Canary], None] = lambda canary: None,
    ) -> None:
        """Made in the event loop that it serves. `current` gives the snapshot for a new request; `judged` is called in
        the loop when a canary has its verdict.
        """
        self._settings, self._recorder, self._current, self._judged = settings, recorder, current, judged
        self._loop = asyncio.get_running_loop()
        self._lanes: Lanes[Job] = Lanes(settings.sandbox_threads, self._run_in_lane, self._record)
        self._asking: Lanes[Job] = Lanes(settings.http_threads, self._run_in_lane, self._record, turn=1)
        self._asked: Counter[str] = Counter()  # by producer; which of its lanes is next for a request that asks hosts
        self._breakers = Breakers(settings.breaker_failures, settings.breaker_time / 1000)
        self._stopping = False
        self._inflight: Counter[str] = Counter()  # requests by producer; "" while it isn't known
        self._bytes = 0  # of the bodies in flight
        self._outbox: list[Job] = []  # what this turn of the loop has made ready to record
        self._delivering: dict[str, Job] = {}  # by decision id
        self._receipts: list[Receipt] = []  # to be recorded with the next decisions

    async def handle(self, call: Call) -> Acknowledgement:
        """Carry one request out. Raises MaskgateError, once its decision is recorded."""
        job = Job(self._current(), self._loop.create_future())
        job.snapshot.inflight += 1
        try:
            try:
                await self._admit(job, call)
                self._run(job)
            except MaskgateError as error:
                self._stop(job, call, error)
            except Exception:
                log.exception("a request failed before its messages were touched")
                self._stop(job, call, Unavailable())
            return await job.future
        finally:
            self._leave(job)

    async def drained(self) -> None:
        """Returns when no request is in flight."""
        while self._inflight:
            await asyncio.sleep(0.01)

    def close(self) -> None:
        """End the sandbox threads and have the last receipts recorded. What still waits for a thread isn't begun."""
        self._stopping = True
        self._lanes.close()
        self._asking.close()
        self._record_receipts()

    # ------------------------------------------------------------ authenticate, decide, plan

    async def _admit(self, job: Job, call: Call) -> None:
        """Fill the job in up to its batch. Raises MaskgateError."""
        credential = job.credential = await call.authenticate(job.snapshot)
        producer = credential.subject
        if self._inflight[producer] >= self._settings.producer_inflight:
            raise TooBusy()
        job.producer = producer
        self._inflight[producer] += 1
        job.route = job.snapshot.routes.get((producer, call.stream))
        if job.route is None:
            raise UnknownStream()
        job.ruling = job.snapshot.publish(producer, call.stream, call.client, call.media_type)
        if not job.ruling.allowed:
            raise NotPermitted()
        if call.media_type not in job.route.accept:
            raise UnsupportedMediaType(f"This stream takes {', '.join(sorted(job.route.accept))}.")
        if refused := self._breakers.refused((producer, call.stream), partial(_digests, job.route)):
            raise ModuleOpen(*refused)
        if self._bytes > self._settings.inflight_bytes:
            raise Unavailable("Too many bytes are in flight here. Nothing was sent. Try again later.")
        job.batch = await call.read(job.route.limits)
        job.held = len(job.batch.body)
        self._bytes += job.held
        job.arrival = call.arrival(producer, credential.id)

    def _leave(self, job: Job) -> None:
        if not job.future.cancelled():  # else a thread may have it yet, and ends it
            job.batch = job.ran = None  # an error's traceback may keep the job for a while
        job.snapshot.inflight -= 1
        self._bytes -= job.held
        if job.producer:
            self._inflight[job.producer] -= 1
            if not self._inflight[job.producer]:
                del self._inflight[job.producer]

    def _stop(self, job: Job, call: Call, error: MaskgateError) -> None:
        """The request ends here; what is recorded is why."""
        credential = job.credential
        job.error = error.with_traceback(None)  # its frames hold the body
        job.arrival = call.arrival(credential.subject if credential else None, credential.id if credential else None)
        self._record_soon(job)

    # ------------------------------------------------------------ run

    def _run(self, job: Job) -> None:
        """Small bodies for modules that may be kept: here and now, if nothing of the producer's waits. Else: a thread.

        In the loop a guest has a few ticks; one that needs more starts over in a thread, and in the end its route stays
        there.
        """
        route, batch = job.route, job.batch
        assert route is not None  # admitted
        assert batch is not None
        if job.snapshot.canary is not None:
            job.candidate = job.snapshot.canary.due(route)
        small = job.held <= _INLINE_BYTES and job.candidate is None
        if small and job.snapshot.inline(route) and not self._lanes.busy(job.producer):
            job.ran = job.snapshot.runner.run(route, batch, ticks=_INLINE_TICKS, hold=True)
            if not _ran_out_of_time(job.ran):
                self._record_soon(job)
                return
            job.snapshot.slow_inline(route)
        if job.snapshot.asks(route):  # it waits rather than works, so a producer may have several at a time
            self._asked[job.producer] += 1
            self._asking.put(f"{job.producer} {self._asked[job.producer] % _ASKING}", job)
        else:
            self._lanes.put(job.producer, job)

    def _run_in_lane(self, job: Job) -> bool:
        """In a sandbox thread. True if a guest ran out of time."""
        try:
            if self._stopping:
                job.error = Unavailable()
                return False
            assert job.route is not None  # admitted
            assert job.batch is not None
            runner, canary = job.snapshot.runner, job.snapshot.canary
            asking = asker(job, self._recorder) if job.snapshot.asks(job.route) else None
            if job.candidate is not None and canary is not None:
                job.route, job.ran, job.trial = canary.run(runner, job.route, job.candidate, job.batch, asking)
            else:
                job.ran = runner.run(job.route, job.batch, asking=asking)
        except Exception:
            log.exception("a run failed")
            job.error = Unavailable()
            return False
        return _ran_out_of_time(job.ran)

    # ------------------------------------------------------------ record

    def _record_soon(self, job: Job) -> None:
        """In the loop: record with all else that this turn of the loop makes ready."""
        if not self._outbox:
            self._loop.call_soon(self._record_outbox)
        self._outbox.append(job)

    def _record_outbox(self) -> None:
        jobs, self._outbox = self._outbox, []
        self._record(jobs)

    def _record(self, jobs: list[Job]) -> None:
        """In any thread: hand the decisions of `jobs` to the recorder."""
        for job in jobs:
            job.decision = decision_of(job)
        receipts, self._receipts = self._receipts, []
        self._recorder.put([job.decision for job in jobs], receipts, partial(self._recorded, jobs))

    def _record_receipts(self) -> None:
        """In the loop: have receipts recorded that no decision took along."""
        receipts, self._receipts = self._receipts, []
        if receipts:
            self._recorder.put([], receipts, None)

    def _recorded(self, jobs: list[Job], failure: BaseException | None) -> None:
        """In the recorder's thread, when the decisions are durable or can't be."""
        if failure is not None:
            for job in jobs:
                job.error = NotRecorded()
        try:
            leaving: list[Job] = []
            ended: list[Job] = []
            for job in jobs:
                (leaving if job.error is None and job.ran and job.ran.cleaned else ended).append(job)
            if leaving:
                self._deliver(leaving)
            if ended:
                self._loop.call_soon_threadsafe(self._acknowledge, ended)
        except RuntimeError:  # the loop is closed: nobody is left to answer
            log.warning("%d requests ended after the gateway stopped", len(jobs))

    # ------------------------------------------------------------ deliver

    def _deliver(self, jobs: list[Job]) -> None:
        """Hand each destination what it gets of all `jobs`, in order. The only place from which messages leave."""
        by_sink: dict[int, tuple[Sink, list[Delivery]]] = {}
        for job in jobs:
            assert job.ran is not None  # leaving
            assert job.route is not None
            job.waiting_for = len(job.ran.cleaned)
            self._delivering[job.decision.arrival.id] = job
            lane = f"{job.route.producer}/{job.route.stream}"
            for destination, batch in job.ran.cleaned.items():
                sink = job.snapshot.sinks[destination]
                delivery = Delivery(decision=job.decision.arrival.id, destination=destination, batch=batch, lane=lane)
                by_sink.setdefault(id(sink), (sink, []))[1].append(delivery)
        for sink, deliveries in by_sink.values():
            sink.put(deliveries, self._confirmed)

    def _confirmed(self, receipts: list[Receipt]) -> None:
        """In a sink's thread: a destination has answered for these deliveries."""
        try:
            self._loop.call_soon_threadsafe(self._collect, receipts)
        except RuntimeError:
            log.warning("%d deliveries ended after the gateway stopped", len(receipts))

    def _collect(self, receipts: list[Receipt]) -> None:
        """In the loop: note the receipts, and end the jobs that have all of theirs."""
        if not self._receipts:
            self._loop.call_later(_RECEIPTS_WAIT, self._record_receipts)
        self._receipts += receipts
        ended = []
        for receipt in receipts:
            job = self._delivering[receipt.decision]
            job.receipts.append(receipt)
            job.waiting_for -= 1
            if not job.waiting_for:
                del self._delivering[receipt.decision]
                ended.append(job)
        self._acknowledge(ended)

    # ------------------------------------------------------------ acknowledge

    def _acknowledge(self, jobs: Sequence[Job]) -> None:
        """In the loop: answer. A job is a success only if every destination has confirmed."""
        for job in jobs:
            error = job.error
            if error is None and not all(receipt.delivered for receipt in job.receipts):
                error = NotDelivered()
            metrics.observe(job.decision, error, job.route)
            self._note(job)
            if job.trial is not None:
                self._tried(job.trial, job.snapshot.canary)
            if job.future.done():  # its connection went away
                continue
            if error is not None:
                error.decision = job.decision.arrival.id
                job.future.set_exception(error)
            else:
                job.future.set_result(acknowledgement(job))

    def _tried(self, trial: Trial, canary: Canary | None) -> None:
        metrics.canary_requests.labels(trial.module, trial.version, trial.result).inc()
        if canary is not None and canary.verdict is not None:
            self._judged(canary)

    def _note(self, job: Job) -> None:
        """Whether a module failed on this request, for the route's circuit breaker."""
        if job.route is None or job.ran is None or isinstance(job.ran.error, NotRecorded):
            return
        key = (job.route.producer, job.route.stream)
        if isinstance(job.ran.error, GuestFailed):
            self._breakers.failed(key, job.ran.error.module, job.ran.error.step)
        else:
            self._breakers.succeeded(key)


def _digests(route: Route) -> set[str]:
    return {step.digest for step in steps_of(route)}


def _ran_out_of_time(ran: Ran) -> bool:
    return isinstance(ran.error, GuestFailed) and ran.error.failure is GuestFailure.TIMEOUT
