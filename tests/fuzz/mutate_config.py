"""Mutations of a JSON Schema and a value that it is asked about: any part becomes another that could stand there."""

from __future__ import annotations

import json
import random
from typing import Any

from tests.fuzz import mutate_text

SEPARATOR = b"\n---\n"
NAMES = ("a", "b", "kind", "propertyNames", "pattern", "$ref", "enum", "x" * 40, "", "\x1b[2J", "é")
SCALARS = (
    None,
    True,
    False,
    0,
    1,
    -1,
    1.0,
    1.5,
    1e300,
    5e-324,
    2**53,
    2**62,
    "",
    "a",
    "b",
    "aaaa!",
    "\x1b[2J",
    "x" * 3_000,
)
PATTERNS = ("(a+)+$", "^(/([^~*]|~[01])*)+$", "(", "a{1,1000}", "((a{99}){99}){9}", r"\pL", "^a$", "", "(?=a)", "[[a]")
TYPES = ("array", "boolean", "integer", "null", "number", "object", "string")
ONE = ("not", "if", "then", "else", "additionalProperties", "propertyNames", "items", "contains")
COUNTS = (
    "minProperties",
    "maxProperties",
    "minContains",
    "maxContains",
    "minItems",
    "maxItems",
    "minLength",
    "maxLength",
)
NUMBERS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
UNKNOWN = (
    "$id",
    "$anchor",
    "$dynamicRef",
    "unevaluatedProperties",
    "patternProperties",
    "format",
    "definitions",
    "tpye",
)
REFS = ("#", "#/$defs/a", "#/$defs/b", "#/$defs/c", "#/properties/a", "http://127.0.0.1/", "#/$defs/a/not", "")
DRAFTS = ("https://json-schema.org/draft/2020-12/schema", "http://json-schema.org/draft-07/schema#", "urn:x")


def value(chance: random.Random, depth: int = 3) -> Any:
    kind = chance.random()
    if depth and kind < 0.3:
        return {chance.choice(NAMES): value(chance, depth - 1) for _ in range(chance.randrange(4))}
    if depth and kind < 0.5:
        return [value(chance, depth - 1) for _ in range(chance.randrange(4))]
    return chance.choice(SCALARS)


def schema(chance: random.Random, depth: int = 3) -> Any:
    if not depth or chance.random() < 0.1:
        return chance.choice((True, False, {}, {"$ref": chance.choice(REFS)}, {"type": chance.choice(TYPES)}))
    made: dict[str, Any] = {}
    for _ in range(chance.choice((1, 1, 2, 3, 5))):
        made |= _keyword(chance, depth - 1)
    return made


def _keyword(chance: random.Random, depth: int) -> dict[str, Any]:
    names = [chance.choice(NAMES) for _ in range(chance.randrange(4))]
    match chance.randrange(14):
        case 0:
            return {"type": chance.choice(TYPES) if chance.random() < 0.7 else chance.sample(TYPES, 2)}
        case 1:
            return {chance.choice(("enum", "examples")): [value(chance, 1) for _ in range(chance.randrange(4))]}
        case 2:
            return {chance.choice(("const", "default")): value(chance, 2)}
        case 3:
            return {chance.choice(("properties", "dependentSchemas")): {name: schema(chance, depth) for name in names}}
        case 4:
            parts = [schema(chance, depth) for _ in range(chance.choice((1, 2, 3, 3)))]
            return {chance.choice(("allOf", "anyOf", "oneOf", "oneOf", "prefixItems")): parts}
        case 5 | 6:
            return {chance.choice(ONE): schema(chance, depth)}
        case 7:
            return {"required": names} if chance.random() < 0.7 else {"dependentRequired": {"a": names}}
        case 8:
            return {chance.choice(COUNTS): chance.choice((0, 1, 2, 3, 10**9, -1, 1.0, 1.5))}
        case 9:
            return {chance.choice(NUMBERS): chance.choice((0, 1, 0.1, 3, -7.5, 1e300, 5e-324, 2**62))}
        case 10:
            return {"pattern": chance.choice(PATTERNS)}
        case 11:
            return {"$ref": chance.choice(REFS), "$defs": {name: schema(chance, depth) for name in ("a", "b")}}
        case 12:
            return {"uniqueItems": True, "errorMessage": chance.choice(("no", "\x1b", "x" * 300))}
        case _:
            return {chance.choice(UNKNOWN): True} if chance.random() < 0.5 else {"$schema": chance.choice(DRAFTS)}


def _changed(whole: Any, chance: random.Random, *, of_schema: bool) -> Any:
    """With one of its parts replaced, removed, or wrapped."""
    inner = list(whole) if isinstance(whole, dict) else range(len(whole)) if isinstance(whole, list) else ()
    if inner and chance.random() < 0.75:
        key = chance.choice(list(inner))
        if chance.random() < 0.1:
            del whole[key]
        else:
            whole[key] = _changed(whole[key], chance, of_schema=of_schema)
        return whole
    if isinstance(whole, dict) and chance.random() < 0.5:
        return whole | (_keyword(chance, 2) if of_schema else {chance.choice(NAMES): value(chance)})
    return schema(chance) if of_schema and chance.random() < 0.8 else value(chance)


def mutate(data: bytes, chance: random.Random) -> bytes:
    config, _, given = data.partition(SEPARATOR)
    try:
        parts = [json.loads(config), json.loads(given)]
    except (ValueError, RecursionError):
        return SEPARATOR.join(mutate_text.mutate(part, chance) for part in (config, given))
    for _ in range(chance.choice((1, 1, 2, 4))):
        of_schema = chance.random() < 0.65
        at = 0 if of_schema else 1
        parts[at] = _changed(parts[at], chance, of_schema=of_schema)
    if not isinstance(parts[0], dict):
        parts[0] = {"not": parts[0]}
    return SEPARATOR.join(json.dumps(part).encode() for part in parts)
