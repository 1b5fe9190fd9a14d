"""The example policy set loads, says what its README says, and holds what its own tests ask."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.cli.main import app
from gateway.policy import load
from gateway.policy.load import Loaded
from gateway.registry.store import ModuleStore

ROOT = Path(__file__).parents[2]
POLICIES = ROOT / "policies"


@pytest.fixture(scope="module")
def loaded() -> Loaded:
    return load.load(POLICIES, ModuleStore(ROOT / "modules"))


def test_it_can_be_served_and_its_own_tests_pass(tmp_path: Path) -> None:
    folders = ["--policies", str(POLICIES), "--modules", str(ROOT / "modules"), "--secrets", str(tmp_path)]
    checked = CliRunner().invoke(app, ["check", *folders])
    assert checked.exit_code == 0, checked.output
    tested = CliRunner().invoke(app, ["test", *folders])
    assert tested.exit_code == 0, tested.output
    assert re.search(r"\b[1-9]\d* passed, 0 failed", tested.output)


def test_what_leaves_in_clear_is_this_and_no_more(loaded: Loaded) -> None:
    released = {
        (stream, plan.destination, ruling.name): ruling.policies
        for (_, stream), route in loaded.routes.items()
        for plan in route.plans
        for ruling in plan.rulings
        if ruling.released and ruling.name != "public"
    }
    assert released == {
        ("orders", "crm", "pii.email"): ("crm-sees-email",),
        ("pos-sales", "crm", "pii.email"): ("crm-sees-email",),
        ("github-events", "lake", "event.time"): ("lake-sees-event-times",),
    }


def test_cards_and_secrets_are_forbidden_not_only_unreleased(loaded: Loaded) -> None:
    for name in ("pci.pan", "pci.expiry", "pci.verification", "secret"):
        ruling = loaded.decider.release("web-shop", name, "orders", "crm")
        assert not ruling.allowed
        assert ruling.policies == ("never-in-clear",)


def test_only_mask_holds_anything(loaded: Loaded) -> None:
    steps = [step for route in loaded.routes.values() for plan in route.plans for step in plan.steps]
    assert {step.module for step in steps} == {"csv-to-json", "extract", "mask"}
    held = {(step.module, grant) for step in steps for grant in step.grants}
    assert held == {("mask", "secret:pseudonym")}


def test_pseudonyms_of_developers_and_customers_cannot_be_joined(loaded: Loaded) -> None:
    configs = {plan.destination: plan.steps[-1].config for route in loaded.routes.values() for plan in route.plans}
    assert b'"domain":"lake/pii.email"' in configs["lake"]
    assert b'"domain":"pii.email"' in configs["analytics"]
    assert b'"domain":"pii.email"' not in configs["lake"]


def test_the_readme_gives_the_keys_that_work(loaded: Loaded) -> None:
    keys = set(re.findall(r"`(mg_example_\w+)`", (POLICIES / "README.md").read_text("utf-8")))
    digests = {hashlib.sha256(key.encode()).hexdigest() for key in keys}
    policy_set = loaded.policy_set
    assert digests == {*policy_set.producer_keys, *policy_set.user_keys}
    assert {credential.id for credential in policy_set.producer_keys.values()} == {"example"}


def test_who_may_do_what(loaded: Loaded) -> None:
    decider = loaded.decider
    assert decider.permits("auditor", "readDecisions").allowed
    assert not decider.permits("auditor", "managePolicies").allowed
    assert all(decider.permits("security", action).allowed for action in ("readDecisions", "manageModules"))
    assert not decider.publish("web-shop", "github-events", None, "application/json").allowed
    assert not decider.publish("github", "orders", None, "application/json").allowed


def test_webhooks_are_listed_by_names_alone(loaded: Loaded) -> None:
    """`*` for the subject of an event and for items of lists, whose names no payload chooses; never `**`."""
    lists = {
        "repositories", "assignees", "requested_reviewers", "labels", "pull_requests", "commits", "added", "removed",
        "modified", "steps", "assets",
    }  # fmt: skip
    paths = loaded.policy_set.streams["github-events"].fields
    assert 100 < len(paths) < 150  # as many as somebody reads
    for path in paths:
        parts = path.split("/")[1:]
        assert "**" not in parts
        assert all(part != "*" or number == 0 or parts[number - 1] in lists for number, part in enumerate(parts)), path
