"""What the gateway counts. Labels come from the policy and from the code, never from a message."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

from gateway.errors import GuestFailed, MaskgateError
from gateway.flow import Decision

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
reloads = Counter("maskgate_policy_reloads_total", "Reloads of the policy set", ("outcome",))
policy_loaded = Gauge(
    "maskgate_policy_loaded_timestamp_seconds", "When the policy set in force was loaded", multiprocess_mode="max"
)


def observe(decision: Decision, error: MaskgateError | None) -> None:
    """Count one answered request."""
    arrival = decision.arrival
    known = decision.revision is not None and bool(decision.policies or decision.plans)
    producer = arrival.producer or ""
    stream = arrival.stream if known else ""  # else a name that the caller made up
    _requests.labels(producer, stream, error.outcome if error else "allowed", error.code if error else "").inc()
    if decision.messages:
        _messages.labels(producer, stream).inc(decision.messages)
        _bytes.labels(producer, stream).inc(arrival.bytes_in)
    for code, count in decision.refusals.items():
        _refused.labels(stream, code).inc(count)
    for plan in decision.plans:
        if error is None and plan.messages:
            _delivered.labels(plan.destination).inc(plan.messages)
        for step in plan.steps:
            _module_time.labels(step.module).inc(step.microseconds / 1e6)
            for name, count in step.denied.items():
                _attempts.labels(step.module, name).inc(count)
    if isinstance(error, GuestFailed):
        _failures.labels(error.module, error.failure.value).inc()
