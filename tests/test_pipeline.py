"""The sentence, where it goes wrong: guests, the record and sinks that fail, requests that wait, reloads in between."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from typing import Any

import pytest

from gateway.delivery.sink import Done
from gateway.flow import Delivery, Receipt
from tests.building import GUESTS, Place
from tests.conftest import Client, serving

pytestmark = pytest.mark.anyio

ORDER = json.dumps({"order_id": "o-1", "customer": {"email": "zoe@mail.example"}})

HOSTILE = {
    "loop": "guest_timeout",
    "grow": "guest_memory",
    "trap": "guest_trap",
    "pointer_outside": "guest_bad_pointer",
    "length_2_31": "guest_output_too_large",
    "missing_source": "guest_missing_source",
}


@pytest.mark.parametrize("kept", [False, True], ids=["fresh", "kept"])
async def test_a_hostile_guest_costs_its_own_request_a_422(place: Place, kept: bool) -> None:
    keys = {}
    for name in HOSTILE:
        place.add_guest(name, GUESTS / f"{name}.wat", kept=kept)
        keys[name] = place.add_producer(f"bad-{name.replace('_', '-')}", "orders", name)
    async with serving(place) as client:
        for name, code in HOSTILE.items():
            answer = await client.post("orders", ORDER, keys[name])
            assert (answer.status_code, answer.json()["code"]) == (422, code)
            (decision,) = await client.decisions(code=code)
            assert (decision["outcome"], decision["plans"][0]["failed"]) == ("failed", name.replace("_", "-"))
            good = await client.post("orders", ORDER)
            assert good.status_code == 200
        assert client.place.delivered("crm").count(b"\n") == len(HOSTILE)


async def test_a_producer_whose_guest_loops_holds_nobody_up(place: Place) -> None:
    place.add_guest("loop", GUESTS / "loop.wat")
    key = place.add_producer("looping", "orders", "loop")
    async with serving(place, sandbox_threads=1) as client:
        looping = [asyncio.create_task(client.post("orders", ORDER, key)) for _ in range(8)]
        good = [(await client.post("orders", ORDER)).status_code for _ in range(20)]
        bad = [answer.status_code for answer in await asyncio.gather(*looping)]
        assert good == [200] * 20
        assert bad == [422] * 8


async def test_nothing_leaves_without_its_record(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*group: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(client.gateway.store, "append", full)
        answer = await client.post("orders", ORDER)
        denied = await client.post("orders", ORDER, "mg_nobody")
    for given in (answer, denied):
        assert (given.status_code, given.json()["code"]) == (503, "not_recorded")
        assert given.headers["retry-after"] == "1"
    assert not client.place.delivered("crm")
    assert (await client.post("orders", ORDER)).status_code == 200  # it has recovered


class Failing:
    """A sink whose destination doesn't confirm."""

    def put(self, deliveries: list[Delivery], done: Done) -> None:
        receipts = [
            Receipt(decision=d.decision, destination=d.destination, delivered=False, time=0, error="http_500")
            for d in deliveries
        ]
        done(receipts)

    def probe(self) -> bool:
        return False

    def close(self) -> None:
        """Nothing is open."""


async def test_200_only_when_every_destination_has_confirmed(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(client.gateway.snapshot.sinks, "crm", Failing())  # type: ignore[arg-type]
    answer = await client.post("orders", ORDER)
    assert (answer.status_code, answer.json()["code"]) == (503, "not_delivered")
    (decision,) = await client.decisions(delivered="false")
    assert decision["deliveries"]["analytics"]["state"] == "delivered"
    assert decision["deliveries"]["crm"] | {"time": ""} == {
        "state": "failed",
        "time": "",
        "attempts": 1,
        "error": "http_500",
    }
    assert (await client.http.get("/readyz")).json() == {"status": "unready", "unready": ["crm"]}


async def test_too_many_requests_in_flight_for_one_producer(place: Place) -> None:
    place.add_guest("loop", GUESTS / "loop.wat")
    key = place.add_producer("looping", "orders", "loop")
    async with serving(place, producer_inflight=2) as client:
        answers = await asyncio.gather(*(client.post("orders", ORDER, key) for _ in range(6)))
        assert sorted(answer.status_code for answer in answers) == [422, 422, 429, 429, 429, 429]
        other = await client.post("orders", ORDER)
        assert other.status_code == 200


async def test_a_reload_swaps_whole_and_a_bad_one_changes_nothing(client: Client) -> None:
    def crm() -> dict[str, Any]:
        last: dict[str, Any] = json.loads(client.place.delivered("crm").splitlines()[-1])["customer"]
        return last

    await client.post("orders", ORDER)
    assert crm() == {"email": "zoe@mail.example"}
    before = client.gateway.snapshot.revision

    text = (client.place.policies / "release.cedar").read_text(encoding="utf-8")
    (client.place.policies / "release.cedar").write_text(text.replace("crm-sees-email", "nobody") + "nonsense")
    assert not await client.gateway.reload()
    assert client.gateway.snapshot.revision == before
    assert (await client.post("orders", ORDER)).status_code == 200
    told = (await client.http.get("/v1/policies", headers={"authorization": "Bearer mg_example_security"})).json()
    assert told["revision"] == before
    assert "release.cedar:" in told["last_refused"]["reason"]

    forbid = 'forbid (principal, action == Action::"release", resource == DataClass::"pii.email");'
    (client.place.policies / "release.cedar").write_text(f'{text}\n@id("no-email") {forbid}\n')
    assert await client.gateway.reload()
    assert client.gateway.snapshot.revision != before
    await client.post("orders", ORDER)
    assert crm()["email"].startswith("email_")
    assert len({decision["revision"] for decision in await client.decisions()}) == 2


async def test_reloads_under_load_drop_and_mix_nothing(client: Client) -> None:
    stop = asyncio.Event()
    codes: list[int] = []

    async def produce() -> None:
        while not stop.is_set():
            codes.append((await client.post("orders", ORDER)).status_code)

    producing = [asyncio.create_task(produce()) for _ in range(4)]
    original = (client.place.policies / "streams" / "orders.yaml").read_text(encoding="utf-8")
    for number in range(10):
        (client.place.policies / "streams" / "orders.yaml").write_text(f"{original}\n# {number}\n", encoding="utf-8")
        assert await client.gateway.reload()
    stop.set()
    await asyncio.gather(*producing)
    assert set(codes) == {200}
    assert client.place.delivered("crm").count(b"\n") == len(codes)


async def test_a_destination_that_a_reload_removes_is_closed_and_one_that_stays_is_kept(client: Client) -> None:
    await client.post("orders", ORDER)
    kept = client.gateway.snapshot.sinks["analytics"]
    stream = client.place.read("streams/orders.yaml")
    client.place.write("streams/orders.yaml", stream | {"destinations": ["analytics"]})
    assert await client.gateway.reload()
    assert client.gateway.snapshot.sinks["analytics"] is kept
    await client.post("orders", ORDER)
    assert client.place.delivered("crm").count(b"\n") == 1
    assert client.place.delivered("analytics").count(b"\n") == 2


async def test_equal_plans_run_once_and_a_refusal_in_one_plan_stops_the_message_everywhere(client: Client) -> None:
    content = b'{"order_id": 1}\n{"order_id": }\n{"order_id": 3}\n'
    answer = await client.post("orders", content, content_type="application/x-ndjson")
    assert [result["index"] for result in answer.json()["results"]] == [1]
    for destination in ("analytics", "crm"):
        assert [json.loads(line)["order_id"] for line in client.place.delivered(destination).splitlines()] == [1, 3]


async def test_requests_that_are_given_up_end_with_a_record_and_hold_no_stop_up(place: Place) -> None:
    """As uvicorn does when the grace of a stop is over: whoever waits for an answer is cancelled."""
    place.add_guest("loop", GUESTS / "loop.wat")
    key = place.add_producer("looping", "orders", "loop")
    async with asyncio.timeout(60):
        async with serving(place) as client:
            waiting = [asyncio.create_task(client.post("orders", ORDER, key)) for _ in range(40)]
            await asyncio.sleep(0.1)
            for task in waiting:
                task.cancel()
            assert {type(end) for end in await asyncio.gather(*waiting, return_exceptions=True)} == {
                asyncio.CancelledError
            }
    with closing(sqlite3.connect(place.data / "decisions.db")) as log:
        outcomes = dict(log.execute("SELECT outcome, count(*) FROM decisions GROUP BY outcome"))
    assert outcomes == {"failed": 40}
    assert place.delivered("analytics") == b""
