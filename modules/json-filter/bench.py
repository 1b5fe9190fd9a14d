"""Orders of which about a third are kept; the peer is a loop of orjson that keeps the message's own bytes."""

import orjson

from gateway.authoring import samples

CONFIGURATION = {"when": '/total >= 100 and /customer/country in ["DE", "FR"] and not exists(/test)'}
PEER = "orjson"


def messages() -> list[bytes]:
    return samples.orders()


def peer(messages: list[bytes]) -> object:
    kept = []
    for raw in messages:
        message = orjson.loads(raw)
        if message["total"] >= 100 and message["customer"]["country"] in ("DE", "FR") and "test" not in message:
            kept.append(raw)
    return kept
