"""The frame reader: it agrees with the oracle on every frame, and keeps nothing of the memory that it read."""

from __future__ import annotations

from array import array
from itertools import accumulate, pairwise

from gateway.errors import GuestFailure
from gateway.flow import Batch
from gateway.sandbox.frame import GuestError, Output, decode, header
from tests.fuzz import oracle
from tests.fuzz.frames import Case, case


def read_frame(data: bytes) -> None:
    made = case(data)
    goes_in(made.messages)
    memory = bytearray(made.frame)
    view = memoryview(memory)
    found: Output | GuestFailure
    try:
        found = decode(view, made.messages, made.counters, made.refusals, made.most)
    except GuestError as error:
        found = error.failure
    view.release()  # and with it the last export: what decode gave or raised holds no view of the guest's memory
    memory[:] = b"\xff" * len(memory)
    memory.clear()  # BufferError, were a view of it left
    expected = oracle.read(made.frame, [len(message) for message in made.messages], *made[1:4])
    if isinstance(found, Output):
        assert not expected.breaches, f"accepted in spite of {expected.breaches}"
        agrees(found, expected)
        in_order(found, made)
    else:
        assert isinstance(found, GuestFailure)
        assert found in expected.breaches, f"{found}, and not one of {expected.breaches}"


def agrees(output: Output, expected: oracle.Reading) -> None:
    positions = range(expected.entries) if output.positions is None else output.positions
    passed = list(zip(positions, output.sources, output.batch, strict=True))
    assert passed == expected.passed
    assert [(one.position, one.source, one.code, one.offset) for one in output.refused] == expected.refused
    assert output.dropped == expected.dropped
    assert dict(output.report) == expected.report


def in_order(output: Output, made: Case) -> None:
    """What everything after the reader relies on, the oracle apart."""
    batch = output.batch
    assert type(batch.body) is bytes
    assert all(isinstance(words, array) and words.typecode == "I" for words in (batch.ends, output.sources))
    assert all(before <= after for before, after in pairwise([0, *batch.ends]))
    assert (batch.ends[-1] if batch.ends else 0) == len(batch.body)
    assert len(batch.ends) == len(output.sources) == len(output.positions or output.sources)
    count = len(batch) + len(output.refused) + output.dropped
    assert count <= max(len(made.messages), made.most)
    sources = [*output.sources, *(one.source for one in output.refused)]
    assert all(0 <= source < len(made.messages) for source in sources)
    assert output.dropped or set(sources) == set(range(len(made.messages)))
    for one in output.refused:
        assert one.code in made.refusals
        length = len(list(made.messages)[one.source])
        assert one.offset is None or 0 <= one.offset <= length
    assert output.report.keys() <= made.counters
    assert all(type(number) is int and 0 <= number < 2**53 for number in output.report.values())


def goes_in(messages: Batch) -> None:
    """The other way: what the host writes before the bytes says where each message ends."""
    words = array("I")
    words.frombytes(header(messages))
    assert list(words) == [len(messages), *accumulate(map(len, messages))]
