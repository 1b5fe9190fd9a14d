"""Orders that get a time; the peer is orjson loads, one assignment, dumps."""

import json
import random
from datetime import UTC, datetime

import orjson

CONFIGURATION = {"into": "/received"}
GRANTS = ["clock"]
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
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    stamped = []
    for raw in messages:
        message = orjson.loads(raw)
        message["received"] = now
        stamped.append(orjson.dumps(message))
    return stamped
