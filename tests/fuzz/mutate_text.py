"""Mutations of text that people write in lines: whole lines and words move, and words of the trade come in."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

WORDS = (
    "module", "version", "abi", "scope", "language", "description", "capabilities", "required", "optional", "accepts",
    "produces", "splits", "counters", "refusals", "status", "title", "config", "maskgate/1", "message", "batch",
    "clock", "secret:*", "env:HOME", "fs:read:/etc/hosts", "http:a.example:443", "http:[::1]", "application/json",
    "text/csv", "1.2.3", "1.2.3-rc.1", "400", "422", "true", "no", "null", "~", "0x1F", "0o17", "1e400", "-0", ".inf",
    "1:30", "1_000", "9223372036854775808", "9" * 400, "a" * 70, "é", "\U0001d11e", "\u2028", "\x85", "\ufeff",
    "\x00", "\x1b[2J", "\ud7ff", "&a", "*a", "!!x", "! ", "<<", "|", ">-", "|2", "%YAML 1.2", "---", "...", "? ",
    "- ", ": ", "#", "'", '"', "[", "]", "{", "}", ",", "\t", "\r\n", "\r", '"\\ud800"', '"\\U00110000"', '"\\x41"',
    "$ref", "type", "object", "properties", "pattern", "(a+)+$", "enum", "oneOf", "additionalProperties", "$defs",
    "default", "errorMessage", "propertyNames",
)  # fmt: skip
_PARTS = re.compile(r"[\w./*-]+|\s+|.", re.DOTALL)


def _line(lines: list[str], chance: random.Random) -> None:
    at = chance.randrange(len(lines))
    match chance.randrange(6):
        case 0:
            lines.insert(at, chance.choice(lines))
        case 1:
            del lines[at]
        case 2:
            other = chance.randrange(len(lines))
            lines[at], lines[other] = lines[other], lines[at]
        case 3:
            lines[at] = " " * chance.choice((1, 2, 4)) + lines[at]
        case 4:
            lines[at] = lines[at].lstrip() if chance.random() < 0.5 else lines[at].rstrip("\n")
        case _:
            lines[at : at + 3] = lines[at : at + 3] * chance.choice((2, 2, 2, 30))


def _word(lines: list[str], chance: random.Random) -> None:
    at = chance.randrange(len(lines))
    parts = _PARTS.findall(lines[at]) or [""]
    which = chance.randrange(len(parts))
    word = chance.choice(WORDS)
    match chance.randrange(5):
        case 0:
            parts[which] += word
        case 1:
            parts[which] = chance.choice(_PARTS.findall(chance.choice(lines)) or [""])
        case 2:
            del parts[which]
        case 3:
            parts[which] = parts[which] * chance.choice((2, 100)) if chance.random() < 0.2 else f'"{parts[which]}"'
        case _:
            parts[which] = word
    lines[at] = "".join(parts)


def _nest(lines: list[str], chance: random.Random) -> None:
    at, levels = chance.randrange(len(lines)), chance.choice((2, 30, 63, 64, 65, 400))
    opened, closed = chance.choice((("[", "]"), ("{a: ", "}"), ("- ", ""), ("? ", "")))
    lines[at] = lines[at].rstrip("\n") + opened * levels + closed * chance.choice((levels, levels, levels - 1)) + "\n"


_STEPS: tuple[Callable[[list[str], random.Random], None], ...] = (
    _line,
    _line,
    _word,
    _word,
    _word,
    _word,
    _word,
    _nest,
)


def mutate(data: bytes, chance: random.Random) -> bytes:
    lines = data.decode(errors="surrogateescape").splitlines(keepends=True)
    for _ in range(chance.choice((1, 1, 2, 4))):
        if not lines:
            lines = ["a: 1\n"]
        chance.choice(_STEPS)(lines, chance)
    return "".join(lines)[:400_000].encode(errors="surrogateescape")
