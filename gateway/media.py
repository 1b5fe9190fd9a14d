"""Media types: which bodies are lines, which are text, and how messages stand one behind the other downstream.

A module may take or make any type; these are the ones that the gateway itself treats in a way of their own.
"""

from __future__ import annotations

from typing import Literal

JSON, NDJSON, CSV = "application/json", "application/x-ndjson", "text/csv"

# Every line of such a body is a message. Any other body is one message, which a module may split.
LINES = frozenset({NDJSON, "text/plain", "application/logfmt", "application/syslog"})

_TEXT = LINES | {JSON, "application/xml", "application/x-www-form-urlencoded"}
_ENDINGS = {JSON: "ndjson", "text/plain": "txt", "text/tab-separated-values": "tsv", "avro/binary": "avro"}

# How a destination tells messages apart. `lines`: each ends in its only line feed. `length`: before each stands the
# number of its bytes, four bytes, big endian. `none`: they follow each other as the last module wrote them.
Framing = Literal["lines", "length", "none"]


def of_message(media_type: str) -> str:
    """The type of one message of a body: a line of NDJSON is JSON."""
    return JSON if media_type == NDJSON else media_type


def is_text(media_type: str) -> bool:
    return media_type in _TEXT or media_type.startswith("text/")


def of_body(message: str, framing: Framing) -> str:
    """The type of many messages one behind the other: lines of JSON are NDJSON."""
    return NDJSON if message == JSON and framing == "lines" else message


def ending(message: str) -> str:
    """What the name of a file of such messages ends with, without the dot."""
    return _ENDINGS.get(message) or message.partition("/")[2].removeprefix("x-").rpartition("+")[2]
