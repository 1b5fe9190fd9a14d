"""Orders, every fourth an earlier one with its members turned round; the peer compares sorted dumps of orjson."""

import json
import random

import orjson

CONFIGURATION: dict[str, object] = {}
PEER = "orjson"


def messages() -> list[bytes]:
    chance = random.Random(7)
    orders = [order(number, chance) for number in range(1500)]
    again = [dict(reversed(json.loads(chance.choice(orders)).items())) for _ in range(500)]
    return orders + [json.dumps(document, separators=(",", ":")).encode() + b"\n" for document in again]


def order(number: int, chance: random.Random) -> bytes:
    document = {
        "order": f"o-{100_000 + number}",
        "customer": {"id": number, "name": "Ada Lovelace", "country": chance.choice(["DE", "FR", "GB"])},
        "items": [{"sku": f"A-{i}", "count": chance.randrange(1, 9), "note": "second floor, left"} for i in range(4)],
        "total": round(chance.uniform(1, 400), 2),
    }
    return json.dumps(document, separators=(",", ":")).encode() + b"\n"


def peer(messages: list[bytes]) -> object:
    seen = set()
    kept = []
    for raw in messages:
        content = orjson.dumps(orjson.loads(raw), option=orjson.OPT_SORT_KEYS)
        if content not in seen:
            seen.add(content)
            kept.append(raw)
    return kept
