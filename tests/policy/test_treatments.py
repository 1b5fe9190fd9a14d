"""What the policy says of a class becomes what the mask module reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway.documents.finding import PolicyError
from gateway.flow import MASK
from gateway.policy import kinds, model, treatments
from gateway.policy.load import load
from gateway.registry.signing import Trust
from gateway.registry.store import ModuleStore
from tests.building import Place


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


KEYS = {"keys": {"cards": {"current": "b", "secrets": {"a": "cards-a", "b": "cards-b"}}}}


def classes(place: Place, **changed: dict[str, Any]) -> None:
    given = place.read("classes.yaml")
    for name, value in changed.items():
        known = name.replace("__", ".")
        given["classes"][known] = given["classes"].get(known, {}) | value
    place.write("classes.yaml", given)


def findings(place: Place) -> list[str]:
    with pytest.raises(PolicyError) as raised:
        load(place.policies, ModuleStore(place.modules))
    return [str(finding) for finding in raised.value.findings]


def policy_set(**given: Any) -> model.PolicySet:
    parts = ("producers", "streams", "destinations", "users", "lock", "producer_keys", "user_keys", "webhooks", "files")
    empty: dict[str, Any] = {part: {} for part in parts}
    named = {name: model.DataClass(name=name, **known) for name, known in given.pop("classes", {}).items()}
    return model.PolicySet(**{"revision": "", "trust": Trust(), "keys": {}, "classes": named, **empty, **given})


@pytest.mark.parametrize(
    ("treatment", "written"),
    [
        (None, {"kind": "keep"}),
        (kinds.Label(), {"kind": "text", "text": "[pii.email]"}),
        (kinds.Partial(keep_domain=True), {"kind": "partial", "keep_domain": True}),
        (kinds.Hmac(secret="p", domain="d"), {"kind": "hmac", "secret": "p", "domain": "d"}),
        (kinds.Ff1(key="cards", domain="d"), {"kind": "ff1", "secret": "cards-b", "key_id": "b", "domain": "d"}),
        (kinds.Bucket(size=10, as_="lower"), {"kind": "bucket", "size": 10, "as": "lower"}),
    ],
)
def test_a_treatment_is_written_with_the_current_secret(treatment: kinds.Treatment, written: dict[str, Any]) -> None:
    cards = model.Key(name="cards", current="b", secrets={"a": "cards-a", "b": "cards-b"})
    assert treatments.written(policy_set(keys={"cards": cards}), "pii.email", treatment) == written


def test_what_is_looked_for_in_free_text() -> None:
    detect: Any = {"pii": {}, "pii.email": {"detect": ("email",)}, "pii.phone": {"detect": ("telephone",)}}
    known = policy_set(classes={**detect, "order": {"detect": (model.Pattern(pattern="O-[0-9]{6}"),)}})
    everywhere, orders = model.Scan(classes=("pii",)), model.Scan(classes=("order",), least=80)
    stream = model.Stream(name="s", fields={}, scans={"/b": everywhere, "/a": everywhere, "/c": orders})
    redacted = dict.fromkeys(treatments.classes_of(known, stream), kinds.Redact())
    assert list(redacted) == ["order", "pii.email", "pii.phone"]
    config = treatments.configuration(known, stream, {**redacted, "pii.phone": None})
    assert config["rules"] == [
        {
            "paths": ["/a", "/b"],
            "scan": {
                "least": 50,
                "find": [{"name": "pii.email#1", "detect": ["email"], "treatment": {"kind": "redact"}}],
            },
        },
        {
            "paths": ["/c"],
            "scan": {
                "least": 80,
                "find": [{"name": "order#2", "detect": [{"pattern": "O-[0-9]{6}"}], "treatment": {"kind": "redact"}}],
            },
        },
    ]
    assert treatments.aliases(config) == {"pii.email#1": "pii.email", "order#2": "order"}


def test_where_all_that_would_be_found_is_released_nothing_is_looked_for() -> None:
    known = policy_set(classes={"pii.email": {"detect": ("email",)}})
    stream = model.Stream(name="s", scans={"/note": model.Scan(classes=("pii.email",))})
    config = treatments.configuration(known, stream, {"pii.email": None})
    assert config["rules"] == [{"name": "(scanned)1", "paths": ["/note"], "treatment": {"kind": "keep"}}]
    assert treatments.aliases(config) == {"(scanned)1": ""}


def test_a_key_of_keys_yaml_is_a_secret_that_the_mask_must_hold(place: Place) -> None:
    place.write("keys.yaml", KEYS)
    classes(place, pci__pan={"treatment": {"kind": "hmac", "key": "cards"}})
    (finding, *_) = findings(place)
    assert "module mask may not hold secret:cards-b (capabilities.cedar), for class pci.pan" in finding
    place.permit('principal == Module::"mask", action == Action::"hold", resource == Capability::"secret:cards-b"')
    loaded = load(place.policies, ModuleStore(place.modules))
    steps = [step for route in loaded.routes.values() for plan in route.plans for step in plan.steps]
    used = [step for step in steps if step.module == MASK and "secret:cards-b" in step.grants]
    assert used
    assert all("secret:cards-a" not in step.grants for step in steps)
    (ruling,) = {
        (ruling.treatment, ruling.key)
        for route in loaded.routes.values()
        for plan in route.plans
        for ruling in plan.rulings
        if ruling.name == "pci.pan" and not ruling.released
    }
    assert ruling == ("hmac", "b")


@pytest.mark.parametrize(
    ("keys", "treatment", "expected"),
    [
        (KEYS, {"kind": "hmac", "key": "crads"}, "unknown key 'crads' (did you mean 'cards'?)"),
        (None, {"kind": "hmac", "key": "cards"}, "unknown key 'cards'"),
        ({"keys": {"cards": {"current": "c", "secrets": {"b": "x"}}}}, "redact", "keys.yaml:3:14: unknown id 'c'"),
        (KEYS, {"kind": "hmac", "key": "cards", "secret": "pseudonym"}, "needs a secret or a key, and not both"),
        (KEYS, {"kind": "ff1", "secret": "pseudonym"}, "unknown key 'secret'"),
        (KEYS, {"kind": "bucket", "size": 5, "edges": [1]}, "needs a size, or edges, and not both"),
        (KEYS, {"kind": "date", "keep": "decade"}, "must be one of year, quarter, month, week, day, hour"),
    ],
)
def test_what_cannot_be_meant_is_found(
    place: Place, keys: dict[str, Any] | None, treatment: object, expected: str
) -> None:
    if keys is not None:
        place.write("keys.yaml", keys)
    classes(place, pci__pan={"treatment": treatment})
    assert any(expected in finding for finding in findings(place)), findings(place)


@pytest.mark.parametrize(
    ("scan", "expected"),
    [
        ({"scan": ["pii.emial"]}, "unknown class 'pii.emial' (did you mean 'pii.email'?)"),
        ({"scan": ["public"]}, "class public says nothing of what to detect, nor does one beneath it"),
        ({"scan": []}, "must have at least 1"),
        ({"scan": ["pii"], "least": 101}, "must be at most 100"),
    ],
)
def test_a_scan_that_cannot_be_meant_is_found(place: Place, scan: dict[str, Any], expected: str) -> None:
    classes(place, pii__email={"detect": ["email"]})
    stream = place.read("streams/orders.yaml")
    stream["fields"]["/note"] = scan
    place.write("streams/orders.yaml", stream)
    assert any(expected in finding for finding in findings(place)), findings(place)


def test_two_ways_to_one_destination_are_found(place: Place) -> None:
    stream = place.read("streams/orders.yaml")
    stream["destinations"] = ["crm", {"to": "crm", "when": "/total > 1"}]
    place.write("streams/orders.yaml", stream)
    found = findings(place)
    assert any("destination crm is there twice" in finding for finding in found)
    assert any("module 'json-filter' is not in modules.lock" in finding for finding in found)
