"""Messages to measure modules with: seeded, so that everyone measures the same."""

from __future__ import annotations

import json
import random


def orders(count: int = 2000) -> list[bytes]:
    """Orders of a web shop, 345 bytes of JSON each, with a line feed."""
    chance = random.Random(7)  # noqa: S311
    return [_order(number, chance) for number in range(count)]


def _order(number: int, chance: random.Random) -> bytes:
    document = {
        "order": f"o-{100_000 + number}",
        "customer": {
            "id": number,
            "name": "Ada Lovelace",
            "email": f"buyer{number}@mail.example",
            "country": chance.choice(["DE", "FR", "GB"]),
        },
        "items": [{"sku": f"A-{i}", "count": chance.randrange(1, 9), "note": "second floor, left"} for i in range(4)],
        "total": round(chance.uniform(1, 400), 2),
    }
    return json.dumps(document, separators=(",", ":")).encode() + b"\n"
