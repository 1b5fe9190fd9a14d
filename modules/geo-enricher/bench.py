"""Requests with an IPv4 address, looked up in a table of 65,536 networks; the peer is orjson, ipaddress and bisect."""

import ipaddress
import json
import random
import tempfile
from bisect import bisect_right
from pathlib import Path

import orjson

COUNTRIES = ["DE", "FR", "GB", "IN", "US"]
STARTS = [10 << 24 | number << 8 for number in range(65_536)]
_folder = tempfile.TemporaryDirectory()
TABLE = Path(_folder.name, "networks.csv")
TABLE.write_text(
    "network,country\n"
    + "".join(f"{ipaddress.IPv4Address(start)}/24,{COUNTRIES[start >> 8 & 3]}\n" for start in STARTS),
    encoding="utf-8",
)
CONFIGURATION = {"file": str(TABLE), "field": "/client/ip", "into": "/client/geo"}
GRANTS = [f"fs:read:{TABLE}"]
PEER = "orjson"


def messages() -> list[bytes]:
    chance = random.Random(7)
    return [request(number, chance) for number in range(2000)]


def request(number: int, chance: random.Random) -> bytes:
    document = {
        "request": f"r-{100_000 + number}",
        "client": {"ip": f"10.{chance.randrange(256)}.{chance.randrange(256)}.7", "agent": "shop/2.1 (linux; en)"},
        "path": "/catalogue/items/17?page=2",
        "status": chance.choice([200, 200, 200, 304, 404]),
    }
    return json.dumps(document, separators=(",", ":")).encode() + b"\n"


def peer(messages: list[bytes]) -> object:
    enriched = []
    for raw in messages:
        message = orjson.loads(raw)
        start = STARTS[bisect_right(STARTS, int(ipaddress.ip_address(message["client"]["ip"]))) - 1]
        message["client"]["geo"] = {"country": COUNTRIES[start >> 8 & 3]}
        enriched.append(orjson.dumps(message))
    return enriched
