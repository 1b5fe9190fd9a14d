"""`maskgate modules new | build | test | run | bench`: what a module's author needs."""

from __future__ import annotations

import json as text_json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import msgspec
import typer
from rich.table import Table

from gateway.authoring import bench as benches
from gateway.authoring import build as builds
from gateway.authoring import cases as module_cases
from gateway.authoring import scaffold
from gateway.authoring.workbench import ConfigurationRefused, Held, Module, NotAModule, Ran, Refused, Workbench, run
from gateway.cli.options import Json, Modules, settings, wide_console
from gateway.documents.finding import PolicyError
from gateway.sandbox.frame import GuestError

Names = Annotated[
    list[str] | None, typer.Argument(help="Modules of the module folder by name, or folders by path; none: all.")
]
Debug = Annotated[bool, typer.Option("--debug", help="NAME.debug.wasm, whose traps name file and line.")]
Sdk = Annotated[Path | None, typer.Option(help="Folder of the guest SDKs (default: sdk in the module folder).")]


def new(
    name: Annotated[str, typer.Argument(help="Name of the module.")],
    lang: Annotated[str, typer.Option(help=f"Language: {', '.join(scaffold.LANGUAGES)}.")],
    directory: Annotated[
        Path | None, typer.Option("--dir", help="Where its folder is made (default: the module folder).")
    ] = None,
    sdk: Sdk = None,
    modules: Modules = None,
) -> None:
    """Make a module that builds, passes its cases, and is yours to change."""
    home = settings(modules=modules).modules
    if lang not in scaffold.LANGUAGES:
        raise typer.BadParameter(f"{lang}: one of {', '.join(scaffold.LANGUAGES)}")
    try:
        folder = scaffold.make(name, lang, directory or home, scaffold.sdk(sdk, home))
    except (scaffold.NotMade, OSError) as error:
        _fail(error)
    typer.echo(f"Made {folder}. Next:\n\n  maskgate modules build {folder}\n  maskgate modules test {folder}")


def build(names: Names = None, debug: Debug = False, sdk: Sdk = None, modules: Modules = None) -> None:
    """Build modules with their own `build` scripts."""
    home = settings(modules=modules).modules
    try:
        kit = scaffold.sdk(sdk, home)
        for folder in _folders(names, home):
            wasm = builds.build(folder, folder.name, kit, debug=debug)
            typer.echo(f"{wasm}: {wasm.stat().st_size} bytes")
    except (scaffold.NotMade, builds.NotBuilt) as error:
        _fail(error)


def run_cases(
    names: Names = None,
    case: Annotated[str | None, typer.Option(help="Only cases with this in their name.")] = None,
    debug: Debug = False,
    json: Json = False,
    modules: Modules = None,
) -> None:
    """Run the cases of modules (tests/*.yaml) in the gateway's own sandbox; exit 1 if one fails."""
    results = []
    with _workbench() as workbench:
        for folder in _folders(names, settings(modules=modules).modules):
            opened = _open(workbench, folder, debug)
            try:
                chosen = [one for one in module_cases.read(folder) if case is None or case in one.name]
            except PolicyError as error:
                _fail(error)
            results += [(opened.manifest.module, module_cases.check(opened, one)) for one in chosen]
    failed = [(module, result) for module, result in results if not result.passed]
    if json:
        rows = [
            {"module": module, "name": one.case.name, "passed": one.passed, "reasons": one.reasons}
            for module, one in results
        ]
        typer.echo(msgspec.json.encode(rows).decode())
    for _, result in failed if not json else ():
        place = result.case.place
        typer.echo(f"{place.file}:{place.line}:{place.column}: {result.case.name}")
        for reason in result.reasons:
            typer.echo("    " + reason.replace("\n", "\n    "))
    typer.echo(f"{len(results) - len(failed)} passed, {len(failed)} failed", err=json)
    if failed or not results:
        raise typer.Exit(1)


def run_module(
    name: Annotated[str, typer.Argument(help="Module by name, or its folder.")],
    file: Annotated[Path | None, typer.Argument(help="Messages; none: standard input.")] = None,
    config: Annotated[str, typer.Option("--with", help="Configuration: JSON, or @FILE.")] = "{}",
    secret: Annotated[list[str] | None, typer.Option(help="Granted secret: NAME=TEXT or NAME=@FILE.")] = None,
    grant: Annotated[list[str] | None, typer.Option(help="Further grant, such as clock or fs:read:/PATH.")] = None,
    whole: Annotated[bool, typer.Option("--whole", help="One message, not one a line.")] = False,
    debug: Debug = False,
    modules: Modules = None,
) -> None:
    """Run a module over messages: what passes to standard output, refusals and counts to standard error."""
    (folder,) = _folders([name], settings(modules=modules).modules)
    try:
        given = _configuration(config)
        secrets = dict(_named(one) for one in secret or ())
        content = file.read_bytes() if file else sys.stdin.buffer.read()
    except (OSError, ValueError) as error:
        _fail(error)
    messages = [content] if whole else content.splitlines(keepends=True)
    if not messages:
        return
    with _workbench() as workbench:
        try:
            guest = _open(workbench, folder, debug).instance(given, Held(secrets=secrets, grants=grant or ()))
            ran = run(guest, messages)
        except (ConfigurationRefused, GuestError) as error:
            typer.echo(f"{folder.name}: {error}", err=True)
            if isinstance(error, GuestError) and error.trace:
                typer.echo(error.trace, err=True)
            raise typer.Exit(1) from None
    if _print(ran, sys.stdout.buffer):
        raise typer.Exit(1)


def bench(names: Names = None, json: Json = False, modules: Modules = None) -> None:
    """Measure modules that have a bench.py (their author's own code, which this runs), beside their peers in Python."""
    home = settings(modules=modules).modules
    speeds = []
    with _workbench() as workbench:
        for folder in _folders(names, home):
            if not names and not (folder / "bench.py").is_file():
                continue
            try:
                speeds.append(benches.measure(_open(workbench, folder, False)))
            except benches.NoBench as error:
                typer.echo(str(error), err=True)
    if json:
        rows = [{**msgspec.structs.asdict(one), "megabytes": one.megabytes, "ratio": one.ratio} for one in speeds]
        typer.echo(msgspec.json.encode(rows).decode())
        return
    table = Table("module", "bytes a message", "one a call, µs", "batch, µs", "MB/s", "peer, µs", "ratio", box=None)
    for one in speeds:
        peer = f"{one.peer_batch:.2f} ({one.peer})" if one.peer_batch is not None else ""
        ratio = f"{one.ratio:.1f} ×" if one.ratio is not None else ""
        size = one.bytes // one.messages
        table.add_row(
            one.module, str(size), f"{one.single:.2f}", f"{one.batch:.2f}", f"{one.megabytes:.0f}", peer, ratio
        )
    wide_console().print(table)


# ---------------------------------------------------------------- what the commands share


def _fail(error: Exception) -> Any:
    typer.echo(str(error), err=True)
    raise typer.Exit(2)


@contextmanager
def _workbench() -> Iterator[Workbench]:
    workbench = Workbench()
    try:
        yield workbench
    finally:
        workbench.close()


def _open(workbench: Workbench, folder: Path, debug: bool) -> Module:
    try:
        return workbench.open(folder, debug=debug)
    except NotAModule as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None


def _folders(names: list[str] | None, home: Path) -> list[Path]:
    if not names:
        return sorted(path.parent for path in home.glob("*/manifest.yaml"))
    found = []
    for name in names:
        folder = Path(name) if (Path(name) / "manifest.yaml").is_file() else home / name
        if not (folder / "manifest.yaml").is_file():
            typer.echo(f"{name}: neither a module in {home} nor a folder with a manifest.yaml", err=True)
            raise typer.Exit(2)
        found.append(folder.resolve())
    return found


def _configuration(given: str) -> dict[str, Any]:
    text = Path(given[1:]).read_text(encoding="utf-8") if given.startswith("@") else given
    try:
        config = text_json.loads(text)
    except ValueError as error:
        raise ValueError(f"--with: not JSON: {error}") from None
    if not isinstance(config, dict):
        raise ValueError("--with: must be a JSON object")
    return config


def _named(given: str) -> tuple[str, bytes]:
    name, found, value = given.partition("=")
    if not found:
        raise ValueError("--secret: must be NAME=TEXT or NAME=@FILE")
    return name, Path(value[1:]).read_bytes() if value.startswith("@") else value.encode()


def _print(ran: Ran, out: BinaryIO) -> bool:
    """Whether a message was refused."""
    refused = dropped = 0
    for index, entries in enumerate(ran.entries):
        dropped += not entries
        for entry in entries:
            if isinstance(entry, Refused):
                refused += 1
                where = "" if entry.offset is None else f" at byte {entry.offset}"
                typer.echo(f"message {index}: {entry.code}{where}", err=True)
            else:
                out.write(entry if entry.endswith(b"\n") else entry + b"\n")
    out.flush()
    counts = [f"{count} {name}" for name, count in ({"dropped": dropped} | dict(ran.report)).items() if count]
    counts += [f"{name} tried without a grant" for name in ran.denied]
    if counts:
        typer.echo(", ".join(counts), err=True)
    return bool(refused)
