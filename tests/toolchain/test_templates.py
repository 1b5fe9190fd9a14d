"""What `maskgate modules new` makes, by language and kind: it builds, passes its cases, runs, and names where it traps.

Needs what modules/toolchain/install puts in place, so that a plain `pytest` leaves this folder out; CI runs it.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gateway.authoring.scaffold import TEMPLATES
from gateway.cli.main import app
from tests.building import ROOT


def invoke(*arguments: object, given: bytes = b"") -> Result:
    return CliRunner().invoke(app, ["modules", *map(str, arguments), "--modules", str(ROOT / "modules")], input=given)


def make(into: Path, kind: str, language: str) -> Path:
    result = invoke("new", "my-own", "--kind", kind, "--lang", language, "--dir", into)
    assert result.exit_code == 0, result.output
    return into / "my-own"


def build(folder: Path, *options: str) -> None:
    built = invoke("build", folder, *options)
    assert built.exit_code == 0, built.output


OFFERED = [(kind, one) for kind, many in TEMPLATES.items() for one in many]


@pytest.mark.parametrize(("kind", "language"), OFFERED)
def test_a_new_module_builds_passes_its_cases_and_runs(tmp_path: Path, kind: str, language: str) -> None:
    made = make(tmp_path, kind, language)
    build(made)
    tested = invoke("test", made)
    assert tested.exit_code == 0, tested.output
    assert " passed, 0 failed" in tested.stdout
    ran = invoke("run", made, given=b"one\n# two\n")
    assert ran.exit_code == 0, ran.output
    assert ran.stdout == "one\n"
    if language == "python":
        return  # componentize-py takes Python's state as it finds it: a few bytes differ from build to build
    again = make(tmp_path / "some" / "where" / "else", kind, language)
    build(again)
    assert (again / "my-own.wasm").read_bytes() == (made / "my-own.wasm").read_bytes()


@pytest.mark.parametrize(
    ("kind", "language", "file", "before", "trap"),
    [
        (
            "component",
            "python",
            "labels.py",
            '        if line.startswith(settings["comment"]):',
            "        assert len(line) != 3\n",
        ),
        (
            "maskgate/1",
            "assemblyscript",
            "index.ts",
            "  if (line.startsWith(comment)) {",
            '  if (line.length == 3) throw new Error("three");\n',
        ),
        (
            "maskgate/1",
            "c",
            "main.c",
            "    if (begins_with(message, comment)) {",
            "    if (message.len == 3) __builtin_trap();\n",
        ),
        (
            "maskgate/1",
            "go",
            "main.go",
            "\t\tif bytes.HasPrefix(line, comment) {",
            "\t\tif len(line) == 3 { panic(0) }\n",
        ),
        (
            "maskgate/1",
            "rust",
            "src/lib.rs",
            "        if line.starts_with(",
            "        if line.len() == 3 { panic!(); }\n",
        ),
        (
            "wasi-command",
            "assemblyscript",
            "index.ts",
            "  if (line.startsWith(comment)) return;",
            '  if (line.length == 3) throw new Error("three");\n',
        ),
        ("wasi-command", "c", "main.c", "    if (len >= comment.len", "    if (len == 3) __builtin_trap();\n"),
        ("wasi-command", "go", "main.go", "\tif bytes.HasPrefix(line, ", "\tif len(line) == 3 { panic(0) }\n"),
        ("wasi-command", "rust", "src/main.rs", "    if line.starts_with(", "    if line.len() == 3 { panic!(); }\n"),
    ],
)
def test_a_trap_names_its_file_and_line(
    tmp_path: Path, kind: str, language: str, file: str, before: str, trap: str
) -> None:
    folder = make(tmp_path, kind, language)
    text = (folder / file).read_text(encoding="utf-8")
    assert text.count(before) == 1
    (folder / file).write_text(text.replace(before, trap + before), encoding="utf-8")
    line = text.partition(before)[0].count("\n") + 1
    build(folder, "--debug")
    result = invoke("run", folder, "--debug", given=b"one\n")
    assert result.exit_code == 1
    assert re.search(rf'{re.escape(file)}(:|", line ){line}\b', result.stderr)
