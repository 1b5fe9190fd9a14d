"""Who gets a message, and in which form: `when`, and a destination's own steps and framing."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from typing import Any

import pytest

from gateway.documents.finding import PolicyError
from gateway.policy.load import load
from gateway.registry.store import ModuleStore
from tests.building import Place
from tests.conftest import serving

pytestmark = pytest.mark.anyio

ORDERS = [{"order_id": f"o-{n}", "total": n, "customer": {"email": f"{n}@mail.example"}} for n in range(6)]


def lines(messages: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(message) + "\n" for message in messages)


def delivered(place: Place, destination: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in place.delivered(destination).splitlines()]


def send_when(place: Place, when: str) -> None:
    stream = place.read("streams/orders.yaml")
    stream["destinations"] = ["analytics", {"to": "crm", "when": when}]
    place.write("streams/orders.yaml", stream)


async def test_a_destination_gets_the_messages_of_which_its_predicate_holds(place: Place) -> None:
    place.add_module("json-filter")
    send_when(place, '/total >= 2 and /customer/email != "3@mail.example"')
    async with serving(place) as client:
        answer = await client.post("orders", lines(ORDERS), content_type="application/x-ndjson")
        assert answer.status_code == 200
        (decision,) = await client.decisions()
    assert [message["order_id"] for message in delivered(place, "analytics")] == [f"o-{n}" for n in range(6)]
    assert [message["order_id"] for message in delivered(place, "crm")] == ["o-2", "o-4", "o-5"]
    plans = {plan["destination"]: plan for plan in decision["plans"]}
    assert (plans["crm"]["messages"], plans["crm"]["dropped"]) == (3, 3)
    assert [step["module"] for step in plans["crm"]["steps"]] == ["json-filter", "mask"]


async def test_what_came_is_counted_alike_for_one_destination_and_for_two(place: Place) -> None:
    """The producer's own steps come first: what a destination then drops has come all the same."""
    place.add_module("json-filter")
    producer = place.read("producers/web-shop.yaml")
    fields = {"/order_id": "/order_id", "/total": "/total"}
    producer["streams"]["orders"]["steps"] = [{"module": "extract", "with": {"fields": fields}}]
    place.write("producers/web-shop.yaml", producer)
    place.permit_reading("extract")
    stream = place.read("streams/orders.yaml")
    filtered = {"to": "analytics", "when": "/total >= 4"}
    for destinations in ([filtered], [filtered, "crm"]):
        place.write("streams/orders.yaml", {**stream, "destinations": destinations})
        async with serving(place) as client:
            answer = await client.post("orders", lines(ORDERS), content_type="application/x-ndjson")
            assert (answer.json()["messages"], answer.json()["dropped"]) == (6, 4)
            (decision, *_) = await client.decisions()
            assert decision["messages"] == 6


async def test_a_message_that_no_predicate_can_judge_goes_nowhere(place: Place) -> None:
    place.add_module("json-filter")
    send_when(place, "/total >= 2")
    async with serving(place) as client:
        twice = '{"order_id":"o-1","total":1,"total":5}'
        answer = await client.post("orders", twice)
        assert (answer.status_code, answer.json()["code"]) == (422, "duplicate_key")
    assert place.delivered("analytics") == place.delivered("crm") == b""


def split(into: str) -> list[dict[str, Any]]:
    """Each item of an order becomes a message with that at `into`, and one of 10 or more is refused."""
    return [
        {"module": "message-splitter", "with": {"at": "/items", "as": into, "keep": ["/order_id"]}},
        {"module": "json-filter", "with": {"when": "/total < 10 or /item/quantity < 10", "else": "refuse"}},
    ]


@pytest.mark.parametrize("before", [True, False], ids=["before the mask", "behind it"])
async def test_of_a_message_that_is_refused_in_part_nothing_leaves(place: Place, before: bool) -> None:
    place.add_module("message-splitter")
    place.add_module("json-filter")
    file = "producers/web-shop.yaml" if before else "destinations/crm.yaml"
    given = place.read(file)
    (given["streams"]["orders"] if before else given)["steps"] = split("/total" if before else "/item")
    place.write(file, given)
    items: list[list[Any]] = [[1, 20, 3], [4, 5], [30]]
    if not before:
        items = [[{"quantity": number} for number in numbers] for numbers in items]
    orders = [{"order_id": f"o-{n}", "items": numbers} for n, numbers in enumerate(items)]
    async with serving(place) as client:
        answer = await client.post("orders", lines(orders), content_type="application/x-ndjson")
        assert answer.status_code == 200
        assert [result["index"] for result in answer.json()["results"]] == [0, 2]
        assert answer.json()["delivered"] == 2
        (decision,) = await client.decisions()
    for destination, parts in (("analytics", 2 if before else 1), ("crm", 2)):
        assert [message["order_id"] for message in delivered(place, destination)] == ["o-1"] * parts
        plan = next(plan for plan in decision["plans"] if plan["destination"] == destination)
        assert plan["messages"] == parts


async def test_what_a_destination_splits_is_one_message_to_the_others(place: Place) -> None:
    """A single message too, of which the part that is refused has a place at that destination alone."""
    place.add_module("message-splitter")
    place.add_module("json-filter")
    place.write("destinations/crm.yaml", {**place.read("destinations/crm.yaml"), "steps": split("/item")})
    order = {"order_id": "o-0", "items": [{"quantity": 1}, {"quantity": 20}]}
    async with serving(place) as client:
        answer = await client.post("orders", json.dumps(order))
        assert answer.status_code == 422, answer.text
        assert [result["index"] for result in answer.json()["results"]] == [0]
    assert place.delivered("analytics") == place.delivered("crm") == b""


async def test_the_records_of_a_document_are_refused_one_by_one(place: Place) -> None:
    """… also where a record is split again, and there is but one."""
    place.add_module("message-splitter")
    place.add_module("json-filter")
    producer = place.read("producers/web-shop.yaml")
    records = {"module": "message-splitter", "with": {"at": "/orders"}}
    producer["streams"]["orders"]["steps"] = [records, *split("/total")]
    place.write("producers/web-shop.yaml", producer)
    orders = [{"order_id": f"o-{n}", "items": items} for n, items in enumerate([[1, 20], [3, 4]])]
    async with serving(place) as client:
        answer = await client.post("orders", json.dumps({"orders": orders}))
        assert (answer.status_code, answer.json()["results"][0]["index"]) == (200, 0)
        assert [message["order_id"] for message in delivered(place, "crm")] == ["o-1", "o-1"]
        assert (await client.post("orders", json.dumps({"orders": orders[:1]}))).status_code == 422
    assert len(delivered(place, "crm")) == len(delivered(place, "analytics")) == 2


def test_a_filter_that_may_not_read_is_found(place: Place) -> None:
    place.add_module("json-filter", reads=False)
    send_when(place, "/total >= 2")
    with pytest.raises(PolicyError) as raised:
        load(place.policies, ModuleStore(place.modules))
    found = [finding.message for finding in raised.value.findings]
    assert "module json-filter may not read class pii.email (capabilities.cedar); producer web-shop" in found


async def test_a_destinations_own_steps_see_what_was_masked(place: Place) -> None:
    destination = place.read("destinations/analytics.yaml")
    fields = {"/id": "/order_id", "/mail": "/customer/email"}
    destination |= {"steps": [{"module": "extract", "with": {"fields": fields}}], "framing": "length"}
    place.write("destinations/analytics.yaml", destination)
    place.permit_reading("extract")
    async with serving(place) as client:
        assert (await client.post("orders", json.dumps(ORDERS[0]))).status_code == 200
        (decision,) = await client.decisions()
    (message,) = framed(place.delivered("analytics"))
    assert message["id"] == "o-0"
    assert message["mail"].startswith("email_")
    (plan,) = [plan for plan in decision["plans"] if plan["destination"] == "analytics"]
    assert [(step["module"], "pii.email" in step["reads"]) for step in plan["steps"]] == [
        ("mask", True),
        ("extract", False),
    ]


def framed(content: bytes) -> Iterator[dict[str, Any]]:
    while content:
        (length,) = struct.unpack_from(">I", content)
        yield json.loads(content[4 : 4 + length])
        content = content[4 + length :]
