"""Formats through the whole gateway: what comes becomes JSON, is masked, and becomes what a destination takes."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from tests.building import MODULES, Place
from tests.conftest import serving
from tests.delivery.receiver import receiving
from tests.formats import COLUMNS, FIELDS, RAW, RECORDS, SENT, TAKEN, Sent, Steps, Taken, delimited, read_csv, read_json

pytestmark = pytest.mark.anyio


def add_modules(place: Place, steps: Steps) -> None:
    for step in steps:
        if step["module"] in MODULES:
            place.permit_reading(step["module"])
        else:
            place.add_module(step["module"])
            place.permit(f'principal == Module::"{step["module"]}", action == Action::"hold", resource')


def classify(place: Place, *destinations: str) -> None:
    """The stream `orders` takes the flat records, for these destinations."""
    stream = place.read("streams/orders.yaml")
    place.write("streams/orders.yaml", {**stream, "fields": FIELDS, "destinations": list(destinations)})


def add_sender(place: Place, sent: Sent) -> str:
    """A producer of the stream `orders` that sends a format; its key."""
    add_modules(place, sent.steps)
    key = place.add_producer("sender", "orders", accept=(sent.media_type,))
    producer = place.read("producers/sender.yaml")
    producer["streams"]["orders"]["steps"] = sent.steps
    place.write("producers/sender.yaml", producer)
    return key


def add_destination(place: Place, name: str, taken: Taken, sink: dict[str, Any] | None = None) -> None:
    add_modules(place, taken.steps)
    sink = sink or {"kind": "file", "path": name}
    destination = {"destination": name, "sink": sink, "steps": taken.steps, "framing": taken.framing}
    place.write(f"destinations/{name}.yaml", destination)


def kept(place: Place) -> bytes:
    """All that the gateway has written: what it delivered, and its log of decisions."""
    own = (path for path in place.data.rglob("*") if path.is_file() and not path.is_symlink())
    return b"".join(path.read_bytes() for path in own)


def assert_nothing_raw(place: Place, *more: str) -> None:
    content = kept(place) + "".join(more).encode()
    assert [value for value in RAW if value.encode() in content] == []
    assert [value for value in RAW if json.dumps(value)[1:-1].encode() in content] == []


@pytest.mark.parametrize("name", SENT)
async def test_a_record_is_masked_alike_in_whatever_format_it_comes(place: Place, name: str) -> None:
    sent = SENT[name]
    classify(place, "analytics")
    key = add_sender(place, sent)
    bodies = [sent.write(RECORDS)] if sent.several else [sent.write([record]) for record in RECORDS]
    async with serving(place) as client:
        lines = "".join(json.dumps(record) + "\n" for record in RECORDS)
        assert (await client.post("orders", lines, content_type="application/x-ndjson")).json()["delivered"] == 2
        for body in bodies:
            answer = await client.post("orders", body, key, content_type=sent.media_type)
            assert (answer.status_code, answer.json()["delivered"]) == (200, len(RECORDS) // len(bodies)), answer.text
        decisions = await client.decisions(producer="sender")
    delivered = [json.loads(line) for line in place.delivered("analytics").splitlines()]
    assert delivered[2:] == delivered[:2]
    assert [message["id"] for message in delivered] == ["o-1", "o-2"] * 2
    assert all(message["mail"].startswith("email_") and "token" not in message for message in delivered)
    assert delivered[0]["card"] == "************1111"
    assert_nothing_raw(place, json.dumps(decisions))
    assert len(decisions) == len(bodies)
    for decision in decisions:
        (plan,) = decision["plans"]
        assert [step["module"] for step in plan["steps"]] == [*(step["module"] for step in sent.steps), "mask"]
        assert plan["messages"] == len(RECORDS) // len(bodies)
        assert "refused" not in plan


@pytest.mark.parametrize("name", SENT)
async def test_a_body_in_the_wrong_format_goes_nowhere(place: Place, name: str) -> None:
    sent = SENT[name]
    assert any(value.encode() in sent.wrong for value in RAW)
    classify(place, "analytics", "crm")
    key = add_sender(place, sent)
    async with serving(place) as client:
        answer = await client.post("orders", sent.wrong, key, content_type=sent.media_type)
        assert (answer.status_code, answer.json()["code"]) in ((400, sent.code), (422, sent.code)), answer.text
        other = await client.post("orders", sent.wrong, key)  # which says that it is JSON
        assert other.status_code == 415
        decisions = await client.decisions(producer="sender")
    assert place.delivered("analytics") == place.delivered("crm") == b""
    assert_nothing_raw(place, answer.text, other.text, json.dumps(decisions))
    assert [(decision["outcome"], decision["code"], decision["deliveries"]) for decision in decisions] == [
        ("refused", "unsupported_media_type", {}),
        ("refused", sent.code, {}),
    ]


@pytest.mark.parametrize("name", TAKEN)
async def test_a_destination_gets_what_is_masked_in_its_format(place: Place, name: str) -> None:
    taken = TAKEN[name]
    classify(place, "plain", "other")
    add_destination(place, "plain", Taken([], "lines", read_json))
    add_destination(place, "other", taken)
    records = [{**record, "total": total} for record, total in zip(RECORDS, (12.5, -3), strict=True)]
    async with serving(place) as client:
        lines = "".join(json.dumps(record) + "\n" for record in records)
        answer = await client.post("orders", lines, content_type="application/x-ndjson")
        assert answer.status_code == 200
        (decision,) = await client.decisions()
    plain = [json.loads(line) for line in place.delivered("plain").splitlines()]
    assert list(taken.read(place.delivered("other"))) == plain
    assert [message["total"] for message in plain] == [12.5, -3]
    assert_nothing_raw(place, json.dumps(decision))
    plans = {plan["destination"]: plan for plan in decision["plans"]}
    assert [step["module"] for step in plans["other"]["steps"]] == ["mask", *(step["module"] for step in taken.steps)]
    assert [step["module"] for step in plans["plain"]["steps"]] == ["mask"]
    assert plans["other"]["messages"] == 2


async def test_csv_comes_in_and_tsv_goes_out_as_one_body_with_a_header(place: Place) -> None:
    with_ = {"columns": ["/id", "/mail", "/note"], "header": True, "delimiter": "\t", "line_end": "\r\n"}
    steps: Steps = [{"module": "json-to-csv", "with": with_}]
    classify(place, "partner")
    key = add_sender(place, SENT["csv"])
    async with receiving() as receiver:
        sink = {"kind": "http", "url": receiver.url.partition("?")[0]}
        add_destination(place, "partner", Taken(steps, "none", read_csv), sink)
        async with serving(place) as client:
            for _ in range(2):
                answer = await client.post("orders", delimited(",")(RECORDS), key, content_type="text/csv")
                assert answer.status_code == 200, answer.text
    assert [posted.headers["content-type"] for posted in receiver.posted] == ["text/csv"] * 2
    for posted in receiver.posted:
        rows = list(csv.reader(io.StringIO(posted.body.decode(), newline=""), delimiter="\t", strict=True))
        assert [row[0] for row in rows] == ["id", "o-1", "o-2"]
        assert [value for value in RAW if value.encode() in posted.body] == []


async def test_a_header_where_each_message_must_be_a_line_delivers_nothing(place: Place) -> None:
    steps: Steps = [{"module": "json-to-csv", "with": {"columns": ["/id"], "header": True}}]
    classify(place, "other")
    add_destination(place, "other", Taken(steps, "lines", read_csv))
    async with serving(place) as client:
        answer = await client.post("orders", json.dumps(RECORDS[0]))
        assert (answer.status_code, answer.json()["code"]) == (422, "guest_bad_output")
    assert place.delivered("other") == b""


async def test_what_a_destinations_format_cannot_hold_is_delivered_to_none(place: Place) -> None:
    steps: Steps = [{"module": "json-to-csv", "with": {"columns": ["/id", "/total"]}}]
    classify(place, "plain", "other")
    add_destination(place, "plain", Taken([], "lines", read_json))
    add_destination(place, "other", Taken(steps, "lines", read_csv))
    async with serving(place) as client:
        broken = json.dumps({"id": "two\nlines", "total": 1})
        answer = await client.post("orders", broken)
        assert (answer.status_code, answer.json()["code"]) == (422, "csv_line_break")
        assert place.delivered("plain") == place.delivered("other") == b""
        lines = broken + '\n{"id":"o-2","total":2}\n'
        answer = await client.post("orders", lines, content_type="application/x-ndjson")
        assert answer.status_code == 200
        (result,) = answer.json()["results"]
        assert (result["index"], result["code"]) == (0, "csv_line_break")
    assert place.delivered("plain") == b'{"id":"o-2","total":2}\n'
    assert place.delivered("other") == b"o-2,2\n"


async def test_a_record_that_cannot_be_read_goes_nowhere_and_its_neighbours_do(place: Place) -> None:
    classify(place, "plain", "other")
    key = add_sender(place, SENT["csv"])
    add_destination(place, "plain", Taken([], "lines", read_json))
    add_destination(place, "other", Taken([{"module": "json-to-csv", "with": {"columns": COLUMNS}}], "lines", read_csv))
    document = delimited(",")(RECORDS) + b'o-3,x"y,zoe@mail.example,,,\n'
    async with serving(place) as client:
        answer = await client.post("orders", document, key, content_type="text/csv")
        assert (answer.status_code, answer.json()["delivered"]) == (200, 2)
        (result,) = answer.json()["results"]
        assert (result["index"], result["code"]) == (2, "csv_bad_quote")
        (decision,) = await client.decisions(producer="sender")
    assert [message["id"] for message in read_json(place.delivered("plain"))] == ["o-1", "o-2"]
    assert [line.split(b",")[0] for line in place.delivered("other").splitlines()] == [b"o-1", b"o-2"]
    assert_nothing_raw(place, answer.text, json.dumps(decision))
