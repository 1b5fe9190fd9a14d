"""What the gateway counts. Labels come from the policy and from the code, never from a message."""

from __future__ import annotations

from functools import lru_cache

from prometheus_client import Counter, Gauge

from gateway.errors import GuestFailed, MaskgateError
from gateway.flow import Decision, Plan, Route

_requests = Counter(
    "maskgate_requests_total", "Requests, by how they were answered", ("producer", "stream", "outcome", "code")
)
_messages = Counter("maskgate_messages_total", "Messages that came in", ("producer", "stream"))
_refused = Counter("maskgate_messages_refused_total", "Messages that were refused", ("stream", "code"))
_bytes = Counter("maskgate_received_bytes_total", "Bytes of bodies, decompressed", ("producer", "stream"))
_delivered = Counter("maskgate_delivered_messages_total", "Cleaned messages, by destination", ("destination",))
_module_time = Counter("maskgate_module_seconds_total", "Time spent in modules", ("module",))
_failures = Counter("maskgate_guest_failures_total", "Modules that failed", ("module", "failure"))
_attempts = Counter("maskgate_denied_attempts_total", "Imports tried without a grant", ("module", "name"))
_counted = Counter(
    "maskgate_module_counts_total",
    "What modules counted, but the mask",
    ("producer", "stream", "destination", "module", "name"),
)
load_failures = Counter(
    "maskgate_module_load_failures_total",
    "Modules that a policy set names and that can't be loaded",
    ("module", "failure"),
)
breakers_open = Gauge(
    "maskgate_breakers_open",
    "Routes that are refused because a module of theirs keeps failing",
    ("module",),
    multiprocess_mode="livesum",
)
breakers_opened = Counter("maskgate_breakers_opened_total", "Times that a route was refused from then on", ("module",))
canary_requests = Counter(
    "maskgate_canary_requests_total", "Requests that a version on trial ran too", ("module", "version", "result")
)
reloads = Counter("maskgate_policy_reloads_total", "Reloads of the policy set", ("outcome",))
policy_loaded = Gauge(
    "maskgate_policy_loaded_timestamp_seconds", "When the policy set in force was loaded", multiprocess_mode="max"
)


class _Counters:
    """The children that one kind of request counts with, looked up once."""

    __slots__ = ("bytes", "messages", "requests")

    def __init__(self, producer: str, stream: str, outcome: str, code: str) -> None:
        self.requests = _requests.labels(producer, stream, outcome, code)
        self.messages = _messages.labels(producer, stream)
        self.bytes = _bytes.labels(producer, stream)


_counters = lru_cache(maxsize=10_000)(_Counters)
_of_module = lru_cache(maxsize=1000)(_module_time.labels)
_of_destination = lru_cache(maxsize=1000)(_delivered.labels)


def observe(decision: Decision, error: MaskgateError | None, route: Route | None) -> None:
    """Count one answered request."""
    arrival = decision.arrival
    known = bool(decision.policies or decision.plans)
    stream = arrival.stream if known else ""  # else a name that the caller made up
    outcome, code = (error.outcome, error.code) if error else ("allowed", "")
    counters = _counters(arrival.producer or "", stream, outcome, code)
    counters.requests.inc()
    if decision.messages:
        counters.messages.inc(decision.messages)
        counters.bytes.inc(arrival.bytes_in)
    for refusal, count in decision.refusals.items():
        _refused.labels(stream, refusal).inc(count)
    for record, plan in zip(decision.plans, route.plans if route else (), strict=False):
        if error is None and record.messages:
            _of_destination(record.destination).inc(record.messages)
        for step, spent in zip(plan.steps, record.microseconds, strict=False):
            _of_module(step.module).inc(spent / 1e6)
        for name, count in record.counts.items():
            _counted.labels(arrival.producer, stream, record.destination, *_of_step(name, plan)).inc(count)
        for attempt, count in record.denied.items():
            _attempts.labels(*_of_step(attempt, plan)).inc(count)
    if isinstance(error, GuestFailed):
        _failures.labels(error.module, error.failure.value).inc()


def _of_step(name: str, plan: Plan) -> tuple[str, str]:
    """`module.name` in its two parts. A module's name may have dots: `mask.x` is not the module `mask`."""
    module = max((step.module for step in plan.steps if name.startswith(f"{step.module}.")), key=len)
    return module, name.removeprefix(f"{module}.")
