"""The frame of ABI `maskgate/1`: how a batch of messages crosses into a guest and back (docs/modules.md).

Little endian throughout. In: `u32 count | count × u32 end | bytes`. Out: `u32 count | count × {u32 source,
u32 status, u32 end} | u32 report_len | report | bytes`. What comes back is hostile until `decode` has read it.
"""

from __future__ import annotations

import re
import sys
from array import array
from collections.abc import Mapping
from typing import Any

import msgspec

from gateway.errors import GuestFailure
from gateway.flow import Batch

PASS, DROP, REFUSE = 0, 1, 2
_WORD = 4
_ENTRY = 3 * _WORD
_REASON = re.compile(rb"([a-z][a-z0-9_]{0,63})(?: ([0-9]{1,10}))?", re.ASCII)
_REPORT_LIMIT = 64 << 10  # bytes; a report holds one number for each rule

if sys.byteorder != "little":  # pragma: no cover
    raise RuntimeError("maskgate needs a little-endian machine: the frame is written by memcpy")


class GuestError(Exception):
    """A guest broke its contract; nothing of what it gave back is used."""

    def __init__(self, failure: GuestFailure, text: str = "") -> None:
        super().__init__(f"{failure.value}: {text}" if text else failure.value)
        self.failure = failure
        self.denied: Mapping[str, int] = {}  # imports that it tried without a grant


class Refused(msgspec.Struct, frozen=True):
    """One refused message. `position` counts the frame's entries; `source` is the message that went in."""

    position: int
    source: int
    code: str
    offset: int | None


class Output(msgspec.Struct, frozen=True, kw_only=True):
    """What one call gave back: the messages that passed, whence they came, and what didn't pass."""

    batch: Batch
    sources: array[int]  # for each message of `batch`, the index of the message that went in
    positions: array[int] | None  # for each message of `batch`, its place among the entries; None: 0, 1, 2, …
    refused: tuple[Refused, ...]
    dropped: int
    report: Mapping[str, int]


def header(batch: Batch) -> bytes:
    """The bytes that stand before `batch.body` in the frame."""
    return len(batch.ends).to_bytes(_WORD, "little") + batch.ends.tobytes()


_ONE_PASSED = bytes(2 * _WORD)  # source 0, status PASS
_FIRST = array("I", (0,))  # nobody writes to it

_report_decoder = msgspec.json.Decoder(dict[str, int])


def decode(frame: memoryview, messages: Batch, counters: frozenset[str], refusals: Mapping[str, Any]) -> Output:
    """Read what a guest returned for `messages`. Raises GuestError for anything that is off.

    `counters` are the names that its report may use, `refusals` the codes that it may refuse with.
    """
    asked = len(messages.ends)
    count, table_end = _count(frame, asked)
    if count == 1 and frame[_WORD : table_end - _WORD] == _ONE_PASSED:  # a single message that passed
        report, start = _report(frame, table_end, counters)
        body = bytes(frame[start:])
        if int.from_bytes(frame[table_end - _WORD : table_end], "little") != len(body):
            raise GuestError(GuestFailure.BAD_FRAME, "the last end is not the length of the bytes")
        ends = array("I", (len(body),))
        return Output(
            batch=Batch(body=body, ends=ends), sources=_FIRST, positions=None, refused=(), dropped=0, report=report
        )
    table = array("I")
    table.frombytes(frame[_WORD:table_end])
    sources, statuses, ends = table[0::3], table[1::3], table[2::3]
    report, start = _report(frame, table_end, counters)
    body = bytes(frame[start:])
    if (ends[-1] if count else 0) != len(body):
        raise GuestError(GuestFailure.BAD_FRAME, "the last end is not the length of the bytes")
    if sorted(ends) != ends.tolist():
        raise GuestError(GuestFailure.BAD_FRAME, "ends decrease")
    _check_sources(sources, asked)
    if not any(statuses):
        return Output(
            batch=Batch(body=body, ends=ends), sources=sources, positions=None, refused=(), dropped=0, report=report
        )
    return _sift(body, sources, statuses, ends, messages, refusals, report)


def _count(frame: memoryview, asked: int) -> tuple[int, int]:
    if len(frame) < 2 * _WORD:
        raise GuestError(GuestFailure.BAD_FRAME, "shorter than an empty frame")
    count = int.from_bytes(frame[:_WORD], "little")
    table_end = _WORD + count * _ENTRY
    if table_end + _WORD > len(frame):
        raise GuestError(GuestFailure.BAD_FRAME, "more entries than the frame holds")
    if count < asked:
        raise GuestError(GuestFailure.MISSING_SOURCE, f"{asked} messages in, {count} entries out")
    return count, table_end


def _report(frame: memoryview, at: int, counters: frozenset[str]) -> tuple[Mapping[str, int], int]:
    length = int.from_bytes(frame[at : at + _WORD], "little")
    start = at + _WORD
    if start + length > len(frame):
        raise GuestError(GuestFailure.BAD_FRAME, "the report is longer than the frame")
    if not length:
        return {}, start
    if length > _REPORT_LIMIT:
        raise GuestError(GuestFailure.BAD_REPORT, "too long")
    try:
        report = _report_decoder.decode(frame[start : start + length])
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise GuestError(GuestFailure.BAD_REPORT, "not a JSON object of integers") from None
    if not report.keys() <= counters:
        raise GuestError(GuestFailure.BAD_REPORT, "a name that is neither a counter nor a rule")
    if report and not 0 <= min(report.values()) <= max(report.values()) < 1 << 53:
        raise GuestError(GuestFailure.BAD_REPORT, "a count out of range")
    return report, start + length


def _check_sources(sources: array[int], asked: int) -> None:
    if len(sources) == asked and sources == array("I", range(asked)):
        return
    expected = 0  # the next source that hasn't been seen
    for source in sources:
        if source == expected:
            expected += 1
        elif source != expected - 1:
            failure = GuestFailure.MISSING_SOURCE if expected < source < asked else GuestFailure.BAD_FRAME
            raise GuestError(failure, "sources skip, go back or point past the messages")
    if expected != asked:
        raise GuestError(GuestFailure.MISSING_SOURCE, f"no entry from source {expected} on")


def _sift(
    body: bytes,
    sources: array[int],
    statuses: array[int],
    ends: array[int],
    messages: Batch,
    refusals: Mapping[str, Any],
    report: Mapping[str, int],
) -> Output:
    passed: list[bytes] = []
    passed_sources, positions = array("I"), array("I")
    refused: list[Refused] = []
    dropped = 0
    start = 0
    for position, (source, status, end) in enumerate(zip(sources, statuses, ends, strict=True)):
        span = body[start:end]
        start = end
        if status == PASS:
            passed.append(span)
            passed_sources.append(source)
            positions.append(position)
        elif status == DROP:
            dropped += 1
        elif status == REFUSE:
            refused.append(_reason(span, position, source, messages, refusals))
        else:
            raise GuestError(GuestFailure.BAD_FRAME, "an unknown status")
    return Output(
        batch=Batch.of(passed),
        sources=passed_sources,
        positions=positions,
        refused=tuple(refused),
        dropped=dropped,
        report=report,
    )


def _reason(span: bytes, position: int, source: int, messages: Batch, refusals: Mapping[str, Any]) -> Refused:
    match = _REASON.fullmatch(span)
    code = match[1].decode() if match else ""
    if match is None or code not in refusals:
        raise GuestError(GuestFailure.BAD_REASON, "not a code that the manifest declares")
    offset = int(match[2]) if match[2] else None
    length = messages.ends[source] - (messages.ends[source - 1] if source else 0)
    if offset is not None and offset > length:
        raise GuestError(GuestFailure.BAD_REASON, "an offset past the end of the message")
    return Refused(position, source, code, offset)
