"""The frame of `maskgate/1` once more, from docs/modules.md with nothing but loops: slow, and plain to see through.

It shares no code with gateway/sandbox/frame.py. Of a frame in order it gives the values; of another one every breach
that it finds, since which of several is told first is nobody's contract.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from gateway.errors import GuestFailure

PASS, DROP, REFUSE = 0, 1, 2
REPORT_BYTES = 64 * 1024
LETTERS = "abcdefghijklmnopqrstuvwxyz"
DIGITS = "0123456789"


@dataclass
class Reading:
    breaches: set[GuestFailure] = field(default_factory=set)
    passed: list[tuple[int, int, bytes]] = field(default_factory=list)  # position, source, message
    refused: list[tuple[int, int, str, int | None]] = field(default_factory=list)  # position, source, code, offset
    dropped: int = 0
    report: dict[str, int] = field(default_factory=dict)
    entries: int = 0


def read(frame: bytes, lengths: list[int], counters: frozenset[str], refusals: Any, most: int) -> Reading:
    """`lengths` of the messages that went in, in bytes."""
    reading = Reading()
    breach = reading.breaches.add
    count = _word(frame, 0)
    if count is None:
        breach(GuestFailure.BAD_FRAME)
        return reading
    reading.entries = count
    if count < len(lengths):
        breach(GuestFailure.MISSING_SOURCE)
    if count > len(lengths) and most == 0:
        breach(GuestFailure.BAD_FRAME)
    if count > len(lengths) and count > most > 0:
        breach(GuestFailure.OUTPUT_TOO_LARGE)
    at = 4 + 12 * count
    report_length = _word(frame, at)
    if report_length is None or at + 4 + report_length > len(frame):
        breach(GuestFailure.BAD_FRAME)
        return reading
    report = frame[at + 4 : at + 4 + report_length]
    body = frame[at + 4 + report_length :]
    reading.report = _report(report, counters, breach)

    at, start, last_source, covered = 4, 0, -1, set()
    for position in range(count):
        source, status, end = (_word(frame, at + 4 * i) or 0 for i in range(3))
        at += 12
        if source < last_source or source >= len(lengths):
            breach(GuestFailure.BAD_FRAME)
        if source > last_source + 1:
            breach(GuestFailure.MISSING_SOURCE)
        last_source = source
        covered.add(source)
        if end < start or end > len(body):
            breach(GuestFailure.BAD_FRAME)
        span = body[start:end]
        start = end
        if status == PASS:
            reading.passed.append((position, source, span))
        elif status == DROP:
            reading.dropped += 1
        elif status == REFUSE:
            reason = _reason(span, refusals)
            if reason is None or source >= len(lengths) or (reason[1] or 0) > lengths[source]:
                breach(GuestFailure.BAD_REASON)
            else:
                reading.refused.append((position, source, *reason))
        else:
            breach(GuestFailure.BAD_FRAME)
    if start != len(body):
        breach(GuestFailure.BAD_FRAME)
    if any(source not in covered for source in range(len(lengths))):
        breach(GuestFailure.MISSING_SOURCE)
    return reading


def _word(frame: bytes, at: int) -> int | None:
    if at + 4 > len(frame):
        return None
    return frame[at] + frame[at + 1] * 256 + frame[at + 2] * 65536 + frame[at + 3] * 16777216


def _report(report: bytes, counters: frozenset[str], breach: Any) -> dict[str, int]:
    if not report:
        return {}
    try:
        pairs: Any = json.loads(report.decode("utf-8"), object_pairs_hook=_Pairs, parse_constant=_refuse)
    except (ValueError, RecursionError):
        pairs = None
    counts: dict[str, int] = {}
    if not isinstance(pairs, _Pairs) or len(report) > REPORT_BYTES:
        breach(GuestFailure.BAD_REPORT)
        return {}
    for name, number in pairs:
        if name not in counters or type(number) is not int or not 0 <= number < 2**53:
            breach(GuestFailure.BAD_REPORT)
        else:
            counts[name] = number
    return counts


class _Pairs(list[tuple[str, Any]]):
    """A JSON object."""


def _refuse(word: str) -> None:
    raise ValueError(word)


def _reason(span: bytes, refusals: Any) -> tuple[str, int | None] | None:
    try:
        text = span.decode("ascii")
    except UnicodeDecodeError:
        return None
    code, space, offset = text.partition(" ")
    if code not in refusals or not code or code[0] not in LETTERS:
        return None
    if not space:
        return code, None
    if not 1 <= len(offset) <= 10 or any(letter not in DIGITS for letter in offset):
        return None
    return code, int(offset)
