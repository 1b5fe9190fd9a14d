from __future__ import annotations

import pytest

from gateway.documents import source
from gateway.documents.source import Document

TEXT = """\
# a comment
name: café
streams:
  orders: {accept: [text/csv, 'application/json']}
  "quoted key":
    - one
    - {two: 2}
"""


def read(text: str) -> Document:
    return Document("a.yaml", text.encode())


def where(document: Document, *path: str | int, key: bool = False) -> tuple[int, int]:
    place = document.place(path, key=key)
    return place.line, place.column


def test_the_value_is_plain_data() -> None:
    document = read(TEXT)
    assert document.findings == ()
    assert document.data == {
        "name": "café",
        "streams": {
            "orders": {"accept": ["text/csv", "application/json"]},
            "quoted key": ["one", {"two": 2}],
        },
    }


def test_every_key_and_value_has_its_place() -> None:
    document = read(TEXT)
    assert where(document) == (2, 1)
    assert where(document, "name") == (2, 7)
    assert where(document, "name", key=True) == (2, 1)
    assert where(document, "streams", "orders", "accept", 1) == (4, 31)
    assert where(document, "streams", "quoted key", key=True) == (5, 3)
    assert where(document, "streams", "quoted key", 1, "two") == (7, 13)


def test_what_is_not_there_has_the_place_of_what_would_hold_it() -> None:
    document = read(TEXT)
    assert where(document, "streams", "orders", "steps", 3, "module") == where(document, "streams", "orders")


def test_columns_count_characters() -> None:
    assert where(read("{é: 1, b: 2}"), "b", key=True) == (1, 8)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"), ("yes", "yes"), ("on", "on"), ("1:30", "1:30"), ("2024-01-01", "2024-01-01"), ("1_000", "1_000"),
        ("<<", "<<"), ("'1'", "1"), ('"true"', "true"), ("true", True), ("False", False), ("~", None), ("null", None),
        ("0o17", 15), ("0x1F", 31), ("-7", -7), ("+7", 7), ("1.5", 1.5), ("1e3", 1000.0), (".5", 0.5), (".inf", ".inf"),
        ("1.0.0", "1.0.0"), ("!", None), ("9223372036854775807", 9223372036854775807),
    ],
)  # fmt: skip
def test_scalars_are_those_of_yaml_1_2(text: str, value: object) -> None:
    if text == "!":
        assert [finding.code for finding in read("a: ! x").findings] == ["tag"]
        return
    found = read(f"a: {text}").data["a"]
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("a: 1\nb: {c: 2, c: 3}", "duplicate_key", 2, 11),
        ("a: &x 1\nb: 2", "alias", 1, 4),
        ("a: 1\nb: *x", "alias", 2, 4),
        ("a: !!python/object/apply:os.system [ls]", "tag", 1, 4),
        ("a: 1\n---\nb: 2", "yaml", 2, 1),
        ("? [a]\n: 1", "yaml", 1, 3),
        ("a: [1,\n b: }", "yaml", 2, 5),
        ("a: \x00", "yaml", 1, 4),
        ("a: 99999999999999999999999", "number", 1, 4),
        ("a: 1e999", "number", 1, 4),
        ("a:\n\t- 1", "yaml", 2, 1),
    ],
)
def test_what_is_refused_is_named_with_its_place(text: str, code: str, line: int, column: int) -> None:
    finding = read(text).findings[0]
    assert (finding.code, finding.line, finding.column) == (code, line, column)


def test_bytes_that_are_not_utf8_are_placed() -> None:
    finding = Document("a.yaml", b"a: 1\nb: \xff\n").findings[0]
    assert (finding.code, finding.line, finding.column) == ("utf8", 2, 4)


@pytest.mark.parametrize(
    ("content", "place"), [(b"\xef\xbb\xbf\xef", (1, 1)), (b"\xef\xbb\xbfa: 1\nb: \xff", (2, 4)), (b"\xef\xbb", (1, 1))]
)
def test_bytes_that_are_not_utf8_are_placed_behind_a_byte_order_mark_too(
    content: bytes, place: tuple[int, int]
) -> None:
    (finding,) = Document("a.yaml", content).findings
    assert (finding.code, (finding.line, finding.column)) == ("utf8", place)


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    assert Document("a.yaml", b"\xef\xbb\xbfa: 1").data == {"a": 1}


def test_nesting_without_end_is_refused_where_it_is_too_deep() -> None:
    finding = read("[" * 200_000).findings[0]
    assert (finding.code, finding.column) == ("too_deep", source.DEPTH_LIMIT + 1)


def test_a_file_over_the_limit_is_not_parsed() -> None:
    document = Document("a.yaml", b"a: " + b"x" * source.SIZE_LIMIT)
    assert document.data is None
    assert [finding.code for finding in document.findings] == ["too_large"]


def test_a_billion_laughs_stay_one() -> None:
    lines = ["a0: &a0 [x, x]", *(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]" for i in range(1, 40))]
    assert {finding.code for finding in read("\n".join(lines)).findings} == {"alias"}


@pytest.mark.parametrize("former", ["\x85", "\u2028", "\u2029"])
def test_what_was_a_line_break_once_is_refused_and_not_folded(former: str) -> None:
    assert [str(finding)[:12] for finding in read(f'a: 1\nb: "é{former}"').findings] == ["a.yaml:2:6: "]
    assert read('a: "\\N\\L\\P"').data == {"a": "\x85\u2028\u2029"}


@pytest.mark.parametrize("text", ['a: {"b": 1', 'a: "b', "- [\n", "- [\r\n- ]x: [", "k: [a\nb"])
def test_a_finding_at_the_end_stands_in_the_file(text: str) -> None:
    (finding,) = read(text).findings
    lines = text.replace("\r\n", "\n").split("\n")
    assert finding.line <= len(lines)
    assert finding.column <= len(lines[finding.line - 1]) + 1


@pytest.mark.parametrize("faults", range(source.FINDING_LIMIT - 2, source.FINDING_LIMIT + 2))
def test_a_file_of_faults_that_ends_in_one(faults: int) -> None:
    found = read("[" + "&a b," * faults + "}")
    assert faults < len(found.findings) + 2 <= source.FINDING_LIMIT + 3
    assert not found.complete
