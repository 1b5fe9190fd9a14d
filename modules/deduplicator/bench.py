"""Orders, every fourth an earlier one with its members turned round; the peer compares sorted dumps of orjson."""

import json
import random

import orjson

from gateway.authoring import samples

CONFIGURATION: dict[str, object] = {}
PEER = "orjson"


def messages() -> list[bytes]:
    chance = random.Random(7)
    orders = samples.orders(1500)
    again = [dict(reversed(json.loads(chance.choice(orders)).items())) for _ in range(500)]
    return orders + [json.dumps(document, separators=(",", ":")).encode() + b"\n" for document in again]


def peer(messages: list[bytes]) -> object:
    seen = set()
    kept = []
    for raw in messages:
        content = orjson.dumps(orjson.loads(raw), option=orjson.OPT_SORT_KEYS)
        if content not in seen:
            seen.add(content)
            kept.append(raw)
    return kept
