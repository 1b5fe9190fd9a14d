"""The way back: for a class that is masked reversibly, the mask module's configuration that undoes it."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec
from msgspec import Struct

from gateway.flow import MASK, Limits, Step
from gateway.policy import kinds, model
from gateway.policy.load import Loaded
from gateway.policy.treatments import choose, written

LIMITS = Limits(time=10_000, messages=1_000_000)


class Irreversible(Exception):
    """The class's treatment can't be undone; the text says why."""


class Reversal(Struct, frozen=True, kw_only=True):
    """`step` takes JSON texts, each a masked value, and gives the values; `secrets` are the names that it needs."""

    step: Step
    secrets: tuple[str, ...]
    classes: tuple[str, ...]  # all whose values it gives back: those that share the key and the domain, sorted


def reversal(loaded: Loaded, data_class: str, destination: str | None) -> Reversal:
    """How to undo the treatment that a class has at a destination, or by default. Raises Irreversible."""
    policy_set = loaded.policy_set
    if data_class not in policy_set.classes:
        raise Irreversible(f"there is no class {data_class}")
    if destination is not None and destination not in policy_set.destinations:
        raise Irreversible(f"there is no destination {destination}")
    nowhere = model.Destination(name="", sink=model.FileSink(path=""))
    chosen = choose(policy_set, policy_set.destinations.get(destination or "", nowhere), data_class)
    treatment = chosen.treatment if chosen else None
    if not isinstance(treatment, kinds.Reversible):
        kind = treatment.__struct_config__.tag if treatment else "no treatment"
        raise Irreversible(f"class {data_class} has {kind}, which nothing can undo; ff1 and siv can be")
    key = policy_set.keys[treatment.key or ""]
    given = written(policy_set, data_class, treatment)
    undone: dict[str, Any] = {name: value for name, value in given.items() if name not in ("kind", "secret")}
    undone |= {"kind": "reveal", "of": given["kind"], "keys": dict(key.secrets)}
    config = {"unlisted": "refuse", "rules": [{"name": data_class, "paths": [""], "treatment": undone}]}
    manifest, locked = loaded.modules[MASK].manifest, policy_set.lock[MASK]
    encoded = msgspec.json.encode(config, order="sorted")
    step = Step(
        module=MASK,
        version=locked.version,
        sha256=locked.sha256,
        config=encoded,
        grants=tuple(sorted(f"secret:{name}" for name in set(key.secrets.values()))),
        reads=(data_class,),
        counters=manifest.counters | {data_class},
        refusals=manifest.refusals,
        kept=True,
        limits=LIMITS,
        digest=hashlib.sha256(encoded).hexdigest(),
    )
    classes = [data_class, *(name for name in policy_set.classes if _shares(policy_set, name, treatment))]
    secrets = tuple(sorted(set(key.secrets.values())))
    return Reversal(step=step, secrets=secrets, classes=tuple(sorted(set(classes))))


def _shares(policy_set: model.PolicySet, data_class: str, treatment: kinds.Reversible) -> bool:
    """Whether values of a class come out as those of `treatment` do, by default or at any destination."""
    nowhere = model.Destination(name="", sink=model.FileSink(path=""))
    for destination in (nowhere, *policy_set.destinations.values()):
        chosen = choose(policy_set, destination, data_class)
        other = chosen.treatment if chosen else None
        if isinstance(other, kinds.Reversible) and _made_by(other) == _made_by(treatment):
            return True
    return False


def _made_by(treatment: kinds.Reversible) -> tuple[type, str | None, str | None]:
    return type(treatment), treatment.key, treatment.domain
