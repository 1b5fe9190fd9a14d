"""Orders beside fastjsonschema: its compiled function after orjson.loads, which is what a Python service would do."""

import fastjsonschema
import orjson

from gateway.authoring import samples

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
                "email": {"type": "string", "maxLength": 320},
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
    return samples.orders()


def peer(messages: list[bytes]) -> object:
    passed = []
    for raw in messages:
        check(orjson.loads(raw))
        passed.append(raw)
    return passed
