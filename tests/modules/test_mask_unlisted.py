"""The committed mask.wasm: values that no path lists, under keep, drop and refuse."""

import pytest
from masking import KEEP, mask


@pytest.mark.parametrize(
    ("paths", "message", "result"),
    [
        (["/a/b"], '{"a":{"b":1,"c":2},"d":3}', b'{"a":{"b":1}}'),
        (["/a/b"], '{"a":1}', b"{}"),
        (["/a/b"], '{"a":[{"b":1}]}', b"{}"),
        (["/a/b"], '{"a":{}}', b'{"a":{}}'),
        (["/a/b"], '{"a":{"c":1,"d":[2]}}', b'{"a":{}}'),
        (["/a/0"], '{"a":[1,2],"b":3}', b'{"a":[1]}'),
        (["/a/*"], '{"a":[],"b":[]}', b'{"a":[]}'),
        (["/a/*/c"], '{"a":[{"c":1,"d":2},3,[4],{}]}', b'{"a":[{"c":1},{}]}'),
        (["/**/x"], '{"a":1,"b":{"x":2,"y":3},"c":[[],4]}', b'{"b":{"x":2}}'),
        # A key that wildcards alone lead to may be anything: with nothing listed in it, it goes.
        (["/a/*/x"], '{"a":{"ann@mail.example":{"y":1},"b":{"x":2,"z":[3]}}}', b'{"a":{"b":{"x":2}}}'),
        (["/a/*/x"], '{"a":{"b":{"x":2},"ann@mail.example":{"y":1}}}', b'{"a":{"b":{"x":2}}}'),
        (["/a/*/x"], '{"a":{"p":{"x":1}, "ann@mail.example":{} ,"q":{"x":2}}}', b'{"a":{"p":{"x":1} ,"q":{"x":2}}}'),
        (["/a/*/x"], '{"a":{"ann@mail.example":{},"bob":{"y":[1]}}}', b'{"a":{}}'),
        (["/a/*/*/x"], '{"a":{"ann":[{"y":1},{}],"bob":[{"y":1},{"x":2}]}}', b'{"a":{"bob":[{},{"x":2}]}}'),
        (["/a/*/b/x"], '{"a":{"ann":{"b":{"y":1}},"bob":{"b":{"x":1}}}}', b'{"a":{"bob":{"b":{"x":1}}}}'),
        (["/**/x"], '{"ann":{"bob":{"cy":{"y":{"z":1}}}},"dan":{"x":1}}', b'{"dan":{"x":1}}'),
        (["/**/x", "/ann/y"], '{"ann":{"bob":{}}}', b'{"ann":{}}'),
        (["/a", "/c"], '{"b":0,"a":1,"b":2,"c":3,"d":4}', b'{"a":1,"c":3}'),
        (["/c"], '{\n  "a": 1,\n  "b": 2,\n  "c": 3,\n  "d": 4\n}', b'{   "c": 3 }'),
        ([""], '{"a":[1]}', b'{"a":[1]}'),
    ],
)
def test_drop_keeps_what_is_listed_and_the_containers_on_the_way(paths: list[str], message: str, result: bytes) -> None:
    assert mask((paths, KEEP), unlisted="drop").one(message) == result


@pytest.mark.parametrize(
    ("message", "offset"),
    [
        ('{"a":{"b":1},"d":3}', 13),
        ('{"d":3,"a":{"b":1}}', 1),
        ('{ "a":{"b":1, "c" : 2}, "d": 1}', 14),
        ('{"a":[0]}', 1),
        ("[]", 0),
        (" 1", 0),
    ],
)
def test_refuse_names_where_the_first_unlisted_value_begins(message: str, offset: int) -> None:
    guest = mask(("/a/b", KEEP), unlisted="refuse")
    assert guest.one(message) == f"unlisted_field {offset}"
    assert guest.report == {}


@pytest.mark.parametrize("message", ["1", " null", "[1]", '"x"'])
def test_drop_refuses_a_message_that_is_itself_unlisted(message: str) -> None:
    assert mask(("/a", KEEP), unlisted="drop").one(message) == "unlisted_field 0"
    assert mask(unlisted="drop").one(message) == "unlisted_field 0"


@pytest.mark.parametrize(
    ("message", "offset"),
    [
        ('{"a":{"ann@mail.example":{}}}', 6),
        ('{"a":{"b":{"x":1},"ann@mail.example":{}}}', 18),
        ('{"a":{"ann@mail.example":[{}]}}', 6),
    ],
)
def test_refuse_refuses_keys_that_wildcards_alone_lead_to(message: str, offset: int) -> None:
    guest = mask((["/a/*/x", "/a/*/*/x"], KEEP), unlisted="refuse")
    assert guest.one(message) == f"unlisted_field {offset}"
    assert guest.one('{"a":{"b":{"x":1},"c":[{"x":2},{}]}}') == b'{"a":{"b":{"x":1},"c":[{"x":2},{}]}}'


def test_malformed_comes_before_unlisted() -> None:
    assert mask(("/a", KEEP), unlisted="refuse").one('{"b":1,"a":}') == "invalid_json 11"
