"""Orders of a web shop; the peer reads them with orjson, and cbor2 writes them."""

import cbor2
import orjson

from gateway.authoring import samples

CONFIGURATION: dict[str, object] = {}
PEER = "orjson, cbor2"


def messages() -> list[bytes]:
    return samples.orders()


def peer(messages: list[bytes]) -> object:
    return [cbor2.dumps(orjson.loads(message)) for message in messages]
