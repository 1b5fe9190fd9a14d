"""Messages of a few services; the peer takes them apart with regular expressions, and orjson writes them."""

import random
import re

import orjson

CONFIGURATION: dict[str, object] = {}
PEER = "re, orjson"
HEADER = re.compile(
    r"<(\d{1,3})>1 (\S+) (\S+) (\S+) (\S+) (\S+) (-|(?:\[(?:[^\"\]]|\"(?:[^\"\\]|\\.)*\")*\])+) ?(.*)", re.DOTALL
)
ELEMENT = re.compile(r"\[([^ \]]+)((?: [^=]+=\"(?:[^\"\\]|\\.)*\")*)\]")
PARAMETER = re.compile(r" ([^=]+)=\"((?:[^\"\\]|\\.)*)\"")


def messages() -> list[bytes]:
    chance = random.Random(7)
    return [_message(number, chance) for number in range(2000)]


def _message(number: int, chance: random.Random) -> bytes:
    header = f"<{chance.randrange(192)}>1 2026-01-02T03:04:05.{number:06}Z web-{number % 8}.example shop {number} ORDER"
    data = f'[order@32473 id="o-{number}" total="{chance.randrange(900)}"][origin ip="203.0.113.{number % 250}"]'
    return f"{header} {data} order o-{number} was paid by buyer{number}@mail.example\n".encode()


def peer(messages: list[bytes]) -> object:
    return [orjson.dumps(parsed(message.decode())) for message in messages]


def parsed(message: str) -> dict[str, object]:
    found = HEADER.fullmatch(message.rstrip("\n"))
    if found is None:
        raise ValueError
    priority, *fields, data, text = found.groups()
    names = ("timestamp", "hostname", "app_name", "process_id", "message_id")
    return {
        "priority": int(priority),
        "facility": int(priority) // 8,
        "severity": int(priority) % 8,
        **{name: None if field == "-" else field for name, field in zip(names, fields, strict=True)},
        "structured_data": {name: dict(PARAMETER.findall(inner)) for name, inner in ELEMENT.findall(data)},
        "message": text,
    }
