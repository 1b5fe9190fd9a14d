"""`python -m gateway.cli.reference --write DIR | --check DIR`: docs/reference.md, from what the code itself uses."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from typer.core import TyperArgument, TyperGroup, TyperOption
from typer.main import get_command

from gateway.cli.main import app
from gateway.config import Settings, variable
from gateway.decisions import query
from gateway.documents.schema import FOLDER
from gateway.errors import GuestFailed, GuestFailure, MaskgateError, MessageRefused, kinds
from gateway.policy import files
from gateway.registry.store import ModuleStore
from gateway.web import openapi

PAGE = "reference.md"

_HEAD = """\
# Reference

After this page you can look up every setting, command, filter, address, error code and schema. It is generated from the
code: `make docs` writes it, and a test fails when it is out of date.
"""
_MODULES = Path(__file__).parents[2] / "modules"
_SCHEMAS = "../gateway/policy/schemas"  # as the page links to them
_PLACEHOLDERS = {int: "N", Path: "PATH"}


def page() -> str:
    """The whole page, Markdown."""
    parts = [
        _HEAD,
        _settings(),
        "## Commands\n\nEach takes `-h`. What a command needs of the settings, it takes as options, too.\n",
        *_commands("maskgate", get_command(app)),
        _filters(),
        _addresses(),
        _errors(),
        _guest_failures(),
        _refusals(),
        _schemas(),
    ]
    return "\n".join(parts)


def _settings() -> str:
    rows = [
        (
            f"`{_flag(setting.name)}`",
            f"`{variable(setting.name)}`",
            f"`{_written(setting.default)}`",
            setting.metadata["help"],
        )
        for setting in fields(Settings)
    ]
    text = "An option of the command line wins over the variable, and that over the default.\n"
    return f"## Settings\n\n{text}\n" + _table(("option", "variable", "default", "what it is"), rows)


def _written(default: object) -> str:
    return str(default).lower() if isinstance(default, bool) else str(default)


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


# ---------------------------------------------------------------- commands


def _commands(name: str, command: Any) -> Iterator[str]:
    """A part for each command, groups resolved. `command` is of typer's own copy of click, which has no public name."""
    if isinstance(command, TyperGroup):
        for inner, one in command.commands.items():
            yield from _commands(f"{name} {inner}", one)
        return
    arguments = [parameter for parameter in command.params if isinstance(parameter, TyperArgument)]
    options = [parameter for parameter in command.params if isinstance(parameter, TyperOption)]
    own = [option for option in options if not _is_setting(option)]
    usage = " ".join([name, *(f"{_option(option)}" for option in own if option.required)])
    if len(own) < len(options) or any(not option.required for option in own):
        usage += " [OPTIONS]"
    for argument in arguments:
        usage += f" {_argument(argument)}"
    text = f"### `{name}`\n\n{command.help}\n\n    {usage}\n"
    rows = [(f"`{_argument(argument)}`", str(argument.help)) for argument in arguments]
    rows += [(f"`{_option(option)}`", f"{option.help}{_default(option)}") for option in own]
    if rows:
        text += "\n" + _table(("argument, option", "what it is"), rows)
    settings = [f"`{option.opts[0]}`" for option in options if _is_setting(option)]
    if settings:
        text += f"\n[Settings](#settings): {', '.join(settings)}\n"
    yield text


def _is_setting(option: TyperOption) -> bool:
    return any(variable(setting.name) in (option.help or "") for setting in fields(Settings))


def _argument(argument: TyperArgument) -> str:
    name = str(argument.name).upper() + ("…" if argument.nargs == -1 else "")
    return name if argument.required else f"[{name}]"


def _option(option: TyperOption) -> str:
    names = ", ".join(option.opts)
    return names if option.is_flag else f"{names} {_PLACEHOLDERS.get(_annotation(option), 'TEXT')}"


def _annotation(option: TyperOption) -> Any:
    return getattr(getattr(option, "type_descriptor", None), "annotation", None)


def _default(option: TyperOption) -> str:
    return f" Default: {option.default}." if option.default is not None and not option.is_flag else ""


# ---------------------------------------------------------------- the HTTP interface


def _filters() -> str:
    rows = [(f"`{name}`", f"`{_flag(name)}`", text) for name, text in query.FILTERS.items()]
    rows += [
        ("`limit`", "`--limit`", f"At most so many, 1 to {query.LIMIT}."),
        ("`cursor`", "`--cursor`", "`next` of the page before."),
    ]
    text = "Parameters of `GET /v1/decisions`, options of `maskgate decisions list`. All that are given must hold.\n"
    return f"## Filters of the decision log\n\n{text}\n" + _table(("parameter", "option", "what it is"), rows)


def _addresses() -> str:
    rows = [
        (f"`{method.upper()} {path}`", str(described["summary"]))
        for path, methods in openapi.description()["paths"].items()
        for method, described in methods.items()
    ]
    text = "`GET /openapi.json` describes them to programs (OpenAPI 3.1).\n"
    return f"## Addresses\n\n{text}\n" + _table(("address", "what it does"), rows)


def _errors() -> str:
    """Those whose code is known without a module: the others have parts of their own."""
    known: dict[str, type[MaskgateError]] = {}
    for kind in kinds():
        if kind not in (GuestFailed, MessageRefused):
            known.setdefault(kind.code, kind)
    rows = [
        (f"`{kind.code}`", str(kind.status), kind.outcome, kind.title, _advice(kind))
        for kind in sorted(known.values(), key=lambda kind: (kind.status, kind.code))
    ]
    text = (
        "Errors are `application/problem+json` (RFC 9457). `code` is stable; `outcome` is what the decision says.\n"
        "Where the last column is empty, the answer's `detail` says which limit or value it was.\n"
    )
    return f"## Error codes\n\n{text}\n" + _table(("code", "status", "outcome", "title", "what to do"), rows)


def _advice(kind: type[MaskgateError]) -> str:
    if kind is not MaskgateError and kind.detail == MaskgateError.detail:
        return ""  # said by whoever raises it
    return kind.detail + (f" `Retry-After: {kind.retry_after}`" if kind.retry_after else "")


def _guest_failures() -> str:
    codes = ", ".join(f"`{failure.value}`" for failure in GuestFailure)
    return (
        "### When a module fails\n\n"
        f"422, outcome `failed`, and nothing was sent: {codes}.\n[Modules](modules.md#what-the-host-checks) says what "
        "each means.\n"
    )


def _refusals() -> str:
    rows = [
        (f"`{code}`", str(kind.status), manifest.module, kind.title)
        for manifest in ModuleStore(_MODULES).available()
        for code, kind in sorted(manifest.refusals.items())
    ]
    text = (
        "A module refuses single messages. The others go through: the answer is 200, and its `results` name each\n"
        "refused one by its index. If all are refused, the answer has the first one's code and status.\n"
    )
    return f"### When a module refuses a message\n\n{text}\n" + _table(("code", "status", "module", "why"), rows)


def _schemas() -> str:
    places = {
        "classes": files.CLASSES,
        "cases": "modules/*/tests/*.yaml",
        "keys": files.KEYS,
        "modules.lock": files.LOCK,
        "trust": files.TRUST,
        "manifest": "modules/*/manifest.yaml",
    }
    places |= {name: f"{folder}/*.yaml" for folder, name in files.FOLDERS.items()}
    rows = [
        (f"`{place}`", _title(name), f"[`{name}.json`]({_SCHEMAS}/{name}.json)")
        for name, place in sorted(places.items(), key=lambda pair: pair[1])
    ]
    text = (
        "JSON Schema, draft 2020-12, in `gateway/policy/schemas/`. An editor that speaks to a YAML language server\n"
        "checks a file against one while you write, if its first line is, for a stream,\n"
        "`# yaml-language-server: $schema=../../gateway/policy/schemas/stream.json`.\n"
    )
    return f"## JSON Schemas\n\n{text}\n" + _table(("files", "what they are", "schema"), rows)


def _title(name: str) -> str:
    title: str = json.loads((FOLDER / f"{name}.json").read_bytes())["title"]
    return title.removeprefix("Maskgate: ")


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)


# ---------------------------------------------------------------- the command


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the page, write it, or say (1) that the one that is there is not this one."""
    parser = argparse.ArgumentParser(prog="python -m gateway.cli.reference", description=__doc__)
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--write", type=Path, metavar="DIR", help=f"write {PAGE} into this folder")
    what.add_argument("--check", type=Path, metavar="DIR", help=f"exit 1 if {PAGE} in this folder is out of date")
    given = parser.parse_args(arguments)
    text = page()
    if given.write is not None:
        (given.write / PAGE).write_text(text, encoding="utf-8")
    elif given.check is not None:
        path = given.check / PAGE
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            print(f"{path} is out of date: make docs", file=sys.stderr)
            return 1
    else:
        sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
