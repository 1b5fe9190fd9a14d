"""Orders that are counted and summed; the peer is orjson loads and exact sums, as Decimal has them."""

from decimal import Decimal

import orjson

from gateway.authoring import samples

RULES: list[dict[str, object]] = [
    {"name": "orders"},
    {"name": "cents", "kind": "sum", "value": "/total", "scale": 2, "when": '/customer/country in ["DE", "FR"]'},
    {"name": "lines", "kind": "items", "value": "/items"},
]
CONFIGURATION = {"rules": RULES}
PEER = "orjson"


def messages() -> list[bytes]:
    return samples.orders()


def peer(messages: list[bytes]) -> object:
    cents, lines = Decimal(0), 0
    for raw in messages:
        message = orjson.loads(raw)
        if message["customer"]["country"] in ("DE", "FR"):
            cents += Decimal(repr(message["total"])) * 100
        lines += len(message["items"])
    return len(messages), int(cents), lines
