"""The committed logfmt-to-json.wasm: any object there and back, bytes of no meaning, and work that stays linear."""

import json
import random
import re

from converting import mutations, survives
from hypothesis import given, settings
from hypothesis import strategies as st
from sandboxed import MODULES, Sandboxed

MODULE = Sandboxed(MODULES / "logfmt-to-json")
keys = st.text(min_size=1, max_size=8).filter(lambda key: not re.search(r'[\x00-\x20\x7f="]', key))


def quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(keys, st.text(max_size=12), min_size=1, max_size=6), st.booleans())
def test_any_texts_come_back(members: dict[str, str], bare: bool) -> None:
    pairs = [f"{key}={quoted(value)}" for key, value in members.items()]
    result = MODULE.run({"bare": "null"}).one(" ".join(pairs) + ("\tlast-of-all" if bare else "\n"))
    assert isinstance(result, bytes)
    assert json.loads(result) == members | ({"last-of-all": None} if bare else {})


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz")), min_size=1, max_size=12))
def test_keys_that_come_again(pairs: list[tuple[str, str]]) -> None:
    line = " ".join(f"{key}={value}" for key, value in pairs)
    gathered: dict[str, list[str]] = {}
    for key, value in pairs:
        gathered.setdefault(key, []).append(value)
    one_each = {key: values[0] if len(values) == 1 else values for key, values in gathered.items()}
    for repeated, expected in (
        ("first", {key: values[0] for key, values in gathered.items()}),
        ("last", {key: values[-1] for key, values in gathered.items()}),
        ("array", one_each),
    ):
        result = MODULE.run({"repeated": repeated}).one(line)
        assert isinstance(result, bytes)
        assert json.loads(result) == expected
    refused = MODULE.run({}).one(line)
    assert isinstance(refused, tuple) == any(len(values) > 1 for values in gathered.values())


def test_hostile_bytes_pass_or_are_refused() -> None:
    chance = random.Random(3)
    valid = [b'a=1 b="x \\"y\\" \\u00e9" c', b"at=info status=200 d=", 'größe="é" k=v'.encode()]
    for config in ({}, {"repeated": "array", "equals": "value", "values": "infer", "bare": "null"}):
        good, bad = survives(MODULE.run(config), list(mutations(valid, chance, 4000)))
        assert good > 100
        assert bad > 100


def test_a_hundred_thousand_keys_and_one_twice() -> None:
    line = b" ".join(b"k%d=%d" % (number, number) for number in range(100_000))
    result = MODULE.run({}).one(line)
    assert isinstance(result, bytes)
    assert len(json.loads(result)) == 100_000
    assert MODULE.run({}).one(line + b" k5=1") == ("duplicate_key", len(line) + 1)
