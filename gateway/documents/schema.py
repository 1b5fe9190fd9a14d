"""JSON Schema (draft 2020-12), with findings that say where and what to write instead.

No message quotes a value: a file may hold what a log must not. Keys are quoted when they look like keys.
"""

from __future__ import annotations

import hashlib
import json
import marshal
import re
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

from jsonschema import FormatChecker, SchemaError, ValidationError
from msgspec import Struct
from referencing import Registry

from gateway.documents.finding import Finding
from gateway.documents.near import near
from gateway.documents.pattern import found
from gateway.documents.source import Document
from gateway.documents.source import Path as NodePath
from gateway.documents.validator import NAME, TooCostlyError, Validator, limited

FOLDER = Path(__file__).parent.parent / "policy" / "schemas"  # the one folder that editors are pointed at

_KEY = re.compile(r"[A-Za-z_/][A-Za-z0-9_./*-]{0,31}")
_TYPES = {
    "object": "a mapping", "array": "a list", "string": "text", "integer": "an integer", "number": "a number",
    "boolean": "true or false", "null": "null",
}  # fmt: skip
_REMEMBERED = 1024  # values that a schema has accepted
_BY_VALUE = 2  # the version of the marshal format whose bytes depend on the value alone
_ROUNDS = 8  # of leaving out what is wrong, before the whole document is given up
_FAULTS = 200  # of one document that are told
_STEPS, _STEPS_A_VALUE = 20_000, 500  # that an untrusted schema may take; those that are here take up to 75 a value

# No formats: those that the library knows would have Python's `re` compile what is meant for RE2.
_FORMATS = FormatChecker(())


class Checked(Struct, frozen=True, kw_only=True):
    """`data` without what is wrong; None where nothing is left. `doubtful`: the paths of what was left out."""

    data: Any
    findings: tuple[Finding, ...] = ()
    doubtful: frozenset[NodePath] = frozenset()


class Schema:
    """A schema that documents are checked against. `$ref` reaches nothing outside it."""

    def __init__(self, schema: Mapping[str, Any], *, untrusted: bool = False) -> None:
        """Raises ValueError if it isn't a JSON Schema; the text names the place in it.

        An `untrusted` one may ask for a limited amount of work; beyond that it accepts nothing. It is one that another
        schema has accepted, which knows what it may say: the draft's own takes six times as long.
        """
        try:
            if not untrusted:
                Validator.check_schema(schema, format_checker=_FORMATS)
        except SchemaError as error:
            raise ValueError(f"{error.json_path}: not a JSON Schema of draft 2020-12") from None
        # Where the library comes upon `$schema` again, it takes its own validator of that draft.
        schema = {key: value for key, value in schema.items() if key != "$schema"}
        self._validator = Validator(schema, registry=Registry())
        self._untrusted = untrusted
        self._accepted: set[bytes] = set()  # fingerprints: a reload asks mostly what was asked before

    def accepts(self, data: Any) -> bool:
        try:
            fingerprint = hashlib.blake2b(marshal.dumps(data, _BY_VALUE), digest_size=32).digest()
        except ValueError:  # something that JSON hasn't
            return self._is_valid(data)
        if fingerprint in self._accepted:
            return True
        accepted = self._is_valid(data)
        if accepted:
            if len(self._accepted) >= _REMEMBERED:
                self._accepted.clear()
            self._accepted.add(fingerprint)
        return accepted

    def check(self, document: Document, data: Any, at: NodePath = ()) -> Checked:
        """Check `data`, which stands in the document at `at`."""
        if self.accepts(data):
            return Checked(data=data)
        try:
            with limited(self._limit(data)):
                return self._check(document, data, at)
        except TooCostlyError:
            text = "takes too much work to check: the schema leads back to itself, or multiplies"
            return Checked(data=None, findings=(Finding.at(document.place(at), "schema_cost", text),))

    def _is_valid(self, data: Any) -> bool:
        try:
            with limited(self._limit(data)):
                return bool(self._validator.is_valid(data))
        except TooCostlyError:
            return False

    def _limit(self, data: Any) -> int | None:
        return _STEPS + _STEPS_A_VALUE * _values(data) if self._untrusted else None

    def _check(self, document: Document, data: Any, at: NodePath) -> Checked:
        findings: list[Finding] = []
        doubtful: set[NodePath] = set()
        data = deepcopy(data)
        for attempt in range(_ROUNDS):
            every = (fault for error in self._validator.iter_errors(data) for fault in _faults(error))
            faults = list(islice(every, _FAULTS + 1))
            if not faults:
                if not self._validator.is_valid(data):  # nothing that is wrong goes unsaid
                    findings = findings or [Finding.at(document.place(at), "value", "doesn't fit the schema")]
                    break
                return Checked(data=data, findings=tuple(findings), doubtful=frozenset(doubtful))
            if not attempt:  # later ones follow from what was left out
                findings += [fault.found(document, at) for fault in faults[:_FAULTS]]
            doubtful.update((*at, *fault.path) for fault in faults if not fault.meant)
            if len(faults) > _FAULTS or any(not fault.path for fault in faults):
                break
            for fault in faults:
                _leave_out(data, fault.path, fault.meant)
        return Checked(data=None, findings=tuple(findings), doubtful=frozenset(doubtful))


@cache
def schema(kind: str) -> Schema:
    """The published schema of one kind of file."""
    return Schema(json.loads((FOLDER / f"{kind}.json").read_bytes()))


def _values(data: Any) -> int:
    """How many values there are in it, itself among them."""
    count, waiting = 0, [data]
    while waiting:
        value = waiting.pop()
        count += 1
        if isinstance(value, dict):
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
    return count


class _Fault(Struct, frozen=True, kw_only=True):
    path: NodePath  # what is wrong; of an unknown key, the key
    code: str
    message: str
    unknown: bool = False  # it is the key that is wrong
    meant: str | None = None  # and this is probably the right one

    def found(self, document: Document, at: NodePath) -> Finding:
        return Finding.at(document.place((*at, *self.path), key=self.unknown), self.code, self.message)


def _faults(error: ValidationError) -> Iterator[_Fault]:
    """The faults that one error of jsonschema's stands for."""
    path = tuple(error.absolute_path)
    schema: Any = error.schema
    instance: Any = error.instance
    value: Any = error.validator_value
    if error.validator in ("oneOf", "anyOf") and error.context:
        for inner in _nearest(error):
            yield from _faults(inner)
        return
    if error.validator == "additionalProperties" and value is False:
        known = schema.get("properties", {})
        patterns = schema.get("patternProperties", {})
        for key in instance:
            if key not in known and not any(found(pattern, key) for pattern in patterns):
                meant = _meant(key, [name for name in known if name not in instance])
                text = f"unknown key '{key}'" if _KEY.fullmatch(key) else "an unknown key"
                text += f" (did you mean '{meant}'?)" if meant else ""
                yield _Fault(path=(*path, key), code="unknown_key", message=text, unknown=True, meant=meant)
        return
    if error.validator == "required":
        known = schema.get("properties", {})
        reported = schema.get("additionalProperties") is False
        strangers = [key for key in instance if key not in known] if reported else []
        for key in value:
            # Where it is there under a wrong spelling, that is what is reported.
            if key not in instance and not any(_meant(stranger, [key]) for stranger in strangers):
                yield _Fault(path=path, code="missing_key", message=f"'{key}' is missing here")
        return
    if error.validator == NAME:
        path = (*path, str(error.instance))
        text = schema.get("errorMessage", "not a name that may stand here") if schema else "no name may stand here"
        yield _Fault(path=path, code="name", message=text, unknown=True)
        return
    yield _Fault(path=path, code="value", message=_message(error, schema))


def _nearest(error: ValidationError) -> Iterable[ValidationError]:
    """Of the alternatives, the errors of the one that was probably meant: the one of this kind, else with fewest."""
    branches: dict[Any, list[ValidationError]] = {}
    for inner in error.context or ():
        if inner.schema_path:
            branches.setdefault(inner.schema_path[0], []).append(inner)
    if not branches:  # each alternative is `false`
        return (error.context or ())[:1]

    def distance(errors: list[ValidationError]) -> tuple[bool, bool, int]:
        wrong_type = any(inner.validator == "type" and not inner.path for inner in errors)
        wrong_kind = any(inner.validator == "const" for inner in errors)
        return wrong_type, wrong_kind, len(errors)

    nearest = min(branches.values(), key=distance)
    if distance(nearest)[0] or distance(nearest)[1]:
        return (_alternatives(error, branches),)
    return nearest


def _alternatives(error: ValidationError, branches: Mapping[Any, list[ValidationError]]) -> ValidationError:
    """One error in place of several alternatives of which none is near."""
    instance: Any = error.instance
    kinds = [
        str(inner.validator_value) for errors in branches.values() for inner in errors if inner.validator == "const"
    ]
    types: list[str] = [
        kind
        for errors in branches.values()
        for inner in errors
        if inner.validator == "type" and not inner.path
        for kind in _listed(inner.validator_value)
    ]
    if isinstance(instance, dict) and kinds:
        text = f"'kind' must be one of {', '.join(kinds)}"
        text += _did_you_mean(instance.get("kind"), kinds)
    elif isinstance(error.schema, Mapping) and "errorMessage" in error.schema:
        text = str(error.schema["errorMessage"])
    else:
        text = "must be " + " or ".join(_TYPES[kind] for kind in dict.fromkeys(types))
    stand_in = ValidationError(text, validator="alternatives", path=error.path, instance=instance, schema={})
    stand_in.parent = error.parent
    return stand_in


def _message(error: ValidationError, schema: Any) -> str:
    value: Any = error.validator_value
    if schema is False:
        return "may not stand here"
    if "errorMessage" in schema:
        return str(schema["errorMessage"])
    match error.validator:
        case "alternatives":
            return str(error.message)
        case "type":
            return "must be " + " or ".join(_TYPES[kind] for kind in _listed(value))
        case "enum":
            words = [str(word) for word in value]
            return f"must be one of {', '.join(words)}" + _did_you_mean(error.instance, words)
        case "const":
            return f"must be {value}"
        case "minItems" | "minProperties" | "minLength":
            return f"must have at least {value}"
        case "maxItems" | "maxProperties" | "maxLength":
            return f"must have at most {value}"
        case "minimum" | "maximum":
            return f"must be at {'least' if error.validator == 'minimum' else 'most'} {value}"
        case "exclusiveMinimum" | "exclusiveMaximum":
            return f"must be {'more' if error.validator == 'exclusiveMinimum' else 'less'} than {value}"
        case "uniqueItems":
            return "an item is there twice"
        case "pattern":
            return f"must match {value}"
        case other:
            return f"doesn't fit the schema ({other})"


def _listed(kinds: Any) -> list[str]:
    """The value of `type`: one of them or several."""
    return [kinds] if isinstance(kinds, str) else kinds


def _did_you_mean(word: Any, known: list[str]) -> str:
    meant = _meant(word, known)
    return f" (did you mean '{meant}'?)" if meant else ""


def _meant(word: Any, known: list[str]) -> str | None:
    return near(word, known) if isinstance(word, str) else None


def _leave_out(data: Any, path: NodePath, meant: str | None) -> None:
    """Take what is at `path` out of `data`; for an item the whole list, lest its neighbours change their places.

    A key that was `meant` to be another becomes that one.
    """
    while path and isinstance(path[-1], int):
        path = path[:-1]
    for part in path[:-1]:
        if isinstance(data, dict) and part not in data:
            return  # left out already
        data = data[part]
    if path and isinstance(data, dict) and path[-1] in data:
        value = data.pop(path[-1])
        if meant is not None:
            data.setdefault(meant, value)
