"""msgpack-to-json and json-to-msgpack: their cases, the Python package msgpack as peer, and bytes that mean harm."""

import json
import random
from typing import Any

import msgpack
import pytest
from converting import compact, mutations, passed, same, survives, truncations, value
from sandboxed import MODULES, Sandboxed

FROM, TO = Sandboxed(MODULES / "msgpack-to-json"), Sandboxed(MODULES / "json-to-msgpack")


def random_values(seed: int, count: int) -> list[Any]:
    chance = random.Random(seed)
    return [value(chance) for _ in range(count)]


def test_any_value_comes_as_the_peer_packed_it() -> None:
    values = random_values(1, 500)
    results = passed(FROM.run({}).transform([msgpack.packb(given) for given in values]))
    assert all(same(json.loads(result), given) for result, given in zip(results, values, strict=True))


def test_the_peer_unpacks_any_value() -> None:
    values = random_values(2, 500)
    packed = passed(TO.run({}).transform([compact(given) for given in values]))
    assert all(same(msgpack.unpackb(data), given) for data, given in zip(packed, values, strict=True))


def test_integers_and_text_are_packed_as_the_peer_packs_them() -> None:
    chance = random.Random(3)
    values: list[Any] = [
        [chance.randrange(-(2 ** chance.randrange(64)), 2 ** chance.randrange(65)) for _ in range(40)]
        for _ in range(50)
    ]
    values += [{"k" * size: "t" * size} for size in (0, 1, 31, 32, 255, 256, 65535, 65536)]
    packed = passed(TO.run({}).transform([compact(given) for given in values]))
    assert packed == [msgpack.packb(given) for given in values]


def test_there_and_back_is_the_same_json() -> None:
    texts = [compact(given) for given in random_values(4, 300)]
    there = passed(TO.run({}).transform(texts))
    again = passed(TO.run({}).transform(passed(FROM.run({}).transform(there))))
    assert again == there


def test_timestamps_as_the_peer_has_them() -> None:
    chance = random.Random(5)
    seconds = [chance.choice([chance.randrange(2**34), chance.randrange(-(2**35), 2**37)]) for _ in range(300)]
    nanos = [chance.choice([0, 1_000_000 * chance.randrange(1000), chance.randrange(10**9)]) for _ in seconds]
    moments = [msgpack.Timestamp(*moment) for moment in zip(seconds, nanos, strict=True)]
    results = passed(FROM.run({}).transform([msgpack.packb(moment) for moment in moments]))
    for moment, result in zip(moments, results, strict=True):
        written = json.loads(result)
        whole, _, rest = written.removesuffix("Z").partition(".")
        assert int((rest + "0" * 9)[:9]) == moment.nanoseconds
        assert whole == msgpack.Timestamp(moment.seconds, 0).to_datetime().isoformat()[:19]


def test_a_message_cut_anywhere_is_refused() -> None:
    chance = random.Random(6)
    for given in ([1, [2.5, {"a": "b" * 40}], None], {"k": [b"bytes", msgpack.Timestamp(1, 2)]}, value(chance, 3)):
        results = FROM.run({}).transform(truncations(msgpack.packb(given)))
        assert all(isinstance(result, tuple) and result[0] == "truncated" for result in results)


def test_hostile_bytes_pass_or_are_refused() -> None:
    chance = random.Random(7)
    valid = [msgpack.packb(given) for given in random_values(8, 60) if len(msgpack.packb(given)) < 500]
    for settings in ({}, {"several": "split", "keys": "text", "nonfinite": "text", "binary": "hex"}):
        good, bad = survives(FROM.run(settings), list(mutations(valid, chance, 4000)))
        assert good > 100
        assert bad > 100
    texts = [compact(given) for given in random_values(9, 60) if len(compact(given)) < 500]
    good, bad = survives(TO.run({}), list(mutations(texts, chance, 3000)), of="msgpack")
    assert good > 100
    assert bad > 100


@pytest.mark.parametrize("head", ["dc", "dd", "de", "df", "c4", "c5", "c6", "c7", "c8", "c9", "d9", "da", "db"])
def test_a_length_that_is_not_there_costs_nothing(head: str) -> None:
    run = FROM.run({})
    before = run.guest.memory_size
    assert run.one(bytes.fromhex(head) + b"\xff" * 40)[0] in ("truncated", "unknown_extension")
    nested = bytes.fromhex("dd000000ff") * 400 + b"\x00" * 300
    assert run.one(nested)[0] == "truncated"
    assert run.guest.memory_size <= before + (1 << 20)


def test_containers_are_512_deep_at_most() -> None:
    run = FROM.run({})
    assert json.loads(run.one(b"\x91" * 511 + b"\x90")) == json.loads("[" * 512 + "]" * 512)
    assert run.one(b"\x91" * 512 + b"\x90") == ("too_deep", 512)
    assert run.one(b"\x81\xa1a" * 512 + b"\x80") == ("too_deep", 1536)


def test_ten_thousand_members_and_one_key_twice() -> None:
    run = FROM.run({})
    names = {f"name-{i}": i for i in range(10_000)}
    packed = msgpack.packb(names)
    assert json.loads(run.one(packed)) == names
    again = packed.replace(b"\xa9name-9999", b"\xa9name-7777")
    assert run.one(again) == ("duplicate_key", again.rindex(b"\xa9name-7777"))


def test_memory_is_a_high_water_mark() -> None:
    for module, message in ((FROM, msgpack.packb({"a": ["x" * 3000, 1.5]})), (TO, compact({"a": ["x" * 3000, 1.5]}))):
        run = module.run({})
        sizes = []
        for _ in range(10):
            run.transform([message] * 300)
            sizes.append(run.guest.memory_size)
        assert sizes[2] == sizes[-1]


def test_a_result_that_does_not_fit_is_refused() -> None:
    controls = b"\xdb" + (12 << 20).to_bytes(4, "big") + b"\x01" * (12 << 20)
    assert FROM.run({}).transform([b"\x01", controls, b"\x02"]) == [b"1\n", ("too_large", None), b"2\n"]
