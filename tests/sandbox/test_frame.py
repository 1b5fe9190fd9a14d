"""The frame of maskgate/1, as a hostile guest would fill it."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway.errors import GuestFailure
from gateway.flow import Batch
from gateway.sandbox.frame import GuestError, Output, Refused, decode, header
from tests.sandbox.making import COUNTERS, REFUSALS, batch, frame, u32

THREE = batch(b"aa", b"bbb", b"")
PASS, DROP, REFUSE = 0, 1, 2


def read(content: bytes, messages: Batch = THREE, most: int = 0) -> Output:
    return decode(memoryview(content), messages, COUNTERS, REFUSALS, most)


def failure(content: bytes, messages: Batch = THREE, most: int = 0) -> GuestFailure:
    with pytest.raises(GuestError) as raised:
        read(content, messages, most)
    return raised.value.failure


def in_order(*ends: int) -> list[tuple[int, int, int]]:
    return [(source, PASS, end) for source, end in enumerate(ends)]


def test_the_header_is_the_count_and_the_ends() -> None:
    assert header(THREE) + THREE.body == u32(3, 2, 5, 5) + b"aabbb"
    assert header(batch(b"")) == u32(1, 0)


def test_messages_that_pass() -> None:
    output = read(frame(in_order(1, 1, 4), b"ABBB", b'{"pii.email":2}'))
    assert list(output.batch) == [b"A", b"", b"BBB"]
    assert list(output.sources) == [0, 1, 2]
    assert (output.positions, output.refused, output.dropped) == (None, (), 0)
    assert output.report == {"pii.email": 2}


def test_a_single_message_that_passes() -> None:
    output = read(frame(in_order(2), b"{}", b'{"unlisted":0}'), batch(b"x"))
    assert list(output.batch) == [b"{}"]
    assert list(output.sources) == [0]
    assert (output.positions, output.refused, output.dropped, output.report) == (None, (), 0, {"unlisted": 0})


def test_an_entry_for_no_message_at_all() -> None:
    assert failure(frame([(0, PASS, 1)], b"x"), batch(), most=2) is GuestFailure.BAD_FRAME


def test_messages_that_dont_pass() -> None:
    output = read(frame([(0, REFUSE, 10), (1, DROP, 10), (2, PASS, 11)], b"too_deep 2C"))
    assert list(output.batch) == [b"C"]
    assert (list(output.sources), list(output.positions or ())) == ([2], [2])
    assert output.refused == (Refused(0, 0, "too_deep", 2),)
    assert output.dropped == 1


@pytest.mark.parametrize(("status", "body"), [(DROP, b""), (REFUSE, b"too_deep")])
def test_nothing_passes(status: int, body: bytes) -> None:
    output = read(frame([(0, status, len(body))], body), batch(b"x"))
    assert len(output.batch) == 0
    assert (output.dropped, len(output.refused)) == ((1, 0) if status == DROP else (0, 1))


def test_what_a_message_was_split_into() -> None:
    entries = [(0, PASS, 1), (0, REFUSE, 9), (0, DROP, 9), (1, PASS, 9), (2, PASS, 10)]
    output = read(frame(entries, b"Atoo_deepC"), most=5)
    assert list(output.batch) == [b"A", b"", b"C"]
    assert (list(output.sources), list(output.positions or ())) == ([0, 1, 2], [0, 3, 4])
    assert output.refused == (Refused(1, 0, "too_deep", None),)


def test_a_frame_keeps_nothing_of_the_memory_it_was_in() -> None:
    memory = bytearray(frame(in_order(1, 2, 3), b"ABC", b'{"unlisted":1}'))
    output = decode(memoryview(memory), THREE, COUNTERS, REFUSALS)
    memory[:] = bytes(len(memory))
    assert (list(output.batch), list(output.sources)) == ([b"A", b"B", b"C"], [0, 1, 2])


BAD, MISSING = GuestFailure.BAD_FRAME, GuestFailure.MISSING_SOURCE

# What is off → the frame that came back for three messages, and the failure that it is
BAD_FRAMES: dict[str, tuple[bytes, GuestFailure]] = {
    "nothing at all": (b"", BAD),
    "a count and no more": (u32(3), BAD),
    "no entry": (u32(0, 0), MISSING),
    "no entry, but bytes": (u32(0, 0) + b"abc", MISSING),
    "the report's length cut off": (frame(in_order(0, 0, 0))[:-1], BAD),
    "the first source missing": (frame([(1, 0, 0), (1, 0, 0), (2, 0, 0)]), MISSING),
    "a source missing in the middle": (frame([(0, 0, 0), (0, 0, 0), (2, 0, 0)]), MISSING),
    "the last source missing": (frame([(0, 0, 0), (1, 0, 0), (1, 0, 0)]), MISSING),
    "a message without an entry": (frame(in_order(0, 0)), MISSING),
    "sources that go back": (frame([(0, 0, 0), (1, 0, 0), (0, 0, 0)]), BAD),
    "sources backwards": (frame([(2, 0, 0), (1, 0, 0), (0, 0, 0)]), MISSING),
    "a source past the messages": (frame([(0, 0, 0), (1, 0, 0), (3, 0, 0)]), BAD),
    "a source far past the messages": (frame([(0, 0, 0), (1, 0, 0), (0xFFFFFFFF, 0, 0)]), BAD),
    "a status that isn't one": (frame([(0, 0, 0), (1, 3, 0), (2, 0, 0)]), BAD),
    "a status of all ones": (frame([(0, 0xFFFFFFFF, 0), (1, 0, 0), (2, 0, 0)]), BAD),
    "ends that decrease": (frame(in_order(2, 1, 3), b"abc"), BAD),
    "an end past the bytes": (frame(in_order(1, 9, 3), b"abc"), BAD),
    "ends that leave bytes over": (frame(in_order(1, 2, 2), b"abc"), BAD),
    "ends past the bytes": (frame(in_order(1, 2, 4), b"abc"), BAD),
    "an end of 2^32-1": (frame(in_order(1, 2, 0xFFFFFFFF), b"abc"), BAD),
    "a count of one too many": (frame(in_order(0, 0, 0), count=4), BAD),
    "a count of 2^32-1": (frame(in_order(0, 0, 0), count=0xFFFFFFFF), BAD),
    "a count whose table has 2^32 + 4 bytes": (frame(in_order(0, 0, 0), count=0x15555556), BAD),
    "more entries than messages": (frame([*in_order(0, 0, 0), (2, 0, 0)]), BAD),
    "a report of 2^32-1 bytes": (frame(in_order(0, 0, 0))[:-4] + u32(0xFFFFFFFF), BAD),
    "a report one byte too long": (frame(in_order(0, 0, 0))[:-4] + u32(4) + b"{} ", BAD),
}


@pytest.mark.parametrize("case", BAD_FRAMES)
def test_a_frame_that_is_off(case: str) -> None:
    content, expected = BAD_FRAMES[case]
    assert failure(content) == expected


@pytest.mark.parametrize(
    ("entry", "body", "expected"),
    [
        ((0, PASS, 1), b"", BAD),  # the path for single messages checks the same
        ((0, PASS, 0), b"x", BAD),
        ((1, PASS, 0), b"", BAD),
        ((0, 4, 0), b"", BAD),
        ((0, REFUSE, 0), b"", GuestFailure.BAD_REASON),
    ],
)
def test_a_single_entry_that_is_off(entry: tuple[int, int, int], body: bytes, expected: GuestFailure) -> None:
    assert failure(frame([entry], body), batch(b"x")) == expected


def test_a_module_that_splits_gives_so_many_entries_at_most() -> None:
    entries = [(0, PASS, 0), (0, PASS, 0), (1, PASS, 0), (2, PASS, 0)]
    assert len(read(frame(entries), most=4).batch) == 4
    assert failure(frame([(0, PASS, 0), *entries]), most=4) == GuestFailure.OUTPUT_TOO_LARGE
    assert len(read(frame(in_order(0, 0, 0)), most=2).batch) == 3  # for more messages it may give as many


@pytest.mark.parametrize(
    "report",
    [
        b"x",
        b"null",
        b"3",
        b"[]",
        b'"unlisted"',
        b'{"unlisted":1',
        b'{"unlisted":1}}',
        b'{"unlisted":-1}',
        b'{"unlisted":0.5}',
        b'{"unlisted":1e400}',
        b'{"unlisted":9007199254740992}',
        b'{"unlisted":18446744073709551616}',
        b'{"unlisted":' + b"9" * 10_000 + b"}",
        b'{"unlisted":true}',
        b'{"unlisted":null}',
        b'{"unlisted":"1"}',
        b'{"unlisted":{"unlisted":1}}',
        b'{"unlisted":' + b"[" * 60_000 + b"}",
        b'{"someone@example.com":1}',  # a value of a message, as a name
        b'{"":1}',
        b'{"unlisted\\ud800":1}',
        b'{"unlisted":1,"\xff":1}',
        b"\xff",
        b"\0",
        b'{"unlisted":1' + b" " * (64 << 10) + b"}",
    ],
    ids=lambda report: report[:40].decode(errors="replace"),
)
def test_a_report_that_is_off(report: bytes) -> None:
    assert failure(frame(in_order(0, 0, 0), report=report)) == GuestFailure.BAD_REPORT
    assert failure(frame(in_order(0), report=report), batch(b"x")) == GuestFailure.BAD_REPORT


def test_of_a_name_that_a_report_has_twice_the_last_count_holds() -> None:
    report = b'{"unlisted":1,"pii.email":3,"unlisted":2}'
    assert read(frame(in_order(0, 0, 0), report=report)).report == {"unlisted": 2, "pii.email": 3}


@pytest.mark.parametrize(("reason", "offset"), [(b"too_deep", None), (b"too_deep 0", 0), (b"too_deep 2", 2)])
def test_a_reason(reason: bytes, offset: int | None) -> None:
    output = read(frame([(0, REFUSE, len(reason)), (1, DROP, len(reason)), (2, DROP, len(reason))], reason))
    assert output.refused == (Refused(0, 0, "too_deep", offset),)


@pytest.mark.parametrize(
    "reason",
    [
        b"",
        b" ",
        b"Too_deep",
        b"too_deep\n",
        b"too_deep ",
        b"too_deep -1",
        b"too_deep +1",
        b"too_deep 1 ",
        b"too_deep  1",
        b"too_deep 0x1",
        "too_deep ٣".encode(),  # a digit, but not of ASCII
        "tòo_deep".encode(),
        b"too_deep 12345678901",
        b"too_deep 3",  # past the end: the message has two bytes
        b"too_deep 4294967296",
        b"invalid_json 0",  # not declared
        b"aa",  # the message itself
        b"too_deep someone@example.com",
        b"x" * 65,
        b"\xff\xfe",
    ],
)
def test_a_reason_that_is_off(reason: bytes) -> None:
    entries = [(0, REFUSE, len(reason)), (1, DROP, len(reason)), (2, DROP, len(reason))]
    assert failure(frame(entries, reason)) == GuestFailure.BAD_REASON


def test_an_offset_is_of_its_own_message() -> None:
    of_the_second, of_the_third = b"too_deep 3", b"too_deep 1"
    assert read(frame([(0, 1, 0), (1, REFUSE, 10), (2, 1, 10)], of_the_second)).refused[0].offset == 3
    assert failure(frame([(0, 1, 0), (1, 1, 0), (2, REFUSE, 10)], of_the_third)) == GuestFailure.BAD_REASON


def test_an_error_has_nothing_of_the_message() -> None:
    for content in (frame([(0, REFUSE, 6)], b"secret"), frame([(0, 0, 0)], report=b'{"secret":1}')):
        with pytest.raises(GuestError) as raised:
            read(content, batch(b"secret"))
        assert "secret" not in str(raised.value)


# ---------------------------------------------------------------- any bytes at all

words = st.one_of(st.integers(0, 6), st.sampled_from([0xFFFFFFFF, 0x7FFFFFFF, 0x80000000, 0x15555556]))
entries = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3), st.integers(0, 12)), max_size=5)
reports = st.one_of(st.just(b""), st.binary(max_size=12), st.dictionaries(
    st.sampled_from(sorted(COUNTERS)), st.integers(-1, 3)).map(msgspec.json.encode))  # fmt: skip
frames = st.one_of(
    st.binary(max_size=80),
    st.lists(words, max_size=20).map(lambda numbers: u32(*numbers)),
    st.builds(frame, entries, st.one_of(st.binary(max_size=12), st.just(b"too_deep 1")), reports),
    st.builds(
        lambda ends, body, report: frame(in_order(*sorted(ends)[:-1], len(body)), body, report),
        st.lists(st.integers(0, 6), min_size=1, max_size=5),
        st.binary(min_size=6, max_size=9),
        reports,
    ),
)


@settings(max_examples=1500, deadline=None)
@given(content=frames, messages=st.lists(st.binary(max_size=4), min_size=1, max_size=4), most=st.sampled_from([0, 5]))
@example(content=frame(in_order(0), b"", b'{"unlisted":1.0}'), messages=[b""], most=0)
def test_whatever_comes_back(content: bytes, messages: list[bytes], most: int) -> None:
    """Either a GuestError, or an output that the pipeline can trust."""
    try:
        output = read(content, Batch.of(messages), most)
    except GuestError:
        return
    passed = len(output.batch)
    assert b"".join(output.batch) == output.batch.body
    assert list(output.batch.ends) == sorted(output.batch.ends)
    assert len(output.sources) == passed
    assert list(output.sources) == sorted(output.sources)
    assert output.positions is None or len(output.positions) == passed
    assert all(source < len(messages) for source in output.sources)
    assert passed + len(output.refused) + output.dropped <= max(len(messages), most)
    assert passed + len(output.refused) + output.dropped >= len(messages)
    if not output.dropped:
        assert {*output.sources, *(refused.source for refused in output.refused)} == set(range(len(messages)))
    for refused in output.refused:
        assert refused.code in REFUSALS
        assert refused.offset is None or 0 <= refused.offset <= len(messages[refused.source])
    assert output.report.keys() <= COUNTERS
    assert all(type(count) is int and 0 <= count < 1 << 53 for count in output.report.values())
