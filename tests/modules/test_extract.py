"""The committed extract.wasm: sources by pointer, targets in the configuration's order, values byte for byte."""

import json
from typing import Any

import jsonschema
import pytest
from harness import PASS, REFUSE, Build, ConfigurationRefused, Guest
from hypothesis import given, settings
from hypothesis import strategies as st

BUILD = Build("extract")


def extract(fields: dict[str, str], **more: str) -> Guest:
    configuration = {"fields": fields, **more}
    jsonschema.validate(configuration, BUILD.manifest["config"], jsonschema.Draft202012Validator)
    return Guest(BUILD, configuration)


def test_the_module_exports_the_abi_and_imports_nothing() -> None:
    exports = {export.name for export in BUILD.module.exports}
    assert exports >= {"memory", "mg_alloc", "mg_configure", "mg_transform", "mg_error"}
    assert BUILD.module.imports == []


def test_nothing_of_the_machine_that_built_it_is_in_the_module() -> None:
    wasm = (BUILD.folder / "extract.wasm").read_bytes()
    assert [word for word in (b"/root", b"/home", b"/work", b"/tmp", b".cargo", b"rustlib") if word in wasm] == []


@pytest.mark.parametrize(
    ("source", "message", "result"),
    [
        ("/a", '{"a":1,"b":2}', b'{"x":1}'),
        ("/a/b", '{"b":0,"a":{"c":1,"b":2}}', b'{"x":2}'),
        ("/a/0", '{"a":[1,2]}', b'{"x":1}'),
        ("/a/2/b", '{"a":[1,{"b":2},{"b":3}]}', b'{"x":3}'),
        ("/10", "[0,1,2,3,4,5,6,7,8,9,10]", b'{"x":10}'),
        ("/0", '{"0":1}', b'{"x":1}'),
        ("", '{"a" : [1]}', b'{"x":{"a" : [1]}}'),
        ("", " 12.50\n", b'{"x":12.50}'),
        ("/", '{"":1}', b'{"x":1}'),
        ("/a~1b/~0", '{"a/b":{"~":1}}', b'{"x":1}'),
        ("/*", '{"*":1,"a":2}', b'{"x":1}'),
        ("/email", '{"em\\u0061il":1}', b'{"x":1}'),
        ("/é😀", '{"\\u00e9\\ud83d\\ude00":1}', b'{"x":1}'),
        ("/a", '{"b":{"a":1},"a":{"a":2}}', b'{"x":{"a":2}}'),
        ("/a/b", '{"a":{}}', b"{}"),
        ("/a/b", '{"a":[]}', b"{}"),
        ("/a/b", '{"a":[1]}', b"{}"),
        ("/a/b", '{"a":"b"}', b"{}"),
        ("/a/01", '{"a":[1,2]}', b"{}"),
        ("/a/-", '{"a":[1,2]}', b"{}"),
        ("/a/5", '{"a":[1,2]}', b"{}"),
    ],
)
def test_sources(source: str, message: str, result: bytes) -> None:
    guest = extract({"/x": source})
    assert guest.one(message) == result
    assert guest.report == ({} if result != b"{}" else {"missing": 1})


@pytest.mark.parametrize(
    "value",
    ['"\\u0061\\/é😀"', "-0", "1e400", "12.50", "true", "null", "[1 ,\n2]", '{"k" :\t"v", "k":{}}', '""', "[]", "{}"],
)
def test_values_go_over_byte_for_byte(value: str) -> None:
    guest = extract({"/x/y": "/a/b", "/z": "/a"})
    outer = f'{{"c":[0], "b":{value} }}'
    assert guest.one(f'{{"a":{outer},"d":1}}') == f'{{"x":{{"y":{value}}},"z":{outer}}}'.encode()


def test_members_come_in_the_order_of_the_configuration() -> None:
    fields = {"/z": "/1", "/n/b": "/0", "/a": "/2", "/n/a/deep": "/3", "/n/c": "/0", "/~1~0": "/0"}
    result = extract(fields).one('["zero","one","two","three"]')
    assert result == b'{"z":"one","n":{"b":"zero","a":{"deep":"three"},"c":"zero"},"a":"two","/~":"zero"}'


def test_keys_of_targets_are_escaped_as_json_needs_it() -> None:
    assert extract({'/a"\\\n\u0001é': "/0"}).one("[1]") == '{"a\\"\\\\\\n\\u0001é":1}'.encode()


def test_what_is_missing_is_left_out_or_null_or_refused() -> None:
    fields = {"/a/b": "/p", "/a/c/d": "/q", "/e": "/r"}
    skips, nulls, refuses = (extract(fields, missing=how) for how in ("skip", "null", "refuse"))
    for lacking, message, skipped, nulled in (
        (0, '{"p":1,"q":2,"r":3}', b'{"a":{"b":1,"c":{"d":2}},"e":3}', b'{"a":{"b":1,"c":{"d":2}},"e":3}'),
        (1, '{"p":1,"r":3}', b'{"a":{"b":1},"e":3}', b'{"a":{"b":1,"c":{"d":null}},"e":3}'),
        (2, '{"r":null}', b'{"e":null}', b'{"a":{"b":null,"c":{"d":null}},"e":null}'),
        (3, "[]", b"{}", b'{"a":{"b":null,"c":{"d":null}},"e":null}'),
    ):
        assert skips.one(message) == skipped
        assert nulls.one(message) == nulled
        assert skips.report == nulls.report == ({"missing": lacking} if lacking else {})
        assert refuses.one(message) == ("missing_field" if lacking else skipped)
        assert refuses.report == {}


@pytest.mark.parametrize(
    ("message", "result"),
    [
        ('{"a":{"b":1},"a":2}', "duplicate_key 13"),
        ('{"a":{"b":1,"c":2, "b":3}}', "duplicate_key 19"),
        ('{"a":{"b":1,"\\u0062":3}}', "duplicate_key 12"),
        ('{"a":1,"a":1', "invalid_json 12"),
        ('{"a":{"b":1,"c":2,"c":3},"d":4,"d":5}', b'{"x":1}'),
        ('{"a":{"b":{"e":1,"e":2}}}', b'{"x":{"e":1,"e":2}}'),
        ('[{"a":1,"a":2}]', b"{}"),
        ('{"a":{"b":1},"f":[{"a":{"b":1,"b":2}}]}', b'{"x":1}'),
    ],
)
def test_a_key_that_comes_twice_on_the_way_to_a_source_refuses_the_message(message: str, result: bytes | str) -> None:
    assert extract({"/x": "/a/b"}).one(message) == result


@pytest.mark.parametrize(
    ("message", "result"),
    [
        (b"", "invalid_json 0"),
        (b" \r\n", "invalid_json 0"),
        (b'{"a":01}', "invalid_json 6"),
        (b'{"a":{"b":1,}}', "invalid_json 12"),
        (b'{"z":[1,]}', "invalid_json 8"),
        (b'{"a":1} 2', "invalid_json 8"),
        (b'{"a":1', "invalid_json 6"),
        (b'{"a":"\\ud800"}', "invalid_json 6"),
        (b'\xef\xbb\xbf{"a":1}', "invalid_json 0"),
        (b'{"z":"\xc0\x80"}', "invalid_utf8 6"),
        (b"[" * 513, "too_deep 512"),
        (b'{"a":' + b"[" * 512, "too_deep 516"),
        (b'{"a":' + b"[" * 511 + b"]" * 511 + b"}", b'{"y":' + b"[" * 511 + b"]" * 511 + b"}"),
    ],
)
def test_the_whole_message_has_to_be_json(message: bytes, result: bytes | str) -> None:
    assert extract({"/x": "/a/b", "/y": "/a"}).one(message) == result


def test_a_batch_gives_one_entry_a_message() -> None:
    guest = extract({"/x": "/a"})
    outputs = guest.transform([b'{"a":1}\n', b"nope", b'{"b":1}\n', b'{"a":[\n]}\r\n'])
    assert [(output.status, output.data) for output in outputs] == [
        (PASS, b'{"x":1}\n'), (REFUSE, b"invalid_json 0"), (PASS, b"{}\n"), (PASS, b'{"x":[\n]}\n'),
    ]  # fmt: skip
    assert guest.report == {"missing": 1}
    assert guest.transform([]) == []


def test_memory_is_a_high_water_mark() -> None:
    guest = extract({"/x": "/a", "/y": "/b/0"})
    sizes = []
    for _ in range(20):
        guest.transform([b'{"a":"' + b"x" * 3000 + b'","b":[1]}\n'] * 300)
        sizes.append(guest.size)
    assert sizes[2] == sizes[-1]


def test_a_result_that_does_not_fit_refuses_its_message_alone() -> None:
    fields = {f"/t{i}": "" for i in range(100)}
    configuration = {"fields": fields}
    guest = Guest(BUILD, configuration, memory=4 << 20)
    outputs = guest.transform([b"[1]", b'"' + b"x" * 50_000 + b'"', b"[2]"])
    assert [output.status for output in outputs] == [PASS, REFUSE, PASS]
    assert outputs[1].data == b"too_large"


@pytest.mark.parametrize(
    ("given_configuration", "error"),
    [
        ({}, "configuration: needs the key `fields`"),
        ({"fields": {}}, "fields: must have a field"),
        ({"fields": {"/a": "/b"}, "x": 1}, "configuration: has no key `x`; it has fields, missing"),
        ({"fields": {"/a": "/b"}, "missing": "drop"}, "missing: must be one of skip, null, refuse"),
        ({"fields": {"/a": 1}}, 'fields["/a"]: must be a string'),
        ({"fields": {"a": "/b"}}, 'fields["a"]: the target `a` must be empty or begin with `/`'),
        ({"fields": {"": "/b"}}, 'fields[""]: the target must name a member, at most 64 levels deep'),
        ({"fields": {"/a": "b"}}, 'fields["/a"]: the source `b` must be empty or begin with `/`'),
        ({"fields": {"/a": "/b~2"}},
         'fields["/a"]: the source `/b~2` has a `~` that isn\'t one of `~0` (~), `~1` (/)'),
        ({"fields": {"/a": "/x", "/a/b": "/y"}}, 'fields["/a/b"]: the target is, has in it or is in the target `/a`'),
        ({"fields": {"/a/b": "/x", "/c": "/z", "/a": "/y"}},
         'fields["/a"]: the target is, has in it or is in the target `/a/b`'),
    ],
)  # fmt: skip
def test_a_configuration_is_refused_with_the_place_at_fault(given_configuration: Any, error: str) -> None:
    with pytest.raises(ConfigurationRefused) as refused:
        Guest(BUILD, given_configuration)
    assert str(refused.value) == error


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab01"), inner, max_size=3),
    max_leaves=10,
)
pointers = st.lists(st.sampled_from("ab01"), max_size=3).map(lambda path: "".join("/" + key for key in path))


def resolve(value: Any, pointer: str) -> Any:
    """RFC 6901; raises LookupError."""
    for key in pointer.split("/")[1:]:
        if isinstance(value, dict):
            value = value[key]
        elif isinstance(value, list):
            value = value[int(key) if key.isdigit() else len(value)]
        else:
            raise LookupError
    return value


@settings(max_examples=200, deadline=None)
@given(st.lists(pointers, min_size=1, max_size=5), st.lists(values, min_size=1, max_size=4))
def test_any_sources_of_any_message(sources: list[str], messages: list[Any]) -> None:
    guest = extract({f"/t{i}": source for i, source in enumerate(sources)})
    outputs = guest.transform([json.dumps(message).encode() for message in messages])
    lacking = 0
    for message, output in zip(messages, outputs, strict=True):
        expected = {}
        for i, source in enumerate(sources):
            try:
                expected[f"t{i}"] = resolve(message, source)
            except LookupError:
                lacking += 1
        assert list(json.loads(output.data).items()) == list(expected.items())
    assert guest.report == ({"missing": lacking} if lacking else {})
