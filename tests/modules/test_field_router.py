"""The committed field-router.wasm: which route is taken, where the member goes, and what stays as it was."""

import json
from typing import Any

import jsonschema
import pytest
from harness import PASS, Build, ConfigurationRefused, Guest
from hypothesis import given, settings
from hypothesis import strategies as st

BUILD = Build("field-router")
ROUTES = [{"when": f"/n >= {least}", "set": name} for least, name in ((100, "high"), (10, "middle"), (0, "low"))]


def routing(**configuration: Any) -> Guest:
    jsonschema.validate(configuration, BUILD.manifest["config"], jsonschema.Draft202012Validator)
    return Guest(BUILD, configuration)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(-5, 200), max_size=8))
def test_the_first_route_that_holds(numbers: list[int]) -> None:
    guest = routing(into="/to", routes=ROUTES, default="none")
    outputs = guest.transform([b'{"n":%d}' % number for number in numbers])
    for number, output in zip(numbers, outputs, strict=True):
        name = "high" if number >= 100 else "middle" if number >= 10 else "low" if number >= 0 else "none"
        assert output.data == b'{"n":%d,"to":"%s"}\n' % (number, name.encode())


keys = st.sampled_from(["a", "b", "c"])
objects = st.recursive(
    st.dictionaries(keys, st.integers(), max_size=2),
    lambda inner: st.dictionaries(keys, inner, max_size=3),
    max_leaves=4,
)


@settings(max_examples=300, deadline=None)
@given(objects, st.lists(keys, min_size=1, max_size=3), st.sampled_from([None, 1]))
def test_the_member_goes_anywhere_and_all_else_stays(
    message: dict[str, Any], path: list[str], indent: int | None
) -> None:
    guest = routing(into="".join(f"/{key}" for key in path), routes=ROUTES, default="x", existing="replace")
    (output,) = guest.transform([json.dumps(message, indent=indent).encode()])
    expected = json.loads(json.dumps(message))
    here: Any = expected
    for key in path[:-1]:
        here = here.setdefault(key, {}) if isinstance(here, dict) else here
    if not isinstance(here, dict):
        assert output.data.startswith(b"not_an_object ")
        return
    here[path[-1]] = "x"
    assert output.status == PASS
    assert list(json.loads(output.data).items()) == list(expected.items())


def test_a_text_is_written_as_json_needs_it() -> None:
    guest = routing(into="/~1\n", routes=[{"when": "/a == 1", "set": 'é"\\\x01'}])
    assert guest.one('{"a":1}') == '{"a":1,"/\\n":"é\\"\\\\\\u0001"}'.encode()


@pytest.mark.parametrize(
    ("configuration", "error"),
    [
        ({"routes": ROUTES}, "configuration: needs the key `into`"),
        ({"into": "/a"}, "configuration: needs the key `routes`"),
        ({"into": "", "routes": ROUTES}, "into: must name a member, at most 64 levels deep"),
        ({"into": "/a", "routes": [{"when": "/a == 1"}]}, "routes[0]: needs the key `set`"),
        ({"into": "/a", "routes": [{"when": "/a == 1", "set": 1}]}, "routes[0].set: must be a string"),
        ({"into": "/a", "routes": ROUTES, "default": 1}, "default: must be a string"),
        ({"into": "/a", "routes": ROUTES, "else": "keep"}, "else: must be one of refuse, drop, pass"),
        ({"into": "/a", "routes": ROUTES, "on_error": "skip"}, "on_error: must be one of refuse, next"),
        ({"into": "/a", "routes": ROUTES, "existing": "x"}, "existing: must be one of refuse, keep, replace"),
    ],
)
def test_a_configuration_that_cannot_be_used_is_refused(configuration: dict[str, Any], error: str) -> None:
    with pytest.raises(ConfigurationRefused) as refused:
        Guest(BUILD, configuration)
    assert str(refused.value) == error


@settings(max_examples=100, deadline=None)
@given(st.lists(st.binary(max_size=40) | st.text('{}[]",:a\\u0 1e.-', max_size=40).map(str.encode), max_size=5))
def test_any_bytes_pass_or_are_refused(batch: list[bytes]) -> None:
    for output in routing(into="/a/b", routes=ROUTES, default="x").transform(batch):
        assert output.status != PASS or json.loads(output.data)["a"]["b"] == "x"


def test_a_result_that_does_not_fit_refuses_its_message_alone() -> None:
    guest = Guest(BUILD, {"into": "/to", "routes": ROUTES, "default": "x"}, memory=3 << 20)
    outputs = guest.transform([b"{}", b'{"a":"' + b"x" * 1_400_000 + b'"}', b"{}"])
    assert [output.data for output in outputs] == [b'{"to":"x"}\n', b"too_large", b'{"to":"x"}\n']
