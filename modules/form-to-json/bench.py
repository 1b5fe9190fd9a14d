"""What `maskgate modules bench` measures: orders as web shops' forms send them, beside urllib.parse and orjson."""

import random
from urllib.parse import parse_qsl, urlencode

import orjson

CONFIGURATION: dict[str, object] = {}
PEER = "urllib.parse + orjson"


def messages() -> list[bytes]:
    chance = random.Random(7)
    return [urlencode(_order(number, chance)).encode() for number in range(2_000)]


def _order(number: int, chance: random.Random) -> dict[str, object]:
    name = chance.choice(["Ada Lovelace", "Grace Hopper", "Zoë Quintana", "Søren Østergård", "Alan Turing"])
    return {
        "order": f"W-{100_000 + number}",
        "name": name,
        "mail": f"{name.split()[0].lower()}{number}@mail.example",
        "phone": f"+44 20 7946 0{chance.randrange(100, 999)}",
        "street": f"{chance.randrange(1, 99)} Long Road",
        "city": "Göteborg",
        "postcode": chance.randrange(10_000, 99_999),
        "total": f"{chance.uniform(1, 900):.2f}",
        "newsletter": chance.choice(["on", ""]),
        "return_to": "https://shop.example/orders?id=7&done=1",
        "note": chance.choice(
            ["", "ring twice & leave it with the neighbour", 'she said "later"', "second floor, left"]
        ),
    }


def peer(messages: list[bytes]) -> object:
    return [
        orjson.dumps(dict(parse_qsl(message.decode(), keep_blank_values=True, errors="strict"))) for message in messages
    ]
