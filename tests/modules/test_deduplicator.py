"""The committed deduplicator.wasm: which messages of a batch are one, beside how Python compares their values."""

import json
import random
from decimal import Decimal
from typing import Any

import pytest
from harness import DROP, PASS, Build, ConfigurationRefused, Guest
from hypothesis import given, settings
from hypothesis import strategies as st

BUILD = Build("deduplicator")


def written(value: Any, chance: random.Random) -> str:
    """A value as JSON, spelled in one of many ways."""
    space = chance.choice(["", " ", "\n"])
    if isinstance(value, dict):
        members = chance.sample(list(value.items()), len(value))
        inner = [f"{written(key, chance)}{space}:{written(member, chance)}" for key, member in members]
        return "{" + space + f",{space}".join(inner) + "}"
    if isinstance(value, list):
        return "[" + f"{space},".join(written(item, chance) for item in value) + space + "]"
    if isinstance(value, str):
        return chance.choice([json.dumps(value), json.dumps(value, ensure_ascii=False), spelled(value)])
    if isinstance(value, Decimal):
        return chance.choice(
            [f"{value:f}", f"{value:E}", f"{value:f}.0" if value == value.to_integral() else f"{value:f}0"]
        )
    return json.dumps(value)


def spelled(text: str) -> str:
    return '"' + "".join(f"\\u{unit:04x}" for unit in memoryview(text.encode("utf-16-le")).cast("H")) + '"'


def comparable(value: Any) -> Any:
    """What is equal for equal values, and for no others."""
    if isinstance(value, dict):
        return "object", frozenset((key, comparable(member)) for key, member in value.items())
    if isinstance(value, list):
        return "array", tuple(map(comparable, value))
    return type(value).__name__, value


texts = st.sampled_from(["", "a", "é", "\U0001f600", "1", '"', "\n", "\uffff"])
scalars = st.none() | st.booleans() | st.sampled_from(["1", "-0", "0", "0.5", "12"]).map(Decimal) | texts
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(texts, inner, max_size=2), max_leaves=4
)


@settings(max_examples=300, deadline=None)
@given(st.lists(values, max_size=12), st.randoms(use_true_random=False))
def test_any_batch(batch: list[Any], chance: random.Random) -> None:
    guest = Guest(BUILD, {})
    messages = [written(value, chance) for value in batch]
    seen: set[Any] = set()
    for output, value, message in zip(guest.transform([m.encode() for m in messages]), batch, messages, strict=True):
        assert output.status == (DROP if comparable(value) in seen else PASS)
        assert output.status == DROP or output.data.decode() == message + "\n"
        seen.add(comparable(value))
    assert guest.report == ({"duplicates": len(batch) - len(seen)} if len(seen) < len(batch) else {})


def test_a_batch_knows_nothing_of_the_one_before() -> None:
    guest = Guest(BUILD, {"by": ["/id"]})
    for _ in range(3):
        assert [output.status for output in guest.transform([b'{"id":1}', b'{"id":1}'])] == [PASS, DROP]


def test_many_messages() -> None:
    guest = Guest(BUILD, {})
    messages = [b'{"id":%d}' % (number % 6000) for number in range(10_000)]
    outputs = guest.transform(messages)
    assert [output.status for output in outputs] == [PASS] * 6000 + [DROP] * 4000


@pytest.mark.parametrize(
    ("configuration", "error"),
    [
        ({"x": 1}, "configuration: has no key `x`; it has by, missing"),
        ({"by": "/a"}, "by: must be an array"),
        ({"by": ["a"]}, "by[0]: `a` must be empty or begin with `/`"),
        ({"by": ["/~"]}, "by[0]: `/~` has a `~` that isn't one of `~0` (~), `~1` (/)"),
        ({"missing": "drop"}, "missing: must be one of pass, refuse, same"),
    ],
)
def test_a_configuration_that_cannot_be_used_is_refused(configuration: dict[str, Any], error: str) -> None:
    with pytest.raises(ConfigurationRefused) as refused:
        Guest(BUILD, configuration)
    assert str(refused.value) == error


@settings(max_examples=100, deadline=None)
@given(st.lists(st.binary(max_size=40) | st.text('{}[]",:a\\u0 1e.-', max_size=40).map(str.encode), max_size=5))
def test_any_bytes_pass_or_are_dropped_or_refused(batch: list[bytes]) -> None:
    for output in Guest(BUILD, {"by": ["/a"], "missing": "same"}).transform(batch):
        if output.status == PASS:
            json.loads(output.data)


def test_memory_is_a_high_water_mark() -> None:
    guest = Guest(BUILD, {})
    sizes = []
    for _ in range(10):
        guest.transform([b'{"a":"\\u0078' + b"x" * 3000 + b'","b":%d}\n' % number for number in range(300)])
        sizes.append(guest.size)
    assert sizes[2] == sizes[-1]
