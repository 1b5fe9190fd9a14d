"""The schema of a configuration, from an author who means ill: nothing hangs, is fetched, or fails unsaid."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateway.documents.finding import PolicyError
from gateway.documents.source import Document
from gateway.registry import manifest
from tests.registry.test_manifest import TEXT

DRAFT = "https://json-schema.org/draft/2020-12/schema"


def parse(config: Any) -> manifest.Manifest:
    return manifest.parse("manifest.yaml", TEXT.replace("{type: object}", json.dumps(config)).encode())


def refused(config: Any) -> list[str]:
    with pytest.raises(PolicyError) as caught:
        parse(config)
    return [str(finding).partition(":14:")[2] for finding in caught.value.findings]


def findings(config: Any, data: Any) -> list[str]:
    schema = parse(config).schema
    document = Document("with", json.dumps(data).encode())
    checked = schema.check(document, document.data)
    assert schema.accepts(document.data) is (not checked.findings)
    return [finding.message for finding in checked.findings]


def nested(keyword: str, levels: int) -> dict[str, Any]:
    schema: dict[str, Any] = {}
    for _ in range(levels):
        schema = {keyword: schema}
    return schema


def doubling(levels: int) -> dict[str, Any]:
    defs: dict[str, Any] = {f"d{level}": {"allOf": [{"$ref": f"#/$defs/d{level + 1}"}] * 2} for level in range(levels)}
    return {"$ref": "#/$defs/d0", "$defs": {**defs, f"d{levels}": {"type": "object"}}}


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"$ref": "http://127.0.0.1/x"}, "18: must be # or #/$defs/NAME"),
        ({"$ref": "file:///etc/passwd"}, "18: must be # or #/$defs/NAME"),
        ({"$ref": DRAFT}, "18: must be # or #/$defs/NAME"),
        ({"$ref": "#/$defs/x"}, "18: there is no such schema under the top's $defs"),
        ({"not": {"$defs": {"x": {}}}}, "27: $defs may stand at the top alone"),
        ({"not": {"$schema": DRAFT}}, "29: $schema may stand at the top alone"),
        ({"$schema": "http://json-schema.org/draft-07/schema#"}, f"21: must be {DRAFT}"),
        ({"$dynamicRef": "#x"}, "10: an unknown key"),
        ({"$id": "http://x/"}, "10: an unknown key"),
        ({"patternProperties": {}}, "10: unknown key 'patternProperties' (did you mean 'additionalProperties'?)"),
        ({"pattern": "("}, "21: not a regular expression that RE2 takes, or a very large one"),
        ({"pattern": "((a{99}){99}){99}"}, "21: not a regular expression that RE2 takes, or a very large one"),
        ({"pattern": "(" * 1_001}, "21: must have at most 1000"),
        ({"items": {"oneOf": [{"pattern": "*"}]}}, "42: not a regular expression that RE2 takes, or a very large one"),
        ({"multipleOf": 0}, "24: must be more than 0"),
        ({"minLength": "1"}, "23: must be an integer"),
    ],
)  # fmt: skip
def test_what_a_schema_may_not_say(config: Any, expected: str) -> None:
    assert refused(config) == [expected]


def test_a_schema_has_only_so_many_patterns() -> None:
    patterns = [{"pattern": f"^{number}$"} for number in range(300)]
    assert refused({"anyOf": patterns})[0].endswith("more than 256 patterns")
    assert findings({"anyOf": patterns[:256]}, "255") == []


@pytest.mark.parametrize(
    "config",
    [
        {"$ref": "#"},
        {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"not": {"$ref": "#/$defs/a"}}}},
        {"allOf": [{"$ref": "#"}, {"$ref": "#"}]},
        doubling(60),
        {"properties": {"list": {"allOf": [{"$ref": "#/$defs/a"}] * 60}}, "$defs": {"a": {"enum": [0] * 2_500}}},
    ],
)
def test_what_would_not_end_is_a_finding(config: Any) -> None:
    expected = "takes too much work to check: the schema leads back to itself, or multiplies"
    assert findings(config, {"list": "a"}) == [expected]


def test_a_schema_may_lead_back_to_itself_as_deep_as_its_document() -> None:
    config = {"$schema": DRAFT, "type": "object", "additionalProperties": {"$ref": "#"}}
    data: Any = {}
    for _ in range(60):
        data = {"a": data}
    assert findings(config, data) == []
    assert findings(config, {"a": {"b": 1}}) == ["must be a mapping"]


@pytest.mark.parametrize("keyword", ["not", "additionalProperties", "items", "propertyNames"])
def test_a_schema_may_be_as_deep_as_a_file(keyword: str) -> None:
    assert findings(nested(keyword, 60), "a") == []


def test_a_hostile_pattern_is_matched_in_time() -> None:
    config = {"$schema": DRAFT, "properties": {"a": {"pattern": "(a+)+$"}, "more": {"$ref": "#"}}}
    assert findings(config, {"more": {"a": "a" * 10_000 + "!"}}) == ["must match (a+)+$"]


@pytest.mark.parametrize(
    ("config", "data", "expected"),
    [
        ({"properties": {"a": False}}, {"a": 1}, "may not stand here"),
        ({"propertyNames": False}, {"a": 1}, "no name may stand here"),
        ({"properties": {"propertyNames": {"type": "string"}}}, {"propertyNames": 1}, "must be text"),
        ({"anyOf": [False, False]}, {}, "may not stand here"),
        ({"anyOf": [{"type": ["array", "null"]}, {"type": "null"}]}, {}, "must be a list or null"),
        ({"required": ["names"]}, {"name": 1}, "'names' is missing here"),
        ({"required": ["\x1b[2J"]}, {}, "'\ufffd[2J' is missing here"),
        ({"errorMessage": "\u202etxt\na: b", "maxProperties": 0}, {"a": 1}, "\ufffdtxt a: b"),
    ],
)
def test_what_is_said_of_a_configuration(config: Any, data: Any, expected: str) -> None:
    assert findings(config, data) == [expected]


def test_no_finding_grows_with_the_schema() -> None:
    said = findings({"enum": ["x" * 5_000] * 10}, {})
    assert [len(message) for message in said] == [1_000]
    many = findings({"additionalProperties": False}, {f"key-{number}": 0 for number in range(10_000)})
    assert len(many) == 200
