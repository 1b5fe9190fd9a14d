"""Two producers share a module that keeps what it saw and gives it to whom it sees next."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from tests.building import ROOT, Place
from tests.conftest import Client, serving

pytestmark = pytest.mark.anyio

REMEMBERS = ROOT / "tests" / "sandbox" / "guests" / "remembers.wat"
PRODUCERS = ("alice", "bob")
ROUNDS = 60


async def send(client: Client, producer: str, key: str) -> None:
    """Messages one after the other, and in between some at once."""
    for number in range(0, ROUNDS, 3):
        texts = [json.dumps({"order_id": f"{producer}-{number + i}"}) for i in range(3)]
        await client.post("orders", texts[0], key)
        await asyncio.gather(*(client.post("orders", text, key) for text in texts[1:]))


def line(client: Client, decision: dict[str, Any]) -> str:
    """The order id that left for crm under a decision."""
    file, offset = decision["deliveries"]["crm"]["receipt"].split(":")
    content = (client.place.data / "destinations" / "crm" / file).read_bytes()[int(offset) :]
    order: str = json.loads(content.partition(b"\n")[0])["order_id"]
    return order


@pytest.mark.parametrize("kept", [False, True], ids=["fresh", "kept"])
@pytest.mark.parametrize("inline", [False, True], ids=["in threads", "in the loop"])
async def test_neither_sees_what_the_other_sent(
    place: Place, monkeypatch: pytest.MonkeyPatch, kept: bool, inline: bool
) -> None:
    if not inline:
        monkeypatch.setattr("gateway.pipeline._INLINE_BYTES", -1)
    place.add_guest("remembers", REMEMBERS, kept=kept)
    keys = {producer: place.add_producer(producer, "orders", "remembers") for producer in PRODUCERS}
    async with serving(place, sandbox_threads=4) as client:
        await asyncio.gather(*(send(client, producer, key) for producer, key in keys.items()))
        seen: dict[str, set[str]] = {}
        for producer in PRODUCERS:
            decisions = await client.decisions(producer=producer, limit="1000")
            assert len(decisions) == ROUNDS
            seen[producer] = {line(client, one) for one in decisions if one["outcome"] == "allowed"}
            assert {one.partition("-")[0] for one in seen[producer]} <= {producer}
        if kept:  # it does remember: a producer gets back what it sent before
            assert all(len(ids) > ROUNDS / 2 for ids in seen.values())
        else:  # a fresh instance has nothing to give
            assert seen == {"alice": set(), "bob": set()}
