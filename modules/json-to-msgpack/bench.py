"""Orders of a web shop; the peer reads them with orjson, and msgpack writes them."""

import msgpack
import orjson

from gateway.authoring import samples

CONFIGURATION: dict[str, object] = {}
PEER = "orjson, msgpack"


def messages() -> list[bytes]:
    return samples.orders()


def peer(messages: list[bytes]) -> object:
    return [msgpack.packb(orjson.loads(message)) for message in messages]
