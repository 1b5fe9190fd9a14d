"""Orders of which about a third are kept; the peer is a loop of orjson that keeps the message's own bytes."""

import json
import random

import orjson

CONFIGURATION = {"when": '/total >= 100 and /customer/country in ["DE", "FR"] and not exists(/test)'}
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
    if chance.random() < 0.1:
        document["test"] = True
    return json.dumps(document, separators=(",", ":")).encode() + b"\n"


def peer(messages: list[bytes]) -> object:
    kept = []
    for raw in messages:
        message = orjson.loads(raw)
        if message["total"] >= 100 and message["customer"]["country"] in ("DE", "FR") and "test" not in message:
            kept.append(raw)
    return kept
