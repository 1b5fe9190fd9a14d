"""A fuzzer's bytes as a call of the frame reader: what went in, what the module may say, and the frame that came back.

    u8 most and messages | u8 names | a u8 length for each message | the frame, to the end

Every string of bytes is a case, so a mutation never makes a useless one; and the frame stands in it as it is, so a
frame that a test or a module made is a seed by putting a head before it.
"""

from __future__ import annotations

from typing import NamedTuple

from gateway.flow import Batch

COUNTERS = ("unlisted", "pii.email", "a", "é")
REFUSALS = ("too_deep", "x", "not_json")
MOST = (0, 1, 2, 3, 4, 6, 8, 12, 16, 32, 64, 100, 1_000, 5_000, 10_000, 80_000)


class Case(NamedTuple):
    messages: Batch
    counters: frozenset[str]
    refusals: dict[str, None]
    most: int
    frame: bytes


def case(data: bytes) -> Case:
    head = data[:2].ljust(2, b"\0")
    asked, most = head[0] & 15, MOST[head[0] >> 4]
    lengths = data[2 : 2 + asked].ljust(asked, b"\0")
    return Case(
        messages=Batch.of([bytes([length]) * length for length in lengths]),
        counters=frozenset(name for bit, name in enumerate(COUNTERS) if head[1] >> bit & 1),
        refusals={code: None for bit, code in enumerate(REFUSALS) if head[1] >> 4 + bit & 1},
        most=most,
        frame=data[2 + asked :],
    )


def encoded(lengths: list[int], frame: bytes, *, most: int = 0, names: int = 255) -> bytes:
    """The bytes of a case. `most` is an index of MOST, `names` the bits of the counters and refusals allowed."""
    return bytes([most << 4 | len(lengths), names, *lengths]) + frame
