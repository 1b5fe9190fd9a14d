"""`maskgate modules new | build | test | run | bench`: what a module's author needs."""

from __future__ import annotations

import json as text_json
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from itertools import chain
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.table import Table

from gateway.authoring import bench as benches
from gateway.authoring import build as builds
from gateway.authoring import cases as module_cases
from gateway.authoring import scaffold
from gateway.authoring.workbench import ConfigurationRefused, Held, Module, NotAModule, Workbench, lines, run
from gateway.cli.modules_shown import Passing, Tested, print_tested
from gateway.cli.options import Json, Modules, settings, wide_console
from gateway.config import networks
from gateway.documents.finding import PolicyError
from gateway.sandbox.fetch import Fetcher
from gateway.sandbox.frame import GuestError

Names = Annotated[
    list[str] | None, typer.Argument(help="Modules of the module folder by name, or folders by path; none: all.")
]
Debug = Annotated[bool, typer.Option("--debug", help="NAME.debug.wasm, whose traps name file and line.")]
LANGUAGES = dict.fromkeys(chain.from_iterable(scaffold.TEMPLATES.values()))
Sdk = Annotated[Path | None, typer.Option(help="Folder of the guest SDKs (default: sdk in the module folder).")]


def new(
    name: Annotated[str, typer.Argument(help="Name of the module.")],
    lang: Annotated[str, typer.Option(help=f"Language: {', '.join(LANGUAGES)}.")],
    kind: Annotated[str, typer.Option(help=f"Kind of guest: {', '.join(scaffold.TEMPLATES)}.")] = scaffold.KIND,
    directory: Annotated[
        Path | None, typer.Option("--dir", help="Where its folder is made (default: the module folder).")
    ] = None,
    sdk: Sdk = None,
    modules: Modules = None,
) -> None:
    """Make a module that builds, passes its cases, and is yours to change."""
    home = settings(modules=modules).modules
    try:
        folder = scaffold.make(name, kind, lang, directory or home, scaffold.sdk(sdk, home))
    except (scaffold.NotMade, OSError) as error:
        _fail(error)
    typer.echo(f"Made {folder}. Next:\n\n  maskgate modules build {folder}\n  maskgate modules test {folder}")


def build(names: Names = None, debug: Debug = False, sdk: Sdk = None, modules: Modules = None) -> None:
    """Build modules with their own `build` scripts; exit 1 if one fails, with what it said."""
    home = settings(modules=modules).modules
    try:
        kit = scaffold.sdk(sdk, home)
    except scaffold.NotMade as error:
        _fail(error)
    failed = False
    for folder in _folders(names, home):
        try:
            built = builds.build(folder, kit, debug=debug)
            typer.echo(f"{built.wasm}: {built.size} bytes, sha256 {built.sha256}")
        except builds.NotBuilt as error:
            failed = True
            typer.echo(f"{folder}: {error}", err=True)
    if failed:
        raise typer.Exit(1)


def run_cases(
    names: Names = None,
    case: Annotated[str | None, typer.Option(help="Only cases with this in their name.")] = None,
    debug: Debug = False,
    json: Json = False,
    modules: Modules = None,
) -> None:
    """Run the cases of modules (tests/*.yaml) in the gateway's own sandbox; exit 1 if one fails."""
    tested: list[Tested] = []
    with _workbench() as workbench:
        for folder in _folders(names, settings(modules=modules).modules):
            opened = _open(workbench, folder, debug)
            try:
                known = module_cases.read(folder)
            except PolicyError as error:
                _fail(error)
            shown = {code for one in known for code in one.refusals}
            results = [module_cases.check(opened, one) for one in known if case is None or case in one.name]
            unshown = sorted(opened.manifest.refusals.keys() - shown)
            tested.append(Tested(module=opened.manifest.module, results=results, unshown=unshown))
    failed = sum(len(one.failed) for one in tested)
    count = sum(len(one.results) for one in tested)
    if json:
        typer.echo(msgspec.json.encode([row for one in tested for row in one.rows()]).decode())
    else:
        print_tested(tested)
    typer.echo(f"{count - failed} passed, {failed} failed", err=json)
    if failed or not count:
        raise typer.Exit(1)


def run_module(
    name: Annotated[str, typer.Argument(help="Module by name, or its folder.")],
    file: Annotated[Path | None, typer.Argument(help="Messages; none: standard input.")] = None,
    config: Annotated[str, typer.Option("--with", help="Configuration: JSON, or @FILE.")] = "{}",
    secret: Annotated[list[str] | None, typer.Option(help="Granted secret: NAME=TEXT or NAME=@FILE.")] = None,
    grant: Annotated[
        list[str] | None, typer.Option(help="Further grant, such as clock, fs:read:/PATH or http:HOST.")
    ] = None,
    whole: Annotated[bool, typer.Option("--whole", help="One message, not one a line.")] = False,
    batch: Annotated[int, typer.Option(help="At most so many lines a call.", min=1)] = 1000,
    debug: Debug = False,
    modules: Modules = None,
) -> None:
    """Run a module over messages: what passes to standard output, refusals and counts to standard error."""
    chosen = settings(modules=modules)
    (folder,) = _folders([name], chosen.modules)
    fetch = Fetcher(networks(chosen.http_inside), chosen.http_time / 1000)
    try:
        given = _configuration(config)
        secrets = dict(_named(one) for one in secret or ())
        source = file.open("rb") if file else nullcontext(sys.stdin.buffer)
    except (OSError, ValueError) as error:
        _fail(error)
    passing = Passing(sys.stdout.buffer)
    with source as stream, _workbench() as workbench:
        opened = _open(workbench, folder, debug)
        at = "when it was configured"
        try:
            guest = opened.instance(given, Held(secrets=secrets, grants=grant or (), fetch=fetch))
            for messages in [[stream.read()]] if whole else lines(stream, batch):
                at = f"in a call with messages {passing.messages} to {passing.messages + len(messages) - 1}"
                passing.add(run(guest, messages))
        except ConfigurationRefused as error:
            typer.echo(f"{opened.manifest.module}: {error}", err=True)
            raise typer.Exit(1) from None
        except GuestError as error:
            typer.echo(f"{opened.manifest.module}: {error}, {at}\n{error.trace}", err=True)
            raise typer.Exit(1) from None
    passing.print_counts()
    if passing.refused:
        raise typer.Exit(1)


def bench(names: Names = None, json: Json = False, modules: Modules = None) -> None:
    """Measure modules that have a bench.py (their author's own code, which this runs), beside their peers in Python."""
    home = settings(modules=modules).modules
    speeds: list[benches.Speed] = []
    with _workbench() as workbench:
        for folder in _folders(names, home):
            if not names and not (folder / "bench.py").is_file():
                continue
            try:
                speeds += benches.measure(_open(workbench, folder, False))
            except benches.NoBench as error:
                typer.echo(str(error), err=True)
    if json:
        rows = [{**msgspec.structs.asdict(one), **_ratios(one)} for one in speeds]
        typer.echo(msgspec.json.encode(rows).decode())
        return
    columns = ("one a call, µs", "ratio", "batch, µs", "MB/s", "peer, µs", "ratio")
    table = Table("module", "bytes a message", *columns, box=None)
    for one in speeds:
        peer = f"{one.peer_batch:.2f} ({one.peer})" if one.peer_batch is not None else ""
        single, batch = (f"{ratio:.1f} ×" if ratio is not None else "" for ratio in (one.single_ratio, one.ratio))
        size, megabytes = str(one.bytes // one.messages), f"{one.megabytes:.0f}"
        table.add_row(one.name, size, f"{one.single:.2f}", single, f"{one.batch:.2f}", megabytes, peer, batch)
    wide_console().print(table)


def _ratios(one: benches.Speed) -> dict[str, float | None]:
    return {"megabytes": one.megabytes, "ratio": one.ratio, "single_ratio": one.single_ratio}


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
