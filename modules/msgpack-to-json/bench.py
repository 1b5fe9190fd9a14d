"""Orders of a web shop; the peer unpacks them with msgpack (strict keys), and orjson writes them."""

import random

import msgpack
import orjson

CONFIGURATION: dict[str, object] = {}
PEER = "msgpack, orjson"


def messages() -> list[bytes]:
    chance = random.Random(7)
    return [msgpack.packb(order(number, chance)) for number in range(2000)]


def order(number: int, chance: random.Random) -> dict[str, object]:
    return {
        "order": f"o-{100_000 + number}",
        "customer": {"id": number, "name": "Ada Lovelace", "email": "ada@example.com", "country": "GB"},
        "items": [
            {"sku": f"A-{i}", "count": chance.randrange(1, 9), "price": round(chance.uniform(1, 99), 2), "gift": False}
            for i in range(5)
        ],
        "note": "second floor, the door on the left; ring twice",
        "weight": chance.randrange(100_000),
        "total": round(chance.uniform(1, 400), 2),
    }


def peer(messages: list[bytes]) -> object:
    return [orjson.dumps(msgpack.unpackb(message)) for message in messages]
