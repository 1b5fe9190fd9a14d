from __future__ import annotations

import pytest

from gateway.policy.cedar_text import DEPTH_LIMIT, OPERATOR_LIMIT, TOKEN_LIMIT, Source


def excess(text: str) -> str | None:
    source = Source("a.cedar", text)
    found = [source.excess(statement) for statement in source.statements()]
    return found[0][1] if found[0] else None


def test_statements_end_at_semicolons_that_are_no_text() -> None:
    text = '// a; "b\n@id("c;\\";")\npermit (principal, action, resource); // d;\n\n  forbid(principal);'
    source = Source("a.cedar", text)
    found = list(source.statements())
    places = [source.place(statement.start) for statement in found]
    assert [(place.line, place.column) for place in places] == [(2, 1), (5, 3)]
    assert [text[statement.start : statement.end][-1] for statement in found] == [";", ";"]


def test_what_has_no_semicolon_goes_to_the_end() -> None:
    source = Source("a.cedar", 'permit (principal) "open ; never closed')
    assert [statement.start for statement in source.statements()] == [0, 27]


def test_an_empty_file_has_no_statements() -> None:
    assert list(Source("a.cedar", " // nothing\n").statements()) == []


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        ("(" * (DEPTH_LIMIT + 1), "brackets"),
        ("[" * 100_000, "brackets"),
        ("true" + " || true" * (OPERATOR_LIMIT + 1), "operators"),
        ("context" + ".a" * (OPERATOR_LIMIT + 1), "operators"),
        ("[" + "1," * TOKEN_LIMIT + "1]", "words and marks"),
    ],
)
def test_more_than_the_parser_can_bear_is_seen_beforehand(condition: str, text: str) -> None:
    found = excess(f"permit (principal, action, resource) when {{ {condition} }};")
    assert found is not None
    assert text in found


def test_a_large_set_is_not_too_much() -> None:
    names = ", ".join(f'Producer::"p{number}"' for number in range(2000))
    assert excess(f"permit (principal, action, resource) when {{ principal in [{names}] }};") is None
