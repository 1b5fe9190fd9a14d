"""The committed content-hash.wasm: the canonical forms beside RFC 8785's samples and a writer of them in Python."""

import hashlib
import hmac
import json
import struct
from decimal import Decimal
from typing import Any

import pytest
from harness import PASS, Build, ConfigurationRefused, Guest
from hypothesis import given, settings
from hypothesis import strategies as st

BUILD = Build("content-hash")
SECRET = b"0123456789abcdef"


def es6(number: float) -> str:
    """A double as ECMA-262's Number::toString writes it, out of the same shortest digits as `repr`."""
    sign, digits, exponent = Decimal(repr(number)).normalize().as_tuple()
    assert isinstance(exponent, int)
    text, point = "".join(map(str, digits)), len(digits) + exponent
    if number == 0:
        return "0"
    if len(text) <= point <= 21:
        plain = text + "0" * (point - len(text))
    elif 0 < point <= 21:
        plain = f"{text[:point]}.{text[point:]}"
    elif -6 < point <= 0:
        plain = f"0.{'0' * -point}{text}"
    else:
        plain = f"{text[0]}{'.' * (len(text) > 1)}{text[1:]}e{point - 1:+}"
    return "-" * sign + plain


def jcs(value: Any) -> str:
    if isinstance(value, dict):
        order = sorted(value, key=lambda key: key.encode("utf-16-be"))
        return "{" + ",".join(f"{jcs(key)}:{jcs(value[key])}" for key in order) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(jcs, value)) + "]"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return es6(float(value))
    return json.dumps(value, ensure_ascii=False)


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def of(guest: Guest, message: str) -> str:
    """The hash of a field of the message, in the form of the guest."""
    result = guest.one(f'{{"of":{message}}}')
    assert isinstance(result, bytes), result
    return str(json.loads(result)["h"])


@pytest.fixture(scope="module")
def field() -> Guest:
    return Guest(BUILD, {"into": "/h", "of": ["/of"]})


def test_the_samples_of_rfc_8785(field: Guest) -> None:
    sample = r"""{"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false]}"""
    form = (
        '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )
    assert of(field, sample) == sha256(f"[{form}]")
    keys = r'{"\u20ac":5,"\r":1,"\ufb33":7,"1":2,"\ud83d\ude00":6,"\u0080":3,"\u00f6":4}'
    assert of(field, keys) == sha256('[{"\\r":1,"1":2,"\u0080":3,"ö":4,"€":5,"😀":6,"\ufb33":7}]')


@settings(max_examples=500, deadline=None)
@given(st.integers(0, 2**64 - 1))
def test_any_double_is_written_as_ecmascript_does(bits: int) -> None:
    (number,) = struct.unpack("<d", bits.to_bytes(8, "little"))
    if number - number == 0:
        assert of(Guest(BUILD, {"into": "/h", "of": ["/of"]}), repr(number)) == sha256(f"[{es6(number)}]")


keys = st.text(st.characters(exclude_categories=["Cs"]), max_size=3) | st.sampled_from(
    ["\ue000", "\uffff", "\U00010000"]
)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, allow_infinity=False) | keys,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(values, st.booleans(), st.booleans())
def test_any_value_in_the_form_of_rfc_8785(value: Any, ascii_only: bool, spaced: bool) -> None:
    guest = Guest(BUILD, {"into": "/h", "of": ["/of"]})
    text = json.dumps(value, ensure_ascii=ascii_only, indent=1 if spaced else None)
    assert of(guest, text) == sha256(jcs([value]))


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(keys.filter(lambda key: key != "h"), values, max_size=4))
def test_a_message_hashed_whole_and_keyed(message: dict[str, Any]) -> None:
    guest = Guest(BUILD, {"into": "/h", "secret": "content"}, secrets={"content": SECRET})
    (output,) = guest.transform([json.dumps(message).encode()])
    assert output.status == PASS
    expected = hmac.digest(SECRET, jcs(message).encode(), "sha256").hex()
    assert json.loads(output.data) == message | {"h": expected}


@pytest.mark.parametrize(
    ("number", "form"),
    [
        ("9007199254740993.0", "9007199254740993"),
        ("-0.0e-0", "0"),
        ("1e400", "1e+400"),
        ("12345678901234567890123", "1.2345678901234567890123e+22"),
        ("0.10000000000000000000001", "0.10000000000000000000001"),
    ],
)
def test_numbers_in_the_exact_form(number: str, form: str) -> None:
    assert of(Guest(BUILD, {"into": "/h", "of": ["/of"], "form": "exact"}), number) == sha256(f"[{form}]")


@pytest.mark.parametrize(
    ("configuration", "error"),
    [
        ({}, "configuration: needs the key `into`"),
        ({"into": "/h", "x": 1}, "configuration: has no key `x`"),
        ({"into": "h"}, "into: `h` must be empty or begin with `/`"),
        ({"into": "/h", "of": []}, "of: must have a field"),
        ({"into": "/h", "of": ["a"]}, "of[0]: `a` must be empty or begin with `/`"),
        ({"into": "/h", "form": "c14n"}, "form: must be one of jcs, exact"),
        ({"into": "/h", "encoding": "base64"}, "encoding: must be one of hex, base64url"),
        ({"into": "/h", "existing": "drop"}, "existing: must be one of refuse, keep, replace"),
        ({"into": "/h", "secret": 1}, "secret: must be a string"),
    ],
)
def test_a_configuration_that_cannot_be_used_is_refused(configuration: dict[str, Any], error: str) -> None:
    with pytest.raises(ConfigurationRefused) as refused:
        Guest(BUILD, configuration)
    assert str(refused.value).startswith(error)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.binary(max_size=40) | st.text('{}[]",:a\\u0 1e.-', max_size=40).map(str.encode), max_size=5))
def test_any_bytes_pass_or_are_refused(batch: list[bytes]) -> None:
    for output in Guest(BUILD, {"into": "/h"}).transform(batch):
        assert output.status != PASS or "h" in json.loads(output.data)


def test_memory_is_a_high_water_mark_and_the_deepest_message_is_hashed() -> None:
    guest = Guest(BUILD, {"into": "/h"})
    deep = '{"a":' + "[" * 511 + "]" * 511 + "}"
    assert json.loads(guest.one(deep) or b"")["h"] == sha256(deep)
    sizes = []
    for _ in range(10):
        guest.transform([b'{"a":"\\u0078' + b"x" * 3000 + b'","b":[1]}\n'] * 300)
        sizes.append(guest.size)
    assert sizes[2] == sizes[-1]
