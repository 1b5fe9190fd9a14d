"""`maskgate decisions`: ask the decision log on the machine where it is."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from gateway.cli.options import Data, Json, settings, wide_console
from gateway.decisions import query

app = typer.Typer(help="Ask the decision log.", no_args_is_help=True)

_STYLES = {"allowed": "green", "denied": "red", "refused": "yellow", "failed": "bold red", query.UNKNOWN: "magenta"}


def _log(data: Path | None) -> Path:
    path = settings(data=data).data / "decisions.db"
    if not path.exists():
        typer.echo(f"There is no decision log at {path}.", err=True)
        raise typer.Exit(1)
    return path


def _with_filters(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command an option for each filter of the log; it gets those that were given as `filters`."""

    def run(**given: Any) -> None:
        filters = {name: given.pop(name) for name in query.FILTERS}
        command(filters={name: value for name, value in filters.items() if value is not None}, **given)

    own = [p for p in inspect.signature(command, eval_str=True).parameters.values() if p.name != "filters"]
    options = [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=None,
            annotation=Annotated[str | None, typer.Option("--" + name.replace("_", "-"), help=text)],
        )
        for name, text in query.FILTERS.items()
    ]
    run.__signature__ = inspect.Signature(options + [p.replace(kind=p.KEYWORD_ONLY) for p in own])  # type: ignore[attr-defined]
    run.__doc__, run.__name__ = command.__doc__, command.__name__
    return run


@app.command("list")
@_with_filters
def list_(
    filters: dict[str, str],
    limit: Annotated[int, typer.Option(help="At most so many.")] = 20,
    cursor: Annotated[str | None, typer.Option(help="`next` of the page before.")] = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """List decisions, newest first. `unknown`: hosts were asked for a request that has no decision."""
    try:
        page = query.find(_log(data), filters, cursor=cursor, limit=limit)
    except query.QueryError as error:
        raise typer.BadParameter(str(error)) from None
    if json:
        typer.echo(msgspec.json.encode(page).decode())
        return
    table = Table(box=None)
    for column in ("id", "time", "from", "outcome", "messages", "deliveries"):
        table.add_column(column, overflow="fold", no_wrap=column == "id")
    for decision in page.decisions:
        outcome, code = decision["outcome"], decision["code"]
        table.add_row(
            decision["id"],
            decision["time"][:19].replace("T", " "),
            f"{decision['producer'] or '—'}/{decision['stream']}",
            f"[{_STYLES.get(outcome, '')}]{outcome}[/]" + (f" {code}" if code else ""),
            str(decision["messages"]),
            ", ".join(f"{name}: {ending['state']}" for name, ending in decision["deliveries"].items()),
        )
    console = wide_console()
    console.print(table)
    if page.next:
        console.print(f"more: --cursor {page.next}", style="dim")


@app.command()
def show(
    id: Annotated[str, typer.Argument(help="Id of a decision, as a producer gets it in an answer.")],
    data: Data = None,
    json: Json = False,
) -> None:
    """Show one decision whole."""
    found = query.get(_log(data), id)
    if found is None:
        typer.echo(f"There is no decision {id}.", err=True)
        raise typer.Exit(1)
    text = msgspec.json.encode(found).decode()
    if json:
        typer.echo(text)
    else:
        Console().print_json(text)
