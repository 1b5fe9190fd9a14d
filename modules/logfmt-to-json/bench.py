"""Lines of a web server; the peer finds the pairs with a regular expression, and orjson writes them."""

import random
import re

import orjson

CONFIGURATION = {"values": "infer"}
PEER = "re, orjson"
PAIR = re.compile(r'([^\s="]+)(?:=(?:"((?:[^"\\]|\\.)*)"|(\S*)))?')
NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?")
WORDS = {"true": True, "false": False, "null": None}


def messages() -> list[bytes]:
    chance = random.Random(7)
    return [_line(number, chance) for number in range(2000)]


def _line(number: int, chance: random.Random) -> bytes:
    pairs = {
        "at": "info",
        "method": chance.choice(["GET", "POST"]),
        "path": f'"/orders?id={number}"',
        "host": "shop.example",
        "request_id": f"r-{number}",
        "fwd": f'"203.0.113.{number % 250}"',
        "service": f"{chance.randrange(900)}ms",
        "status": chance.choice([200, 200, 404]),
        "bytes": chance.randrange(90_000),
        "cached": chance.choice(["true", "false"]),
    }
    return " ".join(f"{key}={value}" for key, value in pairs.items()).encode() + b"\n"


def peer(messages: list[bytes]) -> object:
    return [
        orjson.dumps({key: value(quoted, plain) for key, quoted, plain in PAIR.findall(m.decode())}) for m in messages
    ]


def value(quoted: str, plain: str) -> object:
    if quoted:
        return quoted.encode().decode("unicode_escape") if "\\" in quoted else quoted
    if NUMBER.fullmatch(plain):
        return float(plain) if "." in plain else int(plain)
    return WORDS.get(plain, plain)
