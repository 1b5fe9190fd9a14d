"""A module that asks a host, in the path that messages take."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest

from gateway.documents.finding import PolicyError
from gateway.policy.load import load
from gateway.registry.store import ModuleStore
from tests.answering import Host, answering
from tests.building import Place
from tests.conftest import serving

pytestmark = pytest.mark.anyio

ORDERS = [{"order_id": f"o-{n}", "customer": {"email": f"{n}@mail.example"}, "total": n % 3} for n in range(60)]
INSIDE = {"http_inside": "127.0.0.0/8"}


@pytest.fixture
def host() -> Iterator[Host]:
    with answering() as host:
        yield host


def lines(messages: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(message) + "\n" for message in messages)


def delivered(place: Place, destination: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in place.delivered(destination).splitlines()]


def enrich(place: Place, host: Host, path: str, *, granted: bool = True, **config: Any) -> None:
    """The destination `analytics` gets orders with what the host says of them."""
    place.add_module("http-enricher")
    if granted:
        held = f'resource == Capability::"http:127.0.0.1:{host.port}"'
        place.permit(f'principal == Module::"http-enricher", action == Action::"hold", {held}')
    url = f"http://127.0.0.1:{host.port}{path}"
    given = {"url": url, "select": "/path", "into": "/known", **config}
    destination = place.read("destinations/analytics.yaml")
    destination["steps"] = [{"module": "http-enricher", "with": given}]
    place.write("destinations/analytics.yaml", destination)


async def test_a_batch_is_enriched_with_one_request_for_what_is_equal(place: Place, host: Host) -> None:
    enrich(place, host, "/of/{/total}")
    async with serving(place, **INSIDE) as client:
        answer = await client.post("orders", lines(ORDERS), content_type="application/x-ndjson")
        assert (answer.status_code, answer.json()["delivered"]) == (200, len(ORDERS))
        (decision,) = await client.decisions()
    assert sorted(asked.path for asked in host.asked) == ["/of/0", "/of/1", "/of/2"]
    known = [(message["order_id"], message["known"]) for message in delivered(place, "analytics")]
    assert known == [(f"o-{n}", f"/of/{n % 3}") for n in range(60)]
    plan = next(plan for plan in decision["plans"] if plan["destination"] == "analytics")
    assert plan["steps"][-1]["grants"] == [f"http:127.0.0.1:{host.port}"]
    assert plan["counts"] == {"http-enricher.found": 60}


async def test_a_destination_s_step_tells_the_host_what_is_masked(place: Place, host: Host) -> None:
    enrich(place, host, "/of/{/customer/email}")
    async with serving(place, **INSIDE) as client:
        assert (await client.post("orders", json.dumps(ORDERS[7]))).status_code == 200
    (asked,) = host.asked
    assert asked.path.startswith("/of/")
    assert "mail.example" not in asked.path


async def test_without_an_answer_nothing_leaves(place: Place, host: Host) -> None:
    enrich(place, host, "/status/500")
    async with serving(place, **INSIDE) as client:
        answer = await client.post("orders", json.dumps(ORDERS[0]))
        assert (answer.status_code, answer.json()["code"]) == (422, "lookup_failed")
    assert place.delivered("analytics") == place.delivered("crm") == b""


async def test_the_network_is_closed_until_the_operator_opens_it(place: Place, host: Host) -> None:
    enrich(place, host, "/of/{/total}")
    async with serving(place) as client:
        answer = await client.post("orders", json.dumps(ORDERS[0]))
        assert (answer.status_code, answer.json()["code"]) == (422, "lookup_failed")
        (decision,) = await client.decisions()
    assert host.asked == []
    denied = [plan["denied"] for plan in decision["plans"] if "denied" in plan]
    assert denied == [{"http-enricher.maskgate.http": 1}]


async def test_a_host_that_no_policy_permits_is_a_finding(place: Place, host: Host) -> None:
    enrich(place, host, "/of/{/total}", granted=False)
    with pytest.raises(PolicyError) as raised:
        load(place.policies, ModuleStore(place.modules))
    (finding,) = raised.value.findings
    assert finding.message.startswith(f"module http-enricher needs http:127.0.0.1:{host.port} and may not hold it")


async def test_who_waits_for_a_host_holds_nobody_up(place: Place, host: Host) -> None:
    enrich(place, host, "/held?{/order_id}")
    key = place.add_producer("neighbour", "pos-sales")
    stream = place.read("streams/pos-sales.yaml")
    place.write("streams/pos-sales.yaml", {**stream, "destinations": ["crm"]})
    async with serving(place, sandbox_threads=1, http_time=30_000, **INSIDE) as client:
        waiting = [asyncio.create_task(client.post("orders", json.dumps(order))) for order in ORDERS[:4]]
        async with asyncio.timeout(20):
            while len(host.asked) < 4:  # of one producer, several wait at a time
                await asyncio.sleep(0.01)
        answer = await client.post("pos-sales", '{"mail": "a@mail.example", "sum": 1}', key=key)
        assert answer.status_code == 200
        assert not any(task.done() for task in waiting)
        host.gate.set()
        answers = await asyncio.gather(*waiting)
    assert [answer.status_code for answer in answers] == [200] * 4
    assert {message["known"] for message in delivered(place, "analytics")} == {f"/held?o-{n}" for n in range(4)}


def test_before_the_mask_nobody_is_asked(place: Place, host: Host) -> None:
    place.add_module("http-enricher")
    place.permit('principal == Module::"http-enricher", action == Action::"hold", resource')
    producer = place.read("producers/web-shop.yaml")
    config = {"url": f"http://127.0.0.1:{host.port}/{{/customer/email}}", "into": "/known"}
    producer["streams"]["orders"]["steps"] = [{"module": "http-enricher", "with": config}]
    place.write("producers/web-shop.yaml", producer)
    with pytest.raises(PolicyError) as raised:
        load(place.policies, ModuleStore(place.modules))
    assert [(finding.file, finding.code) for finding in raised.value.findings] == [
        ("producers/web-shop.yaml", "asks_before_mask")
    ]
