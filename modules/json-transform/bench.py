"""Five steps on an order, beside the same in Python on what orjson reads."""

import random
from typing import Any

import orjson

CONFIGURATION = {
    "steps": [
        {"remove": ["/customer/birthday", "$.items[*].note"]},
        {"rename": {"/customer/mail": "email"}},
        {"set": {"/source": {"value": "shop"}, "/country": {"path": "/customer/country"}}},
        {"default": {"/currency": {"value": "EUR"}}},
        {"flatten": {"arrays": False}},
    ]
}
PEER = "orjson"


def messages() -> list[bytes]:
    chance = random.Random(5)
    return [orjson.dumps(_order(chance, number)) for number in range(2000)]


def _order(chance: random.Random, number: int) -> dict[str, Any]:
    customer = {"name": "Ada Moreau", "mail": "ada@example.com", "birthday": "1990-05-17", "country": "FR"}
    items = [{"sku": f"K-{chance.randrange(999)}", "n": chance.randrange(9), "note": "as usual"} for _ in range(3)]
    return {"order": f"W-{number}", "customer": customer, "items": items, "total": chance.randrange(9999) / 100}


def peer(messages: list[bytes]) -> list[bytes]:
    done = []
    for message in messages:
        order = orjson.loads(message)
        customer = order["customer"]
        del customer["birthday"]
        for item in order["items"]:
            del item["note"]
        customer["email"] = customer.pop("mail")
        order["source"], order["country"] = "shop", customer["country"]
        order.setdefault("currency", "EUR")
        done.append(orjson.dumps(_flat(order)))
    return done


def _flat(value: dict[str, Any], before: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, inner in value.items():
        if isinstance(inner, dict) and inner:
            flat |= _flat(inner, f"{before}{key}.")
        else:
            flat[before + key] = inner
    return flat
