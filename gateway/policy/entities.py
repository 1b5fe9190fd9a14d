"""The policy set as Cedar sees it: entities, and which of them it can't tell apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.documents.finding import Finding
from gateway.policy import cedar, model
from gateway.policy.cedar_rules import Entity, Json, Parsed, mentioned

GATEWAY: Entity = ("Gateway", "maskgate")


def entity(kind: str, name: str, parents: Sequence[Entity] = (), attributes: Mapping[str, Any] | None = None) -> Json:
    """An entity in Cedar's JSON format."""
    return {
        "uid": {"type": kind, "id": name},
        "attrs": attributes or {},
        "parents": [{"type": parent[0], "id": parent[1]} for parent in parents],
    }


def capability(grant: str) -> Json:
    """`secret:pseudonym` is a Capability of kind `secret` and name `pseudonym`; the name of `clock` is empty."""
    kind, _, name = grant.partition(":")
    return entity("Capability", grant, attributes={"kind": kind, "name": name})


def reference(kind: str, name: str) -> Json:
    """An entity as a value in a context."""
    return {"__entity": {"type": kind, "id": name}}


class Entities:
    """The entities of a policy set, with one producer, stream and destination in place of all that are alike to Cedar.

    Two producers are alike if they have the same team and attributes and no policy names either. A policy sees nothing
    of a stream or destination but its name, so those that none names are alike.
    """

    def __init__(self, policy_set: model.PolicySet, parsed: Parsed, findings: list[Finding]) -> None:
        """Adds to `findings` what of the YAML doesn't fit the Cedar schema; that is left out of the entities."""
        self._policy_set, self._schema = policy_set, parsed.schema
        named = mentioned(parsed.rules)
        self.producers = self._alike_producers(named)  # name → the one that stands for it
        self.streams = _alike("Stream", policy_set.streams, named)
        self.destinations = _alike("Destination", policy_set.destinations, named)
        self._parents: dict[Entity, tuple[Entity, ...]] = {}
        self.all: list[Json] = []
        self._add_producers(findings)
        for user in policy_set.users.values():
            self._add(entity("User", user.name, [("Role", role) for role in user.roles]))
        for data_class in policy_set.classes.values():
            parent = data_class.parent
            self._add(entity("DataClass", data_class.name, [("DataClass", parent)] if parent else []))

    def lineage(self, uid: Entity) -> list[Entity]:
        """The entity and all that it is in, however far up."""
        found = [uid]
        for known in found:
            found += self._parents.get(known, ())
        return found

    def _alike_producers(self, named: frozenset[Entity]) -> dict[str, str]:
        first: dict[object, str] = {}
        return {
            name: first.setdefault(
                name if ("Producer", name) in named else (producer.team, _key(producer.attributes)), name
            )
            for name, producer in self._policy_set.producers.items()
        }

    def _add_producers(self, findings: list[Finding]) -> None:
        wrong = set()
        for name in dict.fromkeys(self.producers.values()):
            producer = self._policy_set.producers[name]
            found = entity("Producer", name, [("Team", producer.team)], producer.attributes)
            if not self._add(found):
                wrong.add(name)
        for name, representative in self.producers.items():
            if representative in wrong:
                findings.append(self._finding(self._policy_set.producers[name]))

    def _add(self, found: Json) -> bool:
        uid = (found["uid"]["type"], found["uid"]["id"])
        self._parents[uid] = tuple((parent["type"], parent["id"]) for parent in found["parents"])
        if not cedar.fits(found, self._schema):
            return False
        self.all.append(found)
        return True

    def _finding(self, producer: model.Producer) -> Finding:
        """Which attribute is at fault is found by leaving each out."""
        path: tuple[str, ...] = ("attributes",) if producer.attributes else ()
        for name in producer.attributes:
            rest = {other: value for other, value in producer.attributes.items() if other != name}
            if cedar.fits(entity("Producer", producer.name, [("Team", producer.team)], rest), self._schema):
                path = ("attributes", name)
        place = self._policy_set.place(f"producers/{producer.name}.yaml", *path, key=len(path) > 1)
        what = f"attribute {path[1]!r} is" if len(path) > 1 else "the attributes are"
        return Finding.at(place, "attributes", f"{what} not as schema.cedarschema declares them for Producer")


def _key(attributes: Mapping[str, str | int | bool]) -> frozenset[tuple[str, str, str | int | bool]]:
    """Equal for equal attributes; `1` and `true` are not equal."""
    return frozenset((name, type(value).__name__, value) for name, value in attributes.items())


def _alike(kind: str, names: Mapping[str, object], named: frozenset[Entity]) -> dict[str, str]:
    unnamed = next((name for name in names if (kind, name) not in named), "")
    return {name: name if (kind, name) in named else unnamed for name in names}
