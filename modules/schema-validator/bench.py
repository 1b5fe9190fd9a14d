"""Orders beside fastjsonschema: its compiled function after orjson.loads, which is what a Python service would do."""

import json
import random

import fastjsonschema
import orjson

SCHEMA = {
    "type": "object",
    "required": ["order", "customer", "items", "total"],
    "properties": {
        "order": {"type": "string", "pattern": "^o-[0-9]{6}$"},
        "customer": {
            "type": "object",
            "required": ["id", "name"],
            "properties": {
                "id": {"type": "integer", "minimum": 0},
                "name": {"type": "string", "minLength": 1, "maxLength": 80},
                "country": {"enum": ["DE", "FR", "GB"]},
            },
            "additionalProperties": False,
        },
        "items": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["sku", "count"],
                "properties": {"sku": {"type": "string"}, "count": {"type": "integer", "minimum": 1}},
            },
        },
        "total": {"type": "number", "exclusiveMinimum": 0},
    },
    "additionalProperties": False,
}
CONFIGURATION = {"schema": SCHEMA}
PEER = "fastjsonschema"
check = fastjsonschema.compile(SCHEMA)


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
    passed = []
    for raw in messages:
        check(orjson.loads(raw))
        passed.append(raw)
    return passed
