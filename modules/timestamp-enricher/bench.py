"""Orders that get a time; the peer is orjson loads, one assignment, dumps."""

from datetime import UTC, datetime

import orjson

from gateway.authoring import samples

CONFIGURATION = {"into": "/received"}
GRANTS = ["clock"]
PEER = "orjson"


def messages() -> list[bytes]:
    return samples.orders()


def peer(messages: list[bytes]) -> object:
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    stamped = []
    for raw in messages:
        message = orjson.loads(raw)
        message["received"] = now
        stamped.append(orjson.dumps(message))
    return stamped
