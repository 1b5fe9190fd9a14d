"""Cedar files become rules; what Cedar says against them gets its place. Only this and `cedar` touch cedarpy."""

from __future__ import annotations

import json
import re
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any

import cedarpy
from msgspec import Struct

from gateway.documents.finding import Finding, Place
from gateway.policy import files
from gateway.policy.cedar_text import Source, Statement

Entity = tuple[str, str]  # type, id
Json = Any

# A set has members of one type.
_A_PRODUCER, _A_STREAM, _A_DESTINATION = (
    f'[context.{kind.lower()}, {kind}::""].contains({kind}::"")' for kind in ("Producer", "Stream", "Destination")
)
# What the gateway asks, as conditions that type-check only if the schema says the same.
CONTRACT = {
    "publish": ("Producer", "Stream", 'context.format == "" || (context has client && context.client.isIpv4())'),
    "release": ("Producer", "DataClass", f"{_A_STREAM} && {_A_DESTINATION}"),
    "hold": ("Module", "Capability", f'{_A_PRODUCER} && {_A_STREAM} && resource.kind == "" && resource.name == ""'),
    "read": ("Module", "DataClass", f"{_A_PRODUCER} && {_A_STREAM}"),
    "readDecisions": ("User", "Gateway", "true"),
    "managePolicies": ("User", "Gateway", "true"),
    "manageModules": ("User", "Gateway", "true"),
    "reveal": ("User", "DataClass", "true"),
}
OPTIONAL = "reveal"  # an action that a schema may do without; then nobody may do it
EVERYTHING = "*"  # in what a policy reads of the context: all of it


class Rule(Struct, frozen=True, kw_only=True):
    """One policy. `id` is its `@id`, or `file:line` where it has none."""

    id: str
    place: Place
    text: str
    body: Json  # the same in Cedar's JSON policy format
    action: str | None  # its scope takes this action alone; None: maybe any
    principal: Entity | None  # its scope takes this principal and those that belong to it alone; None: maybe any
    resource: Entity | None  # so for the resource


class Parsed(Struct, frozen=True, kw_only=True):
    schema: cedarpy.Schema | None
    rules: tuple[Rule, ...]  # those in which nothing was found
    findings: tuple[Finding, ...]


def number(name: str) -> int:
    """Cedar names the policies of a text as they stand: policy0, policy1, …"""
    return int(name.removeprefix("policy"))


# ---------------------------------------------------------------- text to rules


def parse(contents: Mapping[str, bytes]) -> Parsed:
    """The schema and the rules in the Cedar files among `contents`, with all that Cedar says against them."""
    findings: list[Finding] = []
    sources = [source for file in (files.SCHEMA, *files.CEDAR) if (source := _source(file, contents, findings))]
    schema: cedarpy.Schema | None = None
    rules: list[Rule] = []
    for source in sources:
        if source.file == files.SCHEMA:
            schema = _schema(source, findings)
    ids: set[str] = set()
    for source in sources:
        if source.file != files.SCHEMA:
            rules += _rules(source, schema, ids, findings)
    return Parsed(schema=schema, rules=tuple(rules), findings=tuple(findings))


def _source(file: str, contents: Mapping[str, bytes], findings: list[Finding]) -> Source | None:
    if file not in contents:
        return None  # reported where files are read
    try:
        return Source(file, contents[file].decode())
    except UnicodeDecodeError as error:
        line = contents[file].count(b"\n", 0, error.start) + 1
        text = "a byte that is not part of valid UTF-8"
        findings.append(Finding(file=file, line=line, column=1, code="utf8", message=text))
        return None


def _schema(source: Source, findings: list[Finding]) -> cedarpy.Schema | None:
    def error(text: str) -> str | None:
        try:
            cedarpy.Schema.from_str(text)
        except ValueError as found:
            return str(found)
        return None

    whole = Statement(tokens=source.tokens) if source.tokens else None
    excess = source.excess(whole, schema=True) if whole else None
    if excess is not None:
        findings.append(Finding.at(source.place(excess[0]), "cedar_schema", excess[1]))
        return None
    message = error(source.text)
    if message is not None:
        place = source.place(source.fault(whole, message, error) if whole else 0)
        findings.append(Finding.at(place, "cedar_schema", message.removeprefix("error parsing schema: ")))
        return None
    schema = cedarpy.Schema.from_str(source.text)
    for action, (principal, resource, condition) in CONTRACT.items():
        probe = f'permit(principal is {principal}, action == Action::"{action}", resource is {resource})'
        result = cedarpy.validate_policies(f"{probe} when {{ {condition} }};", schema)
        if not result.validation_passed and not (action == OPTIONAL and not _declares(source.text, action)):
            why = result.errors[0].error.removeprefix("for policy `policy0`, ")
            text = f"action {action} ({principal} on {resource}) isn't declared as the gateway asks it: {why}"
            findings.append(Finding.at(Place(file=source.file), "cedar_schema", text))
    return schema


def _declares(schema: str, action: str) -> bool:
    code = re.sub(r"//.*", "", schema)
    return re.search(rf"\baction\b[^;{{]*\b{action}\b", code) is not None


def _rules(source: Source, schema: cedarpy.Schema | None, ids: set[str], findings: list[Finding]) -> list[Rule]:
    statements = list(source.statements())
    excessive = {index: found for index, statement in enumerate(statements) if (found := source.excess(statement))}
    whole = "too much for the parser" if excessive else _policies(source.text)
    if isinstance(whole, str) or len(whole) != len(statements):
        for offset, text in excessive.values():
            findings.append(Finding.at(source.place(offset), "cedar_syntax", text))
        bodies = _one_by_one(source, statements, excessive, findings)
    else:
        bodies = dict(zip(range(len(statements)), whole, strict=True))
    wrong = _type_errors(source, statements, bodies, schema, findings) if schema is not None else set()
    rules = []
    for index, body in bodies.items():
        place = source.place(statements[index].start)
        given = body.get("annotations", {}).get("id") or None
        if given in ids:
            findings.append(Finding.at(place, "duplicate_id", f"another policy has @id({json.dumps(given)})"))
            given = None
        name = given or f"{place.file}:{place.line}"
        while name in ids:  # several on one line
            name += "+"
        ids.add(name)
        if index not in wrong:
            rules.append(
                Rule(
                    id=name,
                    place=place,
                    text=source.text[statements[index].start : statements[index].end],
                    body=body,
                    action=_action(body["action"]),
                    principal=_entity(body["principal"]),
                    resource=_entity(body["resource"]),
                )
            )
    return rules


def _policies(text: str) -> list[Json] | str:
    """The policies of a text in its order, in Cedar's JSON format; or why there are none."""
    try:
        parsed = json.loads(cedarpy.policies_to_json_str(text))
    except (ValueError, RecursionError) as error:
        return str(error)
    numbered = {**parsed["staticPolicies"], **parsed["templates"]}
    return [numbered[name] for name in sorted(numbered, key=number)]


def _one_by_one(
    source: Source, statements: Sequence[Statement], but: Container[int], findings: list[Finding]
) -> dict[int, Json]:
    """The statements that parse, `but` some; a finding for each that doesn't."""

    def error(text: str) -> str | None:
        found = _policies(text)
        return found if isinstance(found, str) else None

    bodies = {}
    for index, statement in enumerate(statements):
        if index in but:
            continue
        found = _policies(source.text[statement.start : statement.end])
        if isinstance(found, list):
            bodies[index] = found[0]
        else:
            place = source.place(source.fault(statement, found, error))
            findings.append(Finding.at(place, "cedar_syntax", found))
    return bodies


def _type_errors(
    source: Source,
    statements: Sequence[Statement],
    bodies: Mapping[int, Json],
    schema: cedarpy.Schema,
    findings: list[Finding],
) -> set[int]:
    """The statements that don't fit the schema, by index; findings for them."""
    order = list(bodies)
    text = "\n".join(source.text[statements[index].start : statements[index].end] for index in order)
    wrong: dict[int, dict[int, list[str]]] = {}
    for error in cedarpy.validate_policies(text, schema).errors:
        index = order[number(error.policy_id)]
        message = error.error.removeprefix(f"for policy `{error.policy_id}`, ")
        offset = source.find(statements[index], message)
        wrong.setdefault(index, {}).setdefault(offset, []).append(message)
    for index, body in bodies.items():
        if any("slot" in body[part] or "slot" in body[part].get("in", {}) for part in ("principal", "resource")):
            text = "a template applies to nothing, for the gateway links none: name the entity"
            wrong.setdefault(index, {}).setdefault(statements[index].start, []).append(text)
    for index, places in wrong.items():
        for offset, messages in places.items():
            # That no action applies, which has no place of its own, follows from whatever else is wrong.
            if len(places) == 1 or offset != statements[index].start:
                findings.append(Finding.at(source.place(offset), "cedar_type", "; ".join(messages)))
    return set(wrong)


def _action(scope: Json) -> str | None:
    """The one action that a scope takes. `in` may take more than it names: a schema may put actions into others."""
    return str(scope["entity"]["id"]) if scope["op"] == "==" else None


def _entity(scope: Json) -> Entity | None:
    entity = scope.get("entity") or scope.get("in", {}).get("entity")
    return (entity["type"], entity["id"]) if entity else None


# ---------------------------------------------------------------- what rules speak of


def mentioned(rules: Iterable[Rule]) -> frozenset[Entity]:
    """Every entity that some rule names. Those that none names differ to Cedar only by attributes and ancestors."""
    found: set[Entity] = set()
    pending: list[Json] = [rule.body for rule in rules]
    while pending:
        node = pending.pop()
        if isinstance(node, dict):
            if node.keys() == {"type", "id"} and isinstance(node["id"], str):
                found.add((node["type"], node["id"]))
            pending += node.values()
        elif isinstance(node, list):
            pending += node
    return frozenset(found)


def context_read(rules: Iterable[Rule]) -> frozenset[str]:
    """The attributes of the context that the rules look at; EVERYTHING among them if one takes it whole."""
    found: set[str] = set()
    pending: list[Json] = [rule.body["conditions"] for rule in rules]
    while pending:
        node = pending.pop()
        if isinstance(node, list):
            pending += node
        elif isinstance(node, dict):
            for operator, operand in node.items():
                if operator in (".", "has") and isinstance(operand, dict) and operand.get("left") == {"Var": "context"}:
                    attribute = operand.get("attr")
                    found.add(attribute if isinstance(attribute, str) else EVERYTHING)
                elif operator == "Var" and operand == "context":
                    found.add(EVERYTHING)
                else:
                    pending.append(operand)
    return frozenset(found)
