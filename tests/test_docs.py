"""The pages say what is so: links lead somewhere, commands parse, examples load, and the reference is fresh."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.metrics import MetricWrapperBase
from typer.core import TyperGroup, TyperOption
from typer.main import get_command
from typer.testing import CliRunner

from gateway import metrics
from gateway.authoring import cases as module_cases
from gateway.cli import reference
from gateway.cli.main import app
from gateway.config import Settings, variable
from gateway.decisions import query
from gateway.documents.schema import schema
from gateway.documents.source import Document
from gateway.errors import GuestFailed, GuestFailure, MessageRefused, kinds
from gateway.policy import files
from gateway.registry.store import ModuleStore

ROOT = Path(__file__).parent.parent
DOCS = sorted((ROOT / "docs").glob("*.md"))
PAGES = [
    *DOCS,
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "policies/README.md")),
]
REFERENCE = (ROOT / "docs" / reference.PAGE).read_text(encoding="utf-8")
POLICIES = (ROOT / "docs" / "policies.md").read_text(encoding="utf-8")
MASKING = (ROOT / "docs" / "masking.md").read_text(encoding="utf-8")
COMMAND: Any = get_command(app)

_FENCED = re.compile(r"^```(\w*) ?(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_MASKGATE = re.compile(r"(?:^|[\s(])(?:\.venv/bin/)?maskgate (?=[a-z-])(.*)")


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


# ---------------------------------------------------------------- the reference


def test_the_reference_is_fresh(capsys: pytest.CaptureFixture[str]) -> None:
    assert reference.main(["--check", str(ROOT / "docs")]) == 0, "make docs"


def test_a_stale_reference_is_noticed_and_written_anew(tmp_path: Path) -> None:
    assert reference.main(["--check", str(tmp_path)]) == 1
    (tmp_path / reference.PAGE).write_text(REFERENCE.replace("15", "16"), encoding="utf-8")
    assert reference.main(["--check", str(tmp_path)]) == 1
    assert reference.main(["--write", str(tmp_path)]) == 0
    assert (tmp_path / reference.PAGE).read_text(encoding="utf-8") == REFERENCE


def test_every_setting_is_documented_and_an_option_of_serve() -> None:
    options = {option for parameter in COMMAND.commands["serve"].params for option in parameter.opts}
    for setting in fields(Settings):
        assert f"`{variable(setting.name)}`" in REFERENCE
        assert f"--{setting.name.replace('_', '-')}" in options


def test_every_command_is_documented() -> None:
    for names, command in commands():
        assert f"### `maskgate {' '.join(names)}`" in REFERENCE
        assert command.help


def test_every_error_code_is_documented() -> None:
    codes = {kind.code for kind in kinds() if kind not in (GuestFailed, MessageRefused)}
    codes |= {failure.value for failure in GuestFailure}
    codes |= {code for manifest in ModuleStore(ROOT / "modules").available() for code in manifest.refusals}
    assert not {code for code in codes if f"`{code}`" not in REFERENCE}


def test_every_filter_is_documented() -> None:
    assert not {name for name in query.FILTERS if f"| `{name}` |" not in REFERENCE}


def test_every_schema_is_documented() -> None:
    for path in (ROOT / "gateway" / "policy" / "schemas").iterdir():
        assert f"schemas/{path.name})" in REFERENCE


def test_what_a_guest_can_do_wrong_is_explained() -> None:
    page = (ROOT / "docs" / "modules.md").read_text(encoding="utf-8")
    assert not {failure.value for failure in GuestFailure if f"| `{failure.value}` |" not in page}


def test_every_metric_is_explained() -> None:
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    known = [metric for metric in vars(metrics).values() if isinstance(metric, MetricWrapperBase)]
    assert len(known) >= 10
    for metric in known:
        described = next(iter(metric.describe()))
        assert f"`{described.name}{'_total' if described.type == 'counter' else ''}`" in page


# ---------------------------------------------------------------- all pages


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    for link in _LINK.findall(_FENCED.sub("", page.read_text(encoding="utf-8"))):
        if link.startswith(("https://", "http://")):
            continue
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), link
        if anchor:
            assert anchor in anchors(target), link


@pytest.mark.parametrize("page", [page for page in DOCS if page.name != reference.PAGE], ids=name)
def test_a_page_opens_with_what_its_reader_can_do_then(page: Path) -> None:
    title, empty, first = page.read_text(encoding="utf-8").splitlines()[:3]
    assert title.startswith("# ")
    assert not empty
    assert first.startswith("After this page you ")


@pytest.mark.parametrize("page", [ROOT / "README.md", *DOCS], ids=name)
def test_every_page_can_be_found(page: Path) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert page.name == "README.md" or f"({name(page)})" in readme


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_commands_parse(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for line, whole in command_lines(text):
        words = shlex.split(line, comments=True)
        command: Any = COMMAND
        while isinstance(command, TyperGroup) and words and not words[0].startswith("-"):
            assert words[0] in command.commands, f"maskgate {line}"
            command = command.commands[words.pop(0)]
        options = {o for p in command.params if isinstance(p, TyperOption) for o in (*p.opts, *p.secondary_opts)}
        for word in words:
            if word.startswith("-") and word != "-":
                assert word.partition("=")[0] in options | {"-h", "--help"}, f"maskgate {line}"
        if whole and page.name != reference.PAGE and not isinstance(command, TyperGroup):
            command.make_context(None, words)  # raises for what is missing or of the wrong type


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_make_has_the_targets(page: Path) -> None:
    known = set(re.findall(r"^([\w$()/.]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"(?:^ {4}|`)make ([\w./]+)", text, re.MULTILINE):
        assert target.replace(".venv", "$(VENV)") in known, target


def test_the_tests_that_a_contributor_is_sent_to_are_there() -> None:
    named = re.findall(r"\btests(?:/[a-z_]+)+(?:\.py)?", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))
    assert "tests/policy" in named
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_nothing_is_looked_for_in_vain() -> None:
    """The patterns above find what they are for."""
    assert ("check", True) in list(command_lines("    maskgate check\n"))
    assert ("serve", True) in list(command_lines("```\n.venv/bin/maskgate serve\n```\n"))
    assert ("check", True) in list(command_lines("    cd a && maskgate check && ls\n"))
    assert ("test --json", False) in list(command_lines("Use `maskgate test --json`.\n"))
    assert len(list(command_lines((ROOT / "docs" / "getting-started.md").read_text(encoding="utf-8")))) >= 10


def commands(command: Any = COMMAND, names: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    if not isinstance(command, TyperGroup):
        yield names, command
        return
    for inner, one in command.commands.items():
        yield from commands(one, (*names, inner))


def command_lines(text: str) -> Iterator[tuple[str, bool]]:
    """What follows `maskgate`, and whether it is a line to type (or else a word of the text)."""
    blocks = [block for _, _, block in _FENCED.findall(text)]
    text = _FENCED.sub("", text)
    blocks += re.findall(r"^ {4}.*", text, re.MULTILINE)
    for block in blocks:
        for line in block.splitlines():
            for part in re.split(r"&&|\||;|>", line):
                if found := _MASKGATE.match(part.strip()):
                    yield found[1].strip(), True
    for code in re.findall(r"`([^`\n]+)`", re.sub(r"^ {4}.*", "", text, flags=re.MULTILINE)):
        for part in code.split("&&"):
            if found := _MASKGATE.match(part.strip()):
                yield found[1].strip(), False


def anchors(page: Path) -> set[str]:
    """As GitHub makes them of headings."""
    headings = re.findall(r"^#+ (.*)", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


# ---------------------------------------------------------------- the policy set of docs/policies.md


@pytest.fixture
def page_set(tmp_path: Path) -> Path:
    """The blocks of the page that name a file, with the example set's schema and the modules as they stand."""
    folder = tmp_path / "policies"
    for _, file, text in _FENCED.findall(POLICIES) + _FENCED.findall(MASKING):
        if file:
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).write_text(text, encoding="utf-8")
    shutil.copy(ROOT / "policies" / files.SCHEMA, folder)
    store = ModuleStore(ROOT / "modules")
    lock = {module: store.lock_entry(module) for module in ("mask", "extract", "csv-to-json")}
    (folder / files.LOCK).write_text(yaml.safe_dump({"modules": lock}), encoding="utf-8")
    return folder


def run(command: str, folder: Path) -> str:
    """What a command prints about a policy set that is right."""
    options = ["--policies", str(folder), "--modules", str(ROOT / "modules"), "--secrets", str(folder.parent / "none")]
    result = CliRunner().invoke(app, [command, *options])
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.parametrize(
    ("file", "text"),
    [(file, text) for language, file, text in _FENCED.findall(POLICIES) if file and language == "yaml"],
)
def test_example_files_fit_their_schemas(file: str, text: str) -> None:
    document = Document(file, text.encode())
    assert not document.findings
    assert not schema(str(files.kind(file))).check(document, document.data).findings


def test_the_examples_are_a_policy_set_that_can_be_served(page_set: Path) -> None:
    assert "can be served" in run("check", page_set)


def test_the_examples_pass_their_own_tests(page_set: Path) -> None:
    assert re.search(r"^5 passed, 0 failed", run("test", page_set), re.MULTILINE)


PAGES = {"policies.md": POLICIES, "masking.md": MASKING}


@pytest.mark.parametrize(("page", "count"), [("policies.md", 8), ("masking.md", 26)])
def test_treatments_do_what_the_tables_say(page_set: Path, page: str, count: int) -> None:
    table = PAGES[page].partition("## Treatments")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `(.+?)` \| `(.+?)` \| (.+?) \|$", table, re.MULTILINE)
    assert len(rows) == count
    classes = {f"t{index}": {"treatment": yaml.safe_load(row[0])} for index, row in enumerate(rows)}
    stream = {"stream": "orders", "fields": {f"/{one}": one for one in classes}, "destinations": ["analytics"]}
    expect: dict[str, Any] = {}
    for index, (_, _, after) in enumerate(rows):
        if "`" not in after:
            expect[f"/t{index}"] = "absent"
        elif after.startswith(("such as ", "another ")):
            expect[f"/t{index}"] = "masked"
        else:
            expect[f"/t{index}"] = {"equals": yaml.safe_load(after.strip("`"))}
    message = {f"t{index}": yaml.safe_load(before) for index, (_, before, _) in enumerate(rows)}
    case = {"name": "the table", "producer": "web-shop", "stream": "orders", "message": message, "expect": expect}
    for file, data in (
        ("classes.yaml", {"classes": {"public": {}, **classes}}),
        ("streams/orders.yaml", stream),
        ("tests/orders.yaml", {"tests": [case]}),
    ):
        (page_set / file).write_text(yaml.safe_dump(data), encoding="utf-8")
    (page_set / "destinations" / "crm.yaml").unlink()
    (page_set / "release.cedar").write_text("", encoding="utf-8")  # it names classes that aren't there any more
    with (page_set / "capabilities.cedar").open("a", encoding="utf-8") as file:
        file.write('permit (principal == Module::"mask", action == Action::"hold", resource);\n')
    assert "1 passed, 0 failed" in run("test", page_set)


def test_the_entities_that_masking_lists_are_those_that_are_found() -> None:
    table = MASKING.partition("| entity | is |")[2].partition("\n\n")[0]
    first = [row.split(" | ")[0] for row in table.splitlines()]
    listed = {name for cell in first for name in re.findall(r"`([a-z0-9_]+)`", cell)}
    source = (ROOT / "modules/detect/src/entity.rs").read_text(encoding="utf-8").partition("entities! {")[2]
    assert listed == set(re.findall(r'"([a-z0-9_]+)",', source.partition("}")[0]))


# ---------------------------------------------------------------- the library


def test_the_library_page_lists_every_module_and_names_cases_that_are_there() -> None:
    page = (ROOT / "docs" / "library.md").read_text(encoding="utf-8")
    modules = {path.parent.name for path in (ROOT / "modules").glob("*/manifest.yaml")}
    assert {name for name in modules if f"(../modules/{name}/README.md)" in page} == modules
    named = re.findall(r'`maskgate modules test ([a-z-]+) --case "([^"]+)"`', page)
    assert len(named) >= 50
    for module, text in named:
        assert any(text in case.name for case in module_cases.read(ROOT / "modules" / module)), (module, text)
