"""What mask.wasm takes for JSON: RFC 8259, no more and no less, beside Python's json and orjson.

The three guests read a message in different ways: without looking at keys, member by member, and as one value that is
replaced. All have to agree.
"""

import json
import math
import random
from typing import Any

import orjson
import pytest
from harness import PASS
from masking import REDACT, mask

SKIMS, WALKS, REPLACES = mask(), mask(("/**/never", REDACT)), mask(("", REDACT))
GUESTS = {"skims": SKIMS, "walks": WALKS, "replaces": REPLACES}


def wrapped(value: str) -> list[bytes]:
    """A value alone, in an array, as a member, between others, and at the end of a long message."""
    forms = ("{}", "[{}]", '{{"k":{}}}', '[1,{},"x"]', '{{"a":"' + "x" * 60 + '","b" : {} , "c":[]}}\n')
    return [form.format(value).encode() for form in forms]


ACCEPTED = [
    "0", "-0", "1", "-1", "10", "1234567890123456789012345678901234567890", "0.0", "-0.5", "1.25", "1e5", "1E5", "1e+5",
    "1E-5", "0e0", "0.1e1", "1e400", "-1e-400", "123.456e-789", "true", "false", "null", "[]", "{}", "[[]]", "[{}]",
    '{"":{}}', '""', '"a"', '" "', '"\\""', '"\\\\"', '"\\/"', '"\\b\\f\\n\\r\\t"', '"\\u0000"', '"\\u001F"',
    '"\\uD7FF\\uE000"', '"\\ud83d\\ude00"', '"\\uDBFF\\uDFFF"', '"\\u005C\\u0022"', '"é"', '"日本語"', '"😀"',
    '"\u007f"', '"\u0080"', '"\u2028\u2029"', '"\ufeff"', '"\uffff"', '"\U0010ffff"', '"' + "x" * 200 + '"',
    '"' + "x" * 15 + '\\n"', '"' + "é" * 40 + '"', '{"a":1,"a":1}', "[ ]", "{ }", "[\t1\r,\n2 ]", '{\n"a"\r:\t1}',
]  # fmt: skip

REFUSED = [
    # numbers
    "-", "+1", "01", "-01", "00", "1.", ".5", "-.5", "1.e5", "1e", "1e+", "1E-", "e5", "1e5.5", "0x10", "1_000", "1,5e",
    "NaN", "nan", "Infinity", "-Infinity", "Inf", "1 2", "--1", "1-", "0b1", "1f", "1.2.3", "0e", "0e+-1", "１",
    # words
    "True", "TRUE", "tru", "truee", "nul", "nulll", "fals", "falsee", "undefined", "None", "t", "f", "n",
    # strings
    '"', '"a', "'a'", '"a\\', '"\\x41"', '"\\a"', '"\\0"', '"\\U0041"', '"\\u"', '"\\u12"', '"\\u123"', '"\\u123g"',
    '"\\u 123"', '"\\u+123"', '"\\ud800"', '"\\udc00"', '"\\ud800x"', '"\\ud800\\n"', '"\\ud800\\u0041"',
    '"\\ud800\\ud800"', '"\\udc00\\ud800"', '"\\uD83D\\uDE"', '"\t"', '"\n"', '"\r"', '"\x00"', '"\x1f"', '"a"b"',
    '""x', '"' + "x" * 40 + '\n"', '"' + "x" * 15 + '\x00"', '"\\"',
    # structure
    "[", "]", "{", "}", "[1", "[1,", "[1,]", "[,1]", "[,]", "[1,,2]", "[1 2]", "[1:2]", "[1}", "[}", "{]", '{"a":1]',
    '{"a"}', '{"a":}', '{"a":1,}', '{,"a":1}', '{"a":1,,"b":2}', '{"a" 1}', '{"a"::1}', '{"a":1 "b":2}', "{a:1}",
    "{1:1}", "{'a':1}", '{"a":1}}', "[]]", "[[]", "[][]", "{}{}", '{"a":1}x', "1x", "[1]//", "/* c */ 1", "[1 /* c */]",
    "[1] # c", '{"a":1;"b":2}', '{[]:1}', '{null:1}', '{"a":{}', "[\x0b1]", "[\x0c1]", "[\x001]", "[1\xa0]",
    "[\u20281]", "\ufeff1", "1\ufeff", "[\ufeff]", "<a/>", "\\u005b]", "[\\n]", "*", ":", ",", '["a",\n4\n,1,',
    "[1]\x00", "\x00",
]  # fmt: skip

INVALID_UTF8 = [
    b"\x80", b"\xbf", b"\xc0\x80", b"\xc1\xbf", b"\xc3", b"\xc3\x28", b"\xe0\x80\x80", b"\xe0\x9f\xbf", b"\xe2\x82",
    b"\xe2\x28\xa1", b"\xed\xa0\x80", b"\xed\xbf\xbf", b"\xf0\x80\x80\x80", b"\xf0\x8f\xbf\xbf", b"\xf0\x9f\x98",
    b"\xf4\x90\x80\x80", b"\xf5\x80\x80\x80", b"\xf8\x88\x80\x80\x80", b"\xfe", b"\xff",
]  # fmt: skip


@pytest.mark.parametrize("value", ACCEPTED)
def test_what_the_rfc_allows_passes(value: str) -> None:
    for message in wrapped(value):
        json.loads(message)
        flat = message.strip(b" \t\r\n").replace(b"\r", b" ").replace(b"\n", b" ")
        assert SKIMS.one(message) == WALKS.one(message) == flat
        assert REPLACES.one(message) == b'"[REDACTED]"'


@pytest.mark.parametrize("value", REFUSED)
@pytest.mark.parametrize("guest", GUESTS)
def test_what_the_rfc_does_not_allow_is_refused(guest: str, value: str) -> None:
    for message in wrapped(value):
        result = GUESTS[guest].one(message)
        assert isinstance(result, str), message
        assert result.startswith("invalid_json ")


@pytest.mark.parametrize("message", [b"", b" ", b"\n", b"\r\n", b" \t\r\n" * 20])
@pytest.mark.parametrize("guest", GUESTS)
def test_a_message_of_nothing_is_no_json(guest: str, message: bytes) -> None:
    assert GUESTS[guest].one(message) == "invalid_json 0"


@pytest.mark.parametrize("bad", INVALID_UTF8)
@pytest.mark.parametrize("before", [0, 1, 13, 14, 15, 16, 60, 61, 62, 63, 64, 200])
def test_invalid_utf8_is_refused_at_its_first_byte(bad: bytes, before: int) -> None:
    for lead in (b'["' + b"x" * before, '["é'.encode() + b"y" * before):
        for tail in (b'"]', b"", b'x"]' + b" " * 70):
            for guest in GUESTS.values():
                assert guest.one(lead + bad + tail) == f"invalid_utf8 {len(lead)}"


@pytest.mark.parametrize("guest", GUESTS)
def test_512_containers_in_containers_pass_and_one_more_does_not(guest: str) -> None:
    run = GUESTS[guest]
    for left, inner, right, deep in (("[", "", "]", 512), ('{"a":', "1", "}", 512), ('[{"a":', "1", "}]", 256)):
        good = left * deep + inner + right * deep
        assert isinstance(run.one(good), bytes)
        assert str(run.one(f"[{good}]")).startswith("too_deep ")
    assert run.one("[" * 513 + "]" * 513) == "too_deep 512"
    assert run.one("[" * 10_000) == "too_deep 512"
    assert isinstance(run.one("[" * 511 + "{}" + "]" * 511), bytes)
    assert str(run.one('{"a":' * 10_000)).startswith("too_deep ")
    assert isinstance(run.one("[" + "[]," * 10_000 + "[]]"), bytes)


@pytest.mark.parametrize("at", range(140))
def test_a_breach_is_found_wherever_it_stands(at: int) -> None:
    good = json.dumps({"k": "v" * 37, "l": [1.5, True, None, "w\\" + "é" * 9], "m": {"n": "o" * 20}}).encode()
    for guest in (SKIMS, WALKS):
        assert guest.one(b" " * at + good) == good
        for cut in range(1, len(good), 7):
            code, _, offset = str(guest.one(b" " * at + good[:cut])).partition(" ")
            assert code == "invalid_json"
            assert at + cut - len("\\u00e9") < int(offset) <= at + cut  # the token that is cut off


def test_every_byte_after_a_value_is_refused_but_white_space() -> None:
    for byte in range(256):
        for message in (b"[1]" + bytes([byte]), b'{"a":"b"' + bytes([byte]) + b"}"):
            results = {str(guest.one(message)).split()[0] for guest in GUESTS.values()}
            if byte in b" \t\r\n":
                assert not any("invalid" in result for result in results)
            else:
                assert results == {"invalid_json" if byte < 128 else "invalid_utf8"}


# ---- Beside json and orjson

PARTS = [
    b'"', b"\\", b"{", b"}", b"[", b"]", b",", b":", b" ", b"\n", b"\t", b"0", b"-", b"+", b".", b"e", b"E", b"1", b"u",
    b"'", b"\\u", b"\\ud800", b"\\udc00", b"true", b"null", b"NaN", b"\x00", b"\x1f", b"\x7f", b"\x80", b"\xc3",
    b"\xa9", b"//", b"\xed\xa0\x80", b"\xf0\x9f\x98\x80", b"\xef\xbb\xbf", b'""', b"[]", b"{}", b"1e5", b'"a":',
]  # fmt: skip


def document(chance: random.Random, depth: int = 0) -> Any:
    kind = chance.randrange(8 if depth < 4 else 6)
    if kind == 6:
        return [document(chance, depth + 1) for _ in range(chance.randrange(5))]
    if kind == 7:
        return {document_text(chance): document(chance, depth + 1) for _ in range(chance.randrange(5))}
    return [document_text(chance), chance.randrange(-1_000_000, 1_000_000), chance.uniform(-1, 1), True, False, None][
        kind
    ]


def document_text(chance: random.Random) -> str:
    return "".join(chance.choice('abcxyz "\\/\n\x01é日😀') for _ in range(chance.choice([0, 1, 3, 8, 15, 16, 17, 40])))


def mutated(chance: random.Random) -> bytes:
    indent = chance.choice([None, None, 1])
    raw = json.dumps(document(chance), ensure_ascii=chance.random() < 0.5, indent=indent).encode()
    for _ in range(chance.choice([0, 1, 1, 1, 2, 3])):
        at = chance.randrange(len(raw) + 1)
        to = min(len(raw), at + chance.choice([0, 0, 1, 1, 2, 5]))
        raw = raw[:at] + chance.choice([b"", chance.choice(PARTS)]) + raw[to:]
    return raw


def strict(raw: bytes) -> tuple[bool, Any]:
    """Whether Python's json takes it without its extensions, and its value."""

    def refuse(_: str) -> None:
        raise ValueError

    try:
        return True, json.loads(raw.decode("utf-8"), parse_constant=refuse, object_pairs_hook=list)
    except (ValueError, RecursionError):
        return False, None


def fast(raw: bytes) -> bool:
    try:
        orjson.loads(raw)
    except orjson.JSONDecodeError:
        return False
    return True


def endless(value: Any) -> bool:
    """Whether orjson can't read it because of a number that no double holds, and for nothing else."""
    if isinstance(value, (list, tuple)):
        return any(map(endless, value)) and not any(map(lone, value))
    return isinstance(value, float) and math.isinf(value)


def lone(value: Any) -> bool:
    """Whether there is a surrogate in it that isn't one of a pair."""
    if isinstance(value, (list, tuple)):
        return any(map(lone, value))
    return isinstance(value, str) and any("\ud800" <= character <= "\udfff" for character in value)


@pytest.mark.parametrize("seed", range(40))
def test_json_and_orjson_read_what_passes_and_to_the_same_value(seed: int) -> None:
    chance = random.Random(seed)
    messages = [mutated(chance) for _ in range(250)]
    skimmed, walked = SKIMS.transform(messages), WALKS.transform(messages)
    assert [entry[:2] for entry in skimmed] == [entry[:2] for entry in walked]
    assert [entry.status for entry in REPLACES.transform(messages)] == [entry.status for entry in skimmed]
    taken = 0
    for message, one, other in zip(messages, skimmed, walked, strict=True):
        accepted, value = strict(message)
        assert (one.status == PASS) == (accepted and (fast(message) or endless(value))), message
        if one.status == PASS:
            assert one.data == other.data
            assert strict(one.data) == (True, value)
            taken += 1
    assert 50 < taken < 230
