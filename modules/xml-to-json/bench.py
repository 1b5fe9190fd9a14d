"""What `maskgate modules bench` measures: orders as shops send them, beside xmltodict and orjson."""

import random

import orjson
import xmltodict

CONFIGURATION: dict[str, object] = {"arrays": ["item"]}
GRANTS = ["clock", "random"]
PEER = "xmltodict"

GOODS = ["Lamp &amp; shade", "Table", "Chair", "Rug"]


def messages() -> list[bytes]:
    chance = random.Random(7)
    return [_order(number, chance) for number in range(2_000)]


def _order(number: int, chance: random.Random) -> bytes:
    name = chance.choice(["Ada Lovelace", "Grace Hopper", "Zoë Quintana", "Søren Østergård", "Alan Turing"])
    items = "".join(
        f'\n    <item sku="{chance.randrange(10**6)}"><name>{chance.choice(GOODS)}</name>'
        f'<price currency="EUR">{chance.uniform(1, 900):.2f}</price></item>'
        for _ in range(chance.randrange(1, 5))
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<order id="{100_000 + number}" date="2026-0{chance.randrange(1, 10)}-17">
  <customer>
    <name>{name}</name>
    <email>{name.split()[0].lower()}{number}@example.org</email>
    <phone>+44 20 7946 0{chance.randrange(100, 999)}</phone>
  </customer>
  <items>{items}
  </items>
  <note><![CDATA[ring twice & leave it with the "neighbour"]]></note>
</order>
""".encode()


def peer(messages: list[bytes]) -> object:
    return [orjson.dumps(xmltodict.parse(message, force_list=("item",))) for message in messages]
