"""The committed schema-validator.wasm beside the jsonschema package, and keyword by keyword."""

import contextlib
import json
from typing import Any

import jsonschema
import pytest
from harness import PASS, REFUSE, Build, ConfigurationRefused, Guest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

BUILD = Build("schema-validator")
Json = Any


def validating(schema: Json, **more: str) -> Guest:
    configuration = {"schema": schema, **more}
    jsonschema.validate(configuration, BUILD.manifest["config"], jsonschema.Draft202012Validator)
    return Guest(BUILD, configuration)


def holds(schema: Json, text: str, **more: str) -> bool:
    """Whether a message (JSON text) passes; one that doesn't is refused as a violation."""
    (output,) = validating(schema, **more).transform([text.encode()])
    if output.status == PASS:
        assert output.data == text.strip().encode() + b"\n"
        return True
    assert output.data.startswith(b"schema_violation "), output.data
    return False


def test_the_module_exports_the_abi_and_imports_nothing() -> None:
    exports = {export.name for export in BUILD.module.exports}
    assert exports >= {"memory", "mg_alloc", "mg_configure", "mg_transform", "mg_error"}
    assert BUILD.module.imports == []


# ---------------------------------------------------------------- beside another validator

names = st.sampled_from(["a", "b", "ab", "c", "é", "0"])
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-3, 12)
    | st.sampled_from([0.5, 1.0, 2.5, 1e20, -0.0])
    | st.sampled_from(["", "a", "b", "ab", "abc", "é", "\U0001f600"])
)
instances = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4), max_leaves=10
)
counts = st.integers(0, 3)
numbers = st.integers(-2, 8) | st.sampled_from([0.5, 2.5])
patterns = st.sampled_from(["^a", "b$", "^(?:a|b)+$", "[^a]", "^.{2}$", "\\d", ""])
types = st.sampled_from(["null", "boolean", "number", "integer", "string", "array", "object"])
references = st.sampled_from(["#/$defs/one", "#/$defs/two", "#other", "#/$defs/two/properties/a"])
plain: dict[str, st.SearchStrategy[Json]] = {
    "type": types | st.lists(types, min_size=1, unique=True),
    "enum": st.lists(instances, max_size=4),
    "const": instances,
    "minimum": numbers,
    "maximum": numbers,
    "exclusiveMinimum": numbers,
    "exclusiveMaximum": numbers,
    "multipleOf": st.integers(1, 4),
    "minLength": counts,
    "maxLength": counts,
    "pattern": patterns,
    "minItems": counts,
    "maxItems": counts,
    "uniqueItems": st.booleans(),
    "minProperties": counts,
    "maxProperties": counts,
    "required": st.lists(names, max_size=2, unique=True),
    "dependentRequired": st.dictionaries(names, st.lists(names, max_size=2, unique=True), max_size=2),
    "title": st.just("a title"),
}


def objects(keywords: dict[str, st.SearchStrategy[Json]], most: int) -> st.SearchStrategy[Json]:
    return st.lists(st.sampled_from(sorted(keywords)), max_size=most, unique=True).flatmap(
        lambda chosen: st.fixed_dictionaries({name: keywords[name] for name in chosen})
    )


def applied(inner: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    several = st.lists(inner, min_size=1, max_size=3)
    keywords = plain | {
        "allOf": several,
        "anyOf": several,
        "oneOf": several,
        "not": inner,
        "if": inner,
        "then": inner,
        "else": inner,
        "dependentSchemas": st.dictionaries(names, inner, max_size=2),
        "properties": st.dictionaries(names, inner, max_size=3),
        "patternProperties": st.dictionaries(patterns, inner, max_size=2),
        "additionalProperties": inner,
        "propertyNames": inner,
        "prefixItems": several,
        "items": inner,
        "contains": inner,
        "minContains": counts,
        "maxContains": counts,
        "unevaluatedItems": inner,
        "unevaluatedProperties": inner,
        "$ref": references,
    }
    return objects(keywords, 4)


schemas = st.recursive(st.booleans() | objects(plain, 2), applied, max_leaves=8)
documents = st.tuples(schemas, schemas, schemas, schemas, st.sampled_from([{}, {"unevaluatedProperties": True}])).map(
    lambda four: {
        **four[4],
        "allOf": [four[0]],
        "$defs": {
            "one": four[1],
            "two": {"properties": {"a": four[2]}},
            "three": {"$anchor": "other", "items": four[3], "additionalProperties": {"$ref": "#/$defs/two"}},
        },
    }
)


@settings(max_examples=1500, deadline=None)
@given(documents, st.lists(instances, min_size=1, max_size=8))
def test_any_schema_of_any_message_as_jsonschema_has_it(document: Json, batch: list[Json]) -> None:
    guest = None
    with contextlib.suppress(ConfigurationRefused):  # a schema that refers to itself on the same value
        guest = validating(document)
    assume(guest is not None)
    assert guest is not None
    validator = jsonschema.Draft202012Validator(document)
    outputs = guest.transform([json.dumps(instance).encode() for instance in batch])
    for instance, output in zip(batch, outputs, strict=True):
        assert (output.status == PASS) == validator.is_valid(instance), instance
        assert output.status in (PASS, REFUSE)


# ---------------------------------------------------------------- keyword by keyword


@pytest.mark.parametrize(
    ("schema", "valid", "invalid"),
    [
        (True, ["1", "{}"], []),
        (False, [], ["1", "null"]),
        ({}, ["1", '"a"'], []),
        ({"type": "integer"}, ["1", "1.0", "10e-1", "1e400", "-0"], ["1.5", "1e-1", '"1"', "null", "true"]),
        ({"type": ["string", "null"]}, ['""', "null"], ["0", "[]"]),
        ({"type": "number"}, ["1.5", "1"], ["true"]),
        ({"enum": [1, "a", [1, {"b": 2, "c": 1.0}]]}, ["1.0", '"\\u0061"', '[10e-1,{"c":1,"b":2}]'], ["true", "[1]"]),
        ({"enum": []}, [], ["1", "null"]),
        ({"const": {"a": False}}, ['{"a":false}'], ['{"a":0}', "{}"]),
        ({"const": 9007199254740993}, ["9007199254740993.0"], ["9007199254740992"]),
        ({"const": None}, ["null"], ["0", "false", '""']),
        ({"minimum": 0.1, "maximum": 2}, ["0.1", "2.0", '"x"'],
         ["0.09999999999999999999999", "2.00000000000000000001"]),
        ({"exclusiveMinimum": 0, "exclusiveMaximum": 1}, ["1e-400", "0.5"], ["0", "-0.0", "1", "1e400"]),
        ({"multipleOf": 0.01}, ["19.99", "4.35", "0", "1e300", '"x"'], ["0.001", "19.999"]),
        ({"multipleOf": 7}, ["0", "-14", "7e5"], ["1e400", "8"]),
        ({"minLength": 2, "maxLength": 2}, ['"é😀"', '"\\ud83d\\ude00a"', "1"], ['"😀"', '"abc"']),
        ({"minLength": 2.0}, ['"ab"'], ['"a"']),
        ({"pattern": "^\\d{3}-[A-Z]+$"}, ['"123-AB"', '"\\u0031\\u0032\\u0033-A"', "5"], ['"12-AB"', '"123-AB\\n"']),
        ({"items": {"type": "integer"}}, ["[]", "[1,2]", "{}"], ['[1,"a"]']),
        ({"prefixItems": [{"const": 1}, {"const": 2}], "items": False}, ["[]", "[1]", "[1,2]"], ["[1,2,3]", "[2]"]),
        ({"contains": {"const": 1}}, ["[0,1]"], ["[]", "[0]"]),
        ({"contains": {"const": 1}, "minContains": 2, "maxContains": 3}, ["[1,1]", "[1,1,1]"], ["[1]", "[1,1,1,1]"]),
        ({"contains": True, "minContains": 0}, ["[]"], []),
        ({"minContains": 5}, ["[]"], []),
        ({"minItems": 1, "maxItems": 2}, ["[1]", "{}"], ["[]", "[1,2,3]"]),
        ({"uniqueItems": True}, ["[1,true,\"1\",[1],{}]", "[]"], ["[1,1.0]", '[{"a":1,"b":2},{"b":2.0,"a":1}]']),
        ({"uniqueItems": False}, ["[1,1]"], []),
        ({"properties": {"a": {"type": "string"}}}, ["{}", '{"a":"x"}', '{"b":1}', "[1]"], ['{"\\u0061":1}']),
        ({"properties": {"a": True}, "patternProperties": {"^b": {"const": 1}}, "additionalProperties": False},
         ['{"a":0,"b1":1,"b2":1}'], ['{"c":1}', '{"b":2}']),
        ({"properties": {"ab": {"minimum": 1}}, "patternProperties": {"a": {"maximum": 3}, "b": {"multipleOf": 2}}},
         ['{"ab":2}'], ['{"ab":0}', '{"ab":3}', '{"ab":4}']),
        ({"propertyNames": {"maxLength": 2, "enum": ["é", "ab", "abc"]}}, ['{"\\u00e9":1,"ab":1}'],
         ['{"abc":1}', '{"a":1}']),
        ({"required": ["a", "é"]}, ['{"a":1,"\\u00e9":null,"c":1}', "[]"], ['{"a":1}', "{}"]),
        ({"minProperties": 1, "maxProperties": 1}, ['{"a":1}'], ["{}", '{"a":1,"b":1}']),
        ({"dependentRequired": {"a": ["b", "c"]}}, ["{}", '{"a":1,"b":1,"c":1}'], ['{"a":1,"b":1}']),
        ({"dependentSchemas": {"a": {"required": ["b"]}}}, ['{"b":1}', '{"a":1,"b":1}'], ['{"a":1}']),
        ({"allOf": [{"minimum": 1}, {"maximum": 2}]}, ["1"], ["0", "3"]),
        ({"anyOf": [{"const": 1}, {"const": 2}]}, ["2"], ["3"]),
        ({"oneOf": [{"minimum": 1}, {"maximum": 2}]}, ["3", "0"], ["1"]),
        ({"not": {"type": "null"}}, ["1"], ["null"]),
        ({"if": {"minimum": 5}, "then": {"multipleOf": 5}, "else": {"multipleOf": 2}}, ["10", "4"], ["6", "3"]),
        ({"then": False, "else": False}, ["1"], []),
        ({"$ref": "#/$defs/a~1b%25", "$defs": {"a/b%": {"type": "null"}}}, ["null"], ["1"]),
        ({"properties": {"next": {"$ref": "#"}}, "additionalProperties": False},
         ['{"next":{"next":{}}}'], ['{"next":{"next":{"x":1}}}']),
        ({"$ref": "#far", "$defs": {"x": {"$defs": {"y": {"$anchor": "far", "const": 1}}}}}, ["1"], ["2"]),
        ({"$id": "https://example.org/s", "$ref": "https://example.org/s#/$defs/x", "$defs": {"x": {"const": 1}}},
         ["1"], ["2"]),
        ({"$ref": "#/$defs/x", "maximum": 3, "$defs": {"x": {"minimum": 1}}}, ["2"], ["0", "4"]),
        ({"allOf": [{"properties": {"a": True}}], "unevaluatedProperties": False}, ['{"a":1}'], ['{"b":1}']),
        ({"anyOf": [{"properties": {"a": {"const": 1}}}, {"properties": {"b": True}}], "unevaluatedProperties": False},
         ['{"a":1,"b":1}', '{"b":1}'], ['{"a":2,"b":1}']),
        ({"not": {"properties": {"a": {"const": 1}}}, "unevaluatedProperties": {"const": 2}}, ['{"a":2}'], ['{"a":3}']),
        ({"prefixItems": [True], "contains": {"const": 9}, "unevaluatedItems": False}, ["[1,9]", "[9]"], ["[1,9,2]"]),
        ({"if": {"properties": {"a": {"const": 1}}, "required": ["a"]}, "unevaluatedProperties": False},
         ['{"a":1}', "{}"], ['{"a":2}']),
        ({"type": "string", "title": 1, "description": 2, "default": 1, "examples": 1, "deprecated": 1, "$comment": 1,
          "readOnly": 1, "writeOnly": 1, "contentEncoding": "base64", "contentMediaType": "x", "format": "any"},
         ['"x"'], ["1"]),
    ],
)  # fmt: skip
def test_keywords(schema: Json, valid: list[str], invalid: list[str]) -> None:
    assert [text for text in valid if not holds(schema, text)] == []
    assert [text for text in invalid if holds(schema, text)] == []


@pytest.mark.parametrize(
    ("name", "valid", "invalid"),
    [
        ("date-time", ["2026-02-28T23:59:59Z", "2024-02-29t00:00:00.123456789+14:00", "1990-12-31T15:59:60-08:00"],
         ["2026-02-29T00:00:00Z", "2026-01-01 00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:00:00",
          "2026-01-01T00:00:60Z", "2026-01-01T00:00:00.Z", "2026-1-1T00:00:00Z", "2026-01-01T00:00:00+24:00", ""]),
        ("date", ["2000-02-29", "0000-01-01"], ["1900-02-29", "2026-13-01", "2026-00-10", "2026-01-00", "20260101"]),
        ("time", ["00:00:00Z", "23:59:60Z", "01:29:60+01:30"], ["23:59:61Z", "1:00:00Z", "12:00:00", "22:59:60Z"]),
        ("email", ["a@b", "a.b+c@example.org", '"a b\\""@example.org', "x@[127.0.0.1]", "x@[IPv6:::1]"],
         ["a", "@b", "a@", "a..b@c", ".a@b", "a@-b", "a b@c", "é@example.org", "a@b_c", "x@[1.2.3]", "a@b..c"]),
        ("uuid", ["2eb8aa08-aa98-11ea-b4aa-73b441d16380", "00000000-0000-0000-0000-000000000000"],
         ["2eb8aa08aa9811eab4aa73b441d16380", "2eb8aa08-aa98-11ea-b4aa-73b441d1638",
          "2eb8aa08-aa98-11ea-b4aa-73b441d1638g"]),
        ("ipv4", ["0.0.0.0", "255.255.255.255"], ["256.0.0.1", "1.2.3", "01.2.3.4", "1.2.3.4.5", "1.2.3.", "1.2.3.4 "]),
        ("ipv6", ["::", "::1", "1::", "1:2:3:4:5:6:7:8", "::ffff:192.0.2.1", "1:2:3:4:5:6:1.2.3.4", "a:B::c"],
         ["1:2:3:4:5:6:7", "1::2::3", ":::", "1:2:3:4:5:6:7:8:9", "::12345", "fe80::1%eth0", "1:2:3:4:5:6:7::8",
          "::1.2.3", "1.2.3.4::", ""]),
        ("uri", ["https://u:p@example.org:80/a%20b;c?d=e/?#f?", "urn:isbn:0", "file:///x", "a:", "http://[::1]:8/",
                 "http://[v1.a:b]/", "mailto:a@b"],
         ["//example.org", "a b:c", "http://a b/", "http://[::1/", "1a:b", "http://a:x/", "http://é/", "a:%zz",
          "a:b#c#d", "abc", "http://[1.2.3.4]/", 'a:"']),
    ],
)  # fmt: skip
def test_formats_that_are_asserted(name: str, valid: list[str], invalid: list[str]) -> None:
    schema = {"format": name}
    assert [text for text in valid if not holds(schema, json.dumps(text), format="assert")] == []
    assert [text for text in invalid if holds(schema, json.dumps(text), format="assert")] == []
    assert holds(schema, "1", format="assert")
    assert all(holds(schema, json.dumps(text)) for text in invalid)


@pytest.mark.parametrize(
    ("schema", "message", "reason"),
    [
        ({"properties": {"a": {"items": {"type": "string"}}}}, '{"b":1,"a":["x", 5]}', "schema_violation 17"),
        ({"required": ["a"]}, '  {"b":1}', "schema_violation 2"),
        ({"additionalProperties": False}, '{"abc":1}', "schema_violation 7"),
        ({"propertyNames": {"maxLength": 1}}, '{"a":1, "abc":1}', "schema_violation 8"),
        ({"properties": {"a": {"anyOf": [{"items": {"const": 1}}, {"type": "null"}]}}}, '{"a":[1,2]}',
         "schema_violation 5"),
        ({"properties": {"a": {"$ref": "#/$defs/n"}}, "$defs": {"n": {"allOf": [{"not": {"const": 1}}]}}}, '{"a":1}',
         "schema_violation 5"),
        ({"maximum": 1}, "1e1000000000000000000", "number_out_of_range 0"),
        ({"items": {"uniqueItems": True}}, "[[1,1e1000000000000000000]]", "number_out_of_range 4"),
        ({}, '{"a":{"b":1,"\\u0062":2}}', "duplicate_key 12"),
        ({}, '{"a":1,"a":{"c":1,"c":2}}', "duplicate_key 7"),
        ({}, '{"a":1,', "invalid_json 7"),
        ({}, "", "invalid_json 0"),
        ({}, "[" * 513, "too_deep 512"),
    ],
)  # fmt: skip
def test_the_place_of_what_is_at_fault(schema: Json, message: str, reason: str) -> None:
    assert validating(schema).one(message) == reason


def test_a_message_that_breaks_the_schema_may_be_dropped() -> None:
    guest = validating({"type": "object"}, **{"else": "drop"})
    assert [output.status for output in guest.transform([b"{}", b"1", b"[]", b"}"])] == [0, 1, 1, 2]
    assert guest.report == {"dropped": 2}


def test_the_deepest_message_and_a_schema_that_follows_it() -> None:
    guest = validating({"items": {"$ref": "#"}, "maxItems": 1, "unevaluatedItems": False})
    assert guest.one("[" * 512 + "]" * 512) == b"[" * 512 + b"]" * 512
    assert guest.one("[" * 511 + "1,2" + "]" * 511) == "schema_violation 510"


def test_a_schema_that_branches_at_every_level_ends_all_the_same() -> None:
    twice = {"anyOf": [{"properties": {"a": {"$ref": "#"}}, "required": ["b"]},
                       {"properties": {"a": {"$ref": "#"}}, "required": ["c"]}]}  # fmt: skip
    guest = validating(twice)
    deep = '{"a":' * 60 + '{"b":1}' + ',"c":1}' * 60
    assert guest.one(deep) in (deep.encode(), "too_complex 5")
    failing = '{"a":' * 60 + "{}" + ',"b":1,"c":1}' * 60
    reason = guest.one(failing)
    assert isinstance(reason, str)
    assert reason.startswith("too_complex ")


@pytest.mark.parametrize(
    ("schema", "error"),
    [
        (1, "schema: a schema is an object, true or false"),
        ({"properties": {"a/b": {"minimun": 1}}},
         "schema: at `/properties/a~1b/minimun`: is no keyword that is known here"),
        ({"items": [True]}, "schema: at `/items`: a schema is an object, true or false"),
        ({"type": "text"}, "schema: at `/type`: `text` is no type"),
        ({"type": ["null", "null"]}, "schema: at `/type`: has a string twice"),
        ({"enum": 1}, "schema: at `/enum`: must be an array"),
        ({"minimum": "1"}, "schema: at `/minimum`: must be a number, its exponent of at most 18 digits"),
        ({"multipleOf": 0}, "schema: at `/multipleOf`: must be more than 0 and have at most 18 digits"),
        ({"minLength": -1}, "schema: at `/minLength`: must be a whole number, 0 or more"),
        ({"minLength": 1.5}, "schema: at `/minLength`: must be a whole number, 0 or more"),
        ({"uniqueItems": 1}, "schema: at `/uniqueItems`: must be true or false"),
        ({"required": ["a", "a"]}, "schema: at `/required`: has a string twice"),
        ({"required": [1]}, "schema: at `/required`: must hold strings"),
        ({"allOf": []}, "schema: at `/allOf`: must have a schema"),
        ({"properties": []}, "schema: at `/properties`: must be an object"),
        ({"pattern": "a(?=b)"},
         "schema: at `/pattern`: the pattern, at character 4: look-ahead and flags can't be used"),
        ({"patternProperties": {"(": True}},
         "schema: at `/patternProperties/(`: the pattern, at character 2: a `(` without"),
        ({"$ref": "#/$defs/x"}, "schema: at `/$ref`: `#/$defs/x` is nothing in this document"),
        ({"$ref": "other.json"}, "schema: at `/$ref`: `other.json` is nothing in this document; others aren't read"),
        ({"$ref": "#x"}, "schema: at `/$ref`: `#x` is nothing in this document; others aren't read"),
        ({"$ref": "#"}, "schema: refers to itself on the same value, which has no end"),
        ({"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"anyOf": [{"$ref": "#/$defs/a"}]}}},
         "schema: at `/$defs/a`: refers to itself on the same value, which has no end"),
        ({"$defs": {"a": {"$anchor": "x"}, "b": {"$anchor": "x"}}},
         "schema: at `/$defs/b/$anchor`: the anchor `x` is there twice"),
        ({"$schema": "http://json-schema.org/draft-07/schema#"},
         "schema: at `/$schema`: must be https://json-schema.org/draft/2020-12/schema"),
        ({"items": {"$id": "x"}}, "schema: at `/items/$id`: only the whole schema may have an `$id`"),
        ({"$dynamicRef": "#x"}, "schema: at `/$dynamicRef`: is no keyword that is known here"),
    ],
)  # fmt: skip
def test_a_schema_that_cannot_be_evaluated_is_refused_with_its_place(schema: Json, error: str) -> None:
    with pytest.raises(ConfigurationRefused) as refused:
        Guest(BUILD, {"schema": schema})
    assert str(refused.value).startswith(error)


@pytest.mark.parametrize(
    ("configuration", "error"),
    [
        ({}, "configuration: needs the key `schema`"),
        ({"schema": True, "x": 1}, "configuration: has no key `x`; it has schema, format, else"),
        ({"schema": True, "format": "check"}, "format: must be one of annotate, assert"),
        ({"schema": True, "else": "pass"}, "else: must be one of refuse, drop"),
        ({"schema": {"format": "idn-email"}, "format": "assert"},
         "schema: at `/format`: no format `idn-email` can be asserted"),
    ],
)  # fmt: skip
def test_a_configuration_that_cannot_be_used_is_refused(configuration: Json, error: str) -> None:
    with pytest.raises(ConfigurationRefused) as refused:
        Guest(BUILD, configuration)
    assert str(refused.value) == error


@settings(max_examples=200, deadline=None)
@given(st.lists(st.binary(max_size=40) | st.text('{}[]",:a\\u0 1e.-', max_size=40).map(str.encode), max_size=5))
def test_any_bytes_pass_or_are_refused(batch: list[bytes]) -> None:
    guest = validating({"type": "object", "properties": {"a": {"uniqueItems": True, "maximum": 3}}, "minProperties": 1})
    for output in guest.transform(batch):
        if output.status == PASS:
            json.loads(output.data)


def test_memory_is_a_high_water_mark() -> None:
    guest = validating({"properties": {"a": {"pattern": "x+$"}}, "unevaluatedProperties": {"type": "array"}})
    sizes = []
    for _ in range(20):
        guest.transform([b'{"a":"\\u0078' + b"x" * 3000 + b'","b":[1]}\n'] * 300)
        sizes.append(guest.size)
    assert sizes[3] == sizes[-1]


def test_a_message_that_does_not_fit_is_refused_alone() -> None:
    guest = Guest(BUILD, {"schema": {"items": {"type": "integer"}}}, memory=6 << 20)
    outputs = guest.transform([b"[1]", b"[" + b"1," * 300_000 + b"1]", b"[2]"])
    assert [output.data for output in outputs] == [b"[1]\n", b"too_large", b"[2]\n"]
