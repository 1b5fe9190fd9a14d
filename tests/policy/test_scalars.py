"""`only: scalars`: a released field in which a sender suddenly puts an object."""

from __future__ import annotations

import json

import pytest

from tests.building import Place
from tests.conftest import serving

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("unlisted", ["drop", "refuse"])
async def test_what_is_inside_a_container_at_a_released_path_does_not_leave(place: Place, unlisted: str) -> None:
    stream = place.read("streams/orders.yaml")
    fields = {"/order_id": "public", "/tags": "public", "/tags/*": "public", "/total/net": "public", "/total": "public"}
    place.write("streams/orders.yaml", stream | {"fields": fields, "unlisted": unlisted})
    message = {
        "order_id": {"by": "zoe@mail.example", "list": ["zoe@mail.example"]},
        "tags": ["new", {"who": "zoe@mail.example"}],
        "total": {"net": 5, "payer": "zoe@mail.example"},
    }
    async with serving(place) as client:
        answer = await client.post("orders", json.dumps(message))
        assert answer.status_code == 200, answer.text
        assert json.loads(place.delivered("analytics")) == {"order_id": {}, "tags": ["new", {}], "total": {"net": 5}}
        (decision,) = await client.decisions()
        assert decision["plans"][0]["unlisted"] == 4
        plain = await client.post("orders", json.dumps({"order_id": "o-1", "tags": [], "total": 7}))
        assert plain.status_code == 200
        assert json.loads(place.delivered("analytics").splitlines()[-1]) == {"order_id": "o-1", "tags": [], "total": 7}


async def test_without_it_a_released_class_is_released_whole(place: Place) -> None:
    place.edit("classes.yaml", "    only: scalars", "    # only: scalars")
    async with serving(place) as client:
        await client.post("orders", json.dumps({"order_id": {"list": [1]}}))
        assert json.loads(place.delivered("analytics")) == {"order_id": {"list": [1]}}
