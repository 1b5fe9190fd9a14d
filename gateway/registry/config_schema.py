"""The JSON Schema of a module's configuration: what gateway/policy/schemas/manifest.json can't say of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gateway.documents.pattern import compiled
from gateway.documents.source import Path

PATTERNS = 256  # in one schema: each takes a fraction of a millisecond to compile, and some memory

_ONE = ("not", "if", "then", "else", "additionalProperties", "propertyNames", "items", "contains")
_LISTED = ("allOf", "anyOf", "oneOf", "prefixItems")
_NAMED = ("$defs", "properties", "dependentSchemas")
_TOP_ONLY = ("$schema", "$defs")


def faults(config: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    """What is wrong where, in a `config` that the manifest's schema accepts: `Schema` takes one without a fault."""
    known = {"#", *(f"#/$defs/{name}" for name in config.get("$defs", ()))}
    patterns = 0
    for path, schema in _schemas((), config):
        for key in _TOP_ONLY if path else ():
            if key in schema:
                yield (*path, key), f"{key} may stand at the top alone"
        if "$ref" in schema and schema["$ref"] not in known:
            yield (*path, "$ref"), "there is no such schema under the top's $defs"
        if "pattern" in schema:
            patterns += 1
            if patterns > PATTERNS:
                yield (*path, "pattern"), f"more than {PATTERNS} patterns"
                return
            try:
                compiled(schema["pattern"])
            except ValueError:
                yield (*path, "pattern"), "not a regular expression that RE2 takes, or a very large one"


def _schemas(path: Path, schema: Any) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """The schema and all inside it. No deeper than a document is."""
    if not isinstance(schema, Mapping):  # true, false
        return
    yield path, schema
    for key in _ONE:
        yield from _schemas((*path, key), schema.get(key))
    for key in _LISTED:
        for index, inner in enumerate(schema.get(key, ())):
            yield from _schemas((*path, key, index), inner)
    for key in _NAMED:
        for name, inner in schema.get(key, {}).items():
            yield from _schemas((*path, key, name), inner)
