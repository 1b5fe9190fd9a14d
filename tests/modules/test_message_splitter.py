"""The committed message-splitter.wasm: items byte for byte, what goes with them, and all or nothing."""

import json
from typing import Any

import jsonschema
import pytest
from harness import PASS, REFUSE, Build, ConfigurationRefused, Guest
from hypothesis import given, settings
from hypothesis import strategies as st

BUILD = Build("message-splitter")


def splitting(**configuration: Any) -> Guest:
    jsonschema.validate(configuration, BUILD.manifest["config"], jsonschema.Draft202012Validator)
    return Guest(BUILD, configuration)


texts = st.text('a,"[]{}\\é\n ', max_size=5)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None)
@given(st.lists(values, max_size=5), st.sampled_from([None, 1]), st.sampled_from([(",", ":"), (" , ", " : ")]))
def test_any_array(items: list[Any], indent: int | None, separators: tuple[str, str]) -> None:
    guest = splitting(at="/in/0")
    message = json.dumps({"in": [items], "x": [1]}, indent=indent, separators=separators)
    outputs = guest.transform([message.encode()])
    assert [json.loads(output.data) for output in outputs if output.status == PASS] == items
    assert len(outputs) == max(1, len(items))
    assert all(output.data == output.data.strip() + b"\n" for output in outputs if output.status == PASS)
    assert guest.report == ({"items": len(items)} if items else {"empty": 1})


@settings(max_examples=200, deadline=None)
@given(st.lists(values, min_size=1, max_size=3), st.dictionaries(st.sampled_from(["a", "b", "~/"]), values, max_size=3))
def test_any_fields_go_with_each_item(items: list[Any], fields: dict[str, Any]) -> None:
    guest = splitting(at="/items", **{"as": "/item"}, keep=["/a", "/k/b", "/~0~1"])
    message = {"k": fields, "items": items} | fields
    expected = {key: fields[key] for key in ("a", "~/") if key in fields}
    if "b" in fields:
        expected["k"] = {"b": fields["b"]}
    outputs = guest.transform([json.dumps(message).encode()])
    assert [json.loads(output.data) for output in outputs] == [expected | {"item": item} for item in items]


def test_a_message_that_would_make_too_much_passes_nothing() -> None:
    guest = Guest(BUILD, {"at": "/i", "as": "/i", "keep": ["/k"]}, memory=6 << 20)
    big = b'{"k":"' + b"x" * 10_000 + b'","i":[' + b"1," * 1000 + b"1]}"
    outputs = guest.transform([b'{"i":[1,2]}', big, b'{"i":[3]}'])
    assert [(output.source, output.data) for output in outputs] == [
        (0, b'{"i":1}\n'), (0, b'{"i":2}\n'), (1, b"too_large"), (2, b'{"i":3}\n'),
    ]  # fmt: skip


def test_very_many_items() -> None:
    guest = splitting()
    outputs = guest.transform([b"[" + b"0," * 99_999 + b"1]"])
    assert len(outputs) == 100_000
    assert outputs[-1].data == b"1\n"


@pytest.mark.parametrize(
    ("configuration", "error"),
    [
        ({"at": "items"}, "at: `items` must be empty or begin with `/`"),
        ({"as": ""}, "as: must name a member, at most 64 levels deep"),
        ({"as": "/a", "keep": "/b"}, "keep: must be an array"),
        ({"as": "/a", "keep": [""]}, "keep[0]: must name a member, at most 64 levels deep"),
        ({"as": "/a", "keep": ["/b/c", "/b"]}, "keep[1]: is, or has in it, what is kept already"),
        ({"as": "/a", "keep": ["/b", "/b"]}, "keep[1]: is, or has in it, what is kept already"),
        ({"missing": "drop"}, "missing: must be one of refuse, pass"),
        ({"to": "/a"}, "configuration: has no key `to`; it has at, as, keep, missing"),
    ],
)
def test_a_configuration_that_cannot_be_used_is_refused(configuration: dict[str, Any], error: str) -> None:
    with pytest.raises(ConfigurationRefused) as refused:
        Guest(BUILD, configuration)
    assert str(refused.value) == error


@settings(max_examples=200, deadline=None)
@given(st.lists(st.binary(max_size=40) | st.text('{}[]",:a\\u0 1e.-', max_size=40).map(str.encode), max_size=5))
def test_any_bytes_pass_or_are_dropped_or_refused(batch: list[bytes]) -> None:
    for output in splitting(missing="pass").transform(batch):
        assert output.status in (PASS, 1, REFUSE)
        if output.status == PASS:
            json.loads(output.data)


def test_memory_is_a_high_water_mark() -> None:
    guest = splitting(at="/i", **{"as": "/i"}, keep=["/k"])
    sizes = []
    for _ in range(10):
        guest.transform([b'{"k":"' + b"x" * 300 + b'","i":[1,2,3]}\n'] * 300)
        sizes.append(guest.size)
    assert sizes[2] == sizes[-1]
