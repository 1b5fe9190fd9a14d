"""Routes: for each producer and stream, what is done to a message for each destination."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import msgspec

from gateway import media
from gateway.documents.finding import Finding, PolicyError
from gateway.documents.source import Path as NodePath
from gateway.flow import MASK, ClassRuling, Plan, Route, Step
from gateway.policy import files, model
from gateway.policy.decide import Decider
from gateway.policy.formats import delivered_findings, format_findings, message_type
from gateway.policy.kinds import Keyed, Treatment
from gateway.policy.references import FILTER
from gateway.policy.repeated import Repeated
from gateway.policy.sharing import shared
from gateway.policy.steps import Steps
from gateway.policy.treatments import Chosen, choose, classes_of, configuration, lineage, written
from gateway.registry.manifest import Manifest

# What a module in front of the mask, where messages are in clear, may not hold: grant → code, and what it would do.
_WAYS_OUT = {
    "http:": ("asks_before_mask", "asks hosts"),
    "fs:write:": ("writes_before_mask", "writes files"),
    "log": ("logs_before_mask", "writes to the log"),
}

Compiled = tuple[tuple[Step, ...], tuple[Plan, ...]]


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
        self._steps = Steps(policy_set, decider, manifests, self._repeated)
        self._plans: dict[tuple[str, str, tuple[ClassRuling, ...]], Plan] = {}
        self._classes = {name: classes_of(policy_set, stream) for name, stream in policy_set.streams.items()}

    def findings(self) -> list[Finding]:
        return [*self._findings, *self._steps.findings, *self._repeated.findings()]

    def routes(self) -> dict[tuple[str, str], Route]:
        """The routes in which nothing was found."""
        if MASK not in self._policy_set.lock and not self._in_doubt(files.LOCK, ()):
            place = self._policy_set.place(files.LOCK, "modules") if files.LOCK in self._policy_set.files else None
            if place is not None:
                text = f"module {MASK!r} is not here, and every plan needs it"
                self._findings.append(Finding.at(place, "unlocked_module", text))
        for destination in self._policy_set.destinations.values():
            self._findings += delivered_findings(self._policy_set, destination, self._manifests)
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
        self._shared(routes)
        return routes

    # ------------------------------------------------------------ one producer and stream

    def _compile(self, producer: model.Producer, stream: model.Stream, use: model.ProducerStream) -> Compiled | None:
        before = self._found()
        self._findings += format_findings(self._policy_set, producer, stream.name, use, self._manifests)
        file = f"producers/{producer.name}.yaml"
        reads = self._classes[stream.name]
        normalise = [
            self._steps.of(step, (file, ("streams", stream.name, "steps", index), "module"), producer, stream, reads)
            for index, step in enumerate(use.steps)
        ]
        for index, step in enumerate(normalise):
            self._no_way_out(step, file, ("streams", stream.name, "steps", index, "module"), producer)
        plans = [
            self._plan(producer, stream, self._policy_set.destinations[name], [step for step in normalise if step])
            for name in stream.destinations
            if name in self._policy_set.destinations and MASK in self._manifests
        ]
        if self._found() > before:
            return None
        made = [plan for plan in plans if plan is not None]
        if None in normalise or len(made) < len(stream.destinations):
            self._lacking(use, stream)
            return None
        return tuple(step for step in normalise if step), tuple(made)

    def _found(self) -> int:
        return len(self._findings) + len(self._steps.findings) + len(self._repeated)

    def _lacking(self, use: model.ProducerStream, stream: model.Stream) -> None:
        """Modules that are locked and that the caller has no manifest for."""
        destinations = [self._policy_set.destinations.get(name) for name in stream.destinations]
        after = [step.module for known in destinations if known for step in known.steps]
        filters = [FILTER] if stream.whens else []
        for name in (MASK, *filters, *(step.module for step in use.steps), *after):
            if name in self._policy_set.lock and name not in self._manifests:
                place = self._policy_set.place(files.LOCK, "modules", name, key=True)
                self._findings.append(Finding.at(place, "module", f"module {name} as locked can't be had"))

    def _plan(
        self,
        producer: model.Producer,
        stream: model.Stream,
        destination: model.Destination,
        normalise: Sequence[Step],
    ) -> Plan | None:
        """None where a module's manifest isn't known, which is a finding of its own."""
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
                ClassRuling(
                    name=name,
                    released=ruling.allowed,
                    treatment=str(kind),
                    policies=ruling.policies,
                    key=self._key_id(treatments[name]),
                )
            )
        clear = tuple(ruling.name for ruling in rulings if ruling.released)
        steps = [
            *normalise,
            *self._filter(producer, stream, destination),
            self._mask(producer, stream, treatments, chosen),
            *self._after(producer, stream, destination, clear),
        ]
        made = tuple(step for step in steps if step is not None)
        if len(made) < len(steps):
            return None
        media_type = message_type(destination, self._manifests)
        framing = destination.framing or ("lines" if media.is_text(media_type) else "length")
        identity = "\n".join([*(step.digest for step in made), *([] if framing == "lines" else [framing])])
        digest = hashlib.sha256(identity.encode()).hexdigest()
        key = (destination.name, digest, tuple(rulings))
        plan = Plan(
            destination=destination.name,
            digest=digest,
            steps=made,
            rulings=tuple(rulings),
            media_type=media_type,
            framing=framing,
        )
        return self._plans.setdefault(key, plan)

    def _filter(
        self, producer: model.Producer, stream: model.Stream, destination: model.Destination
    ) -> list[Step | None]:
        """Whether a message goes to this destination is decided on what the producer sent, so it is read in clear."""
        when = stream.whens.get(destination.name)
        if when is None:
            return []
        index = stream.destinations.index(destination.name)
        use = model.StepUse(module=FILTER, config={"when": when, "else": "drop"})
        file, path, key = f"streams/{stream.name}.yaml", ("destinations", index), "when"
        step = self._steps.of(use, (file, path, key), producer, stream, self._classes[stream.name])
        self._no_way_out(step, file, (*path, key), producer)
        return [step]

    def _after(
        self, producer: model.Producer, stream: model.Stream, destination: model.Destination, clear: tuple[str, ...]
    ) -> list[Step | None]:
        """The destination's own steps, which see what is released there and nothing else."""
        file = f"destinations/{destination.name}.yaml"
        return [
            self._steps.of(step, (file, ("steps", index), "module"), producer, stream, clear)
            for index, step in enumerate(destination.steps)
        ]

    def _mask(
        self,
        producer: model.Producer,
        stream: model.Stream,
        treatments: Mapping[str, Treatment | None],
        chosen: Mapping[str, Chosen],
    ) -> Step:
        """It sees every class in clear, as it must."""
        reads = self._classes[stream.name]
        for name in reads:
            if not self._decider.read(MASK, name, producer.name, stream.name).allowed:
                text = f"module {MASK} may not read class {name} (capabilities.cedar), and so can't mask it"
                file = f"streams/{stream.name}.yaml"
                self._repeated.add(file, self._field(stream, name), "not_readable", text, producer)
        secrets: dict[str, tuple[str, NodePath, str]] = {}
        for name, found in chosen.items():
            secret = written(self._policy_set, name, found.treatment).get("secret")
            if secret is not None:
                secrets.setdefault(secret, (found.file, found.path, name))
        config = configuration(self._policy_set, _listed(stream, treatments), treatments)
        step = self._steps.mask(config, secrets, producer, stream, reads)
        self._no_way_out(step, files.LOCK, ("modules", MASK), producer)
        return step

    def _no_way_out(self, step: Step | None, file: str, path: NodePath, producer: model.Producer) -> None:
        """Where messages are in clear, a module holds no grant by which they could leave."""
        for kind, (code, does) in _WAYS_OUT.items():
            if step is not None and any(grant.startswith(kind) for grant in step.grants):
                text = f"module {step.module} {does} before the mask; it may stand in a destination's steps"
                self._repeated.add(file, path, code, text, producer)

    def _shared(self, routes: Mapping[tuple[str, str], Route]) -> None:
        for held, other in shared(routes.values()):
            destination = self._policy_set.destinations[held.destination]
            index = next(index for index, use in enumerate(destination.steps) if use.module == held.module)
            text = (
                f"module {held.module} may write /{held.path}, where module {other.module} of producer "
                f"{other.producer} would see it; what is written is one producer's and one destination's"
            )
            file = f"destinations/{destination.name}.yaml"
            producer = self._policy_set.producers[held.producer]
            self._repeated.add(file, ("steps", index, "module"), "shared_writing", text, producer)

    def _key_id(self, treatment: Treatment | None) -> str | None:
        if not isinstance(treatment, Keyed) or treatment.key is None:
            return None
        key = self._policy_set.keys.get(treatment.key)
        return None if key is None else key.current

    def _untreated(
        self, producer: model.Producer, stream: model.Stream, destination: model.Destination, name: str
    ) -> None:
        doubtful = {path[1] for path in self._doubtful.get(files.CLASSES, ()) if len(path) > 1}
        if doubtful.isdisjoint(lineage(name)):
            text = f"class {name} has no treatment, and no policy releases it to"
            self._repeated.add(
                f"streams/{stream.name}.yaml", self._field(stream, name), "untreated", text, producer, destination.name
            )

    # ------------------------------------------------------------ places

    def _field(self, stream: model.Stream, name: str) -> NodePath:
        """The first field of a class, or the first in whose text it is looked for."""
        for path, used in stream.fields.items():
            if used == name:
                return ("fields", path)
        return (
            "fields",
            next(path for path, scan in stream.scans.items() if not set(scan.classes).isdisjoint(lineage(name))),
        )

    def _in_doubt(self, file: str, path: NodePath) -> bool:
        """Whether something at or above or beneath `path` was left out."""
        return any(doubt[: len(path)] == path or path[: len(doubt)] == doubt for doubt in self._doubtful.get(file, ()))


def _listed(stream: model.Stream, treatments: Mapping[str, object]) -> model.Stream:
    """The stream without fields of classes that have a finding instead of a treatment."""
    fields = {path: name for path, name in stream.fields.items() if name in treatments}
    return stream if len(fields) == len(stream.fields) else msgspec.structs.replace(stream, fields=fields)
