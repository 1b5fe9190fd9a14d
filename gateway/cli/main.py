"""The commands, one file each; this one only lists them."""

from __future__ import annotations

import typer

from gateway import __version__
from gateway.cli import apply, decisions, keys, modules, policy, registry, reveal, serve

app = typer.Typer(
    name="maskgate",
    help="A policy-centric data masking gateway.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"maskgate {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Print the version."),
) -> None:
    """Masks personal data in messages by policy, in WebAssembly sandboxes, and records what it decided."""


app.command()(serve.serve)
app.command()(policy.check)
app.command()(policy.explain)
app.command("test")(policy.run_tests)
app.command()(apply.apply)
app.command()(reveal.reveal)
app.add_typer(decisions.app, name="decisions")
app.add_typer(keys.app, name="keys")
app.add_typer(modules.app, name="modules")
app.add_typer(registry.app, name="registry")


def main() -> None:
    """The entry point of `maskgate`."""
    app()
