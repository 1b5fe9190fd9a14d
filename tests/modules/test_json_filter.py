"""The committed json-filter.wasm: predicates beside a reader of them in Python, refusals, places in configurations."""

import json
import re
from decimal import Decimal
from typing import Any

import jsonschema
import pytest
from harness import PASS, REFUSE, Build, ConfigurationRefused, Guest
from hypothesis import given, settings
from hypothesis import strategies as st

BUILD = Build("json-filter")
POINTERS = re.compile(r'((?:/(?:"(?:[^"\\]|\\.)*"|[^\s/()\[\],=!<>"]*))+)|"(?:[^"\\]|\\.)*"')  # as the README has it


def filtering(when: str, **more: str) -> Guest:
    configuration = {"when": when, **more}
    jsonschema.validate(configuration, BUILD.manifest["config"], jsonschema.Draft202012Validator)
    return Guest(BUILD, configuration)


class Incomparable(Exception):
    """Two values between which there is no order."""


MISSING = object()
Json = Any


def resolve(message: Json, keys: tuple[str, ...]) -> Json:
    for key in keys:
        if isinstance(message, dict) and key in message:
            message = message[key]
        elif isinstance(message, list) and re.fullmatch("0|[1-9][0-9]*", key) and int(key) < len(message):
            message = message[int(key)]
        else:
            return MISSING
    return message


def kind(value: Json) -> str:
    names = {bool: "boolean", Decimal: "number", str: "string", list: "array", dict: "object", type(None): "null"}
    return names[type(value)]


def same(one: Json, other: Json) -> bool:
    if kind(one) != kind(other):
        return False
    if kind(one) in ("array", "object"):
        raise Incomparable
    return bool(one == other)


def ordered(one: Json, other: Json) -> bool:
    """Whether `one` comes before `other`."""
    if kind(one) != kind(other) or kind(one) not in ("number", "string"):
        raise Incomparable
    return bool(one < other)


COMPARISONS = {
    "==": same,
    "!=": lambda one, other: not same(one, other),
    "<": ordered,
    ">=": lambda one, other: not ordered(one, other),
    ">": lambda one, other: ordered(other, one),
    "<=": lambda one, other: not ordered(other, one),
}


def holds(test: tuple[Any, ...], message: Json) -> bool:
    """What the module should say, for a test as `tests` makes them."""
    match test:
        case ("or", one, other):
            return holds(one, message) or holds(other, message)
        case ("and", one, other):
            return holds(one, message) and holds(other, message)
        case ("not", one):
            return not holds(one, message)
        case ("exists", keys):
            return resolve(message, keys) is not MISSING
        case ("is", name, keys):
            value = resolve(message, keys)
            return value is not MISSING and kind(value) == name
        case ("in", keys, literals):
            value = resolve(message, keys)
            return value is not MISSING and any(same(value, literal) for literal in literals)
        case ("matches", keys, expression):
            value = resolve(message, keys)
            if value is not MISSING and not isinstance(value, str):
                raise Incomparable
            return value is not MISSING and re.search(expression, value) is not None
        case (str(operator), keys, operand):
            value, other = resolve(message, keys), resolve(message, operand) if isinstance(operand, tuple) else operand
            if MISSING in (value, other):
                return False
            if operator in COMPARISONS:
                return COMPARISONS[operator](value, other)
            if not isinstance(value, str) or not isinstance(other, str):
                raise Incomparable
            return {
                "starts_with": value.startswith(other), "ends_with": value.endswith(other), "contains": other in value,
            }[operator]  # fmt: skip
    raise AssertionError(test)


def literal(value: Json) -> str:
    return str(value) if isinstance(value, Decimal) else json.dumps(value)


def pointer(keys: tuple[str, ...]) -> str:
    """Keys that need it between quotes, and every other one that doesn't."""
    plain = re.compile(r'[^\s/~*()\[\],=!<>"]*')
    return "".join(
        "/" + (key if plain.fullmatch(key) and len(key) % 2 else json.dumps(key, ensure_ascii=False)) for key in keys
    )


def text(test: tuple[Any, ...]) -> str:
    match test:
        case ("or" | "and" as word, one, other):
            return f"({text(one)}) {word}\n({text(other)})"
        case ("not", one):
            return f"not ({text(one)})"
        case ("exists", keys):
            return f"exists( {pointer(keys)} )"
        case ("is", name, keys):
            return f"is_{name}({pointer(keys)})"
        case ("in", keys, literals):
            return f"{pointer(keys)} in [{', '.join(map(literal, literals))}]"
        case (operator, keys, operand):
            other = pointer(operand) if isinstance(operand, tuple) else literal(operand)
            return (
                f"{pointer(keys)}{operator}{other}"
                if operator in COMPARISONS
                else f"{operator}({pointer(keys)}, {other})"
            )
    raise AssertionError(test)


numbers = st.sampled_from(
    ["0", "-0", "1", "1.0", "10e-1", "0.1", "1e400", "-1e400", "9007199254740993", "9007199254740992.0"]
)
texts = st.sampled_from(["", "a", "ab", "b", "é", "\U0001f600", "￿", 'a"\\', "\x01"])
scalars = st.none() | st.booleans() | numbers.map(Decimal) | texts
names = st.sampled_from(["a", "b", "0", "1", "", "é", "a b", "~/", '"', "*"])
paths = st.lists(names, min_size=1, max_size=2).map(tuple)
tests = st.recursive(
    st.tuples(st.just("exists"), paths)
    | st.tuples(st.just("is"), st.sampled_from(["null", "boolean", "number", "string", "array", "object"]), paths)
    | st.tuples(st.just("in"), paths, st.lists(scalars, min_size=1, max_size=4))
    | st.tuples(st.sampled_from(["==", "!="]), paths, scalars | paths)
    | st.tuples(st.sampled_from(["<", "<=", ">", ">="]), paths, numbers.map(Decimal) | texts | paths)
    | st.tuples(st.sampled_from(["starts_with", "ends_with", "contains"]), paths, texts | paths)
    | st.tuples(st.just("matches"), paths, st.sampled_from(["^a", "b$", "é", "^$", "[ab]{2}", "\x01|\\\\"])),
    lambda inner: st.tuples(st.sampled_from(["and", "or"]), inner, inner) | st.tuples(st.just("not"), inner),
    max_leaves=6,
)
messages = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4), max_leaves=12
)


def written(value: Json) -> str:
    """JSON with numbers as they are spelled."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)}:{written(member)}" for key, member in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(written, value)) + " ]"
    return literal(value)


@settings(max_examples=400, deadline=None)
@given(tests, st.lists(messages, min_size=1, max_size=6))
def test_any_predicate_of_any_message(test: tuple[Any, ...], batch: list[Json]) -> None:
    raw = [written(message).encode() for message in batch]
    for message, output in zip(batch, filtering(text(test)).transform(raw), strict=True):
        try:
            expected = PASS if holds(test, message) else 1
        except Incomparable:
            expected = REFUSE
        assert output.status == expected, (text(test), message)
        if output.status == PASS:
            assert output.data == written(message).encode() + b"\n"


@settings(max_examples=200, deadline=None)
@given(tests)
def test_the_readmes_expression_finds_all_pointers(test: tuple[Any, ...]) -> None:
    def read(test: tuple[Any, ...]) -> list[str]:
        match test:
            case ("or" | "and", one, other):
                return read(one) + read(other)
            case ("not", one):
                return read(one)
            case ("is", _, keys):
                return [pointer(keys)]
            case (_, keys, *rest):
                return [pointer(keys)] + [pointer(operand) for operand in rest if isinstance(operand, tuple)]
        raise AssertionError(test)

    assert [found for found in POINTERS.findall(text(test)) if found] == read(test)


def test_the_readme_has_that_expression() -> None:
    assert POINTERS.pattern in (BUILD.folder / "README.md").read_text("utf-8")


def test_the_module_exports_the_abi_and_imports_nothing() -> None:
    exports = {export.name for export in BUILD.module.exports}
    assert exports >= {"memory", "mg_alloc", "mg_configure", "mg_transform", "mg_error"}
    assert BUILD.module.imports == []


@pytest.mark.parametrize(
    ("when", "error"),
    [
        ("", "line 1, column 1: expected a pointer"),
        ("/a", "line 1, column 3: expected `==`, `!=`"),
        ("/a == ", "line 1, column 7: expected a pointer"),
        ("/a == 'x'", "line 1, column 7: a text stands between double quotes"),
        ('/a == "x', "line 1, column 7: the text has no closing quote"),
        ('/a == "\\x"', "line 1, column 7: the text is no JSON string"),
        ("/a == 01", "line 1, column 7: `01` is no number as JSON writes it"),
        ("/a == 1e1000000000000000000", "line 1, column 7: the number's exponent has more than 18 digits"),
        ("/a == 1 or", "line 1, column 11: expected a pointer"),
        ("/a == 1 /b == 1", "line 1, column 9: expected `and`, `or` or the end"),
        ("(/a == 1", "line 1, column 9: expected `)`"),
        ("/a == 1)", "line 1, column 8: a `)` without a `(`"),
        ("1 == 1", "line 1, column 1: none of the two is a pointer"),
        ('contains("a", "b")', "line 1, column 10: none of the two is a pointer"),
        ("contains(/a, 1)", "line 1, column 14: expected a pointer (`/a/b`) or a text"),
        ("/a < null", "line 1, column 1: `<` is for numbers and for texts"),
        ("1 in [1]", "line 1, column 1: expected a pointer before `in`"),
        ("/a in []", "line 1, column 8: expected a number, a text"),
        ("/a in [/b]", "line 1, column 8: expected a number, a text"),
        ("exists(1)", "line 1, column 8: expected a pointer"),
        ("exists /a", "line 1, column 8: expected `(` behind `exists`"),
        ("AND /a == 1", "line 1, column 1: `AND` is no test"),
        ("and /a == 1", "line 1, column 1: expected a test before `and`"),
        ("/é == 1 and\n\n  /ü ~", "line 3, column 6: `~` begins nothing that a predicate has"),
        ("/a~2 == 1", "line 1, column 1: `a~2` has a `~`"),
        ("/a/** == 1", "line 1, column 1: a predicate reads one value, `**` means several"),
        ("(" * 80 + "/a == 1" + ")" * 80, "line 1, column 65: more than 64 tests in tests"),
    ],
)  # fmt: skip
def test_a_predicate_that_cannot_be_read_is_refused_with_its_place(when: str, error: str) -> None:
    with pytest.raises(ConfigurationRefused, match="^" + re.escape("when: " + error)):
        Guest(BUILD, {"when": when})


@pytest.mark.parametrize(
    ("configuration", "error"),
    [
        ({}, "configuration: needs the key `when`"),
        ({"when": 1}, "when: must be a string"),
        ({"when": "/a == 1", "else": "keep"}, "else: must be one of drop, refuse"),
        ({"when": "/a == 1", "on_error": "pass"}, "on_error: must be one of refuse, drop"),
        ({"when": "/a == 1", "x": 1}, "configuration: has no key `x`; it has when, else, on_error"),
    ],
)
def test_a_configuration_that_cannot_be_used_is_refused(configuration: dict[str, Any], error: str) -> None:
    with pytest.raises(ConfigurationRefused) as refused:
        Guest(BUILD, configuration)
    assert str(refused.value) == error
    if "x" in configuration or configuration.get("when") != "/a == 1":
        assert list(jsonschema.Draft202012Validator(BUILD.manifest["config"]).iter_errors(configuration))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.binary(max_size=40) | st.text('{}[]",:a\\u0 1e.-', max_size=40).map(str.encode), max_size=5))
def test_any_bytes_pass_or_are_dropped_or_refused(batch: list[bytes]) -> None:
    guest = filtering('/a == 1 or contains(/a/0, "x")')
    assert len(guest.transform(batch)) == len(batch)
    for output in guest.transform(batch):
        if output.status == PASS:
            json.loads(output.data)


def test_a_message_that_does_not_fit_is_refused_and_the_next_is_not() -> None:
    guest = Guest(BUILD, {"when": "exists(/a)"}, memory=3 << 20)
    outputs = guest.transform([b'{"a":1}', b'{"a":"' + b"x" * 1_400_000 + b'"}', b'{"a":2}'])
    assert [output.data for output in outputs] == [b'{"a":1}\n', b"too_large", b'{"a":2}\n']


def test_memory_is_a_high_water_mark() -> None:
    guest = filtering('contains(/a, "y") or exists(/b)')
    sizes = []
    for _ in range(20):
        guest.transform([b'{"a":"\\u0078' + b"x" * 3000 + b'","b":[1]}\n'] * 300)
        sizes.append(guest.size)
    assert sizes[2] == sizes[-1]
