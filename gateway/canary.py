"""A module's new version on trial: a share of the requests is run by both, and what comes of it decides.

Only one of the two results is delivered. It is that of the version in force unless both are the same, or the policy
set says that the new one may differ. A request never fails because of the new version.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from enum import StrEnum
from threading import Lock

from gateway.errors import GuestFailed, NotRecorded
from gateway.flow import Batch, Route, Trial
from gateway.policy.candidate import Candidate
from gateway.run import Asking, Ran, Runner


class Verdict(StrEnum):
    PROMOTE = "promote"
    WITHDRAW = "withdraw"


class Canary:
    """What is known of one candidate in this worker."""

    def __init__(self, candidate: Candidate, against: str) -> None:
        """`against`: the digest of the version in force (lowercase hex)."""
        self.candidate = candidate
        self.entry = candidate.canary.entry
        self.identity = (against, candidate.canary)
        self.results: Counter[str] = Counter()  # same, differs, failed
        self.verdict: Verdict | None = None
        self._seen: Counter[tuple[str, str]] = Counter()
        self._lock = Lock()

    def beside(self, candidate: Candidate) -> Canary:
        """The same trial, going on with the routes of another policy set."""
        other = Canary(candidate, self.identity[0])
        other.results, other.verdict = self.results.copy(), self.verdict
        return other

    def due(self, route: Route) -> Route | None:
        """The candidate's route, if this request of `route` is to be run by both. For the event loop."""
        key = (route.producer, route.stream)
        tried = self.candidate.routes.get(key)
        if tried is None or self.verdict is not None:
            return None
        self._seen[key] += 1
        share = self.candidate.canary.share
        return tried if self._seen[key] * share // 100 > (self._seen[key] - 1) * share // 100 else None

    def run(
        self, runner: Runner, route: Route, tried: Route, batch: Batch, asking: Asking | None = None
    ) -> tuple[Route, Ran, Trial | None]:
        """Both versions over `batch`: the route whose result counts, that result, and what became of the trial.

        There is none where a version wasn't run to its end because the log couldn't take what it was about to ask.
        """
        ran = runner.run(route, batch, asking=asking)
        if isinstance(ran.error, NotRecorded):
            return route, ran, None
        other = runner.run(tried, batch, asking=asking)
        if isinstance(other.error, NotRecorded):
            return route, ran, None
        result = _compared(ran, other)
        taken = result == "same" or (result == "differs" and self.candidate.canary.differences > 0)
        self._note(result)
        trial = Trial(module=self.entry.module, version=self.entry.version, result=result, taken=taken)
        return (tried, other, trial) if taken else (route, ran, trial)

    def _note(self, result: str) -> None:
        """The verdict falls as soon as too much went wrong, or when enough requests were tried."""
        canary = self.candidate.canary
        with self._lock:
            self.results[result] += 1
            tried = self.results.total()
            wanted = max(tried, canary.requests)
            if (
                self.results["failed"] > wanted * canary.errors / 100
                or self.results["differs"] > wanted * canary.differences / 100
            ):
                self.verdict = Verdict.WITHDRAW
            elif tried >= canary.requests and self.verdict is None:
                self.verdict = Verdict.PROMOTE


def _compared(ran: Ran, other: Ran) -> str:
    if isinstance(other.error, GuestFailed) and not isinstance(ran.error, GuestFailed):
        return "failed"
    alike = _code(ran) == _code(other) and ran.refused == other.refused and _alike(ran.cleaned, other.cleaned)
    return "same" if alike else "differs"


def _code(ran: Ran) -> str | None:
    return ran.error.code if ran.error else None


def _alike(cleaned: Mapping[str, Batch], other: Mapping[str, Batch]) -> bool:
    return cleaned.keys() == other.keys() and all(
        batch.ends == other[name].ends and batch.body == other[name].body for name, batch in cleaned.items()
    )
