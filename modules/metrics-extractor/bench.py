"""Orders that are counted and summed; the peer is orjson loads and exact sums, as Decimal has them."""

import json
import random
from decimal import Decimal

import orjson

RULES: list[dict[str, object]] = [
    {"name": "orders"},
    {"name": "cents", "kind": "sum", "value": "/total", "scale": 2, "when": '/customer/country in ["DE", "FR"]'},
    {"name": "lines", "kind": "items", "value": "/items"},
]
CONFIGURATION = {"rules": RULES}
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
    cents, lines = Decimal(0), 0
    for raw in messages:
        message = orjson.loads(raw)
        if message["customer"]["country"] in ("DE", "FR"):
            cents += Decimal(repr(message["total"])) * 100
        lines += len(message["items"])
    return len(messages), int(cents), lines
