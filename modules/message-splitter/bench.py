"""Orders of four lines each, each line with its order's number; the peer is orjson loads, and dumps for each line."""

import orjson

from gateway.authoring import samples

CONFIGURATION = {"at": "/items", "as": "/item", "keep": ["/order"]}
PEER = "orjson"


def messages() -> list[bytes]:
    return samples.orders()


def peer(messages: list[bytes]) -> object:
    lines = []
    for raw in messages:
        message = orjson.loads(raw)
        lines += [orjson.dumps({"order": message["order"], "item": item}) for item in message["items"]]
    return lines
