"""Orders that get one of three routes; the peer is orjson loads, two comparisons, one assignment, dumps."""

import orjson

from gateway.authoring import samples

ROUTES = [
    {"when": "/total >= 300", "set": "review"},
    {"when": '/customer/country == "GB" and /total < 50', "set": "export"},
]
CONFIGURATION = {"into": "/route", "routes": ROUTES, "default": "normal"}
PEER = "orjson"


def messages() -> list[bytes]:
    return samples.orders()


def peer(messages: list[bytes]) -> object:
    routed = []
    for raw in messages:
        message = orjson.loads(raw)
        if message["total"] >= 300:
            message["route"] = "review"
        elif message["customer"]["country"] == "GB" and message["total"] < 50:
            message["route"] = "export"
        else:
            message["route"] = "normal"
        routed.append(orjson.dumps(message))
    return routed
