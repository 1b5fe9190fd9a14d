from __future__ import annotations

from pathlib import Path

import pytest

from gateway.policy import cedar_rules, load
from gateway.policy.cedar import Cedar
from gateway.policy.cedar_rules import EVERYTHING, Parsed
from tests.policy.conftest import ACCESS, SCHEMA, Edit

SCOPE = 'principal, action == Action::"publish", resource'


def parse(access: str, schema: str | None = SCHEMA) -> Parsed:
    files = {} if schema is None else {"schema.cedarschema": schema.encode()}
    return cedar_rules.parse({**files, "access.cedar": access.encode()})


def messages(access: str, schema: str = SCHEMA) -> list[str]:
    return [str(finding) for finding in parse(access, schema).findings]


def column(text: str, part: str) -> int:
    return text.rindex(part) - text.rfind("\n", 0, text.rindex(part))


@pytest.mark.parametrize(
    ("text", "part", "message"),
    [
        (f"permit ({SCOPE}) when {{ principal.region == }};", "};", "unexpected token `}`"),
        ("permit (principal action, resource);", "action", "unexpected token `action`"),
        (f"permit ({SCOPE}) wen {{ true }};", "wen", "invalid policy condition: wen"),
        (f"permit ({SCOPE})", ")", "unexpected end of input"),
        (f'permit ({SCOPE}) when {{ "open }};', '"open', "invalid token"),
        (f'permit ({SCOPE}) when {{ "\\q" == "" }};', "permit", "the input `\\q` is not a valid escape"),
        (f"permit ({SCOPE}) when {{ foo(3) }};", "foo", "`foo` is not a valid function"),
        ("};", "}", "unexpected token `}`"),
        (f"permit ({SCOPE})\npermit ({SCOPE});", f"({SCOPE});", "unexpected token `(`"),
    ],
)
def test_a_syntax_error_has_its_place(text: str, part: str, message: str) -> None:
    line = text.count("\n") + 1
    assert messages(text) == [f"access.cedar:{line}:{column(text, part)}: {message}"]


@pytest.mark.parametrize(
    ("text", "part", "message"),
    [
        (
            f'permit ({SCOPE}) when {{ principal.regoin == "eu" }};',
            "regoin",
            "attribute `regoin` on entity type `Producer` not found",
        ),
        (
            'permit (principal == Prodcer::"x", action == Action::"publish", resource);',
            "Prodcer",
            "unrecognized entity type `Prodcer`",
        ),
        (
            'permit (principal, action == Action::"publsh", resource);',
            'Action::"publsh"',
            'unrecognized action `Action::"publsh"`',
        ),
        (
            f"permit ({SCOPE}) when {{ context.format == 3 }};",
            "permit",
            "the types Long and String are not compatible",
        ),
        (
            'permit (principal == ?principal, action == Action::"publish", resource);',
            "permit",
            "a template applies to nothing, for the gateway links none: name the entity",
        ),
    ],
)
def test_a_type_error_has_its_place(text: str, part: str, message: str) -> None:
    whole = f'// é "\n@id("ok") permit ({SCOPE});\n{text}'
    assert messages(whole) == [f"access.cedar:3:{column(whole, part)}: {message}"]


def test_each_policy_with_a_fault_is_found_and_the_others_stay() -> None:
    parsed = parse(f'permit ({SCOPE});\npermit (x);\n@id("b") permit ({SCOPE});\nforbid ({SCOPE}) when {{ nobody }};')
    assert [finding.line for finding in parsed.findings] == [2, 4]
    assert [rule.id for rule in parsed.rules] == ["access.cedar:1", "b"]


def test_an_id_can_be_given_once_and_a_policy_without_one_is_named_by_its_place() -> None:
    parsed = parse(f'@id("a") permit ({SCOPE});\n@id("a") forbid ({SCOPE});\n@id("") permit ({SCOPE});')
    assert [str(finding) for finding in parsed.findings] == ['access.cedar:2:1: another policy has @id("a")']
    assert [rule.id for rule in parsed.rules] == ["a", "access.cedar:2", "access.cedar:3"]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("entity Stream;", "entity Stream", "schema.cedarschema:5:1: unexpected token `entity`"),
        ("tier?: Long", "tier?: Lung", "schema.cedarschema:3:53: failed to resolve type: Lung"),
        ("entity Team;", "entity Team; entity Team;", "schema.cedarschema:1:8: `Team` is declared twice"),
    ],
)
def test_a_schema_that_is_none_has_its_place(old: str, new: str, expected: str) -> None:
    assert messages("", SCHEMA.replace(old, new)) == [expected]


@pytest.mark.parametrize(
    ("old", "new", "action"),
    [
        ("format: String", "format: Long", "publish"),
        ("client?: ipaddr", "client?: String", "publish"),
        ("destination: Destination", "destination: Stream", "release"),
        ("entity Capability { kind: String, name: String };", "entity Capability;", "hold"),
        (
            "action readDecisions, managePolicies, manageModules",
            "action readDecisions, managePolicies",
            "manageModules",
        ),
    ],
)
def test_a_schema_must_say_what_the_gateway_asks(old: str, new: str, action: str) -> None:
    found = messages("", SCHEMA.replace(old, new))
    assert len(found) == 1
    assert f"action {action} (" in found[0]
    assert "isn't declared as the gateway asks it" in found[0]


@pytest.mark.parametrize(
    "condition",
    [
        "(" * 100_000,
        "[" * 100_000,
        "!(" * 50_000,
        "{a:" * 50_000,
        "true && " * 100_000 + "true",
        "if true then " * 50_000,
    ],
)
def test_no_policy_ends_the_process(condition: str) -> None:
    """Cedar's parser would overflow the stack."""
    found = messages(f"permit ({SCOPE});\npermit ({SCOPE}) when {{ {condition} }};")
    assert [message.startswith("access.cedar:2:") for message in found] == [True]


def test_no_schema_ends_the_process() -> None:
    assert messages("", f"entity A {{ x: {'Set<' * 50_000}String{'>' * 50_000} }};")[0].startswith(
        "schema.cedarschema:1:"
    )


@pytest.mark.parametrize(
    ("condition", "reads"),
    [
        ("true", set()),
        ("context.format == \"a\"", {"format"}),
        ("context[\"format\"] like \"a*\"", {"format"}),
        ("context has client && context.client.isLoopback()", {"client"}),
        ("context == {format: \"a\"}", {EVERYTHING}),
        ("{Var: \"context\"} == {Var: \"context\"}", set()),
        ("[context].contains({format: \"a\"})", {EVERYTHING}),
        ("if principal has tier then context.format == \"a\" else true", {"format"}),
    ],
)  # fmt: skip
def test_what_policies_read_of_the_context_is_known(condition: str, reads: set[str]) -> None:
    parsed = parse(f"permit ({SCOPE}) when {{ {condition} }};", None)
    assert cedar_rules.context_read(parsed.rules) == reads


def test_every_entity_that_is_named_is_known() -> None:
    text = (
        'permit (principal in Team::"a", action in [Action::"publish"], resource == Stream::"b")\n'
        'when { principal in [Producer::"c"] || {type: "x", id: Stream::"d"} == {type: 1, id: 2} }\n'
        'unless { principal is Producer in Team::"e" };'
    )
    found = cedar_rules.mentioned(parse(text, None).rules)
    assert found == {
        ("Team", "a"), ("Action", "publish"), ("Stream", "b"), ("Producer", "c"), ("Stream", "d"), ("Team", "e"),
    }  # fmt: skip


def test_a_slice_has_the_policies_that_can_match_and_no_others() -> None:
    text = (
        'permit (principal == Producer::"a", action == Action::"publish", resource);\n'
        'permit (principal == Producer::"b", action == Action::"publish", resource);\n'
        'permit (principal in Team::"t", action, resource);\n'
        'permit (principal is Producer in Team::"u", action, resource);\n'
        'forbid (principal, action in [Action::"publish"], resource);\n'
        'forbid (principal, action == Action::"release", resource);\n'
        'permit (principal, action, resource == Stream::"s");\n'
        'permit (principal in Team::"t", action, resource in Stream::"r");\n'
    )
    asked = Cedar(parse(text).rules, [], None)
    a, t, s, r = ("Producer", "a"), ("Team", "t"), ("Stream", "s"), ("Stream", "r")
    lines = {
        resource: sorted(int(name.partition(":")[2]) for name in asked.slice("publish", [a, t], [resource]).ids)
        for resource in (s, r)
    }
    assert lines == {s: [1, 3, 5, 7], r: [1, 3, 5, 8]}
    assert asked.slice("publish", [("Producer", "z"), t], [s]) is asked.slice("publish", [("Producer", "y"), t], [s])


def test_the_ids_are_those_of_the_policies_that_cedar_names() -> None:
    """Cedar numbers policies as they are added, and only the numbers come back."""
    text = "".join(
        f'@id("{who}{number}") permit ({scope}, action == Action::"publish", resource)'
        f' when {{ context.format == "{number}" }};\n'
        for number in range(12)
        for who, scope in (
            ("any", "principal"),
            ("team", 'principal in Team::"t"'),
            ("a", 'principal == Producer::"a"'),
        )
    )
    entity = {"uid": {"type": "Producer", "id": "a"}, "attrs": {}, "parents": [{"type": "Team", "id": "t"}]}
    asked = Cedar(parse(text).rules, [entity], None)
    for number in range(12):
        part = asked.slice("publish", [("Producer", "a"), ("Team", "t")], [("Stream", "s")])
        answer = asked.ask(part, "publish", ("Producer", "a"), ("Stream", "s"), {"format": str(number)})
        assert answer.ruling.policies == (f"a{number}", f"any{number}", f"team{number}")


@pytest.mark.parametrize(("anybody", "own"), [(0, 3), (1, 1), (1, 2), (2, 5), (3, 3), (5, 2)])
def test_each_of_several_policies_is_told_from_the_others(anybody: int, own: int) -> None:
    text = "".join(
        f'@id("p{number}") permit ({scope}, action == Action::"publish", resource)'
        f' when {{ context.format == "{number}" }};\n'
        for number, scope in enumerate(["principal"] * anybody + ['principal == Producer::"a"'] * own)
    )
    asked = Cedar(parse(text).rules, [], None)
    part = asked.slice("publish", [("Producer", "a")], [("Stream", "s")])
    for number in range(anybody + own):
        answer = asked.ask(part, "publish", ("Producer", "a"), ("Stream", "s"), {"format": str(number)})
        assert answer.ruling.policies == (f"p{number}",)


def test_a_group_of_actions_counts_for_its_members(folder: Path, edit: Edit) -> None:
    edit("schema.cedarschema", "action publish appliesTo", "action write;\naction publish in [write] appliesTo")
    edit("access.cedar", ACCESS + '\nforbid (principal, action in Action::"write", resource);')
    decider = load.Decider(load.read(folder))
    ruling = decider.publish("shop", "orders", None, "text/csv")
    assert not ruling.allowed
    assert [policy.split(":")[0] for policy in ruling.policies] == ["access.cedar"]
