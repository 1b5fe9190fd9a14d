"""A request on its way through the sentence (`Job`), and what is said of it: its decision, and its answer."""

from __future__ import annotations

import asyncio
from collections import Counter

from msgspec import UNSET, Struct

from gateway.decisions.asking import Asker
from gateway.decisions.recorder import Recorder
from gateway.errors import MaskgateError, MessageRefused
from gateway.flow import Arrival, Batch, Credential, Decision, Receipt, Refusal, Route, Ruling, Trial
from gateway.run import Ran
from gateway.snapshot import Snapshot, steps_of


class Job:
    """One request on its way. Only the stage that has it touches it."""

    __slots__ = (
        "arrival", "batch", "candidate", "credential", "decision", "error", "future", "held", "producer", "ran",
        "receipts", "route", "ruling", "snapshot", "trial", "waiting_for",
    )  # fmt: skip

    def __init__(self, snapshot: Snapshot, future: asyncio.Future[Acknowledgement]) -> None:
        self.snapshot = snapshot
        self.future = future
        self.credential: Credential | None = None
        self.ruling: Ruling | None = None
        self.route: Route | None = None
        self.batch: Batch | None = None
        self.candidate: Route | None = None  # of a module's version on trial, which is to run it too
        self.trial: Trial | None = None
        self.ran: Ran | None = None
        self.error: MaskgateError | None = None
        self.producer = ""  # counted in flight under this name
        self.held = 0  # bytes of its batch
        self.arrival: Arrival
        self.decision: Decision
        self.receipts: list[Receipt] = []
        self.waiting_for = 0  # destinations that haven't answered


class Acknowledgement(Struct, frozen=True, kw_only=True):
    """What a 200 says: every message was delivered to every destination, dropped by policy, or refused by name."""

    id: str
    messages: int
    delivered: int
    dropped: int
    refused: tuple[Refusal, ...]


def asker(job: Job, recorder: Recorder) -> Asker:
    """Who writes down what the job's modules ask hosts, before they do."""
    assert job.batch is not None  # admitted
    return Asker(
        recorder,
        arrival=job.arrival,
        policies=job.ruling.policies if job.ruling else (),
        revision=job.snapshot.revision,
        messages=len(job.batch),
        input=job.snapshot.runner.digest(job.batch.body),
    )


def acknowledgement(job: Job) -> Acknowledgement:
    ran = job.ran
    assert ran is not None  # without an error
    return Acknowledgement(
        id=job.decision.arrival.id,
        messages=ran.messages,
        delivered=max((len(batch) for batch in ran.cleaned.values()), default=0),
        dropped=max((record.dropped for record in ran.records), default=0),
        refused=ran.refused,
    )


def decision_of(job: Job) -> Decision:
    """The record of a job: what was decided about it and done with it, and by which rules."""
    ran, batch = job.ran, job.batch
    if ran is not None and job.error is None:
        job.error = ran.error or _all_refused(job, ran)
    error = job.error
    return Decision(
        arrival=job.arrival,
        outcome=error.outcome if error else "allowed",
        status=error.status if error else 200,
        code=error.code if error else None,
        policies=job.ruling.policies if job.ruling else (),
        revision=job.snapshot.revision,
        messages=ran.messages if ran else len(batch) if batch is not None else 0,
        input=job.snapshot.runner.digest(batch.body) if batch is not None else None,
        plans=ran.records if ran else (),
        refusals=Counter(refusal.code for refusal in ran.refused) if ran and ran.refused else {},
        trial=job.trial or UNSET,
    )


def _all_refused(job: Job, ran: Ran) -> MessageRefused | None:
    """The error of a request none of whose messages is left and one was refused, by its first refusal."""
    if ran.cleaned or not ran.refused:
        return None
    assert job.route is not None  # it ran
    first = ran.refused[0]
    kind = next(step.refusals[first.code] for step in steps_of(job.route) if first.code in step.refusals)
    return MessageRefused(ran.refused, code=first.code, status=kind.status, title=kind.title)
