"""Options that several commands share, with the defaults and the help of `gateway.config.Settings`."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from gateway.config import Settings, variable

_HELP = {setting.name: f"{setting.metadata['help']}." for setting in fields(Settings)}
_DEFAULT = {setting.name: setting.default for setting in fields(Settings)}


def option(name: str) -> Any:
    """A command-line option for a setting. Not given, the setting's variable or default holds."""
    flag = "--" + name.replace("_", "-")
    flags = [f"{flag}/--no-{name.replace('_', '-')}"] if isinstance(_DEFAULT[name], bool) else [flag]
    return typer.Option(*flags, help=f"{_HELP[name]} [env: {variable(name)}] [default: {_DEFAULT[name]}]")


Policies = Annotated[Path | None, option("policies")]
Modules = Annotated[Path | None, option("modules")]
Data = Annotated[Path | None, option("data")]
SecretsFolder = Annotated[Path | None, option("secrets")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def settings(**given: Any) -> Settings:
    """Settings of a command. A value of the wrong type ends the command with a message."""
    try:
        return Settings.read(**given)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def wide_console() -> Console:
    """A console as wide as the terminal; into a file or a pipe, wide enough for any table."""
    console = Console()
    return console if console.is_terminal else Console(width=240)
