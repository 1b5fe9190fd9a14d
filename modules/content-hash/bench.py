"""Orders hashed whole; the peer hashes sorted dumps of orjson: RFC 8785 but for keys beyond ASCII and some numbers."""

import hashlib

import orjson

from gateway.authoring import samples

CONFIGURATION = {"into": "/hash"}
PEER = "orjson"


def messages() -> list[bytes]:
    return samples.orders()


def peer(messages: list[bytes]) -> object:
    hashed = []
    for raw in messages:
        message = orjson.loads(raw)
        message["hash"] = hashlib.sha256(orjson.dumps(message, option=orjson.OPT_SORT_KEYS)).hexdigest()
        hashed.append(orjson.dumps(message))
    return hashed
