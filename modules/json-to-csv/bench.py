"""Masked orders as records of nine columns; the peer is orjson and the csv module, with a guard against formulas."""

import csv
import io
import json
import random
from typing import Any

import orjson

COLUMNS = {
    "order": ("order_id",),
    "placed": ("placed_at",),
    "name": ("customer", "name"),
    "mail": ("customer", "email"),
    "phone": ("customer", "phone"),
    "city": ("shipping", "city"),
    "total": ("total",),
    "paid": ("paid",),
    "note": ("note",),
}
CONFIGURATION = {"columns": [{"name": name, "from": "/" + "/".join(keys)} for name, keys in COLUMNS.items()]}
PEER = "orjson"


def messages() -> list[bytes]:
    chance = random.Random(7)
    return [order(number, chance) for number in range(2000)]


def order(number: int, chance: random.Random) -> bytes:
    document = {
        "order_id": f"o-{100_000 + number}",
        "placed_at": "2026-01-02T03:04:05Z",
        "customer": {
            "id": f"customer_{chance.randbytes(16).hex()}",
            "name": "[REDACTED]",
            "email": f"email_{chance.randbytes(16).hex()}",
            "phone": f"+**********{chance.randrange(10, 99)}",
        },
        "shipping": {"city": chance.choice(["Leeds", "Zürich", "Århus"]), "country": "GB", "method": "parcel"},
        "items": [{"sku": f"A-{chance.randrange(900)}", "quantity": 1, "price": 9.99}],
        "total": round(chance.uniform(1, 400), 2),
        "paid": chance.random() < 0.5,
        "note": chance.choice([None, "second floor, left", 'ring "twice"', "leave it with the neighbour"]),
    }
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def peer(messages: list[bytes]) -> object:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    for raw in messages:
        message = orjson.loads(raw)
        writer.writerow([field(message, keys) for keys in COLUMNS.values()])
    return out.getvalue().encode()


def field(message: Any, keys: tuple[str, ...]) -> object:
    for key in keys:
        message = message.get(key) if isinstance(message, dict) else None
    if message is True or message is False:
        return "true" if message else "false"
    if isinstance(message, str) and message[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return "'" + message
    return message
