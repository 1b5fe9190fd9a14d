"""`maskgate apply`: a plan over files, without a server. What it prints has been through the very steps that serve."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, BinaryIO

import typer
from msgspec import structs
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from gateway import media
from gateway.cli.loading import load_or_exit, open_pool
from gateway.cli.options import Modules, Policies, SecretsFolder, settings
from gateway.errors import MaskgateError
from gateway.flow import Limits, Route
from gateway.run import Runner
from gateway.sandbox.kind import unrecorded
from gateway.secrets import Secrets
from gateway.snapshot import programs
from gateway.web import body

_FORMATS = {
    ".avro": "avro/binary",
    ".cbor": "application/cbor",
    ".csv": media.CSV,
    ".json": media.JSON,
    ".jsonl": media.NDJSON,
    ".log": "application/logfmt",
    ".msgpack": "application/msgpack",
    ".ndjson": media.NDJSON,
    ".tsv": "text/tab-separated-values",
    ".txt": "text/plain",
    ".xml": "application/xml",
}
_BLOCK = 4 << 20  # bytes of NDJSON that go through the plan at once


def apply(
    producer: Annotated[str, typer.Option(help="Producer whose messages these are.")],
    stream: Annotated[str, typer.Option(help="Stream that they would be sent to.")],
    destination: Annotated[str, typer.Option(help="Destination that they are for.")],
    files: Annotated[
        list[str] | None, typer.Argument(help="Files of messages; '-' is standard input. The ending says the format.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Write here instead of standard output.")
    ] = None,
    media_type: Annotated[
        str | None, typer.Option("--format", help="Media type of the messages, whatever the ending.")
    ] = None,
    policies: Policies = None,
    modules: Modules = None,
    secrets: SecretsFolder = None,
) -> None:
    """Run a plan over files: cleaned messages out, refusals on standard error, exit 1 if anything was refused."""
    chosen = settings(policies=policies, modules=modules, secrets=secrets)
    loaded = load_or_exit(chosen)
    route = loaded.routes.get((producer, stream))
    plans = tuple(plan for plan in route.plans if plan.destination == destination) if route else ()
    if route is None or not plans:
        typer.echo(f"The policy has no plan for {producer}, {stream}, {destination}.", err=True)
        raise typer.Exit(2)
    route = structs.replace(route, plans=plans)
    with open_pool(chosen, network=True) as pool, ExitStack() as stack:
        made = programs(structs.replace(loaded, routes={(producer, stream): route}), pool, Secrets(chosen.secrets))
        runner = Runner(pool, made, digest_key=os.urandom(32))
        out: BinaryIO = stack.enter_context(output.open("wb")) if output else sys.stdout.buffer
        names = files or ["-"]
        progress = stack.enter_context(_progress())
        total = sum(os.path.getsize(name) for name in names if name != "-")
        task = progress.add_task(destination, total=total or None)
        refused = 0
        for name in names:
            file = sys.stdin.buffer if name == "-" else stack.enter_context(_open(name))
            kind = media_type or _FORMATS.get(Path(name).suffix, media.NDJSON)
            if kind not in route.accept:
                typer.echo(f"{name}: this stream takes {', '.join(sorted(route.accept))}, not {kind}.", err=True)
                raise typer.Exit(2)
            index = 0
            for block in _blocks(file, kind, route.limits):
                done, bad = _run(runner, route, block, kind, destination, out, name, index)
                index, refused = index + done, refused + bad
                progress.advance(task, len(block))
    if refused:
        typer.echo(f"{refused} refused.", err=True)
        raise typer.Exit(1)


def _run(
    runner: Runner, route: Route, block: bytes, kind: str, destination: str, out: BinaryIO, name: str, first: int
) -> tuple[int, int]:
    """Messages in, and how many were refused."""
    try:
        batch = body.split(block, kind, structs.replace(route.limits, messages=sys.maxsize))
        ran = runner.run(route, batch, asking=unrecorded)
        if ran.error is not None:
            raise ran.error
    except MaskgateError as error:
        typer.echo(f"{name}: from message {first} on: {error.code}: {error.detail}", err=True)
        return 0, 1
    for refusal in ran.refused:
        where = "" if refusal.offset is None else f" at byte {refusal.offset}"
        typer.echo(f"{name}: message {first + refusal.index}: {refusal.code}{where}", err=True)
    if destination in ran.cleaned:
        out.write(ran.cleaned[destination].body)
    return ran.messages, len(ran.refused)


def _open(name: str) -> BinaryIO:
    try:
        return open(name, "rb")
    except OSError as error:
        typer.echo(f"{name}: {error.strerror}", err=True)
        raise typer.Exit(2) from None


def _blocks(file: BinaryIO, kind: str, limits: Limits) -> Iterator[bytes]:
    """Whole lines, some MiB at a time; a document in one piece."""
    if kind not in media.LINES:
        yield file.read()
        return
    rest = b""
    while part := file.read(_BLOCK):
        block = rest + part
        end = block.rfind(b"\n") + 1
        rest = block[end:]
        if end:
            yield block[:end]
        elif len(rest) > limits.message:
            break  # one line over the limit: `split` says so
    if rest.strip():
        yield rest


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    return Progress(*columns, console=console, disable=not console.is_terminal, transient=True)
