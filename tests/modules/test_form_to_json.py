"""The committed form-to-json.wasm: what Python reads of random forms, what is written with brackets, and limits."""

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote_plus, unquote_to_bytes

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sandboxed import MODULES, Sandboxed

from gateway.flow import Limits

MODULE = Sandboxed(MODULES / "form-to-json")
STRICT = MODULE.run({"repeated": "array"})
LITERAL = MODULE.run({"repeated": "array", "percent": "literal"})
NESTED = MODULE.run({"nested": True, "depth": 64})

# ---- Flat forms, by Python's percent-decoding

PIECES = [
    *b'a b = & + % %41 %4 %C3 %A9 %e2%82%ac %F0%9F%98%80 %ED%A0%80 %26 %3D %25 %00 %22 ; [ ] " \\'.split(),
    *(b" ", b"\xc3", b"\xa9", b"\xf0\x9f\x98\x80"),
]
FORMS = st.lists(st.sampled_from(PIECES), max_size=40).map(b"".join)


def by_python(form: bytes) -> dict[str, Any]:
    """What the module with `percent: literal` makes of it. Raises UnicodeDecodeError."""
    found: dict[str, list[str]] = {}
    for field in filter(None, form.split(b"&")):
        name, _, value = (unquote_to_bytes(part).decode() for part in field.replace(b"+", b" ").partition(b"="))
        found.setdefault(name, []).append(value)
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}


@settings(max_examples=1500, deadline=None)
@given(FORMS)
def test_random_forms_are_read_as_python_reads_them(form: bytes) -> None:
    result = LITERAL.one(form)
    try:
        expected = by_python(form)
    except UnicodeDecodeError:
        assert isinstance(result, tuple)
        assert result[0] == "invalid_utf8"
        assert result[1] is not None
        assert form[result[1]] == ord("%") or form[result[1]] >= 0x80
    else:
        assert isinstance(result, bytes)
        assert json.loads(result) == expected
        assert list(json.loads(result)) == list(expected)


def is_percent_alone(form: bytes, at: int) -> bool:
    return re.match(rb"%(?![0-9A-Fa-f]{2})", form[at:]) is not None


@settings(max_examples=500, deadline=None)
@given(FORMS)
def test_percent_signs_alone_are_the_one_thing_that_is_refused_besides(form: bytes) -> None:
    result = STRICT.one(form)
    if isinstance(result, tuple) and result[0] == "form_bad_percent":
        assert result[1] is not None
        assert is_percent_alone(form, result[1])
    else:
        assert result == LITERAL.one(form)
        assert isinstance(result, tuple) or not any(is_percent_alone(form, at) for at in range(len(form)))


# ---- Brackets

NAMES = st.text(max_size=5).filter(lambda name: name and not name.isdigit() and not {"[", "]"} & set(name))
OBJECTS: st.SearchStrategy[Any] = st.recursive(
    st.dictionaries(NAMES, st.text(max_size=8), min_size=1, max_size=4),
    lambda inner: st.dictionaries(
        NAMES, inner | st.lists(inner | st.text(max_size=3), min_size=1, max_size=12), min_size=1, max_size=4
    ),
    max_leaves=20,
)


def fields(value: Any, name: str = "") -> Iterator[str]:
    if isinstance(value, str):
        yield f"{quote_plus(name)}={quote_plus(value)}"
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from fields(inner, f"{name}[{key}]" if name else str(key))


@settings(max_examples=300, deadline=None)
@given(OBJECTS, st.randoms(use_true_random=False))
def test_objects_and_arrays_come_back_from_their_brackets(value: dict[str, Any], chance: Any) -> None:
    written = list(fields(value))
    result = NESTED.one("&".join(written))
    assert isinstance(result, bytes)
    assert json.loads(result) == value
    # Whatever the order, it is that, or refused for an index that comes too early.
    chance.shuffle(written)
    shuffled = NESTED.one("&".join(written))
    if isinstance(shuffled, tuple):
        assert shuffled[0] == "form_bad_index"
    else:
        assert isinstance(shuffled, bytes)
        assert json.loads(shuffled) == value


# ---- Limits


def test_names_that_are_long_and_alike() -> None:
    run = MODULE.run({"fields": 10_000})
    names = ["x" * 1000 + f"{number:05}" + "y" * number for number in range(0, 3000, 3)]
    names += ["\0" * length for length in range(1, 2000)]
    result = run.one("&".join(f"{quote_plus(name)}=1" for name in names))
    assert isinstance(result, bytes)
    assert json.loads(result) == dict.fromkeys(names, "1")


def test_as_many_fields_as_there_may_be() -> None:
    run = MODULE.run({"fields": 10_000, "nested": True, "arrays": ["b"]})
    result = run.one("&".join(f"a[{number}]={number}" for number in range(10_000)))
    assert isinstance(result, bytes)
    assert json.loads(result) == {"a": [str(number) for number in range(10_000)]}
    assert isinstance(run.one("&".join(["b=1"] * 10_000)), bytes)
    assert run.one("&".join(["b=1"] * 10_001)) == ("form_too_many_fields", 40_000)


@pytest.mark.parametrize(
    "form",
    [
        "&".join(f"{number}" + "[x]" * 64 for number in range(10_000)),  # more objects than there is room for
        "a=" + "%00" * (3 << 20),  # a text that JSON writes with twice as many bytes
    ],
    ids=["objects", "text"],
)
def test_what_does_not_fit_costs_its_own_form(form: str) -> None:
    limits = Limits(time=30_000, memory=24 << 20, messages=100)
    run = MODULE.run({"nested": True, "depth": 64, "fields": 10_000}, limits=limits)
    for _ in range(2):
        assert run.transform([b"a=1", form.encode(), b"b=2"]) == [b'{"a":"1"}', ("too_large", None), b'{"b":"2"}']


def test_memory_is_a_high_water_mark() -> None:
    run = MODULE.run({"nested": True})
    forms = ["&".join(f"a[{number}][b]=%20{number}" for number in range(count)).encode() for count in (1, 30, 300)]
    sizes = []
    for _ in range(200):
        run.transform(forms * 10)
        sizes.append(run.guest.memory_size)
    assert sizes[-1] == sizes[20]
    assert sizes[-1] <= 8 << 20  # what an instance may have that is kept between requests
