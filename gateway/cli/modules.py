"""`maskgate modules`: what is in the module folder, the lock that pins it, and the commands of `authoring`."""

from __future__ import annotations

from typing import Annotated

import msgspec
import typer
import yaml
from rich.table import Table

from gateway.cli import authoring
from gateway.cli.options import Json, Modules, Policies, settings, wide_console
from gateway.registry.store import ModuleRefused, ModuleStore

app = typer.Typer(help="See, lock, make and test modules.", no_args_is_help=True)
app.command()(authoring.new)
app.command()(authoring.build)
app.command("test")(authoring.run_cases)
app.command("run")(authoring.run_module)
app.command()(authoring.bench)

_HEAD = (
    "# Every module that this policy set uses, by version and digest. `maskgate modules lock NAME` renews an entry.\n"
)


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
    locked = yaml.safe_load(path.read_text(encoding="utf-8"))["modules"] if path.exists() else {}
    for name in names:
        try:
            entry = store.lock_entry(name)
        except ModuleRefused as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(1) from None
        locked[name] = {**entry, "instances": locked.get(name, {}).get("instances", "fresh")}
    path.write_text(_HEAD + yaml.safe_dump({"modules": locked}, width=120), encoding="utf-8")
    typer.echo(f"Locked {', '.join(names)} in {path}")
