"""Orders cut down to some of their fields under other names; the peer takes them out of orjson's dictionaries."""

import json
import random

import orjson

CONFIGURATION = {
    "fields": {
        "/id": "/order",
        "/customer/mail": "/customer/email",
        "/customer/country": "/customer/country",
        "/sum": "/total",
        "/first": "/items/0/sku",
    }
}
PEER = "orjson"


def messages() -> list[bytes]:
    chance = random.Random(9)
    return [_order(number, chance) for number in range(2000)]


def _order(number: int, chance: random.Random) -> bytes:
    document = {
        "order": f"o-{100_000 + number}",
        "customer": {
            "id": number,
            "email": f"buyer{number}@mail.example",
            "country": chance.choice(["DE", "FR", "GB"]),
        },
        "items": [{"sku": f"A-{i}", "count": chance.randrange(1, 9), "note": "second floor, left"} for i in range(4)],
        "total": round(chance.uniform(1, 400), 2),
    }
    return json.dumps(document, separators=(",", ":")).encode() + b"\n"


def peer(messages: list[bytes]) -> object:
    picked = []
    for raw in messages:
        order = orjson.loads(raw)
        customer = order["customer"]
        picked.append(
            orjson.dumps(
                {
                    "id": order["order"],
                    "customer": {"mail": customer["email"], "country": customer["country"]},
                    "sum": order["total"],
                    "first": order["items"][0]["sku"],
                }
            )
        )
    return picked
