"""`json-transform`: its cases, JSONPath by the public compliance suite, and messages of every kind."""

from __future__ import annotations

import json
import random
from functools import cache
from typing import Any

import pytest

from tests import npm
from tests.modules.sandboxed import MODULES, ConfigurationRefused, Sandboxed

FOLDER = MODULES / "json-transform"
# The package that brings the suite of github.com/jsonpath-standard as a file.
SUITE = (
    "jsonpath-rfc9535",
    "1.3.0",
    "3jFHya7oZ45aDxIIdx+/zQARahHXxFSMWBkcBUldfXpLS9VCXDJyTKt35kQfEXLqh0K3Ixw/9xFnvcDStaxh7Q==",
)
FILE = "src/__tests__/jsonpath-compliance-test-suite/cts.json"


@cache
def module() -> Sandboxed:
    return Sandboxed(FOLDER)


@pytest.fixture(scope="session")
def suite() -> list[dict[str, Any]]:
    folder = npm.suite("the compliance suite of JSONPath", *SUITE)
    tests: list[dict[str, Any]] = json.loads((folder / FILE).read_text(encoding="utf-8"))["tests"]
    return tests


def test_jsonpath_selects_what_the_compliance_suite_says(suite: list[dict[str, Any]]) -> None:
    different, classes = [], 0
    for test in suite:
        chosen = {"steps": [{"select": {"path": test["selector"], "as": "array"}}]}
        try:
            run = module().run(json.dumps(chosen).encode())
        except ConfigurationRefused:
            if r"\p{" in test["selector"].lower():
                classes += 1
            elif not test.get("invalid_selector"):
                different.append(f"refused: {test['name']}")
            continue
        if test.get("invalid_selector"):
            different.append(f"accepted: {test['name']}")
            continue
        got = run.one(json.dumps(test["document"]))
        assert isinstance(got, bytes)
        if json.loads(got) not in test.get("results", [test.get("result")]):
            different.append(test["name"])
    assert different == []
    assert len(suite) > 600
    assert classes == 4  # those with \p{…}, which are refused


def messages(random: random.Random, depth: int = 0) -> Any:
    kind = random.randrange(4 if depth > 3 else 6)
    if kind < 4:
        return [None, random.random() < 0.5, random.randrange(-5, 5) / 2, random.choice(["", "a", "é", '"\\'])][kind]
    size = random.randrange(4)
    if kind == 4:
        return [messages(random, depth + 1) for _ in range(size)]
    return {random.choice("abcd"): messages(random, depth + 1) for _ in range(size)}


def test_flatten_and_nest_undo_each_other() -> None:
    chance = random.Random(7)
    there = module().run({"steps": [{"flatten": {"separator": "/", "arrays": False}}, {"nest": {"separator": "/"}}]})
    for _ in range(500):
        message = {"root": messages(chance), "other": messages(chance)}
        got = there.one(json.dumps(message))
        assert isinstance(got, bytes)
        assert json.loads(got) == message


def test_removing_is_keeping_the_rest() -> None:
    chance = random.Random(8)
    remove = module().run({"steps": [{"remove": ["$..a", "$[?@.b]"]}]})
    for _ in range(500):
        message = [messages(chance) for _ in range(3)]
        got = remove.one(json.dumps(message))
        assert isinstance(got, bytes)
        left = [without(item) for item in message if not (isinstance(item, dict) and "b" in item)]
        assert json.loads(got) == left


def without(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without(inner) for key, inner in value.items() if key != "a"}
    return [without(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("step", [{"keep": ["$..*"]}, {"flatten": {}}, {"nest": {}}, {"select": {"path": "$..*"}}])
def test_any_bytes_are_passed_or_refused(step: dict[str, Any]) -> None:
    chance = random.Random(9)
    run = module().run({"steps": [step]})
    good = json.dumps({"a": [1, {"b": None}], "c.d": "x"}).encode()
    for _ in range(300):
        bad = bytearray(good)
        for _ in range(chance.randrange(1, 5)):
            bad[chance.randrange(len(bad))] = chance.randrange(256)
        run.transform([bytes(bad), chance.randbytes(chance.randrange(50))])


def test_a_wide_object_is_done_in_good_time() -> None:
    wide = json.dumps({f"k{number}.{number % 7}": number for number in range(20_000)})
    for step in ({"nest": {}}, {"flatten": {}}, {"keep": ["$.*"]}, {"rename": {"/k1.1": "x"}}):
        got = module().run({"steps": [step]}).one(wide)
        assert isinstance(got, bytes)
        assert len(json.loads(got)) == 20_000
