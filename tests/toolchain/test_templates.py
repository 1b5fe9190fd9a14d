"""`maskgate modules new` in every language: the result builds, passes its cases, runs, and a trap says where it was.

Needs what modules/toolchain/install puts in place, so that a plain `pytest` leaves this folder out; CI runs it.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from gateway.authoring.scaffold import TEMPLATES
from gateway.cli.main import app
from tests.building import ROOT


def invoke(*arguments: object, given: bytes = b"") -> Result:
    return CliRunner().invoke(app, ["modules", *map(str, arguments), "--modules", str(ROOT / "modules")], input=given)


@pytest.fixture(params=[(kind, one) for kind, many in TEMPLATES.items() for one in many], ids="-".join)
def made(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    kind, language = request.param
    result = invoke("new", "my-own", "--kind", kind, "--lang", language, "--dir", tmp_path)
    assert result.exit_code == 0, result.output
    return tmp_path / "my-own"


def test_a_new_module_builds_passes_its_cases_and_runs(made: Path) -> None:
    built = invoke("build", made)
    assert built.exit_code == 0, built.output
    first = (made / "my-own.wasm").read_bytes()
    tested = invoke("test", made)
    assert tested.exit_code == 0, tested.output
    assert " passed, 0 failed" in tested.stdout
    ran = invoke("run", made, given=b"one\n# two\n")
    assert ran.exit_code == 0, ran.output
    assert ran.stdout == "one\n"
    (made / "my-own.wasm").unlink()
    assert invoke("build", made).exit_code == 0
    assert (made / "my-own.wasm").read_bytes() == first


@pytest.mark.parametrize(
    ("language", "file", "before", "trap"),
    [
        (
            "assemblyscript",
            "index.ts",
            "  if (line.startsWith(comment)) {",
            '  if (line.length == 3) throw new Error("three");\n',
        ),
        ("c", "main.c", "    if (begins_with(message, comment)) {", "    if (message.len == 3) __builtin_trap();\n"),
        ("go", "main.go", "\t\tif bytes.HasPrefix(line, comment) {", "\t\tif len(line) == 3 { panic(0) }\n"),
        ("rust", "src/lib.rs", "        if line.starts_with(", "        if line.len() == 3 { panic!(); }\n"),
    ],
)
def test_a_trap_names_its_file_and_line(tmp_path: Path, language: str, file: str, before: str, trap: str) -> None:
    assert invoke("new", "my-own", "--lang", language, "--dir", tmp_path).exit_code == 0
    folder = tmp_path / "my-own"
    text = (folder / file).read_text(encoding="utf-8")
    assert text.count(before) == 1
    (folder / file).write_text(text.replace(before, trap + before), encoding="utf-8")
    line = text.partition(before)[0].count("\n") + 1
    built = invoke("build", folder, "--debug")
    assert built.exit_code == 0, built.output
    result = invoke("run", folder, "--debug", given=b"one\n")
    assert result.exit_code == 1
    assert re.search(rf"{re.escape(file)}:{line}\b", result.stderr)
