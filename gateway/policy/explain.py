"""What would happen to a message, and by which policies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from gateway.errors import NotFound
from gateway.flow import Plan, Ruling
from gateway.policy import model
from gateway.policy.load import Loaded
from gateway.policy.treatments import choose, detected, written


class Question(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    producer: str
    stream: str


class StepShown(Struct, frozen=True, kw_only=True):
    module: str
    version: str
    sha256: str
    grants: tuple[str, ...]
    reads: tuple[str, ...]


class FieldShown(Struct, frozen=True, kw_only=True):
    """One path of the stream at one destination."""

    path: str
    data_class: str
    released: bool
    scanned: bool  # values of the class are looked for in the text there
    treatment: dict[str, Any]  # as the mask module is given it; {"kind": "keep"} when released
    written_in: str | None  # the file and path in it where the treatment stands
    policies: tuple[str, ...]  # that determined the ruling; empty: no policy releases it


class DestinationShown(Struct, frozen=True, kw_only=True):
    destination: str
    plan: str  # digest
    steps: tuple[StepShown, ...]
    when: str | None  # only messages of which this holds are sent there
    fields: tuple[FieldShown, ...]


class Explanation(Struct, frozen=True, kw_only=True):
    producer: str
    stream: str
    revision: str
    accept: tuple[str, ...]
    publish: dict[str, Ruling]  # by media type, for a client of whom nothing is known
    unlisted: str
    destinations: tuple[DestinationShown, ...]


def explain(loaded: Loaded, producer: str, stream: str) -> Explanation:
    """Raises NotFound if the policy has no such producer, or no such stream of its."""
    route = loaded.routes.get((producer, stream))
    if route is None:
        raise NotFound("The policy lists no such stream for such a producer.")
    accept = tuple(sorted(route.accept))
    return Explanation(
        producer=producer,
        stream=stream,
        revision=loaded.policy_set.revision,
        accept=accept,
        publish={name: loaded.decider.publish(producer, stream, None, name) for name in accept},
        unlisted=loaded.policy_set.streams[stream].unlisted,
        destinations=tuple(_destination(loaded, plan, loaded.policy_set.streams[stream]) for plan in route.plans),
    )


def _destination(loaded: Loaded, plan: Plan, stream: model.Stream) -> DestinationShown:
    return DestinationShown(
        destination=plan.destination,
        plan=plan.digest,
        steps=tuple(
            StepShown(
                module=step.module, version=step.version, sha256=step.sha256, grants=step.grants, reads=step.reads
            )
            for step in plan.steps
        ),
        when=stream.whens.get(plan.destination),
        fields=tuple(
            _field(loaded.policy_set, plan, path, name, scanned) for path, name, scanned in _places(loaded, stream)
        ),
    )


def _places(loaded: Loaded, stream: model.Stream) -> Iterator[tuple[str, str, bool]]:
    """Paths with the class of what stands there, and with each class that is looked for in the text there."""
    for path, name in stream.fields.items():
        yield path, name, False
    for path, scan in stream.scans.items():
        for name in detected(loaded.policy_set, scan):
            yield path, name, True


def _field(policy_set: model.PolicySet, plan: Plan, path: str, data_class: str, scanned: bool) -> FieldShown:
    ruling = next(ruling for ruling in plan.rulings if ruling.name == data_class)
    chosen = None if ruling.released else choose(policy_set, policy_set.destinations[plan.destination], data_class)
    return FieldShown(
        path=path,
        data_class=data_class,
        released=ruling.released,
        scanned=scanned,
        treatment=written(policy_set, data_class, chosen.treatment if chosen else None),
        written_in=f"{chosen.file}: {'.'.join(chosen.path)}" if chosen else None,
        policies=ruling.policies,
    )
