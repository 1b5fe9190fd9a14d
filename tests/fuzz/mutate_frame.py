"""Mutations that know what a frame is made of: fields, entries, reasons and reports change, and the rest still fits."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable
from itertools import pairwise

from tests.fuzz.frames import COUNTERS, REFUSALS

NUMBERS = (0, 1, 2, 3, 4, 7, 255, 256, 65535, 65536, (1 << 31) - 1, 1 << 31, (1 << 32) - 2, (1 << 32) - 1)
REPORTS = (
    b"{}", b"[]", b"null", b"7", b"{", b"\xef\xbb\xbf{}", b"{}\n", b'{"a":1,"a":2}', b'{"a":-1}', b'{"a":-0}',
    b'{"a":1.0}', b'{"a":1e3}', b'{"a":true}', b'{"a":null}', b'{"a":"1"}', b'{"a":9007199254740991}',
    b'{"a":9007199254740992}',
    b'{"a":18446744073709551616}', b'{"a":1' + b"0" * 400 + b"}", b'{"\\u0061":1}', b'{"\\ud800":1}', b'{"\xc3\xa9":3}',
    b'{"a":{"a":1}}', b'{"a":NaN}', b'{"a":01}', b'{"a":1,}', b' { "a" : 1 , "pii.email" : 2 } ',
    b'{"stranger":1}', b"{" * 3000,
)  # fmt: skip
REASONS = (
    b"", b"too_deep", b"too_deep 0", b"too_deep 3", b"too_deep 255", b"too_deep 256",
    b"too_deep 00000000001", b"x 0000000001",
    b"too_deep ", b"too_deep  1", b"too_deep -1", b"too_deep\n", b"too_deep 1\n", b"x", b"X",
    b"x 9999999999", b"x \xd9\xa3",
    b"not_json 1 ", b"unknown", b"x" * 64, b"x" * 65, b"\xff", b"x\0",
)  # fmt: skip

Entry = list[int]  # source, status, end


class _Frame:
    """A case in its parts: as far as it can be read, and made up beyond that."""

    def __init__(self, data: bytes) -> None:
        asked = data[0] & 15 if data else 0
        self.head = bytearray(data[: 2 + asked].ljust(2 + asked, b"\0"))
        frame = data[2 + asked :]
        count = min(struct.unpack_from("<I", frame)[0] if len(frame) >= 4 else 0, (len(frame) - 4) // 12, 5_000)
        self.entries: list[Entry] = [list(struct.unpack_from("<3I", frame, 4 + 12 * i)) for i in range(count)]
        rest = frame[4 + 12 * max(count, 0) :]
        length = min(struct.unpack_from("<I", rest)[0] if len(rest) >= 4 else 0, max(len(rest) - 4, 0))
        self.report, self.body = rest[4 : 4 + length], rest[4 + length :]
        self.count = self.report_length = 0  # added to what they should be

    def spans(self) -> list[bytes]:
        starts = [0, *(entry[2] for entry in self.entries)]
        return [self.body[start:end] for start, end in pairwise(starts)]

    def join(self, spans: list[bytes]) -> None:
        """Put the spans together again, with ends that fit."""
        self.body, end = b"".join(spans), 0
        for entry, span in zip(self.entries, spans, strict=True):
            end += len(span)
            entry[2] = end

    def encode(self) -> bytes:
        words = [word & 0xFFFFFFFF for entry in self.entries for word in entry]
        count, length = len(self.entries) + self.count, len(self.report) + self.report_length
        table = struct.pack(f"<{1 + len(words)}I", count & 0xFFFFFFFF, *words)
        return bytes(self.head) + table + struct.pack("<I", length & 0xFFFFFFFF) + self.report + self.body


def _field(frame: _Frame, chance: random.Random) -> None:
    if frame.entries:
        entry, column = chance.choice(frame.entries), chance.randrange(3)
        near = (entry[column] + chance.choice((-1, 1)), len(frame.body), chance.choice(frame.entries)[column])
        entry[column] = chance.choice((*NUMBERS, *near, *near, *near))


def _status(frame: _Frame, chance: random.Random) -> None:
    if frame.entries:
        chance.choice(frame.entries)[1] = chance.choice((0, 1, 2, 2, 3))


def _refuse(frame: _Frame, chance: random.Random) -> None:
    spans = frame.spans()
    if spans:
        at = chance.randrange(len(spans))
        spans[at] = chance.choice(REASONS)
        frame.entries[at][1] = 2
        frame.join(spans)


def _insert(frame: _Frame, chance: random.Random) -> None:
    spans, at = frame.spans(), chance.randint(0, len(frame.entries))
    source = frame.entries[at - 1][0] if at else 0
    frame.entries.insert(at, [source + chance.choice((0, 0, 1)), chance.choice((0, 0, 1)), 0])
    frame.join([*spans[:at], chance.randbytes(chance.choice((0, 1, 5))), *spans[at:]])


def _remove(frame: _Frame, chance: random.Random) -> None:
    if frame.entries:
        spans, at = frame.spans(), chance.randrange(len(frame.entries))
        del frame.entries[at], spans[at]
        frame.join(spans)


def _swap(frame: _Frame, chance: random.Random) -> None:
    if len(frame.entries) > 1:
        one, other = chance.sample(range(len(frame.entries)), 2)
        frame.entries[one], frame.entries[other] = frame.entries[other], frame.entries[one]


def _order(frame: _Frame, chance: random.Random) -> None:
    """One entry a message that went in, and a few more if the module splits: a frame with nothing wrong in it."""
    asked = frame.head[0] & 15
    sources = sorted([*range(asked), *(chance.randrange(asked) for _ in range(chance.choice((0, 0, 1, 3))) if asked)])
    if len(sources) > asked:
        frame.head[0] |= 15 << 4
    frame.entries = [[source, 0, 0] for source in sources]
    frame.join([chance.randbytes(chance.randrange(4)) for _ in sources])
    frame.count = frame.report_length = 0


def _ask(frame: _Frame, chance: random.Random) -> None:
    asked = chance.randrange(16)
    lengths = [chance.choice((0, 1, 3, 9, 255)) for _ in range(asked)]
    frame.head = bytearray([chance.randrange(16) << 4 | asked, chance.choice((255, chance.randrange(256))), *lengths])


def _report(frame: _Frame, chance: random.Random) -> None:
    names = chance.sample(COUNTERS, chance.randint(0, len(COUNTERS)))
    made = "{" + ",".join(f'"{name}":{chance.choice(NUMBERS)}' for name in names) + "}"
    frame.report = chance.choice((*REPORTS, *[made.encode()] * len(REPORTS)))


def _long_report(frame: _Frame, chance: random.Random) -> None:
    if chance.random() < 0.1:
        frame.report = b"{" + b" " * ((64 << 10) - 2 + chance.choice((-1, 0, 1))) + b"}"


def _many(frame: _Frame, chance: random.Random) -> None:
    if frame.entries and len(frame.entries) < 500:
        frame.entries += [list(frame.entries[-1]) for _ in range(chance.choice((2, 10, 100)))]


def _counts(frame: _Frame, chance: random.Random) -> None:
    frame.count, frame.report_length = chance.choice((0, 1, -1, 1 << 31)), chance.choice((0, 1, -1, 1 << 31))


def _tail(frame: _Frame, chance: random.Random) -> None:
    frame.body = chance.choice((frame.body[:-1], frame.body + b"}", b"", chance.choice(REFUSALS).encode()))


_STEPS: tuple[Callable[[_Frame, random.Random], None], ...] = (
    _field, _field, _field, _status, _status, _refuse, _refuse, _insert, _insert, _remove, _swap, _order, _ask,
    _report, _report, _long_report, _many, _counts, _tail,
)  # fmt: skip


def mutate(data: bytes, chance: random.Random) -> bytes:
    frame = _Frame(data)
    for _ in range(chance.choice((1, 1, 2, 3, 5))):
        chance.choice(_STEPS)(frame, chance)
    return frame.encode()
