"""The committed csv-to-json.wasm against RFC 4180, its manifest, Python's csv module, and bytes of no meaning."""

import csv
import io
import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from wasmtime import Engine, Instance, Module, Store

FOLDER = Path(__file__).parents[2] / "modules" / "csv-to-json"
MANIFEST: dict[str, Any] = yaml.safe_load((FOLDER / "manifest.yaml").read_text("utf-8"))
ENGINE = Engine()
MODULE = Module.from_file(ENGINE, FOLDER / "csv-to-json.wasm")
PASS, DROP, REFUSE = 0, 1, 2


class Output(NamedTuple):
    source: int
    status: int
    data: bytes


class Refused(Exception):
    """mg_configure refused; the text is mg_error's."""


class Guest:
    """One instance. Every frame that comes back is checked as the host checks it."""

    def __init__(self, *, memory: int = 64 << 20, **configuration: Any) -> None:
        self.store = Store(ENGINE)
        self.store.set_limits(memory_size=memory)
        self.exports: Any = Instance(self.store, MODULE, []).exports(self.store)
        self.memory: Any = self.exports["memory"]
        self.report: dict[str, int] = {}
        self.configure(json.dumps(configuration).encode())

    def call(self, name: str, data: bytes) -> int:
        pointer = self.exports["mg_alloc"](self.store, len(data))
        self.memory.write(self.store, data, pointer)
        result: int = self.exports[name](self.store, pointer, len(data))
        return result

    def read(self, packed: int) -> bytes:
        pointer, length = packed >> 32 & 0xFFFFFFFF, packed & 0xFFFFFFFF
        return bytes(self.memory.read(self.store, pointer, pointer + length))

    def error(self) -> str:
        return self.read(self.exports["mg_error"](self.store)).decode()

    def configure(self, configuration: bytes) -> None:
        if self.call("mg_configure", configuration):
            raise Refused(self.error())

    def transform(self, *documents: bytes) -> list[Output]:
        ends = [sum(map(len, documents[: i + 1])) for i in range(len(documents))]
        frame = struct.pack(f"<I{len(ends)}I", len(ends), *ends) + b"".join(documents)
        result = self.read(self.call("mg_transform", frame))
        (count,) = struct.unpack_from("<I", result)
        entries = list(struct.iter_unpack("<III", result[4 : 4 + 12 * count]))
        report_at = 4 + 12 * count
        (report_len,) = struct.unpack_from("<I", result, report_at)
        data_at = report_at + 4 + report_len
        self.report = json.loads(result[report_at + 4 : data_at])
        assert set(self.report) <= set(MANIFEST["counters"])
        outputs = []
        start = 0
        for source, status, end in entries:
            assert 0 <= start <= end <= len(result) - data_at
            outputs.append(Output(source, status, result[data_at + start : data_at + end]))
            start = end
        assert start == len(result) - data_at
        sources = [output.source for output in outputs]
        assert sources == sorted(sources)
        assert set(sources) == set(range(len(documents)))
        for output in outputs:
            check(output, len(documents[output.source]))
        return outputs


def check(output: Output, size: int) -> None:
    if output.status == PASS:
        assert output.data.endswith(b"}\n")
        assert isinstance(json.loads(output.data.decode("utf-8")), dict)
    elif output.status == DROP:
        assert output.data == b""
    else:
        code, _, offset = output.data.decode("ascii").partition(" ")
        assert code in MANIFEST["refusals"]
        assert (offset == "") == (code == "too_large")
        assert not offset or (str(int(offset)) == offset and int(offset) <= size)


def outcome(outputs: list[Output]) -> list[object]:
    """Passed messages as parsed, refused ones as their reason, dropped ones as None."""
    read: dict[int, Callable[[bytes], object]] = {PASS: json.loads, DROP: lambda _: None, REFUSE: bytes.decode}
    return [read[output.status](output.data) for output in outputs]


def convert(document: str | bytes, **configuration: Any) -> list[object]:
    raw = document.encode() if isinstance(document, str) else document
    return outcome(Guest(**configuration).transform(raw))


def test_the_module_is_the_abi_and_imports_nothing() -> None:
    assert MODULE.imports == []
    assert {export.name for export in MODULE.exports} == {
        "memory", "mg_alloc", "mg_configure", "mg_transform", "mg_error",
    }  # fmt: skip


# ---- Documents that are right


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ("a,b\n1,2\n", [{"a": "1", "b": "2"}]),
        ("a,b\r\n1,2\r\n3,4\r\n", [{"a": "1", "b": "2"}, {"a": "3", "b": "4"}]),
        ("a,b\n1,2\r\n3,4\n", [{"a": "1", "b": "2"}, {"a": "3", "b": "4"}]),
        ("a,b\n1,2", [{"a": "1", "b": "2"}]),
        ("a,b\n,", [{"a": "", "b": ""}]),
        ('a,b\n"",""\n', [{"a": "", "b": ""}]),
        ('a\n""\n', [{"a": ""}]),
        ('a,b\n"1","2"', [{"a": "1", "b": "2"}]),
        ('a,b\n"x, y","z\r\nw"\n', [{"a": "x, y", "b": "z\r\nw"}]),
        ('a,b\n"say ""hi""","""\n', ["csv_unclosed_quote 17"]),
        ('a,b\n"say ""hi""",""""\n', [{"a": 'say "hi"', "b": '"'}]),
        ('"a","b ""c"""\n1,2\n', [{"a": "1", 'b "c"': "2"}]),
        ("\ufeffa,b\n1,2\n", [{"a": "1", "b": "2"}]),
        ('\ufeff"a",b\n1,2\n', [{"a": "1", "b": "2"}]),
        ("\n\r\na,b\n\n1,2\n\r\n\n3,4\n\n", [{"a": "1", "b": "2"}, {"a": "3", "b": "4"}]),
        (" a , b \n 1 , 2 \n", [{" a ": " 1 ", " b ": " 2 "}]),
        ("a,b\n\\,\t\n", [{"a": "\\", "b": "\t"}]),
        ("a,b\n\0,\x01\x1f\x7f\b\f\n", [{"a": "\0", "b": "\x01\x1f\x7f\b\f"}]),
        ("Größe,名\nŻółć,𝄞😀\n", [{"Größe": "Żółć", "名": "𝄞😀"}]),
        ('"a\tb\nc",d\n1,2\n', [{"a\tb\nc": "1", "d": "2"}]),
        (",x\n1,2\n", [{"": "1", "x": "2"}]),
        ("a\n" + "x" * 10_000 + "\n", [{"a": "x" * 10_000}]),
        ('a\n"' + "é" * 10_000 + '"\n', [{"a": "é" * 10_000}]),
        ("k" * 100 + ",b\n1,2\n", [{"k" * 100: "1", "b": "2"}]),
        ("a,b\n", [None]),
        ("a,b", [None]),
    ],
)
def test_a_document(document: str, expected: list[object]) -> None:
    assert convert(document) == expected


@pytest.mark.parametrize("length", range(70))
@pytest.mark.parametrize("around", ["", '"'])
def test_every_length_around_a_simd_step(length: int, around: str) -> None:
    text = "abcdefghij"[length % 10] * length
    document = f"{text}h,b\n{around}{text}{around},{around}é{text}{around}\n{text},{text}"
    assert convert(document) == [{f"{text}h": text, "b": f"é{text}"}, {f"{text}h": text, "b": text}]


def test_an_output_is_one_line_with_its_line_feed() -> None:
    guest = Guest()
    assert guest.transform(b"a,b\n1,2\n") == [Output(0, PASS, b'{"a":"1","b":"2"}\n')]
    assert guest.report == {"records": 1}


# ---- Documents that are not


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ("", ["csv_empty 0"]),
        ("\ufeff", ["csv_empty 0"]),
        ("\n\r\n\n", ["csv_empty 0"]),
        ("a,b\n1\n2,3\n", ["csv_wrong_columns 4", {"a": "2", "b": "3"}]),
        ("a,b\n1,2,3\n4,5\n", ["csv_wrong_columns 4", {"a": "4", "b": "5"}]),
        ("a,b\n1,2\n3,4,\n", [{"a": "1", "b": "2"}, "csv_wrong_columns 8"]),
        ('a,b\n1,5" pipe\n3,4\n', ["csv_bad_quote 7", {"a": "3", "b": "4"}]),
        ('a,b\n1, "x"\n3,4\n', ["csv_bad_quote 7", {"a": "3", "b": "4"}]),
        ("a,b\n1\r2,3\n4,5\n", ["csv_bad_line_end 5", {"a": "4", "b": "5"}]),
        ("a,b\n1,2\r", ["csv_bad_line_end 7"]),
        ("a,b\r1,2\r3,4\r", ["csv_bad_line_end 3"]),
        ("a,a\n1,2\n", ["csv_duplicate_column 2"]),
        ('x,"a,a",b,b,x\n1,2\n', ["csv_duplicate_column 10"]),
        ('a,"a"\n1,2\n', ["csv_duplicate_column 2"]),
        ('a,b"\n1,2\n', ["csv_bad_quote 3"]),
        (b"a,\xff\n1,2\n", ["invalid_utf8 2"]),
        (b"a,b\n1,\xff\n3,4\n", ["invalid_utf8 6", {"a": "3", "b": "4"}]),
        (b'a,b\n1,"\xc3"\n3,4\n', ["invalid_utf8 7", {"a": "3", "b": "4"}]),
        (b"a,b\n1,\xe2\x82\n3,4\n", ["invalid_utf8 6", {"a": "3", "b": "4"}]),
        (b"a,b\n1,\xf0\x9f\x98", ["invalid_utf8 6"]),
        (b"a\n\xed\xa0\x80\n\xc0\x80\n\xf4\x90\x80\x80\n\xe0\x9f\xbf\n\xf0\x8f\xbf\xbf\n", [
            "invalid_utf8 2", "invalid_utf8 6", "invalid_utf8 9", "invalid_utf8 14", "invalid_utf8 18",
        ]),
    ],
)  # fmt: skip
def test_a_breach_is_refused_with_its_code_and_place(document: str | bytes, expected: list[object]) -> None:
    assert convert(document) == expected


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ('a,b\n1,2\n"3,4\n5,6\n7,8\n', [{"a": "1", "b": "2"}, "csv_unclosed_quote 8"]),
        ('a,b\n"say "hi\nx,y\n", z",2\n3,4\n', ["csv_unclosed_quote 10"]),
        ('a,b\n"1"x,2\n3,4\n', ["csv_unclosed_quote 7"]),
        ('a,b\n1,"x" \n3,4\n', ["csv_bad_quote 9", {"a": "3", "b": "4"}]),
        ('a,b\n1,2\r"x\n3,4\n"\n', ["csv_unclosed_quote 7"]),
        ('a,"b\n1,2\n', ["csv_unclosed_quote 2"]),
        ('a,b\n1,2,"3\n4,5\n', ["csv_unclosed_quote 4"]),
    ],
)
def test_where_the_end_of_quotes_cannot_be_told_all_that_follows_is_refused(document: str, expected: object) -> None:
    assert convert(document) == expected


def test_a_quoted_line_that_looks_like_a_record_is_not_taken_for_one_after_a_breach() -> None:
    assert convert('a,b\n1, "x\n8,9\ny"\n3,4\n') == ["csv_bad_quote 7", {"a": "3", "b": "4"}]


# ---- Configuration


def test_columns_of_a_document_without_header() -> None:
    assert convert("1,2\n3,4\n", header=False, columns=["a", 'ü"\n']) == [
        {"a": "1", 'ü"\n': "2"},
        {"a": "3", 'ü"\n': "4"},
    ]
    assert convert("\n", header=False, columns=["a"]) == ["csv_empty 0"]


def test_columns_replace_the_names_of_a_header() -> None:
    assert convert("x,x\n1,2\n", columns=["a", "b"]) == [{"a": "1", "b": "2"}]
    assert convert("x,y,z\n1,2\n", columns=["a", "b"]) == ["csv_wrong_columns 0"]


@pytest.mark.parametrize("delimiter", [";", "\t", "|", " ", "\\", "a", "\x01", "\x7f"])
def test_delimiters(delimiter: str) -> None:
    document = f'x{delimiter}y\n1,{delimiter}"2{delimiter}\\"\n'
    assert convert(document, delimiter=delimiter) == [{"x": "1,", "y": f"2{delimiter}\\"}]


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (
            "number",
            ["0", "-0", "12", "-1.5", "0.25", "1e9", "1E-9", "1.5e+10", "123456789012345678901234567890"],
            ["01", "+1", ".5", "1.", "1e", "1e+", "-", "--1", "0x1", "NaN", "Infinity", "1,5", " 1", "1 ", "1 000", ""],
        ),
        ("integer", ["0", "-0", "42", "-7", "99999999999999999999"], ["1.0", "1e3", "007", "+7", "4 2", "x", ""]),
        ("boolean", ["true", "false"], ["True", "FALSE", "1", "yes", "tru", "truee", "null", ""]),
    ],
)
def test_types(kind: str, good: list[str], bad: list[str]) -> None:
    guest = Guest(types={"v": kind})
    for text in good:
        assert guest.transform(f'id,v\nx,{text}\ny,"{text}"\n'.encode()) == [
            Output(0, PASS, f'{{"id":"x","v":{text}}}\n'.encode()),
            Output(0, PASS, f'{{"id":"y","v":{text}}}\n'.encode()),
        ]
    for text in bad:
        document = f'id,v\nx,"{text}"\ny,{good[0]}\n'.encode()
        assert outcome(guest.transform(document))[0] == "csv_bad_type 7"
        assert outcome(guest.transform(document))[1] == {"id": "y", "v": json.loads(good[0])}


def test_a_quoted_quote_is_never_a_number() -> None:
    assert convert('v\n"1""2"\n', types={"v": "number"}) == ["csv_bad_type 2"]


def test_types_follow_the_name_wherever_the_column_stands() -> None:
    types = {"né": "integer", "ok": "boolean", "gone": "number"}
    assert convert("ok,né,t\ntrue,1,1\n", types=types) == [{"ok": True, "né": 1, "t": "1"}]
    assert convert("t,né\n1,2\n", types=types) == [{"t": "1", "né": 2}]
    assert convert("1,2\n", header=False, columns=["t", "né"], types={"né": "integer"}) == [{"t": "1", "né": 2}]


@pytest.mark.parametrize(
    ("empty", "expected"),
    [
        ("string", [{"a": "", "b": "x", "c": 1}, "csv_bad_type 14"]),
        ("null", [{"a": None, "b": "x", "c": 1}, {"a": "y", "b": None, "c": None}, {"a": None, "b": None, "c": None}]),
        ("omit", [{"b": "x", "c": 1}, {"a": "y"}, {}]),
    ],
)
def test_empty_values(empty: str, expected: list[object]) -> None:
    rows = ",x,1\ny,,\n" + ("" if empty == "string" else ',"",\n')
    assert convert("a,b,c\n" + rows, empty=empty, types={"c": "integer"}) == expected


def test_trim() -> None:
    document = ' a\t, "b" ,c\n 1 , " 2 " ,\t3\t4 \t \n  ,"x"\t,"y"\n'
    assert convert(document, trim=True) == [{"a": "1", "b": " 2 ", "c": "3\t4"}, {"a": "", "b": "x", "c": "y"}]
    assert convert("a\tb\n 1\t 2 \n", trim=True, delimiter="\t") == [{"a": "1", "b": "2"}]
    assert convert("a\n 5 \n", trim=True, types={"a": "integer"}) == [{"a": 5}]


VALID: list[dict[str, Any]] = [
    {},
    {"header": True, "columns": ["a"], "delimiter": "\t", "types": {"a": "number"}, "empty": "omit", "trim": True},
    {"header": False, "columns": ["a", "", "é"]},
    {"types": {}},
    {"columns": [f"column {i}" for i in range(1000)]},
]
INVALID: list[tuple[object, str]] = [
    ([], "configuration: must be an object"),
    ({"headers": True}, "headers: is not known"),
    ({"header": "yes"}, "header: must be true or false"),
    ({"header": None}, "header: must be true or false"),
    ({"header": False}, "configuration: needs columns where header is false"),
    ({"columns": "a"}, "columns: must be an array"),
    ({"columns": []}, "columns: must name a column"),
    ({"columns": ["a", 1]}, "columns[1]: must be a string"),
    ({"columns": ["a", "b", "a"]}, "columns: names a column twice"),
    ({"delimiter": ""}, "delimiter: must be one ASCII character, and not a quote, a line end or NUL"),
    ({"delimiter": ",,"}, "delimiter: must be one ASCII character, and not a quote, a line end or NUL"),
    ({"delimiter": '"'}, "delimiter: must be one ASCII character, and not a quote, a line end or NUL"),
    ({"delimiter": "\r"}, "delimiter: must be one ASCII character, and not a quote, a line end or NUL"),
    ({"delimiter": "\0"}, "delimiter: must be one ASCII character, and not a quote, a line end or NUL"),
    ({"delimiter": "é"}, "delimiter: must be one ASCII character, and not a quote, a line end or NUL"),
    ({"types": {"total": "money"}}, "types.total: must be string, number, integer or boolean"),
    ({"types": ["a"]}, "types: must be an object"),
    ({"empty": "none"}, "empty: must be string, null or omit"),
    ({"empty": None}, "empty: must be a string"),
    ({"trim": 1}, "trim: must be true or false"),
]


@pytest.mark.parametrize("configuration", VALID)
def test_a_configuration_that_module_and_schema_accept(configuration: dict[str, Any]) -> None:
    jsonschema.validate(configuration, MANIFEST["config"], jsonschema.Draft202012Validator)
    assert Guest(**configuration).transform(b"") == [Output(0, REFUSE, b"csv_empty 0")]


@pytest.mark.parametrize(("configuration", "text"), INVALID)
def test_a_configuration_that_module_and_schema_refuse(configuration: object, text: str) -> None:
    assert not jsonschema.Draft202012Validator(MANIFEST["config"]).is_valid(configuration)
    with pytest.raises(Refused) as caught:
        Guest().configure(json.dumps(configuration).encode())
    assert str(caught.value) == text


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (b"", "configuration: must be an object"),
        (b'{"trim":true', "trim: is not followed by a comma or an end"),
        (b'{"trim":true,}', "trim: must be a string"),
        (b'{"trim" true}', "trim: is not followed by a colon"),
        (b'{"trim":true} x', "configuration: goes on after its end"),
        (b'{"trim":true}\0', "configuration: goes on after its end"),
        (b'{"trim":true,"tr\\u0069m":true}', "trim: appears twice"),
        (b'{"columns":["\xff"]}', "columns[0]: holds a string that is not valid JSON"),
        (b'{"columns":["a\n"]}', "columns[0]: holds a string that is not valid JSON"),
        (b'{"columns":["a', "columns[0]: holds a string that is not valid JSON"),
        (b'{"columns":["\\ud800"]}', "columns[0]: holds an escape that is not valid JSON"),
        (b'{"columns":["\\ud800\\u0041"]}', "columns[0]: holds an escape that is not valid JSON"),
        (b'{"columns":["\\x"]}', "columns[0]: holds an escape that is not valid JSON"),
        (b'{"columns":["a"],"types":{"b":"number"}}', "configuration: b has a type and is not among columns"),
    ],
)
def test_a_configuration_text_that_is_refused(text: bytes, error: str) -> None:
    guest = Guest()
    with pytest.raises(Refused) as caught:
        guest.configure(text)
    assert str(caught.value) == error
    guest.configure(b' {"trim" : true } ')
    assert outcome(guest.transform(b"a\n 1 \n")) == [{"a": "1"}]


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40), st.booleans())
def test_a_name_survives_its_way_through_the_configuration(name: str, ascii_only: bool) -> None:
    guest = Guest()
    guest.configure(json.dumps({"header": False, "columns": [name]}, ensure_ascii=ascii_only).encode())
    assert outcome(guest.transform(b"1")) == [{name: "1"}]


@given(st.binary(max_size=80))
def test_a_configuration_of_any_bytes_never_traps(text: bytes) -> None:
    guest = Guest()
    refused = guest.call("mg_configure", text)
    assert bool(refused) == bool(guest.error())
    assert refused or isinstance(json.loads(text), dict)


# ---- Batches, memory, frames


def test_documents_of_a_batch_do_not_touch_each_other() -> None:
    guest = Guest()
    documents = [b"a,b\n1,2\n3,4", b"", b'x\n"', b"\n", b"a,a\n", b"y\n", b"\xef\xbb\xbfz\n9", b'q\n"w"']
    together = guest.transform(*documents)
    assert [output.source for output in together] == [0, 0, 1, 2, 3, 4, 5, 6, 7]
    assert [one._replace(source=0) for one in together] == [
        one for document in documents for one in guest.transform(document)
    ]
    assert guest.transform() == []


def test_counts_are_of_one_call() -> None:
    guest = Guest()
    guest.transform(b"a\n\n1\n2\n\n", b"a\n3\n")
    assert guest.report == {"records": 3, "blank_lines": 2}
    guest.transform(b"")
    assert guest.report == {}


def test_a_result_that_does_not_fit_is_refused_whole_and_its_neighbours_pass() -> None:
    guest = Guest(memory=2 << 20)
    large = b"a\nfirst\n" + b"\x01" * 500_000
    small = b"a\n1\n"
    expected = [{"a": "1"}, "too_large", {"a": "1"}]
    for _ in range(3):
        assert outcome(guest.transform(small, large, small)) == expected
    many_records = b"a\n" + b"1\n" * 200_000
    assert outcome(guest.transform(small, many_records, small)) == expected
    many_columns = b",".join(b"%d" % i for i in range(100_000))
    assert outcome(guest.transform(small, many_columns, small)) == expected


def test_memory_grows_to_what_the_largest_batch_needs_and_no_further() -> None:
    guest = Guest()
    batch = [b"a,b\n" + b'"x\x01",y\n' * 5_000, b",".join(b"c%d" % i for i in range(2_000)) + b"\n"]
    guest.transform(*batch)
    high_water = guest.memory.size(guest.store)
    for _ in range(20):
        guest.transform(*batch)
        guest.configure(b'{"types":{"a":"string"}}')
    assert guest.memory.size(guest.store) == high_water


def test_a_wide_header_with_one_name_twice() -> None:
    names = [f"column {i}" for i in range(50_000)]
    header = ",".join([*names, "column 49998"])
    assert convert(header) == [f"csv_duplicate_column {header.rindex(',') + 1}"]
    assert convert(",".join(names)) == [None]


@pytest.mark.parametrize(
    ("frame", "text"),
    [
        (b"", "the frame is shorter than its table"),
        (b"\1\0\0", "the frame is shorter than its table"),
        (b"\1\0\0\0", "the frame is shorter than its table"),
        (b"\xff\xff\xff\xff\0\0\0\0", "the frame is shorter than its table"),
        (struct.pack("<II", 1, 5) + b"a\n1", "the frame's ends are out of order"),
        (struct.pack("<III", 2, 3, 1) + b"a\n1", "the frame's ends are out of order"),
        (struct.pack("<II", 1, 1) + b"a\n1", "the frame's last end is not the end of its bytes"),
    ],
)
def test_a_broken_frame_gets_no_frame(frame: bytes, text: str) -> None:
    guest = Guest()
    assert guest.call("mg_transform", frame) == 0
    assert guest.error() == text


def test_nothing_is_transformed_without_a_configuration() -> None:
    guest = Guest()
    with pytest.raises(Refused):
        guest.configure(b"{")
    assert guest.call("mg_transform", struct.pack("<II", 1, 3) + b"a\n1") == 0
    assert guest.error() == "mg_transform was called before a configuration was accepted"


# ---- Against Python's csv module, and against no sense at all

SCALARS = st.characters(exclude_categories=["Cs"])
FIELDS = st.text(st.one_of(SCALARS, st.sampled_from(' ,;"\r\n\t\\\0é')), max_size=40)


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[str], list[list[str]]]:
    names = draw(st.lists(FIELDS, min_size=1, max_size=6, unique=True))
    row = st.lists(FIELDS, min_size=len(names), max_size=len(names))
    return names, draw(st.lists(row, max_size=8))


def quote(field: str, delimiter: str, always: bool) -> str:
    needed = any(character in field for character in f'{delimiter}"\r\n') or not field
    return '"' + field.replace('"', '""') + '"' if always or needed else field


@settings(max_examples=300)
@given(tables(), st.data(), st.sampled_from(",;\t|"), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_any_table_comes_back(
    table: tuple[list[str], list[list[str]]], data: st.DataObject, delimiter: str, line_end: str, last: bool
) -> None:
    names, rows = table
    if names[0].startswith("\ufeff"):
        names = ["x" + names[0], *names[1:]]  # unquoted, it would be a byte order mark
    lines = [
        delimiter.join(quote(field, delimiter, data.draw(st.booleans())) for field in fields)
        for fields in [names, *rows]
    ]
    document = line_end.join(lines) + (line_end if last else "")
    expected: list[object] = [dict(zip(names, row, strict=True)) for row in rows]
    assert convert(document, delimiter=delimiter) == (expected or [None])


@settings(max_examples=1000)
@given(st.text(st.sampled_from('ab,"\r\n \té'), max_size=40))
def test_what_is_accepted_reads_as_pythons_csv_module_reads_it(text: str) -> None:
    document = "h,i\n" + text
    result = convert(document)
    try:
        rows = [row for row in csv.reader(io.StringIO(document, newline=""), strict=True) if row][1:]
    except csv.Error:
        assert any(isinstance(one, str) for one in result)
        return
    if not any(isinstance(one, str) for one in result):
        assert [list(one.values()) for one in result if isinstance(one, dict)] == rows


SOUP = st.lists(
    st.one_of(
        st.binary(max_size=20),
        st.sampled_from([b",", b'"', b"\n", b"\r\n", b"\r", b"\\", b" ", b"a,b\n", b'""', b"1", b"\xc3\xa9", b"\xff"]),
    ),
    max_size=30,
).map(b"".join)


@settings(max_examples=1000)
@given(st.lists(SOUP, max_size=5), st.booleans(), st.sampled_from(["string", "null", "omit"]), st.booleans())
def test_any_bytes_give_a_frame(documents: list[bytes], trim: bool, empty: str, header: bool) -> None:
    named: dict[str, object] = {} if header else {"header": False, "columns": ["a", "b"]}
    guest = Guest(memory=4 << 20, trim=trim, empty=empty, types={"b": "number"}, **named)
    together = guest.transform(*documents)
    alone = [guest.transform(document) for document in documents]
    assert [one._replace(source=0) for one in together] == [one for outputs in alone for one in outputs]
