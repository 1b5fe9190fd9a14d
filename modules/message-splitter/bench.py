"""Orders of four lines each, each line with its order's number; the peer is orjson loads, and dumps for each line."""

import json
import random

import orjson

CONFIGURATION = {"at": "/items", "as": "/item", "keep": ["/order"]}
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
    lines = []
    for raw in messages:
        message = orjson.loads(raw)
        lines += [orjson.dumps({"order": message["order"], "item": item}) for item in message["items"]]
    return lines
