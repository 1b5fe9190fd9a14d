"""`maskgate modules`: what is in the module folder, and the lock that pins it; the other commands are elsewhere."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer
from rich.table import Table

from gateway.cli import authoring, versions
from gateway.cli.options import Json, Modules, Policies, settings, wide_console
from gateway.documents.finding import PolicyError
from gateway.registry import lock as lock_file
from gateway.registry.store import ModuleRefused, ModuleStore

app = typer.Typer(help="See, lock, make and test modules.", no_args_is_help=True)
app.command()(authoring.new)
app.command()(authoring.build)
app.command("test")(authoring.run_cases)
app.command("run")(authoring.run_module)
app.command()(authoring.bench)
app.command()(versions.upgrade)
app.command()(versions.rollback)
app.command()(versions.canary)
app.command()(versions.promote)
app.command()(versions.withdraw)
app.command()(versions.unload)


@app.command("list")
def list_(modules: Modules = None, json: Json = False) -> None:
    """List the modules in the module folder."""
    available = ModuleStore(settings(modules=modules).modules).available()
    if json:
        rows = [
            {name: getattr(manifest, name) for name in ("module", "version", "language", "description", "accepts")}
            for manifest in available
        ]
        typer.echo(msgspec.json.encode(rows).decode())
        return
    table = Table("module", "version", "language", "takes", "asks for", "what it does", box=None)
    for manifest in available:
        asks = ", ".join([*manifest.required, *(f"({name})" for name in manifest.optional)])
        takes = ", ".join(sorted(manifest.accepts))
        table.add_row(manifest.module, manifest.version, manifest.language, takes, asks, manifest.description)
    wide_console().print(table)


@app.command()
def lock(
    names: Annotated[list[str], typer.Argument(help="Modules to pin as they stand in the module folder.")],
    policies: Policies = None,
    modules: Modules = None,
) -> None:
    """Pin modules in the policy set's modules.lock. Whether instances are kept stays as it was."""
    chosen = settings(policies=policies, modules=modules)
    store, path = ModuleStore(chosen.modules), chosen.policies / "modules.lock"
    try:
        with lock_file.editing(path) as locked:
            for name in names:
                instances = locked.get(name, {}).get("instances", "fresh")
                locked[name] = {**store.lock_entry(name), "instances": instances}
    except (ModuleRefused, PolicyError, OSError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    typer.echo(f"Locked {', '.join(names)} in {path}")
