"""Names in Cedar policies that no file declares: a misspelt `forbid` would forbid nothing, and nobody would notice."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from gateway.documents.finding import Finding, Place
from gateway.documents.near import near
from gateway.policy.cedar_rules import Entity, Rule, mentioned
from gateway.policy.model import PolicySet


def undeclared(policy_set: PolicySet, rules: Iterable[Rule]) -> Iterator[Finding]:
    """A finding for each name of a producer, stream, destination, class, module or user that the YAML doesn't have.

    Teams, roles and capabilities are declared nowhere but by their use.
    """
    known: Mapping[str, Collection[str]] = {
        "Producer": policy_set.producers,
        "Stream": policy_set.streams,
        "Destination": policy_set.destinations,
        "DataClass": policy_set.classes,
        "Module": policy_set.lock,
        "User": policy_set.users,
    }
    for rule in rules:
        for kind, name in sorted(mentioned([rule])):
            if kind in known and name not in known[kind]:
                meant = near(name, known[kind])
                text = f"{kind} {name!r} is not declared in the policy set"
                text += f"; did you mean {meant!r}?" if meant else ""
                yield Finding.at(_place(rule, (kind, name)), "undeclared", text)


def _place(rule: Rule, entity: Entity) -> Place:
    """Where a rule names an entity; the rule's start where the name is written with escapes."""
    before, found, _ = rule.text.partition(f'{entity[0]}::"{entity[1]}"')
    if not found:
        return rule.place
    lines = before.split("\n")
    column = len(lines[-1]) + (rule.place.column if len(lines) == 1 else 1)
    return Place(file=rule.place.file, line=rule.place.line + len(lines) - 1, column=column)
