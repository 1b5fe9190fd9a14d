"""A module that keeps failing: its route is refused quickly, others don't notice, and it is tried again."""

from __future__ import annotations

import asyncio
import json

import pytest

from tests.building import GUESTS, Place
from tests.conftest import serving

pytestmark = pytest.mark.anyio

ORDER = json.dumps({"order_id": "o-1", "customer": {"email": "zoe@mail.example"}})


async def test_a_route_whose_module_keeps_failing_is_refused_and_tried_again(place: Place) -> None:
    place.add_guest("trap", GUESTS / "trap.wat")
    bad, other = (place.add_producer(name, "orders", *steps) for name, steps in (("bad", ["trap"]), ("good", [])))
    async with serving(place, breaker_failures=3, breaker_time=200) as client:
        for _ in range(3):
            assert (await client.post("orders", ORDER, bad)).json()["code"] == "guest_trap"
        answer = await client.post("orders", ORDER, bad)
        assert (answer.status_code, answer.json()["code"]) == (503, "module_open")
        assert answer.headers["retry-after"] == "1"
        assert "trap" in answer.json()["detail"]
        (decision,) = await client.decisions(code="module_open")
        assert (decision["outcome"], decision["producer"], decision["plans"]) == ("failed", "bad", [])
        assert (await client.post("orders", ORDER, other)).status_code == 200
        assert 'maskgate_breakers_open{module="trap"} 1.0' in (await client.http.get("/metrics")).text
        async with asyncio.timeout(10):
            while (await client.post("orders", ORDER, bad)).json()["code"] == "module_open":
                await asyncio.sleep(0.02)
        assert len(await client.decisions(code="guest_trap")) == 4


async def test_what_one_producer_s_messages_open_is_open_for_no_other(place: Place) -> None:
    """One module, which fails on what one producer sends, and on nothing else."""
    place.add_guest("traps_on_long", GUESTS / "traps_on_long.wat")
    one, other = (place.add_producer(name, "orders", "traps_on_long") for name in ("one", "other"))
    long = json.dumps({"order_id": "o-1", "note": "x" * 300})
    async with serving(place, breaker_failures=2, breaker_time=60_000) as client:
        codes = [(await client.post("orders", long, one)).json()["code"] for _ in range(3)]
        assert codes == ["guest_trap", "guest_trap", "module_open"]
        assert (await client.post("orders", ORDER, one)).json()["code"] == "module_open"
        assert (await client.post("orders", ORDER, other)).status_code == 200


async def test_a_policy_that_leaves_the_module_out_closes_the_breaker(place: Place) -> None:
    place.add_guest("pointer_outside", GUESTS / "pointer_outside.wat")
    bad = place.add_producer("bad", "orders", "pointer_outside")
    async with serving(place, breaker_failures=1, breaker_time=60_000) as client:
        codes = [(await client.post("orders", ORDER, bad)).json()["code"] for _ in range(2)]
        assert codes == ["guest_bad_pointer", "module_open"]
        place.add_producer("bad", "orders")
        assert await client.gateway.reload()
        assert (await client.post("orders", ORDER, bad)).status_code == 200
        assert 'maskgate_breakers_open{module="pointer-outside"} 0.0' in (await client.http.get("/metrics")).text


async def test_refused_messages_open_nothing(place: Place) -> None:
    async with serving(place, breaker_failures=2) as client:
        for _ in range(4):
            assert (await client.post("orders", '{"order_id": nope}')).status_code == 400
        assert (await client.post("orders", ORDER)).status_code == 200
