"""The commands of a module's author, as a person runs them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import wasmtime
import yaml
from click.testing import Result
from typer.testing import CliRunner

from gateway.authoring.scaffold import TEMPLATES
from gateway.cli.main import app
from tests.building import ROOT

MODULES = ROOT / "modules"


def invoke(*arguments: object, given: bytes = b"") -> Result:
    return CliRunner().invoke(app, ["modules", *map(str, arguments), "--modules", str(MODULES)], input=given)


@pytest.fixture
def module(tmp_path: Path) -> Path:
    """A copy of json-filter, to be spoilt."""
    folder = tmp_path / "json-filter"
    shutil.copytree(MODULES / "json-filter", folder, ignore=shutil.ignore_patterns("target"))
    return folder


def spoil(module: Path, old: str, new: str) -> None:
    path = module / "manifest.yaml"
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_run_gives_what_passes_and_says_what_does_not() -> None:
    lines = b'{"a":1}\n{"a":5}\n{"a"\n'
    result = invoke("run", "json-filter", "--with", '{"when": "/a > 2"}', given=lines)
    assert result.exit_code == 1
    assert result.stdout == '{"a":5}\n'
    assert "message 2: invalid_json at byte 5" in result.stderr
    assert "1 dropped" in result.stderr


def test_run_takes_any_number_of_lines_in_batches() -> None:
    lines = b"".join(b'{"n":%d}\n' % n for n in range(25)) + b'{"n":25'
    result = invoke("run", "json-filter", "--with", '{"when": "/n >= 10"}', "--batch", 4, given=lines)
    assert result.exit_code == 1
    assert [json.loads(line)["n"] for line in result.stdout.splitlines()] == list(range(10, 25))
    assert "message 25: invalid_json at byte 7" in result.stderr
    assert "26 messages: 15 passed, 10 dropped, 1 refused" in result.stderr
    assert "counted: 10 dropped" in result.stderr  # in seven calls


def test_run_of_nothing_still_says_what_is_wrong_with_the_configuration() -> None:
    assert "0 messages" in invoke("run", "json-filter", "--with", '{"when": "/a > 2"}').stderr
    assert invoke("run", "json-filter", "--with", '{"wen": "/a"}').exit_code == 1


def test_run_takes_a_document_whole() -> None:
    result = invoke("run", "csv-to-json", "--whole", given=b'a,b\n1,"x\ny"\n')
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout) == {"a": "1", "b": "x\ny"}


def test_run_takes_files_secrets_and_grants(tmp_path: Path) -> None:
    (tmp_path / "in.ndjson").write_text('{"a":1}\n', encoding="utf-8")
    (tmp_path / "with.json").write_text('{"into": "/hash", "secret": "pepper"}', encoding="utf-8")
    arguments = ("run", "content-hash", tmp_path / "in.ndjson", "--with", f"@{tmp_path}/with.json")
    without = invoke(*arguments)
    assert without.exit_code == 1
    assert "pepper" in without.stderr
    result = invoke(*arguments, "--secret", "pepper=0123456789abcdef0123456789abcdef")
    assert result.exit_code == 0, result.output
    assert len(json.loads(result.stdout)["hash"]) >= 64
    assert invoke("run", "timestamp-enricher", "--with", '{"into": "/at"}', given=b"{}").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("run", "json-filter", "--with", "{"), "--with: not JSON"),
        (("run", "json-filter", "--with", "[]"), "--with: must be a JSON object"),
        (("run", "json-filter", "--secret", "x"), "--secret: must be NAME=TEXT or NAME=@FILE"),
        (("run", "jsn-filter"), "jsn-filter: neither a module"),
        (("test", "nothing"), "nothing: neither a module"),
        (("new", "Bad_Name", "--lang", "c"), "a module's name begins with a letter"),
        (("new", "json-filter", "--lang", "c"), "is there already"),
        (("new", "good", "--lang", "cobol"), "maskgate/1 in cobol: there is maskgate/1 in rust, c, go, assemblyscript"),
        (
            ("new", "good", "--lang", "c", "--kind", "maskgate/2"),
            "no template for maskgate/2 in c: there is maskgate/1 in",
        ),
    ],
)
def test_what_cannot_be_meant_is_said(arguments: tuple[str, ...], expected: str) -> None:
    result = invoke(*arguments, given=b"{}\n")
    assert result.exit_code == 2
    assert expected in result.stderr


def test_a_configuration_that_is_not_taken(module: Path) -> None:
    unknown = invoke("run", module, "--with", '{"when": "/a > 2", "els": "drop"}', given=b"{}\n")
    assert unknown.exit_code == 1
    assert "unknown key 'els' (did you mean 'else'?)" in unknown.stderr
    wrong = invoke("run", module, "--with", '{"when": "/a >"}', given=b"{}\n")
    assert "line 1, column 5" in wrong.stderr


def test_cases_are_run_and_a_failure_shows_both_sides(module: Path) -> None:
    path = module / "tests" / "mine.yaml"
    case = {"name": "mine", "with": {"when": "/a > 2"}, "messages": ['{"a":1}', '{"a":3}'], "expect": ["x", "y"]}
    path.write_text(yaml.safe_dump({"cases": [case]}), encoding="utf-8")
    result = invoke("test", module, "--case", "mine")
    assert result.exit_code == 1
    assert "json-filter/tests/mine.yaml:2:3: mine" in result.stdout
    assert "message 0: dropped, not 'x'" in result.stdout
    assert "message 1: '{\"a\":3}', not 'y'" in result.stdout.replace("\\n", "")
    assert "0 passed, 1 failed" in result.stdout
    (row,) = [line.split() for line in result.stdout.splitlines() if line.startswith(" json-filter")]
    assert row == ["json-filter", "0", "1", "too_deep,", "too_large"]
    rows = json.loads(invoke("test", module, "--case", "mine", "--json").stdout)
    assert [(row["name"], row["passed"]) for row in rows] == [("mine", False)]
    case["expect"] = [{"drop": True}, {"refuse": "unheard_of"}]
    path.write_text(yaml.safe_dump({"cases": [case]}), encoding="utf-8")
    assert "refusal unheard_of: the manifest doesn't declare it" in invoke("test", module).stdout
    path.unlink()
    assert invoke("test", module).exit_code == 0
    assert invoke("test", module, "--case", "there is none").exit_code == 1


def test_a_case_with_a_wrong_key_has_its_place(module: Path) -> None:
    (module / "tests" / "mine.yaml").write_text("cases:\n  - name: mine\n    mesages: [x]\n", encoding="utf-8")
    result = invoke("test", module)
    assert result.exit_code == 2
    assert "json-filter/tests/mine.yaml:3:5: unknown key 'mesages' (did you mean 'messages'?)" in result.stderr


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("abi: maskgate/1", "abi: maskgate/2", "json-filter/manifest.yaml:3:6: must be one of maskgate/1"),
        ("version: 1.0.0", "version: one", "json-filter/manifest.yaml:2:10: must be a version"),
        ("type: object", "type: objekt", "must be one of array"),
    ],
)
def test_a_bad_manifest_is_refused_with_its_place(module: Path, old: str, new: str, expected: str) -> None:
    path = module / "manifest.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    result = invoke("test", module)
    assert result.exit_code == 2
    assert expected in result.stderr


WAT = """(module (memory (export "memory") 1)
  (func (export "mg_alloc") (param i32) (result i32) (i32.const 8))
  (func (export "mg_configure") (param i32 i32) (result i32) (i32.const 0))
  (func (export "mg_error") (result i64) (i64.const 0))
  (func (export "mg_transform") (param i32 i32) (result i64) unreachable))"""


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('"mg_error"', '"error"', "exports no function mg_error"),
        ('(export "memory")', "", "exports no memory named 'memory'"),
        ("(param i32) (result i32) (i32.const 8)", "(result i32) (i32.const 8)", "exports mg_alloc with another type"),
        ("(module", '(module (import "env" "x" (func))', "imports env.x, which the sandbox doesn't offer"),
        (
            "(module",
            '(module (import "wasi_snapshot_preview1" "random_get" (func (result i32)))',
            "imports wasi_snapshot_preview1.random_get with another type",
        ),
    ],
)
def test_a_bad_module_is_refused_with_what_is_wrong(module: Path, old: str, new: str, expected: str) -> None:
    (module / "json-filter.wasm").write_bytes(wasmtime.wat2wasm(WAT.replace(old, new, 1)))
    result = invoke("test", module)
    assert result.exit_code == 2
    assert expected in result.stderr


def test_a_trap_is_shown_with_where_it_was(module: Path) -> None:
    (module / "json-filter.wasm").write_bytes(wasmtime.wat2wasm(WAT))
    result = invoke("run", module, "--with", '{"when": "/a > 2"}', given=b"{}\n")
    assert result.exit_code == 1
    assert "json-filter: guest_trap, in a call with messages 0 to 0" in result.stderr
    assert "unreachable" in result.stderr
    assert "wasm backtrace" in result.stderr


def test_what_assemblyscript_aborts_with_is_shown(module: Path) -> None:
    text = "".join(f"\\{byte:02x}" for byte in "index out of range".encode("utf-16-le"))
    file = "".join(f"\\{byte:02x}" for byte in "assembly/index.ts".encode("utf-16-le"))
    data = f'(data (i32.const 100) "\\24\\00\\00\\00{text}") (data (i32.const 200) "\\22\\00\\00\\00{file}")'
    aborting = WAT.replace("(module", '(module (import "env" "abort" (func $abort (param i32 i32 i32 i32)))', 1)
    call = "(call $abort (i32.const 104) (i32.const 204) (i32.const 7) (i32.const 3))"
    aborting = aborting.replace("unreachable)", f"{call} unreachable) {data}")
    (module / "json-filter.wasm").write_bytes(wasmtime.wat2wasm(aborting))
    result = invoke("run", module, "--with", '{"when": "/a > 2"}', given=b"{}\n")
    assert "abort: index out of range at assembly/index.ts:7:3" in result.stderr


@pytest.mark.parametrize(("kind", "language"), [(kind, one) for kind, many in TEMPLATES.items() for one in many])
def test_new_makes_a_module_of_its_own_name(tmp_path: Path, kind: str, language: str) -> None:
    result = invoke("new", "my-own", "--kind", kind, "--lang", language, "--dir", tmp_path)
    assert result.exit_code == 0, result.output
    folder = tmp_path / "my-own"
    manifest = yaml.safe_load((folder / "manifest.yaml").read_text(encoding="utf-8"))
    assert (manifest["module"], manifest["abi"], manifest["language"]) == ("my-own", kind, language)
    assert not [path for path in folder.rglob("*") if path.is_file() and b"{{" in path.read_bytes()]
    assert (folder / "build").stat().st_mode & 0o100
    unbuilt = invoke("test", folder)
    assert unbuilt.exit_code == 2
    assert "`maskgate modules build` makes it" in unbuilt.stderr


def test_new_makes_the_kind_of_the_abi_unless_it_is_told_another(tmp_path: Path) -> None:
    assert invoke("new", "my-own", "--lang", "c", "--dir", tmp_path).exit_code == 0
    assert "\nabi: maskgate/1\n" in (tmp_path / "my-own" / "manifest.yaml").read_text(encoding="utf-8")
    help_text = CliRunner().invoke(app, ["modules", "new", "--help"], env={"COLUMNS": "200"}).stdout
    assert "[default: maskgate/1]" in help_text


def test_without_the_repository_the_sdk_is_missed_plainly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MASKGATE_SDK", raising=False)
    result = CliRunner().invoke(app, ["modules", "new", "x", "--lang", "c", "--modules", str(tmp_path)])
    assert result.exit_code == 2
    assert "--sdk or MASKGATE_SDK says where it is" in result.stderr


def test_build_says_what_the_script_said(module: Path) -> None:
    (module / "build").write_text("#!/bin/sh\necho no compiler here >&2\nexit 3\n", encoding="utf-8")
    result = invoke("build", module)
    assert result.exit_code == 1
    assert "no compiler here" in result.stderr
    (module / "build").write_text('#!/bin/sh\n>"json-filter.debug.wasm"; echo "$MASKGATE_SDK" "$DEBUG" >seen\n')
    made = invoke("build", module, "--debug")
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert made.stdout == f"{module}/json-filter.debug.wasm: 0 bytes, sha256 {empty}\n"
    assert (module / "seen").read_text(encoding="utf-8") == f"{MODULES / 'sdk'} 1\n"
    (module / "build").write_text("#!/bin/sh\ntrue\n", encoding="utf-8")
    (module / "json-filter.wasm").unlink()
    assert "made no json-filter.wasm" in invoke("build", module).stderr


def test_bench_measures_beside_the_peer(module: Path) -> None:
    (module / "bench.py").write_text(
        'CONFIGURATION = {"when": "/a > 2"}\nPEER = "nothing"\n'
        "def messages():\n    return [b'{\"a\":5}'] * 20\ndef peer(messages):\n    return None\n",
        encoding="utf-8",
    )
    (row,) = json.loads(invoke("bench", module, "--json").stdout)
    assert (row["module"], row["messages"], row["bytes"], row["peer"]) == ("json-filter", 20, 140, "nothing")
    assert row["ratio"] == pytest.approx(row["peer_batch"] / row["batch"])
    assert row["single_ratio"] == pytest.approx(row["peer_single"] / row["single"])
    assert "json-filter" in invoke("bench", module).stdout
    (module / "bench.py").write_text(
        'CONFIGURATION = {"when": "/a > 2"}\ndef messages():\n    return [b\'{"a":5}\']\n'
        'CASES = {"as it is": {}, "twice": {"messages": lambda: messages() * 2}}\n',
        encoding="utf-8",
    )
    rows = json.loads(invoke("bench", module, "--json").stdout)
    assert [(row["case"], row["messages"], row["ratio"]) for row in rows] == [("as it is", 1, None), ("twice", 2, None)]
    (module / "bench.py").write_text("import no_such_package\n", encoding="utf-8")
    assert "needs the package no_such_package" in invoke("bench", module).stderr
