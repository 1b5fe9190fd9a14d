"""Which treatment a class gets at a destination, and the mask module's configuration that says so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from msgspec import Struct, structs

from gateway.flow import INSIDE
from gateway.policy import files, model


class Chosen(Struct, frozen=True, kw_only=True):
    """A treatment, and the file and path in it where it is written."""

    treatment: model.Treatment
    file: str
    path: tuple[str, ...]


def choose(policy_set: model.PolicySet, destination: model.Destination, data_class: str) -> Chosen | None:
    """What masks values of a class at a destination: what the destination says of the class or of its nearest
    ancestor, else what classes.yaml says of them. None where nobody says anything.
    """
    for name in lineage(data_class):
        if name in destination.treatments:
            file = f"destinations/{destination.name}.yaml"
            return _chosen(destination.treatments[name], data_class, file, ("treatments", name))
    for name in lineage(data_class):
        known = policy_set.classes.get(name)
        if known is not None and known.treatment is not None:
            return _chosen(known.treatment, data_class, files.CLASSES, ("classes", name, "treatment"))
    return None


def lineage(data_class: str) -> Iterator[str]:
    """`pii.email.work`, `pii.email`, `pii`."""
    while data_class:
        yield data_class
        data_class = data_class.rpartition(".")[0]


def configuration(
    policy_set: model.PolicySet, stream: model.Stream, treatments: Mapping[str, model.Treatment | None]
) -> dict[str, Any]:
    """The mask module's configuration. `treatments` by class; None: the class is released."""
    paths: dict[str, list[str]] = {}
    for path, name in stream.fields.items():
        paths.setdefault(name, []).append(path)
    rules = [
        {"name": name, "paths": sorted(paths[name]), "treatment": written(treatments[name])} for name in sorted(paths)
    ]
    inside = [
        f"{path}/**"
        for path, name in stream.fields.items()
        if treatments[name] is None and policy_set.classes[name].scalars and not path.endswith("/**")
    ]
    if inside and stream.unlisted != "keep":
        unlisted = sorted(set(inside) - stream.fields.keys())
        rules.append({"name": INSIDE, "paths": unlisted, "treatment": {"kind": "drop"}})
    return {"unlisted": stream.unlisted, "rules": rules}


def written(treatment: model.Treatment | None) -> dict[str, Any]:
    """A treatment as the mask module reads it, every parameter spelled out."""
    return {"kind": "keep"} if treatment is None else dict(msgspec.to_builtins(treatment))


def _chosen(treatment: model.Treatment, data_class: str, file: str, path: tuple[str, ...]) -> Chosen:
    if isinstance(treatment, model.Hmac) and treatment.domain is None:
        treatment = structs.replace(treatment, domain=data_class)
    return Chosen(treatment=treatment, file=file, path=path)
