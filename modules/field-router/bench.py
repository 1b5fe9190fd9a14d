"""Orders that get one of three routes; the peer is orjson loads, two comparisons, one assignment, dumps."""

import json
import random

import orjson

ROUTES = [
    {"when": "/total >= 300", "set": "review"},
    {"when": '/customer/country == "GB" and /total < 50', "set": "export"},
]
CONFIGURATION = {"into": "/route", "routes": ROUTES, "default": "normal"}
PEER = "orjson"


def messages() -> list[bytes]:
    chance = random.Random(7)
    return [order(number, chance) for number in range(2000)]


def order(number: int, chance: random.Random) -> bytes:
    document = {
        "order": f"o-{100_000 + number}",
        "customer": {"id": number, "name": "Ada Lovelace", "country": chance.choice(["DE", "FR", "GB"])},
        "items": [{"sku": f"A-{i}", "count": chance.randrange(1, 9), "note": "second floor, left"} for i in range(4)],
        "total": round(chance.uniform(1, 400), 2),
    }
    return json.dumps(document, separators=(",", ":")).encode() + b"\n"


def peer(messages: list[bytes]) -> object:
    routed = []
    for raw in messages:
        message = orjson.loads(raw)
        if message["total"] >= 300:
            message["route"] = "review"
        elif message["customer"]["country"] == "GB" and message["total"] < 50:
            message["route"] = "export"
        else:
            message["route"] = "normal"
        routed.append(orjson.dumps(message))
    return routed
