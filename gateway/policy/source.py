"""YAML files with the line and column of every key and value, and findings that point at them.

Stricter than YAML: keys are strings and stand once, there are no anchors, aliases or tags, and nesting and size have
limits, so that no policy file can be a bomb or mean two things.
"""

from __future__ import annotations

import difflib
import importlib.resources
import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any, TypeAlias

import jsonschema
import yaml
from jsonschema.exceptions import best_match
from msgspec import Struct

SIZE_LIMIT = 4 << 20  # bytes of one file
DEPTH_LIMIT = 32

Path: TypeAlias = tuple[str | int, ...]
Mark: TypeAlias = tuple[int, int]  # line and column, from 1


class Finding(Struct, frozen=True, kw_only=True, order=True):
    """One thing that is wrong with a policy set, and where. It quotes names, never a credential or a secret."""

    file: str  # relative to the policy folder
    line: int
    column: int
    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


class PolicyError(Exception):
    """A policy set can't be served. `findings` has all that was found, by file and line."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(sorted(set(findings)))
        super().__init__("\n".join(map(str, self.findings)))


class Document:
    """One file's value, with the place of everything in it."""

    def __init__(self, file: str, value: Any, values: Mapping[Path, Mark], keys: Mapping[Path, Mark]) -> None:
        self.file, self.value, self._values, self._keys = file, value, values, keys

    def finding(self, path: Path, code: str, message: str, *, key: bool = False) -> Finding:
        """A finding at the value (or the key) at `path`, or at the nearest one above it that is there."""
        marks = self._keys if key else self._values
        while path and path not in marks:
            path = path[:-1]
        line, column = marks.get(path) or self._values.get(path) or (1, 1)
        return Finding(file=self.file, line=line, column=column, code=code, message=message)


def parse(file: str, content: bytes) -> Document:
    """Raises PolicyError for what isn't UTF-8, isn't YAML, or is more than is taken here."""

    def fail(mark: Any, message: str) -> PolicyError:
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        return PolicyError([Finding(file=file, line=line, column=column, code="yaml", message=message)])

    if len(content) > SIZE_LIMIT:
        raise fail(None, f"a policy file has at most {SIZE_LIMIT} bytes")
    try:
        text = content.decode()
        _check_events(text, fail)
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
    except UnicodeDecodeError as error:
        raise fail(None, f"not UTF-8 (byte {error.start})") from None
    except yaml.MarkedYAMLError as error:
        raise fail(error.problem_mark or error.context_mark, f"not YAML: {error.problem or error.context}") from None
    except yaml.YAMLError:
        raise fail(None, "not YAML") from None
    values: dict[Path, Mark] = {}
    keys: dict[Path, Mark] = {}
    value = _value(node, (), values, keys, fail) if node is not None else None
    return Document(file, value, values, keys)


def _check_events(text: str, fail: Any) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise fail(event.start_mark, "anchors and aliases are not taken here")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEPTH_LIMIT:
                raise fail(event.start_mark, f"nested deeper than {DEPTH_LIMIT} levels")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


_PREFIX = "tag:yaml.org,2002:"
_constructor = yaml.constructor.SafeConstructor()
_SCALARS: dict[str, Any] = {
    "str": lambda node: node.value,
    "timestamp": lambda node: node.value,
    "null": lambda node: None,
    "bool": _constructor.construct_yaml_bool,
    "int": _constructor.construct_yaml_int,
    "float": _constructor.construct_yaml_float,
}


def _value(node: Any, path: Path, values: dict[Path, Mark], keys: dict[Path, Mark], fail: Any) -> Any:
    values[path] = (node.start_mark.line + 1, node.start_mark.column + 1)
    if isinstance(node, yaml.MappingNode):
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = key_node.value
            if not isinstance(key_node, yaml.ScalarNode) or key_node.tag != f"{_PREFIX}str":
                raise fail(key_node.start_mark, "a key must be text; put it in quotes")
            if key in result:
                raise fail(key_node.start_mark, f"key {key!r} stands here twice")
            keys[(*path, key)] = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
            result[key] = _value(value_node, (*path, key), values, keys, fail)
        return result
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, (*path, i), values, keys, fail) for i, item in enumerate(node.value)]
    scalar = _SCALARS.get(node.tag.removeprefix(_PREFIX))
    if scalar is None:
        raise fail(node.start_mark, f"tag {node.tag} is not taken here")
    return scalar(node)


# ---------------------------------------------------------------- JSON Schema


@cache
def schema(kind: str) -> Any:
    """The published JSON Schema (2020-12) of a kind of policy file."""
    folder = importlib.resources.files("gateway.policy") / "schemas"
    return json.loads((folder / f"{kind}.json").read_text(encoding="utf-8"))


@cache
def _validator(kind: str) -> Any:
    return jsonschema.Draft202012Validator(schema(kind))


def validate(document: Document, kind: str) -> list[Finding]:
    """All that the schema of `kind` says against a document."""
    return list(against(document, (), document.value, _validator(kind)))


def against(document: Document, at: Path, value: Any, validator: Any) -> Iterator[Finding]:
    """What a JSON Schema validator says against `value`, which stands at `at` in the document."""
    for error in validator.iter_errors(value):
        deepest = best_match([error])
        while deepest.context:
            deepest = best_match(deepest.context)
        yield from _findings(document, (*at, *deepest.absolute_path), deepest)


def _findings(document: Document, path: Path, error: Any) -> Iterator[Finding]:
    keyword, wanted = error.validator, error.validator_value
    if keyword == "additionalProperties":
        known = list(error.schema.get("properties", ()))
        for key in error.instance:
            if key not in known:
                yield document.finding((*path, key), "unknown_key", unknown("key", key, known), key=True)
        return
    if keyword == "required":
        missing = [key for key in wanted if key not in error.instance]
        message = f"{', '.join(map(repr, missing))} is missing"
    elif keyword == "type":
        message = f"must be {wanted if isinstance(wanted, str) else ' or '.join(wanted)}"
    elif keyword in ("enum", "const"):
        allowed = wanted if keyword == "enum" else [wanted]
        message = f"must be {' or '.join(map(str, allowed))}"
    elif keyword == "pattern":
        message = f"must look like {error.schema.get('description', wanted)}"
    elif keyword == "propertyNames":
        message = "a key here has the wrong form"
    else:
        message = f"breaks the rule {keyword}: {wanted}"
    yield document.finding(path, "schema", message)


def unknown(what: str, name: str, known: Iterable[str]) -> str:
    """`unknown WHAT 'NAME'`, with the nearest known name if there is one."""
    near = difflib.get_close_matches(name, list(known), n=1)
    return f"unknown {what} {name!r}" + (f"; did you mean {near[0]!r}?" if near else "")
