"""Orders of a web shop; the peer reads them with cbor2, and orjson writes them."""

import cbor2
import orjson

from gateway.authoring import samples

CONFIGURATION: dict[str, object] = {}
PEER = "cbor2, orjson"


def messages() -> list[bytes]:
    return [cbor2.dumps(orjson.loads(order)) for order in samples.orders()]


def peer(messages: list[bytes]) -> object:
    return [orjson.dumps(cbor2.loads(message)) for message in messages]
