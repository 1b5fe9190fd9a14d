from __future__ import annotations

from typing import Any

import pytest

from gateway.documents.schema import Checked, Schema
from gateway.documents.source import Document

SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["name"],
    "properties": {
        "name": {"type": "string", "pattern": "^[a-z]+$", "errorMessage": "must be lowercase letters"},
        "colour": {"enum": ["red", "green"]},
        "items": {
            "type": "array",
            "minItems": 1,
            "items": {
                "oneOf": [
                    {
                        "type": "object",
                        "additionalProperties": False,
                        "required": ["kind", "size"],
                        "properties": {"kind": {"const": "box"}, "size": {"type": "integer", "maximum": 9}},
                    },
                    {
                        "type": "object",
                        "additionalProperties": False,
                        "required": ["kind"],
                        "properties": {"kind": {"const": "bag"}, "open": {"type": "boolean"}},
                    },
                ]
            },
        },
        "free": {"type": "object", "propertyNames": {"pattern": "^x", "errorMessage": "must begin with x"}},
    },
}


def check(text: str) -> Checked:
    document = Document("f.yaml", text.encode())
    assert document.findings == ()
    return Schema(SCHEMA).check(document, document.data)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("name: a\ncolor: red", "f.yaml:2:1: unknown key 'color' (did you mean 'colour'?)"),
        ("name: a\nzzz: 1", "f.yaml:2:1: unknown key 'zzz'"),
        ("colour: red", "f.yaml:1:1: 'name' is missing here"),
        ("nam: a", "f.yaml:1:1: unknown key 'nam' (did you mean 'name'?)"),
        ("name: 5", "f.yaml:1:7: must be lowercase letters"),
        ('name: "a\\n"', "f.yaml:1:7: must be lowercase letters"),
        ("name: a\ncolour: gren", "f.yaml:2:9: must be one of red, green (did you mean 'green'?)"),
        ("name: a\nitems: []", "f.yaml:2:8: must have at least 1"),
        ("name: a\nitems: 5", "f.yaml:2:8: must be a list"),
        ("name: a\nitems: [{kind: box, size: 10}]", "f.yaml:2:27: must be at most 9"),
        ("name: a\nitems: [{kind: bag, opn: true}]", "f.yaml:2:21: unknown key 'opn' (did you mean 'open'?)"),
        ("name: a\nitems: [{kind: bagg}]", "f.yaml:2:9: 'kind' must be one of box, bag (did you mean 'bag'?)"),
        ("name: a\nitems: [text]", "f.yaml:2:9: must be a mapping"),
        ("name: a\nfree: {x1: 1, y: 2}", "f.yaml:2:15: must begin with x"),
    ],
)
def test_a_finding_says_where_and_what_instead(text: str, expected: str) -> None:
    checked = check(text)
    assert [str(finding) for finding in checked.findings] == [expected]


def test_all_faults_are_found_at_once() -> None:
    checked = check("nam: a\ncolour: blue\nitems: [{kind: box, size: x}]")
    assert [finding.line for finding in sorted(checked.findings)] == [1, 2, 3]


def test_what_is_right_is_left_and_a_misspelt_key_taken_as_meant() -> None:
    checked = check("nam: a\ncolour: blue\nitems: [{kind: bag}, {kind: bag, opn: true}]\nzzz: 1")
    assert checked.data == {"name": "a", "items": [{"kind": "bag"}, {"kind": "bag", "open": True}]}
    assert checked.doubtful == {("colour",), ("zzz",)}


def test_an_item_that_is_wrong_takes_its_list_along() -> None:
    """Otherwise what follows it would be looked for in the wrong place."""
    assert check("name: a\nitems: [{kind: bag}, 5]").data == {"name": "a"}


def test_nothing_is_left_of_what_lacks_what_it_needs() -> None:
    assert check("colour: red").data is None


@pytest.mark.parametrize("secret", ["8f" * 32, "hunter2 and more", "ghp_" + "a1" * 18])
def test_neither_a_value_nor_a_key_that_could_be_one_is_quoted(secret: str) -> None:
    checked = check(f'name: "{secret}"\n"{secret}": {secret}\ncolour: {secret}\nfree: {{"{secret}": 1}}')
    assert len(checked.findings) == 4
    assert not any(secret in finding.message for finding in checked.findings)


def test_a_schema_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match=r"\$\.type"):
        Schema({"type": "objct"})


def test_a_reference_to_elsewhere_is_not_followed() -> None:
    schema = Schema({"$ref": "https://schema.example/x.json"})
    with pytest.raises(Exception, match=r"schema\.example"):
        schema.accepts({})


@pytest.mark.parametrize(
    ("items", "unique"),
    [
        ([1, True, "1", None, [1], {"a": 1}, [True], {"a": True}, [], {}], True),
        ([0, False, "", None, [None], [[]]], True),
        ([1, 1.0], False),
        ([{"a": 1, "b": [2]}, {"b": [2.0], "a": 1}], False),
        ([[1, 2], [2, 1]], True),
        ([None, None], False),
        ([{"a": number} for number in range(20_000)], True),  # in time linear in the list
    ],
)
def test_items_that_are_there_twice(items: list[Any], unique: bool) -> None:
    assert Schema({"uniqueItems": True}).accepts(items) is unique


def test_what_was_accepted_once_says_nothing_of_what_looks_like_it() -> None:
    integer = Schema({"type": "integer"})
    for _ in range(2):
        assert integer.accepts(1)
        assert not integer.accepts(True)
    text = Schema({"type": ["string", "null"]})
    for _ in range(2):
        assert text.accepts(None)
        assert not text.accepts(float("nan"))


@pytest.mark.parametrize(
    "schema",
    [
        {"oneOf": [True, {"$ref": "#"}, True]},
        {"not": {"not": {"$ref": "#"}}},
        {"allOf": [{"anyOf": [False, {"not": {"not": {"not": {"not": {"$ref": "#"}}}}}]}]},
    ],
    ids=str,
)
def test_a_schema_that_leads_back_to_itself_is_a_finding_however_deep_the_stack_is(schema: dict[str, Any]) -> None:
    """Where the stack ends in the library's extension, it panics, which is no Exception."""
    document = Document("f.yaml", b"a: 1")

    def deeper(frames: int) -> Checked:
        return deeper(frames - 1) if frames else Schema(schema, untrusted=True).check(document, document.data)

    for frames in range(0, 600, 7):
        (finding,) = deeper(frames).findings
        assert finding.code == "schema_cost"


@pytest.mark.parametrize(("references", "codes"), [(80, []), (81, ["schema_cost"])])
def test_so_many_references_may_lead_to_one_another(references: int, codes: list[str]) -> None:
    """Each is followed from inside the one before it: so it ends before the stack does."""
    chain: dict[str, Any] = {f"r{i}": {"$ref": f"#/$defs/r{i + 1}"} for i in range(1, references)}
    schema = Schema({"$defs": {**chain, f"r{references}": {"type": "integer"}}, "$ref": "#/$defs/r1"}, untrusted=True)
    document = Document("f.yaml", b"7")
    assert [finding.code for finding in schema.check(document, document.data).findings] == codes


def test_references_beside_one_another_may_be_as_many_as_the_data_has() -> None:
    schema = Schema({"items": {"$ref": "#/$defs/number"}, "$defs": {"number": {"type": "integer"}}}, untrusted=True)
    document = Document("f.yaml", b"[" + b"7, " * 200 + b"7]")
    assert schema.check(document, document.data).findings == ()
