from __future__ import annotations

from pathlib import Path

import pytest

from gateway.documents.finding import PolicyError
from gateway.policy import load, testing
from gateway.policy.testing import Outcome
from tests.policy.conftest import Edit

HEAD = "tests:\n  - name: t\n    producer: partner\n    stream: orders\n"


def run(folder: Path, edit: Edit, case: str, outcome: Outcome) -> tuple[str, ...]:
    edit("tests/orders.yaml", HEAD + "".join(f"    {line}\n" for line in case.splitlines()))
    policy_set = load.read(folder)
    results = list(testing.run(policy_set, load.Decider(policy_set), lambda *_: outcome))
    assert len(results) == 1
    assert results[0].passed is not results[0].reasons
    return results[0].reasons


def messages(*texts: str) -> Outcome:
    return Outcome(messages=tuple(text.encode() for text in texts))


@pytest.mark.parametrize(
    ("expect", "result", "reasons"),
    [
        ("{/a: released}", '{"a":1}', ()),
        ("{/a: released}", '{"a":true}', ("crm: /a: is masked",)),
        ("{/a: masked}", '{"a":"x"}', ()),
        ("{/a: masked}", '{"a":1}', ("crm: /a: is released",)),
        ("{/a: masked}", "{}", ("crm: /a: is not there",)),
        ("{/a: absent}", "{}", ()),
        ("{/a: absent}", '{"a":null}', ("crm: /a: is there",)),
        ("{/b/0/c~1d: {equals: [null]}}", '{"b":[{"c/d":[null]}]}', ()),
        ("{/b: {equals: 1}}", '{"b":true}', ("crm: /b: has another value",)),
        ("{'': {equals: {}}}", "{}", ()),
    ],
)
def test_what_a_destination_gets_is_compared(
    folder: Path, edit: Edit, expect: str, result: str, reasons: tuple[str, ...]
) -> None:
    case = f"destination: crm\nmessage: {{a: 1}}\nexpect: {expect}"
    assert run(folder, edit, case, messages(result)) == reasons


def test_every_destination_is_meant_where_none_is_named(folder: Path, edit: Edit) -> None:
    found = run(folder, edit, "message: {a: 1}\nexpect: {/a: absent}", messages('{"a":2}'))
    assert found == ("analytics: /a: is there", "crm: /a: is there")


def test_a_body_of_text_gives_several_messages(folder: Path, edit: Edit) -> None:
    case = 'destination: crm\nmessage: "mail,n\\nx@y.example,7\\n"\nexpect: [{/mail: masked}, {/n: released}]'
    assert run(folder, edit, case, messages('{"mail":"***"}', '{"n":7}')) == ()
    assert run(folder, edit, case, messages('{"mail":"x@y.example"}', '{"n":8}')) == (
        "crm: message 0, /mail: is released",
        "crm: message 1, /n: is masked",
    )
    assert run(folder, edit, case, messages("{}")) == ("crm: 1 messages, not 2",)


def test_a_refusal_is_expected_by_its_code(folder: Path, edit: Edit) -> None:
    case = "destination: crm\nmessage: {a: 1}\nrefused: unlisted_field"
    assert run(folder, edit, case, Outcome(refused="unlisted_field")) == ()
    assert run(folder, edit, case, messages("{}")) == ("crm: refused: not at all, not unlisted_field",)
    case = "destination: crm\nmessage: {a: 1}\nexpect: {}"
    assert run(folder, edit, case, Outcome(refused="x")) == ("crm: refused: x, not delivered",)


def test_publish_is_asked_as_a_request_would(folder: Path, edit: Edit) -> None:
    nothing = Outcome()
    assert run(folder, edit, "client: 10.0.0.1\npublish: allow", nothing) == ()
    assert run(folder, edit, "client: 192.0.2.1\npublish: deny", nothing) == ()
    found = run(folder, edit, "client: 10.0.0.1\npublish: deny", nothing)
    assert found == ("publish: allow by partner-from-its-net, not deny",)


def test_apply_gets_what_a_request_would_send(folder: Path) -> None:
    given: list[tuple[str, str, str, str, bytes]] = []

    def apply(producer: str, stream: str, destination: str, media_type: str, body: bytes) -> Outcome:
        given.append((producer, stream, destination, media_type, body))
        return messages('{"id":7,"customer":{"email":"0f"}}')

    policy_set = load.read(folder)
    results = list(testing.run(policy_set, load.Decider(policy_set), apply))
    assert [result.reasons for result in results] == [()]
    body = b'{"id":7,"customer":{"email":"a@b.example"}}'
    assert given == [("partner", "orders", "crm", "application/json", body)]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("producer: partner", "producer: nobody", "tests/orders.yaml:3:15: unknown producer 'nobody'"),
        ("stream: orders", "stream: events", "tests/orders.yaml:4:13: producer partner has no stream 'events'"),
        ("destination: crm", "destination: x", "tests/orders.yaml:5:18: stream orders has no destination 'x'"),
        ("    message:", "    massage:", "tests/orders.yaml:8:5: unknown key 'massage' (did you mean 'message'?)"),
        ("/id: released", "/id: relesed", "tests/orders.yaml:9:19: must be one of released, masked, absent"),
    ],
)
def test_a_case_that_cannot_be_run_is_a_finding(folder: Path, edit: Edit, old: str, new: str, expected: str) -> None:
    edit("tests/orders.yaml", old, new)
    with pytest.raises(PolicyError) as caught:
        load.read(folder)
    assert str(caught.value.findings[0]).startswith(expected)


def test_a_case_that_tests_nothing_is_a_finding(folder: Path, edit: Edit) -> None:
    edit("tests/orders.yaml", HEAD)
    with pytest.raises(PolicyError, match="this case tests nothing"):
        load.read(folder)
