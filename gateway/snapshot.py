"""A policy set with its modules, cross-checked, compiled and warm: what one request is served by, from end to end.

A reload makes a new snapshot and replaces one reference. What can fail fails here, before the reference changes.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from gateway import media, metrics
from gateway.canary import Canary
from gateway.delivery.file import FileSink, FileTarget
from gateway.delivery.http import HttpSink, HttpTarget
from gateway.delivery.sink import Sink
from gateway.documents.finding import Finding, PolicyError
from gateway.flow import Credential, Limits, Plan, Route, Ruling, Step
from gateway.policy import model
from gateway.policy.load import Loaded
from gateway.run import Runner
from gateway.sandbox.kind import LoadError, Program
from gateway.sandbox.pool import Pool
from gateway.secrets import SecretMissing, Secrets

_SLOW_RUNS = 3
Signers = tuple[tuple[Credential, bytes], ...]


class Snapshot:
    """Immutable but for two marks of the pipeline's: how many requests it serves, and what isn't run in the loop."""

    def __init__(
        self, loaded: Loaded, runner: Runner, sinks: Mapping[str, Sink], webhooks: Mapping[str, Signers]
    ) -> None:
        """`sinks` by destination; `webhooks` by stream: whose secrets may have signed a body sent there."""
        self.loaded, self.runner, self.sinks = loaded, runner, sinks
        self.policy = loaded.policy_set
        self.revision = self.policy.revision
        self.routes: Mapping[tuple[str, str], Route] = loaded.routes
        self.producer_keys, self.user_keys = self.policy.producer_keys, self.policy.user_keys
        self.loaded_at = time.time_ns()
        self.inflight = 0
        self._webhooks = webhooks
        candidate = loaded.candidate
        against = candidate and loaded.modules[candidate.canary.entry.module].sha256
        self.canary = Canary(candidate, against) if candidate and against else None
        self._slow: Counter[tuple[str, str]] = Counter()
        self._asks = {
            key
            for key, route in _all_routes(loaded)
            if any(grant.startswith("http:") for step in steps_of(route) for grant in step.grants)
        }
        self._in_thread = {key for key, route in self.routes.items() if not all(map(_quick, steps_of(route)))}

    def publish(self, producer: str, stream: str, client: str | None, media_type: str) -> Ruling:
        return self.loaded.decider.publish(producer, stream, client, media_type)

    def inline(self, route: Route) -> bool:
        """Whether the route's modules may run in the event loop: all are kept, and none has taken long."""
        return (route.producer, route.stream) not in self._in_thread

    def asks(self, route: Route) -> bool:
        """Whether a module of the route may wait for a host."""
        return (route.producer, route.stream) in self._asks

    def slow_inline(self, route: Route) -> None:
        """A run in the loop ran out of time: at the third, the route goes to the threads for good."""
        key = (route.producer, route.stream)
        self._slow[key] += 1
        if self._slow[key] >= _SLOW_RUNS:
            self._in_thread.add(key)

    def carry_on(self, old: Snapshot) -> None:
        """What `old` knows of the canary still holds, if it is the same one beside the same version."""
        if self.canary and old.canary and self.canary.identity == old.canary.identity:
            self.canary = old.canary.beside(self.canary.candidate)

    def webhooks(self, stream: str) -> Signers:
        """The webhook credentials of the producers that have `stream`, each with its secret."""
        return self._webhooks.get(stream, ())

    def body_limit(self, stream: str) -> int:
        """Bytes of a body that is read before its sender is known."""
        known = self.policy.streams.get(stream)
        return (known.limits if known else Limits()).body


def _quick(step: Step) -> bool:
    """Whether a step may run in the event loop: no instance is made for it, and it waits for no disk and no host."""
    return step.kept and not any(grant.startswith(("fs:", "http:")) for grant in step.grants)


def steps_of(route: Route) -> list[Step]:
    """All steps of all plans."""
    return [step for plan in route.plans for step in plan.steps]


def _all_routes(loaded: Loaded) -> list[tuple[tuple[str, str], Route]]:
    """Those that are served, and those of a canary."""
    return [*loaded.routes.items(), *(loaded.candidate.routes.items() if loaded.candidate else ())]


def programs(loaded: Loaded, pool: Pool, secrets: Secrets) -> dict[str, Program]:
    """The program of every step, by the step's digest, each tried by configuring an instance of it.

    Raises PolicyError for modules that can't be loaded, configurations that they refuse, and secrets that aren't there.
    """
    made: dict[str, Program] = {}
    findings: dict[str, Finding] = {}
    for _, route in _all_routes(loaded):
        for step in steps_of(route):
            if step.digest in made or step.digest in findings:
                continue
            names = [grant.removeprefix("secret:") for grant in step.grants if grant.startswith("secret:")]
            try:
                held = {name: secrets.read(name) for name in names}
                made[step.digest] = pool.program(step, loaded.wasm(step), held)
            except (LoadError, SecretMissing) as error:
                code = "secret"
                if isinstance(error, LoadError):
                    code = error.failure.value
                    metrics.load_failures.labels(step.module, code).inc()
                place = f"streams/{route.stream}.yaml"
                text = f"stream {route.stream}, producer {route.producer}, module {step.module}: {error}"
                findings[step.digest] = Finding(file=place, line=1, column=1, code=code, message=text)
    if findings:
        raise PolicyError(findings.values())
    return made


class Sinks:
    """The open sinks, by destination. One that a reload leaves as it was stays open."""

    def __init__(self, folder: Path, secrets: Secrets, loop: asyncio.AbstractEventLoop) -> None:
        """`folder` holds the file destinations; `loop` carries the HTTP ones."""
        self._folder, self._secrets, self._loop = folder, secrets, loop
        self._open: dict[str, tuple[object, Sink]] = {}  # destination → what it was made from, and it

    def open(self, policy: model.PolicySet, plans: Mapping[str, Plan]) -> dict[str, Sink]:
        """Sinks for all destinations of a policy set; `plans`: one for each that has any. Raises PolicyError, and then
        none was opened.
        """
        targets: dict[str, HttpTarget | FileTarget] = {}
        findings = []
        for name, destination in policy.destinations.items():
            try:
                targets[name] = self._target(destination.sink, plans.get(name))
            except SecretMissing as error:
                place = policy.place(f"destinations/{name}.yaml", "sink")
                findings.append(Finding.at(place, "secret", str(error)))
        if findings:
            raise PolicyError(findings)
        sinks = {}
        for name, target in targets.items():
            known = self._open.get(name)
            if known is None or known[0] != target:
                known = self._open[name] = (target, self._make(name, target))
            sinks[name] = known[1]
        return sinks

    def forget(self, name: str) -> None:
        """A destination is gone from the policy."""
        self._open.pop(name, None)

    def _target(self, sink: model.Sink, plan: Plan | None) -> HttpTarget | FileTarget:
        media_type, framing = (plan.media_type, plan.framing) if plan else (media.JSON, "lines")
        if isinstance(sink, model.FileSink):
            return FileTarget(
                folder=self._folder / sink.path,
                size=sink.rotate_size,
                age=sink.rotate_time / 1000,
                sync=sink.sync,
                lengths=framing == "length",
                ending=media.ending(media_type),
            )
        read = {name: _header(self._secrets, secret) for name, secret in sink.secret_headers.items()}
        return HttpTarget(
            url=sink.url,
            headers={**sink.headers, **read},
            media_type=media.of_body(media_type, framing),
            messages=sink.batch_messages,
            size=sink.batch_size,
            timeout=sink.timeout / 1000,
            attempts=sink.attempts,
            first=sink.backoff_first / 1000,
            most=sink.backoff_most / 1000,
        )

    def _make(self, name: str, target: HttpTarget | FileTarget) -> Sink:
        return HttpSink(target, self._loop) if isinstance(target, HttpTarget) else FileSink(target, name)


def _header(secrets: Secrets, name: str) -> str:
    """A secret as a header has it: visible ASCII and spaces (RFC 9110, 5.5). Raises SecretMissing."""
    value = secrets.read(name)
    if not all(0x20 <= byte < 0x7F for byte in value):
        raise SecretMissing(f"secret {name} is no text that a header can have")
    return value.decode("ascii")


class Loader:
    """Makes snapshots, and lets go of what the last one held."""

    def __init__(self, pool: Pool, secrets: Secrets, sinks: Sinks, digest_key: bytes) -> None:
        self._pool, self._secrets, self._sinks, self._key = pool, secrets, sinks, digest_key

    def snapshot(self, loaded: Loaded) -> Snapshot:
        """Everything compiled, warmed and opened. Raises PolicyError; then nothing has changed."""
        made = programs(loaded, self._pool, self._secrets)
        for route in loaded.routes.values():
            for step in steps_of(route):
                self._pool.warm(made[step.digest], route.producer)
        webhooks = self._webhooks(loaded.policy_set)
        plans = {plan.destination: plan for route in loaded.routes.values() for plan in route.plans}
        sinks = self._sinks.open(loaded.policy_set, plans)
        return Snapshot(loaded, Runner(self._pool, made, self._key), sinks, webhooks)

    def compile(self, wasm: bytes) -> None:
        """Have a module's machine code on disk, for when it is loaded. Raises CompileError."""
        self._pool.compile(wasm)

    def retire(self, old: Snapshot, new: Snapshot) -> list[Sink]:
        """Forget what only `old` used. The sinks among it come back, to be closed when its last request has ended."""
        self._pool.retain(frozenset(new.runner.programs.values()))
        for name in old.sinks.keys() - new.sinks.keys():
            self._sinks.forget(name)
        kept = {id(sink) for sink in new.sinks.values()}
        return [sink for sink in old.sinks.values() if id(sink) not in kept]

    def _webhooks(self, policy: model.PolicySet) -> dict[str, Signers]:
        findings = []
        signers: dict[str, Signers] = {}
        for stream, webhooks in policy.webhooks.items():
            for webhook in webhooks:
                try:
                    secret = self._secrets.read(webhook.secret)
                except SecretMissing as error:
                    place = policy.place(f"producers/{webhook.credential.subject}.yaml", "credentials")
                    findings.append(Finding.at(place, "secret", str(error)))
                else:
                    signers[stream] = (*signers.get(stream, ()), (webhook.credential, secret))
        if findings:
            raise PolicyError(findings)
        return signers
