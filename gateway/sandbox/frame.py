"""The frame of ABI `maskgate/1`: how a batch of messages crosses into a guest and back (docs/modules.md).

Little endian throughout. In: `u32 count | count × u32 end | bytes`. Out: `u32 count | count × {u32 source,
u32 status, u32 end} | u32 report_len | report | bytes`. What comes back is hostile until `decode` has read it.
"""

from __future__ import annotations

import re
import sys
from array import array
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
import numpy as np

from gateway.errors import GuestFailure
from gateway.flow import Batch, as_ends

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
        self.trace = ""  # of a trap, where the program is traced


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


def decode(
    frame: memoryview, messages: Batch, counters: frozenset[str], refusals: Mapping[str, Any], most: int = 0
) -> Output:
    """Read what a guest returned for `messages`. Raises GuestError for anything that is off.

    `counters` are the names that its report may use, `refusals` the codes that it may refuse with. A module that
    splits messages may give `most` entries (each costs the host more than it cost the guest), another one each.
    """
    asked = len(messages.ends)
    count, table_end = _count(frame, asked, most)
    if asked == count == 1 and frame[_WORD : table_end - _WORD] == _ONE_PASSED:  # a single message that passed
        report, start = _report(frame, table_end, counters)
        body = bytes(frame[start:])
        if int.from_bytes(frame[table_end - _WORD : table_end], "little") != len(body):
            raise GuestError(GuestFailure.BAD_FRAME, "the last end is not the length of the bytes")
        ends = array("I", (len(body),))
        return Output(
            batch=Batch(body=body, ends=ends), sources=_FIRST, positions=None, refused=(), dropped=0, report=report
        )
    table = np.frombuffer(frame[_WORD:table_end], np.uint32).reshape(count, 3)
    sources, statuses, stops = (np.ascontiguousarray(table[:, i]) for i in range(3))
    report, start = _report(frame, table_end, counters)
    body = bytes(frame[start:])
    if (int(stops[-1]) if count else 0) != len(body):
        raise GuestError(GuestFailure.BAD_FRAME, "the last end is not the length of the bytes")
    if (stops[1:] < stops[:-1]).any():
        raise GuestError(GuestFailure.BAD_FRAME, "ends decrease")
    _check_sources(sources, asked)
    if not statuses.any():
        batch = Batch(body=body, ends=as_ends(stops))
        return Output(batch=batch, sources=as_ends(sources), positions=None, refused=(), dropped=0, report=report)
    entries = zip(sources.tolist(), statuses.tolist(), stops.tolist(), strict=True)
    return _sift(body, entries, messages, refusals, report)


def _count(frame: memoryview, asked: int, most: int) -> tuple[int, int]:
    if len(frame) < 2 * _WORD:
        raise GuestError(GuestFailure.BAD_FRAME, "shorter than an empty frame")
    count = int.from_bytes(frame[:_WORD], "little")
    table_end = _WORD + count * _ENTRY
    if table_end + _WORD > len(frame):
        raise GuestError(GuestFailure.BAD_FRAME, "more entries than the frame holds")
    if count < asked:
        raise GuestError(GuestFailure.MISSING_SOURCE, f"{asked} messages in, {count} entries out")
    if count > asked and not most:
        raise GuestError(GuestFailure.BAD_FRAME, "more entries than messages, of a module that doesn't split them")
    if count > max(asked, most):
        raise GuestError(GuestFailure.OUTPUT_TOO_LARGE, f"over {most} messages out")
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


def _check_sources(sources: np.ndarray[Any, np.dtype[np.uint32]], asked: int) -> None:
    """From 0 to the last, none left out; each step is to the same or to the next source."""
    steps = np.diff(sources.astype(np.int64), prepend=-1)
    wrong = np.flatnonzero((steps < 0) | (steps > 1))
    if wrong.size:
        skipped = steps[wrong[0]] > 1 and sources[wrong[0]] < asked
        failure = GuestFailure.MISSING_SOURCE if skipped else GuestFailure.BAD_FRAME
        raise GuestError(failure, "sources skip, go back or point past the messages")
    seen = int(sources[-1]) + 1 if sources.size else 0
    if seen > asked:
        raise GuestError(GuestFailure.BAD_FRAME, "a source points past the messages")
    if seen < asked:
        raise GuestError(GuestFailure.MISSING_SOURCE, f"no entry from source {seen} on")


def _sift(
    body: bytes,
    entries: Iterable[tuple[int, int, int]],
    messages: Batch,
    refusals: Mapping[str, Any],
    report: Mapping[str, int],
) -> Output:
    passed: list[bytes] = []
    passed_sources, positions = array("I"), array("I")
    refused: list[Refused] = []
    dropped = 0
    start = 0
    for position, (source, status, end) in enumerate(entries):
        span = body[start:end]
        start = end
        if status == PASS:
            passed.append(span)
            passed_sources.append(source)
            positions.append(position)
        elif status == DROP:
            dropped += 1
        elif status == REFUSE:
            refused.append(reason(span, position, source, messages, refusals))
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


def reason(span: bytes, position: int, source: int, messages: Batch, refusals: Mapping[str, Any]) -> Refused:
    """A refusal as its text says: `code` or `code OFFSET`. Raises GuestError unless `refusals` has the code."""
    match = _REASON.fullmatch(span)
    code = match[1].decode() if match else ""
    if match is None or code not in refusals:
        raise GuestError(GuestFailure.BAD_REASON, "not a code that the manifest declares")
    offset = int(match[2]) if match[2] else None
    length = messages.ends[source] - (messages.ends[source - 1] if source else 0)
    if offset is not None and offset > length:
        raise GuestError(GuestFailure.BAD_REASON, "an offset past the end of the message")
    return Refused(position, source, code, offset)
