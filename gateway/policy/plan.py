"""Routes: for each producer and stream, what is done to a message for each destination."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from gateway.documents.finding import Finding, PolicyError
from gateway.documents.schema import Schema
from gateway.documents.source import Document
from gateway.documents.source import Path as NodePath
from gateway.flow import ClassRuling, Plan, Route, Step
from gateway.policy import files, model
from gateway.policy.decide import Decider
from gateway.policy.formats import format_findings
from gateway.policy.repeated import Repeated
from gateway.policy.treatments import Chosen, choose, configuration, lineage
from gateway.registry.manifest import Manifest

MASK = "mask"  # the module that every plan ends with

Compiled = tuple[tuple[Step, ...], tuple[Plan, ...]]

_canonical = msgspec.json.Encoder(order="sorted").encode


def compile_routes(
    policy_set: model.PolicySet, decider: Decider, manifests: Mapping[str, Manifest]
) -> Mapping[tuple[str, str], Route]:
    """Routes by (producer, stream). `manifests` by module name, as locked. Raises PolicyError."""
    planner = Planner(policy_set, decider, manifests)
    routes = planner.routes()
    findings = [*planner.findings(), *decider.failures()]
    if findings:
        raise PolicyError(findings)
    return routes


class _Place(Struct, frozen=True):
    """Where the finding goes if a step can't have what it needs."""

    file: str
    path: NodePath


class Planner:
    """Plans as far as it can. What is alike is planned once and is the same object everywhere."""

    def __init__(
        self,
        policy_set: model.PolicySet,
        decider: Decider,
        manifests: Mapping[str, Manifest],
        doubtful: Mapping[str, frozenset[NodePath]] | None = None,
    ) -> None:
        """`doubtful`: paths by file that were left out of the policy set; what follows from them isn't reported."""
        self._policy_set, self._decider, self._manifests = policy_set, decider, manifests
        self._doubtful = doubtful or {}
        self._findings: list[Finding] = []
        self._repeated = Repeated(policy_set)
        self._schemas = {name: Schema(manifest.config) for name, manifest in manifests.items()}
        self._steps: dict[tuple[str, tuple[str, ...]], Step] = {}
        self._plans: dict[tuple[str, str, tuple[ClassRuling, ...]], Plan] = {}
        self._classes: dict[str, tuple[str, ...]] = {
            name: tuple(sorted({used for used in stream.fields.values() if used in policy_set.classes}))
            for name, stream in policy_set.streams.items()
        }

    def findings(self) -> list[Finding]:
        return [*self._findings, *self._repeated.findings()]

    def routes(self) -> dict[tuple[str, str], Route]:
        """The routes in which nothing was found."""
        if MASK not in self._policy_set.lock and not self._in_doubt(files.LOCK, ()):
            place = self._policy_set.place(files.LOCK, "modules") if files.LOCK in self._policy_set.files else None
            if place is not None:
                text = f"module {MASK!r} is not here, and every plan ends with it"
                self._findings.append(Finding.at(place, "unlocked_module", text))
        compiled: dict[tuple[str, str, int], Compiled] = {}
        formats: dict[int, frozenset[str]] = {}
        routes = {}
        for producer in self._policy_set.producers.values():
            for name, use in producer.streams.items():
                stream = self._policy_set.streams.get(name)
                if stream is None or self._in_doubt(f"producers/{producer.name}.yaml", ("streams", name)):
                    continue
                key = (self._decider.alike(producer.name), name, id(use))
                done = compiled.get(key) or self._compile(producer, stream, use)
                if done is None:
                    continue  # and so each producer that is alike gets its own findings
                compiled[key] = done
                routes[producer.name, name] = Route(
                    producer=producer.name,
                    stream=name,
                    accept=formats.setdefault(id(use), frozenset(use.accept)),
                    normalise=done[0],
                    plans=done[1],
                    limits=stream.limits,
                )
        return routes

    # ------------------------------------------------------------ one producer and stream

    def _compile(self, producer: model.Producer, stream: model.Stream, use: model.ProducerStream) -> Compiled | None:
        before = len(self._findings) + len(self._repeated)
        self._findings += format_findings(self._policy_set, producer, stream.name, use, self._manifests)
        normalise = [
            self._normalising(producer, stream, index, step)
            for index, step in enumerate(use.steps)
            if step.module in self._manifests
        ]
        plans = [
            self._plan(producer, stream, self._policy_set.destinations[name], normalise)
            for name in stream.destinations
            if name in self._policy_set.destinations and MASK in self._manifests
        ]
        if len(self._findings) + len(self._repeated) > before:
            return None
        if len(normalise) < len(use.steps) or len(plans) < len(stream.destinations):
            self._lacking(use)
            return None
        return tuple(normalise), tuple(plans)

    def _lacking(self, use: model.ProducerStream) -> None:
        """Modules that are locked and that the caller has no manifest for."""
        for name in (MASK, *(step.module for step in use.steps)):
            if name in self._policy_set.lock and name not in self._manifests:
                place = self._policy_set.place(files.LOCK, "modules", name, key=True)
                self._findings.append(Finding.at(place, "module", f"module {name} as locked can't be had"))

    def _normalising(
        self, producer: model.Producer, stream: model.Stream, index: int, step: model.NormalisingStep
    ) -> Step:
        """A step of the producer's own, which sees every class of the stream in clear."""
        file, path = f"producers/{producer.name}.yaml", ("streams", stream.name, "steps", index)
        manifest = self._manifests[step.module]
        if not self._schemas[step.module].accepts(step.config):
            document = Document(file, self._policy_set.files[file])
            self._findings += self._schemas[step.module].check(document, step.config, (*path, "with")).findings
        place = self._policy_set.place
        for name in self._classes[stream.name]:
            if not self._decider.read(step.module, name, producer.name, stream.name).allowed:
                text = (
                    f"module {step.module} may not read class {name} of producer {producer.name} (capabilities.cedar)"
                )
                self._findings.append(Finding.at(place(file, *path, "module"), "not_readable", text))
        grants, missing = self._grants(manifest, step.config, producer.name, stream.name)
        for grant in missing:
            text = f"module {step.module} needs {grant} and may not hold it (capabilities.cedar)"
            self._findings.append(Finding.at(place(file, *path, "module"), "not_held", text))
        return self._step(manifest, step.config, grants, stream)

    def _plan(
        self,
        producer: model.Producer,
        stream: model.Stream,
        destination: model.Destination,
        normalise: Sequence[Step],
    ) -> Plan:
        rulings, treatments = [], {}
        chosen: dict[str, Chosen] = {}
        for name in self._classes[stream.name]:
            ruling = self._decider.release(producer.name, name, stream.name, destination.name)
            if not ruling.allowed:
                found = choose(self._policy_set, destination, name)
                if found is None:
                    self._untreated(producer, stream, destination, name)
                    continue
                chosen[name] = found
            treatments[name] = chosen[name].treatment if name in chosen else None
            kind = chosen[name].treatment.__struct_config__.tag if name in chosen else "keep"
            rulings.append(
                ClassRuling(name=name, released=ruling.allowed, treatment=str(kind), policies=ruling.policies)
            )
        step = self._mask(producer, stream, treatments, chosen)
        steps = (*normalise, step)
        digest = hashlib.sha256("\n".join(step.digest for step in steps).encode()).hexdigest()
        key = (destination.name, digest, tuple(rulings))
        plan = Plan(destination=destination.name, digest=digest, steps=steps, rulings=tuple(rulings))
        return self._plans.setdefault(key, plan)

    def _mask(
        self,
        producer: model.Producer,
        stream: model.Stream,
        treatments: Mapping[str, model.Treatment | None],
        chosen: Mapping[str, Chosen],
    ) -> Step:
        """The last step. It sees every class in clear, as it must."""
        manifest = self._manifests[MASK]
        used = _listed(stream, treatments)
        config = configuration(self._policy_set, used, treatments)
        for name in self._classes[stream.name]:
            if not self._decider.read(MASK, name, producer.name, stream.name).allowed:
                text = f"module {MASK} may not read class {name} (capabilities.cedar), and so can't mask it"
                file = f"streams/{stream.name}.yaml"
                self._repeated.add(file, self._field(stream, name), "not_readable", text, producer)
        grants, missing = self._grants(manifest, config, producer.name, stream.name)
        for name, found in chosen.items():
            if isinstance(found.treatment, model.Hmac) and f"secret:{found.treatment.secret}" in missing:
                text = (
                    f"module {MASK} may not hold secret:{found.treatment.secret} (capabilities.cedar), for class {name}"
                )
                self._repeated.add(found.file, found.path, "not_held", text, producer)
        for grant in missing - {f"secret:{name}" for name in secrets_in(config)}:
            path: NodePath = ("modules", MASK)
            text = f"module {MASK} needs {grant} and may not hold it (capabilities.cedar)"
            self._repeated.add(files.LOCK, path, "not_held", text, producer)
        if not self._schemas[MASK].accepts(config):
            text = f"module {MASK} {manifest.version} doesn't take the configuration for stream {stream.name}"
            self._repeated.add(files.LOCK, ("modules", MASK), "mask_config", text, producer)
        return self._step(manifest, config, grants, stream)

    def _untreated(
        self, producer: model.Producer, stream: model.Stream, destination: model.Destination, name: str
    ) -> None:
        doubtful = {path[1] for path in self._doubtful.get(files.CLASSES, ()) if len(path) > 1}
        if doubtful.isdisjoint(lineage(name)):
            text = f"class {name} has no treatment, and no policy releases it to"
            self._repeated.add(
                f"streams/{stream.name}.yaml", self._field(stream, name), "untreated", text, producer, destination.name
            )

    # ------------------------------------------------------------ a step

    def _grants(
        self, manifest: Manifest, config: Mapping[str, Any], producer: str, stream: str
    ) -> tuple[tuple[str, ...], set[str]]:
        """What a step asks for and may hold; and what it can't do without and may not hold."""
        names = {f"secret:{name}" for name in secrets_in(config)}
        asked = {*manifest.required, *manifest.optional}
        needed = set(manifest.required)
        if "secret:*" in asked:  # a configuration that names a secret means it
            asked |= names
            needed |= names
        named = asked - {"secret:*"}
        held = {grant for grant in named if self._decider.hold(manifest.module, grant, producer, stream).allowed}
        return tuple(sorted(held)), needed - {"secret:*"} - held

    def _step(
        self, manifest: Manifest, config: Mapping[str, Any], grants: tuple[str, ...], stream: model.Stream
    ) -> Step:
        locked = self._policy_set.lock[manifest.module]
        identity = [manifest.module, locked.version, locked.sha256, config, grants, stream.limits]
        digest = hashlib.sha256(_canonical(identity)).hexdigest()
        reads = self._classes[stream.name]
        key = (digest, reads)
        if key not in self._steps:
            self._steps[key] = Step(
                module=manifest.module,
                version=locked.version,
                sha256=locked.sha256,
                config=_canonical(config),
                grants=grants,
                reads=reads,
                counters=manifest.counters | _rule_names(config),
                refusals=manifest.refusals,
                splits=manifest.splits,
                kept=locked.kept,
                limits=stream.limits,
                digest=digest,
            )
        return self._steps[key]

    # ------------------------------------------------------------ places

    def _field(self, stream: model.Stream, name: str) -> NodePath:
        """The first field of a class."""
        return ("fields", next(path for path, used in stream.fields.items() if used == name))

    def _in_doubt(self, file: str, path: NodePath) -> bool:
        """Whether something at or above or beneath `path` was left out."""
        return any(doubt[: len(path)] == path or path[: len(doubt)] == doubt for doubt in self._doubtful.get(file, ()))


def _listed(stream: model.Stream, treatments: Mapping[str, object]) -> model.Stream:
    """The stream without fields of classes that have a finding instead of a treatment."""
    fields = {path: name for path, name in stream.fields.items() if name in treatments}
    return stream if len(fields) == len(stream.fields) else msgspec.structs.replace(stream, fields=fields)


def _rule_names(config: Mapping[str, Any]) -> set[str]:
    """The names of the rules in a configuration, if it has any: a report may count by them."""
    rules = config.get("rules")
    names = (rule.get("name") for rule in rules if isinstance(rule, Mapping)) if isinstance(rules, list) else ()
    return {name for name in names if isinstance(name, str)}


def secrets_in(config: Any) -> set[str]:
    """The names of secrets in a configuration: text under a key `secret`, at any depth."""
    found: set[str] = set()
    pending = [config]
    while pending:
        node = pending.pop()
        if isinstance(node, Mapping):
            if isinstance(node.get("secret"), str):
                found.add(node["secret"])
            pending += node.values()
        elif isinstance(node, list):
            pending += node
    return found
