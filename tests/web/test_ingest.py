"""`POST /v1/streams/{stream}/messages`, on the real application with the example policy set."""

from __future__ import annotations

import gzip
import hashlib
import hmac
import json
import zlib
from typing import Any

import pytest

from tests.building import SECRETS, Place
from tests.conftest import Client, serving

pytestmark = pytest.mark.anyio

ORDER = {
    "order_id": "o-1",
    "customer": {"id": 7, "email": "zoe@mail.example", "name": "Zoë Ünal", "phone": "+49 30 901820"},
    "payment": {"method": "card", "card": "4111111111111111", "holder": "ZOE UENAL"},
    "items": [{"sku": "sku-1", "quantity": 2, "note": "für Zoë, +49 30 901820"}],
    "internal": "not listed",
}
RAW = (b"zoe@mail.example", "Zoë".encode(), b"901820", b"411111111111", b"UENAL", b"not listed")


def ndjson(*messages: Any) -> bytes:
    return b"".join(json.dumps(message).encode() + b"\n" for message in messages)


async def test_a_message_is_masked_delivered_and_recorded(client: Client) -> None:
    answer = await client.post("orders", json.dumps(ORDER, indent=2, ensure_ascii=False), x_request_id="r-1")
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["messages"], told["delivered"], told["dropped"], told["refused"]) == (1, 1, 0, 0)
    analytics = client.place.delivered("analytics")
    assert analytics.count(b"\n") == 1
    for value in RAW:
        assert value not in analytics
    crm = json.loads(client.place.delivered("crm"))
    assert crm["customer"]["email"] == "zoe@mail.example"  # release.cedar lets the CRM see it
    assert crm["customer"]["name"] == "[REDACTED]"
    (decision,) = await client.decisions()
    assert decision["id"] == told["id"]
    assert (decision["producer"], decision["outcome"], decision["status"]) == ("web-shop", "allowed", 200)
    assert (decision["client"], decision["request_id"]) == ("203.0.113.7", "r-1")
    classes = {plan["destination"]: {c["name"]: c for c in plan["classes"]} for plan in decision["plans"]}
    assert classes["crm"]["pii.email"]["treatment"] == "keep"
    assert classes["crm"]["pii.email"]["policies"] == ["crm-sees-email"]
    assert classes["analytics"]["pii.email"]["treatment"] == "hmac"
    assert classes["analytics"]["pii.email"]["fields"] == 1
    assert decision["plans"][0]["unlisted"] == 1
    assert {name: ending["state"] for name, ending in decision["deliveries"].items()} == {
        "analytics": "delivered",
        "crm": "delivered",
    }
    recorded = (client.place.data / "decisions.db").read_bytes() + (client.place.data / "decisions.db-wal").read_bytes()
    for value in RAW:
        assert value not in recorded


async def test_two_thousand_messages_gzipped(client: Client) -> None:
    content = ndjson(*({**ORDER, "order_id": f"o-{i}"} for i in range(2000)))
    answer = await client.post(
        "orders", gzip.compress(content), content_type="application/x-ndjson", content_encoding="gzip"
    )
    assert answer.json() == answer.json() | {"messages": 2000, "delivered": 2000, "refused": 0}
    lines = client.place.delivered("analytics").splitlines()
    assert [json.loads(line)["order_id"] for line in lines] == [f"o-{i}" for i in range(2000)]
    for value in RAW:
        assert value not in client.place.delivered("analytics")


async def test_a_deflated_body(client: Client) -> None:
    answer = await client.post("orders", zlib.compress(ndjson(ORDER)), content_encoding="deflate")
    assert answer.status_code == 200


CSV = (
    "receipt,sold_at,store,cashier,customer,mail,phone,card,sku,quantity,remark,sum\r\n"
    'r-1,2026-11-02T10:00:00Z,Berlin,Zoë,"Ünal, Zoë",zoe@mail.example,+49 30 901820,4111111111111111,sku-1,2,'
    '"says ""hi"",\nsecond line",19.90\r\n'
    "r-2,2026-11-02T10:01:00Z,Berlin,Zoë,,,,,sku-2,many,,1\r\n"
    "r-3,2026-11-02T10:02:00Z,Berlin,Zoë,,,,,sku-3,1,,5\r\n"
)


async def test_csv_becomes_orders(client: Client) -> None:
    answer = await client.post("pos-sales", CSV, content_type="text/csv; charset=utf-8")
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["messages"], told["delivered"], told["refused"]) == (3, 2, 1)
    assert told["results"][0] | {"offset": 0} == {"index": 1, "status": "refused", "code": "csv_bad_type", "offset": 0}
    delivered = client.place.delivered("analytics")
    assert [json.loads(line)["receipt"] for line in delivered.splitlines()] == ["r-1", "r-3"]
    for value in RAW[:-1]:
        assert value not in delivered


async def test_good_messages_of_a_batch_go_through_and_bad_ones_are_named(client: Client) -> None:
    good = ndjson(ORDER)
    content = good + b'{"a":}\n' + good + b'{"order_id": "\xff"}\n' + b"[" * 600 + b"]" * 600 + b"\n" + good
    answer = await client.post("orders", content, content_type="application/x-ndjson")
    assert answer.status_code == 200
    told = answer.json()
    assert (told["messages"], told["delivered"], told["refused"]) == (6, 3, 3)
    assert [(r["index"], r["code"]) for r in told["results"]] == [
        (1, "invalid_json"),
        (3, "invalid_utf8"),
        (4, "too_deep"),
    ]
    assert client.place.delivered("crm").count(b"\n") == 3
    (decision,) = await client.decisions()
    assert decision["refusals"] == {"invalid_json": 1, "invalid_utf8": 1, "too_deep": 1}


# ---------------------------------------------------------------- what is refused, each with a code of its own


def bomb() -> bytes:
    """1 GiB of zeros in about 1 MiB."""
    packer = zlib.compressobj(9, wbits=31)
    return b"".join(packer.compress(bytes(1 << 20)) for _ in range(1024)) + packer.flush()


BAD: dict[str, tuple[dict[str, Any], int, str]] = {
    "no key": ({"key": None}, 401, "no_credential"),
    "wrong key": ({"key": "mg_nobody"}, 401, "wrong_credential"),
    "unknown stream": ({"stream": "nowhere"}, 403, "unknown_stream"),
    "somebody else's stream": ({"stream": "github-events"}, 403, "unknown_stream"),
    "wrong content type": ({"content_type": "application/xml"}, 415, "unsupported_media_type"),
    "no content type": ({"content_type": ""}, 415, "unsupported_media_type"),
    "unknown encoding": ({"content_encoding": "br"}, 415, "unsupported_encoding"),
    "truncated gzip": ({"content": gzip.compress(b"{}" * 99)[:-5], "content_encoding": "gzip"}, 400, "bad_encoding"),
    "not gzip": ({"content": b"{}", "content_encoding": "gzip"}, 400, "bad_encoding"),
    "gzip bomb": ({"content": bomb(), "content_encoding": "gzip"}, 413, "body_too_large"),
    "invalid JSON": ({"content": b'{"a": NaN}'}, 400, "invalid_json"),
    "invalid UTF-8": ({"content": b'{"a": "\xc3\x28"}'}, 400, "invalid_utf8"),
    "nested too deep": ({"content": b"[" * 600 + b"]" * 600}, 422, "too_deep"),
    "a message too large": ({"content": b'"' + b"x" * (2 << 20) + b'"'}, 413, "message_too_large"),
    "a line too long": (
        {"content": b'{}\n"' + b"x" * (2 << 20) + b'"\n{}', "content_type": "application/x-ndjson"},
        413,
        "message_too_large",
    ),
    "too many messages": (
        {"content": b"{}\n" * 10_001, "content_type": "application/x-ndjson"},
        413,
        "too_many_messages",
    ),
    "an empty body": ({"content": b""}, 400, "empty_body"),
    "white space": ({"content": b" \n\n", "content_type": "application/x-ndjson"}, 400, "empty_body"),
    "CSV with a stray quote": (
        {"content": b'a,b\n1,x"y\n', "content_type": "text/csv", "stream": "pos-sales"},
        400,
        "csv_bad_quote",
    ),
    "CSV with too many records": (
        {"content": b"receipt\n" + b"r\n" * 10_001, "content_type": "text/csv", "stream": "pos-sales"},
        413,
        "too_many_messages",
    ),
}


@pytest.mark.parametrize("case", BAD)
async def test_bad_input_has_its_own_code_and_nothing_is_delivered(client: Client, case: str) -> None:
    given, status, code = BAD[case]
    arguments: dict[str, Any] = {"stream": "orders", "content": json.dumps(ORDER), **given}
    answer = await client.post(arguments.pop("stream"), arguments.pop("content"), **arguments)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert not (client.place.data / "destinations" / "analytics").glob("*") or not client.place.delivered("analytics")
    assert not client.place.delivered("crm")
    (decision,) = await client.decisions()
    assert decision["id"] == answer.json()["decision"]
    assert (decision["status"], decision["code"]) == (status, code)
    assert decision["outcome"] == ("denied" if status in (401, 403) else "refused")
    assert decision["deliveries"] == {}


async def test_a_stream_that_cedar_does_not_permit(place: Place) -> None:
    key = place.add_producer("stranger", "orders")
    place.edit("producers/stranger.yaml", "team: storefront", "team: nobody")
    async with serving(place) as client:
        answer = await client.post("orders", json.dumps(ORDER), key)
        assert (answer.status_code, answer.json()["code"]) == (403, "not_permitted")
        (decision,) = await client.decisions()
        assert (decision["outcome"], decision["policies"], decision["producer"]) == ("denied", [], "stranger")
        assert not client.place.delivered("analytics")


# ---------------------------------------------------------------- webhooks


def signature(content: bytes, secret: bytes = SECRETS["github-webhook"]) -> str:
    return "sha256=" + hmac.new(secret, content, hashlib.sha256).hexdigest()


EVENT = json.dumps({"action": "opened", "sender": {"login": "octo-zoe", "id": 5}}).encode()


async def test_a_signed_webhook(client: Client) -> None:
    answer = await client.post("github-events", EVENT, None, x_hub_signature_256=signature(EVENT))
    assert answer.status_code == 200, answer.text
    assert b"octo-zoe" not in client.place.delivered("lake")
    (decision,) = await client.decisions()
    assert decision["producer"] == "github"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (signature(EVENT, b"another secret"), "wrong_credential"),
        (signature(EVENT + b" "), "wrong_credential"),
        (None, "no_credential"),
    ],
)
async def test_a_webhook_that_is_not_signed_as_it_should_be(client: Client, given: str | None, code: str) -> None:
    headers = {"x_hub_signature_256": given} if given else {}
    answer = await client.post("github-events", EVENT, None, **headers)
    assert (answer.status_code, answer.json()["code"]) == (401, code)
    assert not client.place.delivered("lake")
