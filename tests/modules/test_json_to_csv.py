"""The committed json-to-csv.wasm: what Python's csv module and csv-to-json read of its records, formulas, any bytes."""

import csv
import io
import json
from typing import Any

import jsonschema
import pytest
from harness import PASS, REFUSE, Build, ConfigurationRefused, Guest
from hypothesis import given, settings
from hypothesis import strategies as st
from sandboxed import MODULES, Sandboxed

BUILD = Build("json-to-csv")
BACK = Sandboxed(MODULES / "csv-to-json")


def writing(*columns: str, **configuration: Any) -> Guest:
    configuration = {"columns": list(columns), **configuration}
    jsonschema.validate(configuration, BUILD.manifest["config"], jsonschema.Draft202012Validator)
    return Guest(BUILD, configuration)


def rows(document: bytes, delimiter: str = ",") -> list[list[str]]:
    """As Python's csv module reads it."""
    return list(csv.reader(io.StringIO(document.decode(), newline=""), delimiter=delimiter, strict=True))


# ---- Read back

texts = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from(' ,;"\r\n\t\\\0é=\ufeff'), max_size=20)
numbers = st.sampled_from(["0", "-0", "1.50", "-12", "1e400", "12345678901234567890"])
tables = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(texts, min_size=width, max_size=width), min_size=1, max_size=5)
)


@settings(max_examples=300, deadline=None)
@given(
    tables,
    st.sampled_from(",;\t|. "),
    st.sampled_from(["needed", "always"]),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
    st.booleans(),
)
def test_any_table_comes_back(
    table: list[list[str]], delimiter: str, quote: str, line_end: str, header: bool, plain: bool
) -> None:
    names = [f"c{i}" for i in range(len(table[0]))]
    how = {"delimiter": delimiter, "quote": quote, "line_end": line_end, "header": header}
    guest = writing(*(f"/{i}" for i in range(len(names))), line_breaks="keep", formulas="keep", **how)
    outputs = guest.transform([json.dumps(row, ensure_ascii=plain).encode() for row in table])
    assert {output.status for output in outputs} == {PASS}
    assert all(output.data.endswith(line_end.encode()) for output in outputs)
    document = b"".join(output.data for output in outputs)
    expected = [[str(i) for i in range(len(names))], *table] if header else table
    assert rows(document, delimiter) == expected
    back = BACK.run({"header": False, "columns": names, "delimiter": delimiter}).one(document)
    records = [record for record in (back if isinstance(back, list) else [back]) if isinstance(record, bytes)]
    assert [list(json.loads(record).values()) for record in records] == expected
    assert guest.report == {"records": len(table)}


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(texts.map(json.dumps) | numbers | st.sampled_from(["true", "false", "null"]), max_size=3)))
def test_any_values_are_one_line_each(messages: list[list[str]]) -> None:
    guest = writing("/0", "/1", "/2", line_breaks="space", formulas="keep", null="NULL")
    outputs = guest.transform([f"[{','.join(message)}]".encode() for message in messages])
    for message, output in zip(messages, outputs, strict=True):
        assert output.data.count(b"\n") == 1
        assert b"\r" not in output.data
        (row,) = rows(output.data)
        assert row == [expected(value) for value in message] + [""] * (3 - len(message))


def expected(value: str) -> str:
    if value.startswith('"'):
        text: str = json.loads(value)
        return text.replace("\r\n", " ").replace("\n", " ").replace("\r", " ")
    return "NULL" if value == "null" else value


@settings(max_examples=200, deadline=None)
@given(texts)
def test_null_an_empty_string_and_what_reads_like_null_can_be_told_apart(text: str) -> None:
    for null in ("", "NULL", text.replace("\r", "").replace("\n", "")):
        guest = writing("/0", "/1", null=null, line_breaks="space", formulas="keep")
        raw = guest.one(json.dumps([text, None]))
        assert isinstance(raw, bytes)
        assert not raw.startswith(b",")
        if null.isalnum():
            assert raw.endswith(b"," + null.encode())
            assert not raw.startswith(null.encode() + b",")


@settings(max_examples=300, deadline=None)
@given(st.text(" \t\r\n\0\x01\x7f\x85\xa0\u3000\ufeff=+-@＝＋－＠1aé'", max_size=4), st.sampled_from(["space", "keep"]))
def test_no_string_is_a_formula(text: str, line_breaks: str) -> None:
    guest = writing("/0", line_breaks=line_breaks)
    raw = guest.one(json.dumps([text]))
    assert isinstance(raw, bytes)
    ((field,),) = rows(raw + b"\n")
    harmless = field.strip(" \t\r\n\0\x01\x7f\x85\xa0\u3000\ufeff")
    assert not harmless.startswith(tuple("=+-@＝＋－＠"))
    assert field[:1] not in tuple("\t\r\n\0\x01\x7f")
    assert guest.report.get("escaped", 0) == field.startswith("'") - text.startswith("'")


# ---- Requests


def test_each_request_gets_its_header() -> None:
    guest = writing("/a", header=True)
    for _ in range(2):
        outputs = guest.transform([b"[", b'{"a":1}', b'{"a":2}'])
        assert [output.data for output in outputs] == [b"invalid_json 1", b"a\n1\n", b"2\n"]
    assert [output.data for output in guest.transform([b"["])] == [b"invalid_json 1"]
    assert guest.transform([]) == []


def test_counts_are_of_what_passed() -> None:
    guest = writing("/a", "/b", "/c", line_breaks="space")
    guest.transform([b'{"a":"=1","b":"\\n","c":{}}', b'{"a":"=1","b":"x\\n"}'])
    assert guest.report == {"records": 1, "escaped": 1, "line_breaks": 1, "missing": 1}
    guest.transform([b"[]"])
    assert guest.report == {"records": 1, "missing": 3}


def test_a_record_that_does_not_fit_refuses_its_message_alone() -> None:
    columns = [{"name": f"c{i}", "from": "/a"} for i in range(100)]
    for character in (b"x", b"\\u0001", b'\\"', b"=", b" "):
        guest = Guest(BUILD, {"columns": columns, "header": True}, memory=4 << 20)
        big = b'{"a":"' + character * (200_000 // len(character)) + b'"}'
        outputs = guest.transform([big, b'{"a":1}', big])
        assert [output.status for output in outputs] == [REFUSE, PASS, REFUSE]
        assert outputs[0].data == outputs[2].data == b"too_large"
        assert outputs[1].data == b",".join(b"c%d" % i for i in range(100)) + b"\n" + b",".join([b"1"] * 100) + b"\n"


def test_depth() -> None:
    guest = writing("/a", nested="json")
    assert guest.one(b'{"a":' + b"[" * 511 + b"]" * 511 + b"}") == b"[" * 511 + b"]" * 511
    assert guest.one(b'{"a":' + b"[" * 512) == "too_deep 516"


def test_memory_is_a_high_water_mark() -> None:
    guest = writing("/a", "/b", "/c", formulas="escape", nested="json")
    sizes = []
    for _ in range(10):
        guest.transform([b'{"a":"=' + b"x" * 3000 + b'","b":["\\n",\n1],"c":"\\u0041"}\n'] * 300)
        sizes.append(guest.size)
    assert sizes[2] == sizes[-1]


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.binary(max_size=40) | st.text('{}[]",:a\\u0 1e.-\n', max_size=40).map(str.encode), max_size=5),
    st.sampled_from(["refuse", "json"]),
    st.booleans(),
)
def test_any_bytes_pass_or_are_refused(batch: list[bytes], nested: str, header: bool) -> None:
    for output in writing("/a", "/0", nested=nested, header=header).transform(batch):
        assert output.status in (PASS, REFUSE)
        if output.status == PASS:
            assert {len(row) for row in rows(output.data)} == {2}


# ---- Configurations

VALID: list[dict[str, Any]] = [
    {"columns": ["/a", "/c/0", {"name": "", "from": ""}, {"name": "é", "from": "/b~1"}]},
    {"columns": ["/a"], "delimiter": "\x01", "null": '"', "quote": "needed", "line_end": "\n"},
    {"columns": ["/a"], "line_breaks": "refuse", "missing": "empty", "nested": "refuse", "formulas": "keep"},
]
INVALID: list[tuple[Any, str]] = [
    ({}, "configuration: needs the key `columns`"),
    ({"columns": []}, "columns: must have a column"),
    ({"columns": {"a": "/a"}}, "columns: must be an array"),
    ({"columns": [1]}, "columns[0]: must be an object"),
    ({"columns": ["a"]}, "columns[0]: `a` must be empty or begin with `/`"),
    ({"columns": ["/a~"]}, "columns[0]: `/a~` has a `~` that isn't one of `~0` (~), `~1` (/)"),
    ({"columns": [""]}, "columns[0]: the whole message needs a name: {name, from}"),
    ({"columns": [{"name": "a"}]}, "columns[0]: needs the key `from`"),
    ({"columns": [{"from": "/a"}]}, "columns[0]: needs the key `name`"),
    ({"columns": [{"name": 1, "from": "/a"}]}, "columns[0].name: must be a string"),
    ({"columns": [{"name": "a", "from": "/a", "to": 1}]}, "columns[0]: has no key `to`; it has name, from"),
    ({"columns": [{"name": "a\rb", "from": "/a"}]}, "columns[0]: has a line end in its name"),
    (
        {"columns": ["/a"], "delimiter": ""},
        "delimiter: must be one ASCII character, and not a quote, a line end or NUL",
    ),
    (
        {"columns": ["/a"], "delimiter": '"'},
        "delimiter: must be one ASCII character, and not a quote, a line end or NUL",
    ),
    (
        {"columns": ["/a"], "delimiter": "é"},
        "delimiter: must be one ASCII character, and not a quote, a line end or NUL",
    ),
    (
        {"columns": ["/a"], "delimiter": "\0"},
        "delimiter: must be one ASCII character, and not a quote, a line end or NUL",
    ),
    ({"columns": ["/a"], "header": 1}, "header: must be true or false"),
    ({"columns": ["/a"], "quote": "never"}, "quote: must be one of needed, always"),
    ({"columns": ["/a"], "line_end": "\r"}, "line_end: must be a line feed, or a carriage return and a line feed"),
    ({"columns": ["/a"], "line_breaks": "drop"}, "line_breaks: must be one of refuse, space, keep"),
    ({"columns": ["/a"], "null": None}, "null: must be a string"),
    ({"columns": ["/a"], "null": "a\rb"}, "null: may not hold a line end"),
    ({"columns": ["/a"], "missing": "null"}, "missing: must be one of empty, refuse"),
    ({"columns": ["/a"], "nested": "flatten"}, "nested: must be one of refuse, json"),
    ({"columns": ["/a"], "formulas": "drop"}, "formulas: must be one of escape, refuse, keep"),
]


@pytest.mark.parametrize("configuration", VALID)
def test_a_configuration_that_module_and_schema_accept(configuration: dict[str, Any]) -> None:
    jsonschema.validate(configuration, BUILD.manifest["config"], jsonschema.Draft202012Validator)
    assert Guest(BUILD, configuration).transform([b"{"])[0].data == b"invalid_json 1"


@pytest.mark.parametrize(("configuration", "text"), INVALID)
def test_a_configuration_that_module_and_schema_refuse(configuration: Any, text: str) -> None:
    assert not jsonschema.Draft202012Validator(BUILD.manifest["config"]).is_valid(configuration)
    with pytest.raises(ConfigurationRefused) as refused:
        Guest(BUILD, configuration)
    assert str(refused.value) == text


def test_two_columns_of_one_name_are_refused() -> None:
    with pytest.raises(ConfigurationRefused) as refused:
        writing("/a", "/b/a")  # which no schema can tell
    assert str(refused.value) == "columns[1]: has the name of another column"
