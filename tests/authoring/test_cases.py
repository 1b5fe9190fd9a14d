"""Cases of a module: how their files are read, and when what came out is what they expect."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import wasmtime
import yaml

from gateway.authoring import cases
from gateway.authoring.workbench import Module, Workbench
from gateway.documents.finding import PolicyError
from tests.building import ROOT

# Gives back each batch as it is: no entry is dropped or refused, and nothing is counted.
ECHO = """(module
  (memory (export "memory") 16)
  (func (export "mg_alloc") (param i32) (result i32) (i32.const 65536))
  (func (export "mg_configure") (param i32 i32) (result i32) (i32.const 0))
  (func (export "mg_error") (result i64) (i64.const 0))
  (func (export "mg_transform") (param $at i32) (param $length i32) (result i64)
    (local $count i32) (local $i i32) (local $head i32) (local $body i32)
    (local.set $count (i32.load (local.get $at)))
    (local.set $head (i32.add (i32.const 4) (i32.mul (i32.const 12) (local.get $count))))
    (local.set $body (i32.sub (i32.sub (local.get $length) (i32.const 4)) (i32.shl (local.get $count) (i32.const 2))))
    (i32.store (i32.const 1024) (local.get $count))
    (block $done (loop $next
      (br_if $done (i32.eq (local.get $i) (local.get $count)))
      (i32.store offset=1028 (i32.mul (i32.const 12) (local.get $i)) (local.get $i))
      (i32.store offset=1032 (i32.mul (i32.const 12) (local.get $i)) (i32.const 0))
      (i32.store offset=1036 (i32.mul (i32.const 12) (local.get $i))
        (i32.load offset=4 (i32.add (local.get $at) (i32.shl (local.get $i) (i32.const 2)))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br $next)))
    (i32.store offset=1024 (local.get $head) (i32.const 0))
    (memory.copy (i32.add (i32.const 1028) (local.get $head))
      (i32.add (i32.add (local.get $at) (i32.const 4)) (i32.shl (local.get $count) (i32.const 2)))
      (local.get $body))
    (i64.or (i64.shl (i64.const 1024) (i64.const 32))
      (i64.extend_i32_u (i32.add (i32.add (local.get $head) (i32.const 4)) (local.get $body))))))"""
MANIFEST = {
    "module": "echo", "version": "1.0.0", "abi": "maskgate/1", "scope": "message", "language": "wat",
    "description": "Gives back what it is given", "accepts": ["text/plain"], "produces": "text/plain",
    "refusals": {"odd": {"status": 422, "title": "Odd"}},
    "config": {"type": "object", "additionalProperties": False, "properties": {"file": {"type": "string"}}},
}  # fmt: skip


@pytest.fixture(scope="module")
def echo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Module]:
    folder = tmp_path_factory.mktemp("modules") / "echo"
    folder.mkdir()
    (folder / "manifest.yaml").write_text(yaml.safe_dump(MANIFEST), encoding="utf-8")
    (folder / "echo.wasm").write_bytes(wasmtime.wat2wasm(ECHO))
    workbench = Workbench()
    yield workbench.open(folder)
    workbench.close()


def read(folder: Path, *given: dict[str, Any]) -> list[cases.Case]:
    (folder / "tests").mkdir(exist_ok=True)
    (folder / "tests" / "a.yaml").write_text(json.dumps({"cases": list(given)}), encoding="utf-8")
    return cases.read(folder)


def reasons(echo: Module, folder: Path, **given: Any) -> tuple[str, ...]:
    (case,) = read(folder, {"name": "a case", **given})
    return cases.check(echo, case).reasons


def gives(echo: Module, folder: Path, message: Any, expected: Any) -> bool:
    return not reasons(echo, folder, messages=[message], expect=[expected])


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("Zoë", "Zoë"),
        ("a line\n", "a line"),
        ({"hex": "00 ff 0a"}, {"base64": "AP8K"}),
        ({"file": "in.bin"}, {"hex": "0102"}),
        ({"json": {"a": [1, None, True, "ü"]}}, '{"a":[1,null,true,"ü"]}'),
        ('{"b": 1.50, "a": 1e2}', {"json": {"a": 100, "b": 1.5}}),
        ('"\\u00fc"', {"json": "ü"}),
    ],
)
def test_what_a_value_stands_for(echo: Module, tmp_path: Path, message: Any, expected: Any) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "in.bin").write_bytes(b"\1\2")
    assert gives(echo, tmp_path, message, expected)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("a", "b"),
        ("a\n\n", "a"),
        (" a", "a"),
        ("1", {"json": True}),
        ("true", {"json": 1}),
        ('{"a":1,"a":1}', {"json": {"a": 1}}),
        ("NaN", {"json": "NaN"}),
        ('{"a":1}', {"json": {"a": 1, "b": None}}),
        ("[1,2]", {"json": [2, 1]}),
        ("0.10000000000000001", {"json": 0.1}),
        ("9007199254740993", {"json": 9007199254740992.0}),
        ("{}x", {"json": {}}),
        ("a", {"drop": True}),
        ("a", {"refuse": "odd"}),
        ("a", ["a", "a"]),
        ("a", []),
    ],
)
def test_what_is_not_what_was_expected(echo: Module, tmp_path: Path, message: Any, expected: Any) -> None:
    assert not gives(echo, tmp_path, message, expected)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"messages": ["a"], "expect": ["b"]}, "message 0: 'a', not 'b'"),
        ({"messages": [{"hex": "ff"}], "expect": [{"hex": "fe"}]}, "message 0: bytes ff, not bytes fe"),
        ({"messages": ["a", "b"], "expect": ["a", {"drop": True}]}, "message 1: 'b', not dropped"),
        ({"messages": ["a"], "expect": [{"refuse": "odd", "offset": 3}]}, "message 0: 'a', not refused odd at 3"),
        ({"messages": ["a", "b"], "expect": ["a"]}, "1 expectations for 2 messages"),
        ({"messages": ["a"], "expect": ["a"], "report": {"seen": 1}}, "report: {}, not {'seen': 1}"),
        (
            {"messages": ["a"], "expect": ["a"], "denied": ["random_get"]},
            "tried without a grant: nothing, not random_get",
        ),
        ({"refused": "file"}, "the configuration was taken, not refused with 'file'"),
        ({"with": {"fil": 1}, "messages": ["a"], "expect": ["a"]}, "unknown key 'fil' (did you mean 'file'?)"),
        ({"messages": [{"file": "no.bin"}], "expect": ["a"]}, "the case can't be read: "),
        ({"messages": [{"base64": "a"}], "expect": ["a"]}, "the case can't be read: base64: "),
    ],
)
def test_a_failure_says_what_was_otherwise(echo: Module, tmp_path: Path, given: dict[str, Any], expected: str) -> None:
    (reason,) = reasons(echo, tmp_path, **given)
    assert expected in reason


def test_files_are_there_by_the_paths_that_the_case_gives_them(echo: Module, tmp_path: Path) -> None:
    given = {"with": {"file": "/geo/a.csv"}, "files": {"/geo/a.csv": "one,two"}, "messages": ["a"], "expect": ["a"]}
    (case,) = read(tmp_path, {"name": "a case", **given})
    folder = tmp_path / "files"
    folder.mkdir()
    step = cases.instance(echo, case, folder).program.step
    path = Path(json.loads(step.config)["file"])
    assert path.read_text(encoding="utf-8") == "one,two"
    assert step.grants == (f"fs:read:{path}",)


def test_a_case_knows_what_refusals_it_shows(tmp_path: Path) -> None:
    expect = [{"refuse": "odd"}, "a", ["b", {"refuse": "even", "offset": 1}], {"drop": True}]
    (case,) = read(tmp_path, {"name": "a case", "messages": ["a"] * 4, "expect": expect})
    assert case.refusals == {"odd", "even"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cases:\n  - {name: a, messages: [x]}\n", "a.yaml:2:5: 'expect' is missing here"),
        ("cases:\n  - {name: a, refused: x, wiht: {}}\n", "a.yaml:2:27: unknown key 'wiht' (did you mean 'with'?)"),
        ("cases:\n  - {name: a, refused: x}\n  - {name: a, refused: y}\n", "a.yaml:3:5: another case is called 'a'"),
        ("cases: [\n", "a.yaml:2:1: "),
        ("case: []\n", "a.yaml:1:1: unknown key 'case' (did you mean 'cases'?)"),
    ],
)
def test_what_is_wrong_in_a_file_has_its_place(tmp_path: Path, text: str, expected: str) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "a.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(PolicyError) as caught:
        cases.read(tmp_path)
    assert expected in str(caught.value)


def test_the_clock_of_a_case(echo: Module, tmp_path: Path) -> None:
    clock = {"grants": ["clock"], "clock": "2026-01-02T03:04:05.678901+01:00", "messages": ["a"], "expect": ["a"]}
    (case,) = read(tmp_path, {"name": "a case", **clock})
    assert cases.instance(echo, case, tmp_path).program.clock() == 1767319445678901000


def test_what_a_command_says_when_it_refuses_is_no_attempt(tmp_path: Path) -> None:
    folder = tmp_path / "refusing"
    folder.mkdir()
    refusals = {"too_deep": {"status": 422, "title": "Too deep"}}
    described = {**MANIFEST, "module": "refusing", "abi": "wasi-command", "refusals": refusals}
    (folder / "manifest.yaml").write_text(yaml.safe_dump(described), encoding="utf-8")
    command = (ROOT / "tests" / "sandbox" / "guests" / "command.wat").read_text(encoding="utf-8")
    (folder / "refusing.wasm").write_bytes(wasmtime.wat2wasm(command))
    workbench = Workbench()
    try:
        refused = {"refuse": "too_deep", "offset": 3}
        assert not reasons(workbench.open(folder), folder, messages=["rtoo_deep 3", "p!"], expect=[refused, "!"])
    finally:
        workbench.close()
