"""Orders hashed whole; the peer hashes sorted dumps of orjson: RFC 8785 but for keys beyond ASCII and some numbers."""

import hashlib
import json
import random

import orjson

CONFIGURATION = {"into": "/hash"}
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
    hashed = []
    for raw in messages:
        message = orjson.loads(raw)
        message["hash"] = hashlib.sha256(orjson.dumps(message, option=orjson.OPT_SORT_KEYS)).hexdigest()
        hashed.append(orjson.dumps(message))
    return hashed
