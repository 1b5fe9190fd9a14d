"""The published schemas say what the gateway takes, in words that any validator reads."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from gateway.documents.schema import FOLDER
from gateway.documents.source import Document
from gateway.policy import files
from tests.policy.conftest import CSV_MANIFEST, FILES, MASK_MANIFEST

SCHEMAS = sorted(path.name.removesuffix(".json") for path in FOLDER.glob("*.json"))
EXAMPLES = [(kind, text) for file, text in FILES.items() if (kind := files.kind(file)) not in (None, "cedar")] + [
    ("manifest", MASK_MANIFEST),
    ("manifest", CSV_MANIFEST),
    (
        "cases",
        "cases: [{name: one, with: {a: 1}, messages: [x, {hex: '00'}], expect: [{drop: true}, [y, {refuse: z}]]}]",
    ),
    (
        "trust",
        f"keys: {{us: {{ed25519: '{'A' * 43}=', modules: [mask, 'csv-*']}}}}\nunsigned: fresh\n"
        "registries: {main: {source: 'oci://registry.example.com/modules'}}",
    ),
    ("keys", "keys: {cards: {current: '2026', secrets: {'2025': cards-old, '2026': cards}}}"),
    (
        "modules.lock",
        f"modules: {{mask: {{version: 1.0.0, sha256: {'a' * 64}, manifest: {'b' * 64}, instances: kept}}}}",
    ),
]


def read(kind: str) -> Any:
    return json.loads((FOLDER / f"{kind}.json").read_text(encoding="utf-8"))


def objects(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        if schema.get("type") == "object" and "properties" in schema:
            yield schema
        for value in schema.values():
            yield from objects(value)
    elif isinstance(schema, list):
        for item in schema:
            yield from objects(item)


def test_there_is_one_for_each_kind_of_file() -> None:
    assert sorted({"cases", "classes", "keys", "manifest", "modules.lock", "trust", *files.FOLDERS.values()}) == SCHEMAS


@pytest.mark.parametrize("kind", SCHEMAS)
def test_it_is_a_schema_that_knows_all_its_keys(kind: str) -> None:
    schema = read(kind)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(schema)
    found = list(objects(schema))
    assert found
    assert all(part["additionalProperties"] is False for part in found)


@pytest.mark.parametrize(("kind", "text"), EXAMPLES, ids=[kind for kind, _ in EXAMPLES])
def test_each_example_validates(kind: str, text: str) -> None:
    Draft202012Validator(read(kind)).validate(Document("f", text.encode()).data)


def test_every_kind_has_an_example() -> None:
    assert sorted({kind for kind, _ in EXAMPLES}) == SCHEMAS


def test_the_example_policy_set_of_the_repository_validates() -> None:
    root = Path(__file__).parent.parent.parent / "policies"
    checked = 0
    for path in root.rglob("*"):
        kind = files.kind(path.relative_to(root).as_posix())
        if path.is_file() and kind not in (None, "cedar"):
            Draft202012Validator(read(str(kind))).validate(Document("f", path.read_bytes()).data)
            checked += 1
    assert checked
