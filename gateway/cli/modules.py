"""`maskgate modules`: what is in the module folder, and the lock that pins it; the other commands are elsewhere."""

from __future__ import annotations

from typing import Annotated

import typer

from gateway.cli import authoring, inspecting, registries, signing, versions
from gateway.cli.options import Modules, Policies, settings
from gateway.documents.finding import PolicyError
from gateway.registry import lock as lock_file
from gateway.registry.store import ModuleRefused, ModuleStore

app = typer.Typer(help="See, lock, make and test modules.", no_args_is_help=True)
app.command()(authoring.new)
app.command()(authoring.build)
app.command("test")(authoring.run_cases)
app.command("run")(authoring.run_module)
app.command()(authoring.bench)
app.command("list")(inspecting.list_)
app.command()(inspecting.inspect)
app.command()(inspecting.diff)
app.command()(registries.publish)
app.command()(registries.yank)
app.command()(registries.install)
app.command()(registries.gc)
app.command()(signing.sign)
app.command()(signing.verify)
app.command()(versions.upgrade)
app.command()(versions.rollback)
app.command()(versions.canary)
app.command()(versions.promote)
app.command()(versions.withdraw)
app.command()(versions.unload)


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
