"""Orders of a web shop; the peer reads them with msgpack, and orjson writes them."""

import msgpack
import orjson

from gateway.authoring import samples

CONFIGURATION: dict[str, object] = {}
PEER = "msgpack, orjson"


def messages() -> list[bytes]:
    return [msgpack.packb(orjson.loads(order)) for order in samples.orders()]


def peer(messages: list[bytes]) -> object:
    return [orjson.dumps(msgpack.unpackb(message)) for message in messages]
