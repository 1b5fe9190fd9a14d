from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import cedarpy
import pytest

from gateway.documents.finding import PolicyError
from gateway.flow import Ruling
from gateway.policy import decide, load
from gateway.policy.decide import Decider
from tests.policy.conftest import ACCESS, RELEASE, Edit


@pytest.fixture
def decider(folder: Path) -> Decider:
    return Decider(load.read(folder))


def count_questions(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    asked: list[Any] = []
    real = cedarpy.is_authorized

    def counting(request: Any, *rest: Any) -> Any:
        asked.append(request)
        return real(request, *rest)

    monkeypatch.setattr(cedarpy, "is_authorized", counting)
    return asked


def test_publish_is_what_cedar_says(decider: Decider) -> None:
    assert decider.publish("shop", "orders", None, "text/csv") == Ruling(allowed=True, policies=("shop-publishes",))
    inside = decider.publish("partner", "orders", "10.9.8.7", "application/json")
    assert inside == Ruling(allowed=True, policies=("partner-from-its-net",))
    assert decider.publish("partner", "orders", "192.0.2.1", "application/json") == Ruling(allowed=False, policies=())
    assert not decider.publish("partner", "orders", None, "application/json").allowed


@pytest.mark.parametrize(
    ("client", "allowed"),
    [("::ffff:10.1.2.3", True), ("::ffff:192.0.2.1", False), ("10.1.2.3%eth0", True), ("::1", False), ("unix", False)],
)
def test_a_client_is_an_address_however_the_socket_writes_it(decider: Decider, client: str, allowed: bool) -> None:
    assert decider.publish("partner", "orders", client, "application/json").allowed is allowed


@pytest.mark.parametrize(("producer", "stream"), [("nobody", "orders"), ("shop", "nothing"), ("partner", "events")])
def test_what_the_yaml_does_not_list_is_denied(decider: Decider, producer: str, stream: str) -> None:
    assert decider.publish(producer, stream, "10.0.0.1", "application/json") == Ruling(allowed=False, policies=())


def test_cedar_is_asked_again_only_for_what_its_policies_read(
    decider: Decider, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = count_questions(monkeypatch)
    for number in range(50):
        decider.publish("shop", "orders", f"10.0.0.{number}", "text/csv")
    assert asked == []  # no policy for this producer reads the context
    for number in range(50):
        decider.publish("partner", "orders", f"10.0.0.{number % 5}", f"text/{number}")
    assert len(asked) == 5  # one reads the client, none the format


def test_what_is_remembered_is_bounded(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decide, "REMEMBERED", 3)
    decider = Decider(load.read(folder))
    asked = count_questions(monkeypatch)
    for address in ("10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.1"):
        assert decider.publish("partner", "orders", address, "application/json").allowed
    assert len(asked) == 5


def test_a_policy_that_takes_the_whole_context_is_asked_each_time(folder: Path, edit: Edit) -> None:
    edit("schema.cedarschema", "client?: ipaddr, format: String", "format: String")
    condition = 'context == {format: "text/csv"}'
    edit("access.cedar", f'permit (principal, action == Action::"publish", resource) when {{ {condition} }};')
    decider = Decider(load.read(folder))
    assert decider.publish("shop", "orders", None, "text/csv").allowed
    assert not decider.publish("shop", "orders", None, "application/json").allowed
    assert not decider.publish("shop", "orders", "10.0.0.1", "text/csv").allowed


def test_release_depends_on_destination_and_hierarchy(decider: Decider) -> None:
    crm = decider.release("shop", "pii.email", "orders", "crm")
    assert crm == Ruling(allowed=True, policies=("crm-sees-email",))
    assert not decider.release("shop", "pii.email", "orders", "analytics").allowed
    assert not decider.release("partner", "pii.email", "orders", "crm").allowed
    assert not decider.release("shop", "pii", "orders", "crm").allowed


def test_a_class_is_in_its_ancestors(folder: Path, edit: Edit) -> None:
    edit("release.cedar", RELEASE + '\n@id("all-pii") permit (principal, action, resource in DataClass::"pii");')
    edit("classes.yaml", "  pii.phone: {}", "  pii.phone: {}\n  pii.email.work: {}")
    decider = Decider(load.read(folder))
    assert decider.release("shop", "pii.email.work", "orders", "analytics").policies == ("all-pii",)


def test_modules_hold_and_read_what_they_may(decider: Decider) -> None:
    assert decider.hold("mask", "secret:pseudonym", "shop", "orders").policies == ("mask-holds-pseudonym",)
    assert not decider.hold("mask", "secret:other", "shop", "orders").allowed
    assert not decider.hold("csv-to-json", "secret:pseudonym", "shop", "orders").allowed
    assert decider.read("csv-to-json", "pii", "shop", "orders").allowed
    assert not decider.read("csv-to-json", "pii", "shop", "events").allowed


def test_a_capability_has_a_kind_and_a_name(folder: Path, edit: Edit) -> None:
    condition = 'resource.kind == "env" && resource.name like "A*"'
    edit("capabilities.cedar", f'permit (principal, action == Action::"hold", resource) when {{ {condition} }};')
    decider = Decider(load.read(folder))
    held = [decider.hold("m", grant, "shop", "orders").allowed for grant in ("env:AB", "env:BA", "secret:AB", "clock")]
    assert held == [True, False, False, False]


def test_users_do_what_their_roles_may(decider: Decider) -> None:
    assert decider.permits("ada", "readDecisions").allowed
    assert not decider.permits("ada", "managePolicies").allowed
    assert not decider.permits("eve", "readDecisions").allowed
    assert not decider.permits("ada", "publish").allowed


def test_forbid_wins(folder: Path, edit: Edit) -> None:
    edit("access.cedar", ACCESS + '\n@id("closed") forbid (principal, action == Action::"publish", resource);')
    assert Decider(load.read(folder)).publish("shop", "orders", None, "text/csv") == Ruling(
        allowed=False, policies=("closed",)
    )


def test_what_cedar_cannot_evaluate_is_denied_and_found_at_load(folder: Path, edit: Edit) -> None:
    edit("producers/shop.yaml", "{region: eu}", "{region: eu, tier: 5}")
    overflow = "principal has tier && principal.tier + 9223372036854775807 > 0"
    edit(
        "access.cedar",
        ACCESS + f'\n@id("big")\nforbid (principal, action == Action::"publish", resource) when {{ {overflow} }};',
    )
    policy_set = load.read(folder)
    with pytest.raises(PolicyError, match=r"access\.cedar:11:1: error while evaluating policy `big`: integer overflow"):
        Decider(policy_set)
    tolerant = Decider(policy_set, [])
    assert tolerant.publish("shop", "orders", None, "text/csv") == Ruling(allowed=False, policies=())


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ("{region: 5}", "producers/shop.yaml:3:14: attribute 'region' is not as schema.cedarschema declares them"),
        ("{region: eu, colour: red}", "producers/shop.yaml:3:26: attribute 'colour' is not as"),
        ("{a: 1, b: 2}", "producers/shop.yaml:3:13: the attributes are not as"),
    ],
)
def test_attributes_that_do_not_fit_the_schema_have_their_place(
    folder: Path, edit: Edit, attributes: str, expected: str
) -> None:
    edit("producers/shop.yaml", "{region: eu}", attributes)
    with pytest.raises(PolicyError) as caught:
        Decider(load.read(folder))
    assert [str(finding)[: len(expected)] for finding in caught.value.findings] == [expected]


def test_one_and_true_are_not_alike(folder: Path, edit: Edit) -> None:
    edit("schema.cedarschema", "trusted?: Bool", "trusted?: Bool, level?: Long")
    for name, attributes in (("a", "{level: 1}"), ("b", "{trusted: true}"), ("c", "{level: 1}")):
        edit(f"producers/{name}.yaml", f"producer: {name}\nteam: t\nattributes: {attributes}\n")
    decider = Decider(load.read(folder))
    assert decider.alike("a") == decider.alike("c") != decider.alike("b")


def test_a_producer_that_a_policy_names_is_alike_to_nobody(folder: Path, edit: Edit) -> None:
    for name in ("a", "b", "c"):
        edit(
            f"producers/{name}.yaml",
            f"producer: {name}\nteam: t\nstreams: {{orders: {{accept: [application/json]}}}}\n",
        )
    named = 'permit (principal, action == Action::"publish", resource) when { principal == Producer::"b" };'
    edit("access.cedar", named)
    decider = Decider(load.read(folder))
    allowed = [decider.publish(name, "orders", None, "application/json").allowed for name in ("a", "b", "c")]
    assert allowed == [False, True, False]
    assert decider.alike("a") == decider.alike("c")


def test_any_thread_may_ask(decider: Decider) -> None:
    wrong: list[str] = []

    def ask(thread: int) -> None:
        for number in range(300):
            inside = decider.publish("partner", "orders", f"10.0.{thread}.{number % 200}", "application/json")
            outside = decider.publish("partner", "orders", f"11.0.{number % 7}.1", "application/json")
            if not inside.allowed or outside.allowed:
                wrong.append(f"{thread} {number}")

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
