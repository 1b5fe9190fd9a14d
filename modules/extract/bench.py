"""Orders cut down to some of their fields under other names; the peer takes them out of orjson's dictionaries."""

import orjson

from gateway.authoring import samples

CONFIGURATION = {
    "fields": {
        "/id": "/order",
        "/customer/mail": "/customer/email",
        "/customer/country": "/customer/country",
        "/sum": "/total",
        "/first": "/items/0/sku",
    }
}
PEER = "orjson"


def messages() -> list[bytes]:
    return samples.orders()


def peer(messages: list[bytes]) -> object:
    picked = []
    for raw in messages:
        order = orjson.loads(raw)
        customer = order["customer"]
        picked.append(
            orjson.dumps(
                {
                    "id": order["order"],
                    "customer": {"mail": customer["email"], "country": customer["country"]},
                    "sum": order["total"],
                    "first": order["items"][0]["sku"],
                }
            )
        )
    return picked
