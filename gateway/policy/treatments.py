"""Which treatment a class gets at a destination, and the mask module's configuration that says so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from msgspec import Struct, structs

from gateway.flow import AGAIN, INSIDE, SCANNED
from gateway.policy import files, model
from gateway.policy.kinds import Keyed, Label, Named, Treatment


class Chosen(Struct, frozen=True, kw_only=True):
    """A treatment, and the file and path in it where it is written."""

    treatment: Treatment
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


def detected(policy_set: model.PolicySet, scan: model.Scan) -> tuple[str, ...]:
    """The classes that a scan looks for: those it names and those beneath them, as far as they say what to detect."""
    return tuple(
        name
        for name, known in policy_set.classes.items()
        if known.detect and any(ancestor in scan.classes for ancestor in lineage(name))
    )


def classes_of(policy_set: model.PolicySet, stream: model.Stream) -> tuple[str, ...]:
    """The classes of a stream's fields, and those that are looked for in its free text; sorted."""
    named = {name for name in stream.fields.values() if name in policy_set.classes}
    found = {name for scan in stream.scans.values() for name in detected(policy_set, scan)}
    return tuple(sorted(named | found))


def configuration(
    policy_set: model.PolicySet, stream: model.Stream, treatments: Mapping[str, Treatment | None]
) -> dict[str, Any]:
    """The mask module's configuration. `treatments` by class; None: the class is released."""
    paths: dict[str, list[str]] = {}
    for path, name in stream.fields.items():
        paths.setdefault(name, []).append(path)
    rules = [
        {"name": name, "paths": sorted(paths[name]), "treatment": written(policy_set, name, treatments[name])}
        for name in sorted(paths)
    ]
    inside = [
        f"{path}/**"
        for path, name in stream.fields.items()
        if treatments[name] is None and policy_set.classes[name].scalars and not path.endswith("/**")
    ]
    if inside and stream.unlisted != "keep":
        unlisted = sorted(set(inside) - stream.fields.keys() - stream.scans.keys())
        rules.append({"name": INSIDE, "paths": unlisted, "treatment": {"kind": "drop"}})
    return {"unlisted": stream.unlisted, "rules": rules + _scans(policy_set, stream, treatments)}


def aliases(config: Mapping[str, Any]) -> dict[str, str]:
    """Names in the mask's report that stand for a class: one class may be looked for in several places."""
    names = [find["name"] for rule in config["rules"] for find in rule.get("scan", {}).get("find", ())]
    found = {name: name.partition(AGAIN)[0] for name in names}
    return found | {rule["name"]: "" for rule in config["rules"] if rule.get("name", "").startswith(SCANNED)}


def _scans(
    policy_set: model.PolicySet, stream: model.Stream, treatments: Mapping[str, Treatment | None]
) -> list[dict[str, Any]]:
    """One rule for all paths where the same is looked for. Of a released class nothing is looked for."""
    alike: dict[model.Scan, list[str]] = {}
    for path, scan in stream.scans.items():
        alike.setdefault(scan, []).append(path)
    rules: list[dict[str, Any]] = []
    for number, (scan, paths) in enumerate(alike.items(), 1):
        find = [
            {
                "name": f"{name}{AGAIN}{number}",
                "detect": list(msgspec.to_builtins(policy_set.classes[name].detect)),
                "treatment": written(policy_set, name, treatments[name]),
            }
            for name in detected(policy_set, scan)
            if treatments.get(name) is not None
        ]
        if find:
            rules.append({"paths": sorted(paths), "scan": {"least": scan.least, "find": find}})
        else:
            rules.append({"name": f"{SCANNED}{number}", "paths": sorted(paths), "treatment": {"kind": "keep"}})
    return rules


def written(policy_set: model.PolicySet, data_class: str, treatment: Treatment | None) -> dict[str, Any]:
    """A treatment of a class as the mask module reads it. None: the class is released."""
    if treatment is None:
        return {"kind": "keep"}
    if isinstance(treatment, Label):
        return {"kind": "text", "text": f"[{data_class}]"}
    given = dict(msgspec.to_builtins(treatment))
    key = policy_set.keys.get(given.pop("key", ""))
    if key is not None:
        given["secret"] = key.secrets.get(key.current, "")
        if isinstance(treatment, Named):
            given["key_id"] = key.current
    return given


def _chosen(treatment: Treatment, data_class: str, file: str, path: tuple[str, ...]) -> Chosen:
    if isinstance(treatment, Keyed) and treatment.domain is None:
        treatment = structs.replace(treatment, domain=data_class)
    return Chosen(treatment=treatment, file=file, path=path)
