"""10,000 producers and 1,000 policies: grouped, sliced and remembered, and still what Cedar itself says."""

from __future__ import annotations

import json
import random
from typing import Any

import cedarpy
import pytest

from gateway.policy import cedar_rules, draft, load
from gateway.policy.decide import Decider
from gateway.policy.model import PolicySet
from tests.policy.conftest import ACCESS, RELEASE, SCHEMA

PRODUCERS, POLICIES = 10_000, 1_000
TEAMS, REGIONS, CLASSES = 40, ("eu", "us", "apac"), ("public", "pii", "pii.email", "pci.pan")


def policies() -> tuple[str, str]:
    chance = random.Random(1)
    access, release = [ACCESS], [RELEASE]
    for number in range(POLICIES // 2):
        producer, team = chance.randrange(PRODUCERS), chance.randrange(TEAMS)
        who = chance.choice(
            [f'principal == Producer::"p{producer}"', f'principal in Team::"team{team}"'] * 5
            + [f'principal is Producer in Team::"team{team}"', "principal"]
        )
        effect = "permit" if number % 5 else "forbid"
        conditions = [
            'principal has region && principal.region == "eu"',
            "principal has tier && principal.tier > 2",
            f'principal == Producer::"p{producer}"',
            'context has client && context.client.isInRange(ip("10.0.0.0/8"))',
            'context.format == "text/csv"',
        ]
        access.append(
            f'@id("a{number}") {effect} ({who}, action == Action::"publish", resource)\n'
            f"when {{ {chance.choice(conditions)} }};"
        )
        where = chance.choice(
            ['context.destination == Destination::"crm"', 'context.stream == Stream::"orders"', conditions[1]]
        )
        what = chance.choice(CLASSES)
        release.append(
            f'@id("r{number}") {effect} ({who}, action == Action::"release", resource in DataClass::"{what}")\n'
            f"when {{ {where} }};"
        )
    return "\n".join(access), "\n".join(release)


@pytest.fixture(scope="module")
def policy_set() -> PolicySet:
    chance = random.Random(2)
    access, release = policies()
    contents = {
        "schema.cedarschema": SCHEMA,
        "access.cedar": access,
        "release.cedar": release,
        "capabilities.cedar": "",
        "classes.yaml": "classes: {public: {}, pii: {}, pii.email: {}, pci: {}, pci.pan: {}}",
        "streams/orders.yaml": "stream: orders\ndestinations: [crm, lake]",
        "streams/events.yaml": "stream: events\ndestinations: [crm]",
        "destinations/crm.yaml": "destination: crm\nsink: {kind: file, path: crm}",
        "destinations/lake.yaml": "destination: lake\nsink: {kind: file, path: lake}",
    }
    for number in range(PRODUCERS):
        attributes = {"region": chance.choice(REGIONS), "tier": chance.randrange(5)}
        contents[f"producers/p{number}.yaml"] = (
            f"producer: p{number}\nteam: team{chance.randrange(TEAMS)}\nattributes: {json.dumps(attributes)}\n"
            "streams: {orders: {accept: [application/json]}, events: {accept: [text/csv]}}\n"
        )
    drafted = draft.draft({file: text.encode() for file, text in contents.items()})
    assert drafted.findings == []
    return drafted.policy_set


@pytest.fixture(scope="module")
def decider(policy_set: PolicySet) -> Decider:
    return Decider(policy_set)


@pytest.fixture(scope="module")
def plainly(policy_set: PolicySet) -> Any:
    """Asks Cedar itself: all policies in one handle, the producer as it is, nothing remembered."""
    text = "\n".join(policy_set.cedar()[file] for file in ("access.cedar", "release.cedar"))
    handle = cedarpy.PolicySet.from_str(text)
    classes = [
        {
            "uid": {"type": "DataClass", "id": name},
            "attrs": {},
            "parents": [{"type": "DataClass", "id": found.parent}] if found.parent else [],
        }
        for name, found in policy_set.classes.items()
    ]

    def ask(name: str, action: str, resource: tuple[str, str], context: Any) -> tuple[bool, list[str]]:
        producer = policy_set.producers[name]
        entity = {
            "uid": {"type": "Producer", "id": name},
            "attrs": dict(producer.attributes),
            "parents": [{"type": "Team", "id": producer.team}],
        }
        result = cedarpy.is_authorized(
            {
                "principal": {"type": "Producer", "id": name},
                "action": {"type": "Action", "id": action},
                "resource": {"type": resource[0], "id": resource[1]},
                "context": context,
            },
            handle,
            [entity, *classes],
        )
        names = result.diagnostics.id_annotations_by_reason
        return result.allowed, sorted(names[reason] for reason in result.diagnostics.reasons)

    return ask


def test_the_set_is_as_large_as_it_says(policy_set: PolicySet) -> None:
    assert len(policy_set.producers) == PRODUCERS
    assert len(cedar_rules.parse(policy_set.files).rules) >= POLICIES


def test_publish_is_what_cedar_says_of_each_alone(policy_set: PolicySet, decider: Decider, plainly: Any) -> None:
    chance = random.Random(3)
    allowed = 0
    for _ in range(400):
        name, stream = f"p{chance.randrange(PRODUCERS)}", chance.choice(("orders", "events"))
        client, media_type = (
            chance.choice((None, "10.1.1.1", "192.0.2.1")),
            chance.choice(("application/json", "text/csv")),
        )
        context: dict[str, Any] = {"format": media_type}
        if client is not None:
            context["client"] = {"__extn": {"fn": "ip", "arg": client}}
        ruling = decider.publish(name, stream, client, media_type)
        assert (ruling.allowed, list(ruling.policies)) == plainly(name, "publish", ("Stream", stream), context)
        allowed += ruling.allowed
    assert 0 < allowed < 400


def test_release_is_what_cedar_says_of_each_alone(policy_set: PolicySet, decider: Decider, plainly: Any) -> None:
    chance = random.Random(4)
    allowed = 0
    for _ in range(400):
        name, data_class = f"p{chance.randrange(PRODUCERS)}", chance.choice(CLASSES)
        stream, destination = chance.choice(("orders", "events")), chance.choice(("crm", "lake"))
        context = {
            "stream": {"__entity": {"type": "Stream", "id": stream}},
            "destination": {"__entity": {"type": "Destination", "id": destination}},
        }
        ruling = decider.release(name, data_class, stream, destination)
        expected = plainly(name, "release", ("DataClass", data_class), context)
        assert (ruling.allowed, list(ruling.policies)) == expected
        allowed += ruling.allowed
    assert 0 < allowed < 400


def test_a_producer_that_is_named_by_a_policy_is_asked_for_as_itself(
    policy_set: PolicySet, decider: Decider, plainly: Any
) -> None:
    """One for one: those whom the groups could get wrong."""
    named = {
        name for kind, name in cedar_rules.mentioned(cedar_rules.parse(policy_set.files).rules) if kind == "Producer"
    }
    for name in sorted(named - {"partner"})[:100]:
        assert decider.alike(name) == name
        ruling = decider.publish(name, "orders", "10.0.0.1", "text/csv")
        context = {"format": "text/csv", "client": {"__extn": {"fn": "ip", "arg": "10.0.0.1"}}}
        assert (ruling.allowed, list(ruling.policies)) == plainly(name, "publish", ("Stream", "orders"), context)


def test_cedar_is_asked_once_for_all_that_are_alike(policy_set: PolicySet, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    real = cedarpy.is_authorized

    def counting(*given: Any) -> Any:
        asked.append(given)
        return real(*given)

    monkeypatch.setattr(cedarpy, "is_authorized", counting)
    decider = load.Decider(policy_set)
    for name in policy_set.producers:
        decider.release(name, "pii", "orders", "crm")
    groups = {decider.alike(name) for name in policy_set.producers}
    assert len(asked) <= 3 * len(groups)
    assert len(groups) < PRODUCERS / 5
