"""The benchmarks' messages: 444 bytes with three fields to mask, as orders have them."""

from __future__ import annotations

import random
from typing import Any

import orjson

SIZE = 444  # bytes, with the line feed


def messages(count: int, seed: int = 1) -> list[bytes]:
    """NDJSON lines of SIZE bytes each."""
    rng = random.Random(seed)  # noqa: S311 - the same messages every time
    return [_message(rng, number) for number in range(count)]


def _message(rng: random.Random, number: int) -> bytes:
    name = rng.choice(("ada", "björn", "chloé", "dmitri", "eleni", "fatima"))
    order: dict[str, Any] = {
        "id": f"ord-{number:08}",
        "placed_at": f"2026-11-{rng.randint(1, 28):02}T{rng.randint(0, 23):02}:15:00Z",
        "customer": {
            "id": rng.randint(1, 10**7),
            "email": f"{name}.{rng.randint(1, 9999)}@mail.example",
            "phone": f"+49 30 {rng.randint(10**6, 10**7 - 1)}",
            "newsletter": rng.random() < 0.5,
        },
        "payment": {
            "method": "card",
            "card": str(rng.randint(4 * 10**15, 5 * 10**15 - 1)),
            "amount": rng.random() * 500,
        },
        "items": [
            {
                "sku": f"sku-{rng.randint(1, 9999):04}",
                "quantity": rng.randint(1, 5),
                "price": rng.randint(100, 9999) / 100,
            }
            for _ in range(2)
        ],
        "note": "",
    }
    order["note"] = "x" * (SIZE - 1 - len(orjson.dumps(order)))
    return orjson.dumps(order) + b"\n"


def peer(body: bytes) -> bytes:
    """What a Python program would do with a body of NDJSON: for each line load, assign the three fields, dump."""
    masked = []
    for line in body.splitlines():
        order = orjson.loads(line)
        order["customer"]["email"] = "***"
        order["customer"]["phone"] = "*" * 12 + order["customer"]["phone"][-2:]
        order["payment"]["card"] = "*" * 12 + order["payment"]["card"][-4:]
        masked.append(orjson.dumps(order))
    masked.append(b"")
    return b"\n".join(masked)
