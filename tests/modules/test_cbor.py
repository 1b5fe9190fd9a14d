"""cbor-to-json and json-to-cbor: the Python package cbor2 as peer, RFC 8949's examples, and bytes that mean harm."""

import json
import math
import random
import struct
import sys
from typing import Any

import cbor2
import pytest
from converting import compact, mutations, passed, survives, truncations, value
from sandboxed import MODULES, Sandboxed

FROM, TO = Sandboxed(MODULES / "cbor-to-json"), Sandboxed(MODULES / "json-to-cbor")

# RFC 8949 appendix A: what JSON can say of each, in a configuration that takes what JSON doesn't have; None: refused.
EXAMPLES = [
    ("00", "0"), ("01", "1"), ("0a", "10"), ("17", "23"), ("1818", "24"), ("1819", "25"), ("1864", "100"),
    ("1903e8", "1000"), ("1a000f4240", "1000000"), ("1b000000e8d4a51000", "1000000000000"),
    ("1bffffffffffffffff", "18446744073709551615"), ("c249010000000000000000", "18446744073709551616"),
    ("3bffffffffffffffff", "-18446744073709551616"), ("c349010000000000000000", "-18446744073709551617"),
    ("20", "-1"), ("29", "-10"), ("3863", "-100"), ("3903e7", "-1000"), ("f90000", "0.0"), ("f98000", "-0.0"),
    ("f93c00", "1.0"), ("fb3ff199999999999a", "1.1"), ("f93e00", "1.5"), ("f97bff", "65504.0"),
    ("fa47c35000", "100000.0"), ("fa7f7fffff", "3.4028234663852886e38"), ("fb7e37e43c8800759c", "1e300"),
    ("f90001", "5.960464477539063e-8"), ("f90400", "0.00006103515625"), ("f9c400", "-4.0"),
    ("fbc010666666666666", "-4.1"), ("f97c00", '"Infinity"'), ("f97e00", '"NaN"'), ("f9fc00", '"-Infinity"'),
    ("fa7f800000", '"Infinity"'), ("fa7fc00000", '"NaN"'), ("faff800000", '"-Infinity"'),
    ("fb7ff0000000000000", '"Infinity"'), ("fb7ff8000000000000", '"NaN"'), ("fbfff0000000000000", '"-Infinity"'),
    ("f4", "false"), ("f5", "true"), ("f6", "null"), ("f7", "null"), ("f0", None), ("f8ff", None),
    ("c074323031332d30332d32315432303a30343a30305a", '"2013-03-21T20:04:00Z"'), ("c11a514b67b0", "1363896240"),
    ("c1fb41d452d9ec200000", "1363896240.5"), ("d74401020304", '"01020304"'), ("d818456449455446", '"ZElFVEY"'),
    ("d82076687474703a2f2f7777772e6578616d706c652e636f6d", '"http://www.example.com"'), ("40", '""'),
    ("4401020304", '"AQIDBA"'), ("60", '""'), ("6161", '"a"'), ("6449455446", '"IETF"'), ("62225c", '"\\"\\\\"'),
    ("62c3bc", '"ü"'), ("63e6b0b4", '"水"'), ("64f0908591", '"𐅑"'), ("80", "[]"), ("83010203", "[1,2,3]"),
    ("8301820203820405", "[1,[2,3],[4,5]]"),
    ("98190102030405060708090a0b0c0d0e0f101112131415161718181819", json.dumps(list(range(1, 26)))), ("a0", "{}"),
    ("a201020304", '{"1":2,"3":4}'),
    ("a26161016162820203", '{"a":1,"b":[2,3]}'), ("826161a161626163", '["a",{"b":"c"}]'),
    ("a56161614161626142616361436164614461656145", '{"a":"A","b":"B","c":"C","d":"D","e":"E"}'),
    ("5f42010243030405ff", '"AQIDBAU"'), ("7f657374726561646d696e67ff", '"streaming"'), ("9fff", "[]"),
    ("9f018202039f0405ffff", "[1,[2,3],[4,5]]"), ("9f01820203820405ff", "[1,[2,3],[4,5]]"),
    ("83018202039f0405ff", "[1,[2,3],[4,5]]"), ("83019f0203ff820405", "[1,[2,3],[4,5]]"),
    ("9f0102030405060708090a0b0c0d0e0f101112131415161718181819ff", json.dumps(list(range(1, 26)))),
    ("bf61610161629f0203ffff", '{"a":1,"b":[2,3]}'), ("826161bf61626163ff", '["a",{"b":"c"}]'),
    ("bf6346756ef563416d7421ff", '{"Fun":true,"Amt":-2}'),
]  # fmt: skip


def random_values(seed: int, count: int) -> list[Any]:
    chance = random.Random(seed)
    return [value(chance) for _ in range(count)]


def ordered(given: Any) -> str:
    """A value with its members in the order of their keys; numbers keep their type and sign."""
    return json.dumps(given, sort_keys=True)


def test_the_rfcs_examples() -> None:
    run = FROM.run({"nonfinite": "text", "undefined": "null", "keys": "text"})
    results = run.transform([bytes.fromhex(written) for written, _ in EXAMPLES])
    wrong = []
    for (written, expected), result in zip(EXAMPLES, results, strict=True):
        if expected is None or not isinstance(result, bytes):
            ok = expected is None and isinstance(result, tuple)
        else:  # numbers by their digits, the rest by value
            ok = result.strip() == expected.encode() or (
                expected[0] in '"[{' and json.loads(result) == json.loads(expected)
            )
        if not ok:
            wrong.append((written, expected, result))
    assert wrong == []


def test_any_value_comes_as_the_peer_packed_it() -> None:
    values = random_values(1, 500)
    for canonical in (False, True):
        packed = [cbor2.dumps(given, canonical=canonical) for given in values]
        results = passed(FROM.run({}).transform(packed))
        assert [ordered(json.loads(result)) for result in results] == [ordered(given) for given in values]


def test_what_is_written_is_deterministic_and_the_peer_reads_it() -> None:
    values = random_values(2, 500)
    packed = passed(TO.run({}).transform([compact(given) for given in values]))
    assert [ordered(cbor2.loads(data)) for data in packed] == [ordered(given) for given in values]
    assert len(passed(FROM.run({"deterministic": True}).transform(packed))) == 500


def test_there_and_back_is_the_same() -> None:
    texts = [compact(given) for given in random_values(4, 300)]
    there = passed(TO.run({}).transform(texts))
    assert passed(TO.run({}).transform(passed(FROM.run({}).transform(there)))) == there


def test_integers_of_any_size_up_to_1024_bytes() -> None:
    chance = random.Random(5)
    numbers = [chance.randrange(-(2 ** (8 * size)), 2 ** (8 * size)) for size in (9, 16, 100, 1000, 1023)]
    numbers += [2**8192 - 1, -(2**8192), 2**64, -(2**64) - 1]
    packed = [cbor2.dumps(number) for number in numbers]
    assert [int(text) for text in passed(FROM.run({}).transform(packed))] == numbers
    assert passed(TO.run({}).transform([str(number).encode() for number in numbers[:-4]])) == packed[:-4]
    assert FROM.run({}).one(cbor2.dumps(2**8200)) == ("number_too_long", 0)
    assert TO.run({}).one("9" * 2467) == ("number_too_long", 0)


def test_bigfloats_are_the_doubles_that_hold_them() -> None:
    chance = random.Random(10)
    finite = [struct.unpack("<d", chance.randbytes(8))[0] for _ in range(2000)]
    finite = [number for number in finite if math.isfinite(number)]
    finite += [0.0, 1.0, 5e-324, 2.0**-1022, 2.0**-1022 - 5e-324, sys.float_info.max, -(2.0**1023)]
    packed, beside = [], []
    for number in finite:
        mantissa, denominator = number.as_integer_ratio()
        power = 1 - denominator.bit_length()
        shift = chance.choice([0, 1, 30, 200])
        packed.append(cbor2.dumps(cbor2.CBORTag(5, [power - shift, mantissa << shift])))
        beside.append(cbor2.dumps(cbor2.CBORTag(5, [power - 60, (mantissa << 60) + 1])))
    assert [float(text) for text in passed(FROM.run({}).transform(packed))] == finite
    results = FROM.run({}).transform([data for data, number in zip(beside, finite, strict=True) if number])
    assert {result[0] for result in results if isinstance(result, tuple)} == {"number_not_exact"}
    assert not any(isinstance(result, bytes) for result in results)


def test_a_message_cut_anywhere_is_refused() -> None:
    for given in ([1, [2.5, {"a": "b" * 40}], None], {"k": [b"bytes", 2**70]}, value(random.Random(6), 3)):
        results = FROM.run({}).transform(truncations(cbor2.dumps(given)))
        assert all(isinstance(result, tuple) and result[0] == "truncated" for result in results)


def test_hostile_bytes_pass_or_are_refused() -> None:
    chance = random.Random(7)
    valid = [cbor2.dumps(given) for given in random_values(8, 60) if len(cbor2.dumps(given)) < 500]
    valid += [bytes.fromhex(written) for written, _ in EXAMPLES]
    everything = {"several": "split", "keys": "text", "nonfinite": "text", "tags": "content", "times": "text"}
    for settings in ({}, everything, {"deterministic": True}):
        good, bad = survives(FROM.run(settings), list(mutations(valid, chance, 4000)))
        assert good > 100
        assert bad > 100
    texts = [compact(given) for given in random_values(9, 60) if len(compact(given)) < 500]
    good, bad = survives(TO.run({"numbers": "decimal"}), list(mutations(texts, chance, 3000)), of="cbor")
    assert good > 100
    assert bad > 100


@pytest.mark.parametrize("head", ["9b", "bb", "5b", "7b", "9a", "ba", "5a", "7a"])
def test_a_length_that_is_not_there_costs_nothing(head: str) -> None:
    run = FROM.run({})
    before = run.guest.memory_size
    assert run.one(bytes.fromhex(head) + b"\xff" * 8)[0] == "truncated"
    assert run.one(bytes.fromhex("9a000000ff") * 400 + b"\x00" * 300)[0] == "truncated"
    assert run.guest.memory_size <= before + (1 << 20)


def test_containers_are_512_deep_at_most() -> None:
    run = FROM.run({})
    for opening, closing in ((b"\x81", b""), (b"\x9f", b"\xff")):
        text = opening * 511 + b"\x80" + closing * 511
        assert json.loads(run.one(text)) == json.loads("[" * 512 + "]" * 512)
        assert run.one(opening * 512 + b"\x80") == ("too_deep", 512)
    assert run.one(b"\xa1\x61a" * 512 + b"\xa0") == ("too_deep", 1536)
    assert run.one(b"\xd9\xd9\xf7" * 100_000 + b"\x01") == b"1\n"  # tags in tags aren't containers


def test_ten_thousand_members_and_one_key_twice() -> None:
    run = FROM.run({})
    names = {f"name-{i}": i for i in range(10_000)}
    packed = cbor2.dumps(names)
    assert json.loads(run.one(packed)) == names
    again = packed.replace(b"\x69name-9999", b"\x69name-7777")
    assert run.one(again) == ("duplicate_key", again.rindex(b"\x69name-7777"))


def test_memory_is_a_high_water_mark() -> None:
    for module, message in ((FROM, cbor2.dumps({"a": ["x" * 3000, 1.5]})), (TO, compact({"a": ["x" * 3000, 1.5]}))):
        run = module.run({})
        sizes = []
        for _ in range(10):
            run.transform([message] * 300)
            sizes.append(run.guest.memory_size)
        assert sizes[2] == sizes[-1]


def test_a_result_that_does_not_fit_is_refused() -> None:
    controls = b"\x7a" + (12 << 20).to_bytes(4, "big") + b"\x01" * (12 << 20)
    assert FROM.run({}).transform([b"\x01", controls, b"\x02"]) == [b"1\n", ("too_large", None), b"2\n"]
    zeros = b"[" + b"0," * (5 << 20) + b"0]"
    assert TO.run({}).transform([b"1", zeros, b"2"]) == [b"\x01", ("too_large", None), b"\x02"]
