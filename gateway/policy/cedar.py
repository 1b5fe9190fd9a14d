"""Cedar, asked. A request is put to those policies alone whose scope can match it.

That a policy for another action, or for a principal or resource that this one neither is nor belongs to, can't apply
is what a scope says (https://docs.cedarpolicy.com/policies/syntax-policy.html#term-parc-scope); everything else is
Cedar's to decide. So a request costs what its own policies cost, however many the set has.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterable, Sequence

import cedarpy
from msgspec import Struct

from gateway.flow import Ruling
from gateway.policy.cedar_rules import CONTRACT, Entity, Json, Rule, context_read, number

_NUMBERED = re.compile("`policy([0-9]+)`")

Keys = frozenset[Entity | None]


class Answer(Struct, frozen=True, kw_only=True):
    ruling: Ruling
    failed: str | None = None  # what Cedar couldn't evaluate; then the ruling is a denial


class Slice(Struct, frozen=True, kw_only=True):
    """The rules that some requests are put to."""

    handle: cedarpy.PolicySet
    ids: tuple[str, ...]  # of the rules, in the order of the handle's policies
    reads: frozenset[str]  # of the context


class Cedar:
    """Rules and entities, ready to be asked by any thread."""

    def __init__(self, rules: Sequence[Rule], entities: Iterable[Json], schema: cedarpy.Schema | None) -> None:
        """`entities` in Cedar's JSON entity format, each of which fits `schema`, which gives their values types.

        Entities without attributes and parents may be left out.
        """
        self._schema = schema
        self._entities = cedarpy.Entities.from_json_str(json.dumps(list(entities)), schema)
        self._rules: dict[str, dict[Entity | None, dict[Entity | None, list[Rule]]]] = {}  # action, principal, resource
        self._resources: dict[str, Keys] = {}
        for action in CONTRACT:
            by_principal = self._rules[action] = {}
            for rule in rules:
                if rule.action in (None, action):
                    by_principal.setdefault(rule.principal, {}).setdefault(rule.resource, []).append(rule)
            self._resources[action] = frozenset(resource for found in by_principal.values() for resource in found)
        self._slices: dict[tuple[str, Keys, Keys], Slice] = {}
        self._lock = threading.Lock()

    def know(self, entity: Json) -> None:
        """One more entity. Raises ValueError if it doesn't fit the schema."""
        with self._lock:
            self._entities = self._entities.with_added_json_str(json.dumps([entity]), self._schema)

    def slice(self, action: str, principals: Sequence[Entity], resources: Sequence[Entity]) -> Slice:
        """The rules that a request can match by its action, principal and resource; these two with all ancestors."""
        by_principal = self._rules[action]
        named = frozenset(key for key in principals if key in by_principal)
        return self._slice(action, named, self._resources[action] & {None, *resources})

    def _slice(self, action: str, principals: Keys, resources: Keys) -> Slice:
        key = (action, principals, resources)
        found = self._slices.get(key)
        if found is None:
            if principals:  # the rules for any principal are parsed once, and those for this one added
                base = self._slice(action, frozenset(), resources)
                rules = self._matching(action, principals, resources)
                handle = base.handle.with_added_str("\n".join(rule.text for rule in rules)) if rules else base.handle
                # Cedar numbers a text from 0. Numbers that the base has are given anew, behind all others.
                rules = rules[len(base.ids) :] + rules[: len(base.ids)]
            else:
                base = Slice(handle=cedarpy.PolicySet.from_str(""), ids=(), reads=frozenset())
                rules = self._matching(action, frozenset((None,)), resources)
                handle = cedarpy.PolicySet.from_str("\n".join(rule.text for rule in rules))
            found = Slice(
                handle=handle,
                ids=(*base.ids, *(rule.id for rule in rules)),
                reads=base.reads | context_read(rules),
            )
            with self._lock:
                self._slices[key] = found
        return found

    def _matching(self, action: str, principals: Keys, resources: Keys) -> list[Rule]:
        by_principal = self._rules[action]
        return [
            rule
            for principal in principals
            for resource, rules in by_principal.get(principal, {}).items()
            if resource in resources
            for rule in rules
        ]

    def ask(self, part: Slice, action: str, principal: Entity, resource: Entity, context: Json) -> Answer:
        """Cedar's answer. What it can't evaluate is denied, whatever the other policies say."""
        request = {
            "principal": {"type": principal[0], "id": principal[1]},
            "action": {"type": "Action", "id": action},
            "resource": {"type": resource[0], "id": resource[1]},
            "context": context,
        }
        result = cedarpy.is_authorized(request, part.handle, self._entities)
        errors = result.diagnostics.errors
        if errors:
            texts = (_NUMBERED.sub(lambda name: f"`{part.ids[int(name[1])]}`", text, count=1) for text in errors)
            return Answer(ruling=Ruling(allowed=False, policies=()), failed="; ".join(texts))
        reasons = (part.ids[number(name)] for name in result.diagnostics.reasons)
        return Answer(ruling=Ruling(allowed=result.allowed, policies=tuple(sorted(reasons))))


def fits(entity: Json, schema: cedarpy.Schema | None) -> bool:
    """Whether an entity fits the schema; without a schema, each does."""
    try:
        cedarpy.Entities.from_json_str(json.dumps([entity]), schema)
    except ValueError:
        return False
    return True
