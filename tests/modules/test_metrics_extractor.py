"""The committed metrics-extractor.wasm: sums beside Python's decimals, messages as they came."""

import json
from decimal import Decimal
from typing import Any

import jsonschema
import pytest
from harness import PASS, Build, ConfigurationRefused, Guest
from hypothesis import given, settings
from hypothesis import strategies as st

BUILD = Build("metrics-extractor")


def measuring(*rules: dict[str, Any], **more: str) -> Guest:
    configuration = {"rules": list(rules), **more}
    jsonschema.validate(configuration, BUILD.manifest["config"], jsonschema.Draft202012Validator)
    return Guest(BUILD, configuration)


amounts = st.decimals(-5, 10**8, places=4, allow_nan=False, allow_infinity=False)


@settings(max_examples=300, deadline=None)
@given(st.lists(amounts, max_size=12), st.integers(0, 6), st.booleans())
def test_any_sums(numbers: list[Decimal], scale: int, scientific: bool) -> None:
    guest = measuring({"name": "s", "kind": "sum", "value": "/a", "scale": scale}, {"name": "n"}, unreadable="skip")
    texts = [f"{number:E}" if scientific else f"{number:f}" for number in numbers]
    outputs = guest.transform([f'{{"a": {text}}}'.encode() for text in texts])
    assert [output.data for output in outputs] == [f'{{"a": {text}}}\n'.encode() for text in texts]
    scaled = [number.scaleb(scale) for number in numbers]
    taken = [number for number in scaled if number >= 0 and number == number.to_integral()]
    expected = {"s": int(sum(taken)), "n": len(numbers), "skipped": len(numbers) - len(taken)}
    assert guest.report == {name: count for name, count in expected.items() if count}


texts = st.text('a,"[]{}\\é\n ', max_size=5)
values = st.recursive(
    st.integers() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(st.lists(values, max_size=4) | st.dictionaries(texts, values, max_size=4), st.sampled_from([None, 1]))
def test_any_items(container: Any, indent: int | None) -> None:
    guest = measuring({"name": "i", "kind": "items", "value": ""})
    guest.transform([json.dumps(container, indent=indent).encode()])
    assert guest.report.get("i", 0) == len(container)


def test_each_batch_begins_at_0() -> None:
    guest = measuring({"name": "big", "when": "/a > 5"}, {"name": "all"})
    for _ in range(3):
        guest.transform([b'{"a":6}', b'{"a":5}', b"not JSON"])
        assert guest.report == {"big": 1, "all": 2}
    guest.transform([])
    assert guest.report == {}


@pytest.mark.parametrize(
    ("rule", "error"),
    [
        ({}, "rules[0]: needs the key `name`"),
        ({"name": "a b"}, "rules[0].name: must be letters, digits"),
        ({"name": ""}, "rules[0].name: must be letters, digits"),
        ({"name": "a" * 64}, "rules[0].name: must be letters, digits"),
        ({"name": "a", "kind": "mean"}, "rules[0].kind: must be one of count, sum, items"),
        ({"name": "a", "value": "/a"}, "rules[0].value: is for the kinds sum and items"),
        ({"name": "a", "kind": "sum", "value": "a"}, "rules[0].value: `a` must be empty or begin with `/`"),
        ({"name": "a", "kind": "sum", "value": "/a", "scale": 10}, "rules[0].scale: must be an integer from 0 to 9"),
        ({"name": "a", "kind": "items", "value": "/a", "scale": 1}, "rules[0].scale: is for the kind sum"),
        ({"name": "a", "unit": "EUR"}, "rules[0]: has no key `unit`; it has name, kind, value, scale, when"),
    ],
)
def test_a_rule_that_cannot_be_used_is_refused(rule: dict[str, Any], error: str) -> None:
    with pytest.raises(ConfigurationRefused) as refused:
        Guest(BUILD, {"rules": [rule]})
    assert str(refused.value).startswith(error)


@pytest.mark.parametrize(
    ("configuration", "error"),
    [
        ({}, "configuration: needs the key `rules`"),
        ({"rules": []}, "rules: must have a rule, and at most 500"),
        ({"rules": [{"name": f"r{i}"} for i in range(501)]}, "rules: must have a rule, and at most 500"),
        ({"rules": [{"name": "a"}], "unreadable": "drop"}, "unreadable: must be one of refuse, skip"),
    ],
)
def test_a_configuration_that_cannot_be_used_is_refused(configuration: dict[str, Any], error: str) -> None:
    with pytest.raises(ConfigurationRefused) as refused:
        Guest(BUILD, configuration)
    assert str(refused.value) == error


@settings(max_examples=100, deadline=None)
@given(st.lists(st.binary(max_size=40) | st.text('{}[]",:a\\u0 1e.-', max_size=40).map(str.encode), max_size=5))
def test_any_bytes_pass_or_are_refused(batch: list[bytes]) -> None:
    guest = measuring({"name": "s", "kind": "sum", "value": "/a"}, {"name": "i", "kind": "items", "value": "/0"})
    for output in guest.transform(batch):
        if output.status == PASS:
            json.loads(output.data)


def test_a_result_that_does_not_fit_refuses_its_message_alone_and_adds_nothing() -> None:
    guest = Guest(BUILD, {"rules": [{"name": "n"}]}, memory=3 << 20)
    outputs = guest.transform([b"{}", b'{"a":"' + b"x" * 1_400_000 + b'"}', b"{}"])
    assert [output.data for output in outputs] == [b"{}\n", b"too_large", b"{}\n"]
    assert guest.report == {"n": 2}
