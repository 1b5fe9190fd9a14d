"""`maskgate reveal`: values that were masked reversibly, back in clear, for a user whom access.cedar permits."""

from __future__ import annotations

import os
import sys
import time
from typing import Annotated

import msgspec
import typer

from gateway.cli.loading import load_or_exit, open_pool
from gateway.cli.options import Data, Modules, Policies, SecretsFolder, settings
from gateway.config import Settings
from gateway.decisions.record import new_id
from gateway.decisions.store import DecisionStore
from gateway.errors import WrongCredential
from gateway.flow import Arrival, Batch, Credential, Decision, Reveal
from gateway.policy.load import Loaded
from gateway.policy.reveal import Irreversible, Reversal, reversal
from gateway.sandbox.frame import GuestError
from gateway.sandbox.kind import LoadError
from gateway.secrets import SecretMissing, Secrets
from gateway.web import authenticate

_KEY = "MASKGATE_KEY"


def reveal(
    data_class: Annotated[str, typer.Option("--class", help="Data class that the values are of.")],
    values: Annotated[
        list[str] | None, typer.Argument(help="Masked values; '-' or none: lines of standard input.")
    ] = None,
    destination: Annotated[
        str | None, typer.Option(help="Destination that they came from, if its treatment differs from the class's.")
    ] = None,
    numbers: Annotated[
        bool, typer.Option("--numbers", help="The values stood in the messages as numbers, not as text.")
    ] = False,
    policies: Policies = None,
    modules: Modules = None,
    secrets: SecretsFolder = None,
    data: Data = None,
) -> None:
    """Give masked values back in clear, one line each, and write a decision that says so before anything is shown.

    Your API key is asked for, or taken from MASKGATE_KEY. A value that can't be revealed is an empty line; exit 1.
    """
    chosen = settings(policies=policies, modules=modules, secrets=secrets, data=data)
    loaded = load_or_exit(chosen)
    given = values if values and values != ["-"] else sys.stdin.read().splitlines()
    credential = _credential(loaded)
    ruling = loaded.decider.reveals(credential.subject, data_class)
    clear: list[str | None] = []
    failure: Exception | None = None
    if ruling.allowed:
        try:
            undo = reversal(loaded, data_class, destination)
            rulings = [loaded.decider.reveals(credential.subject, name) for name in undo.classes]
            ruling = next((other for other in rulings if not other.allowed), ruling)
            if ruling.allowed:
                clear = _reversed(chosen, loaded, undo, given, numbers)
        except (Irreversible, SecretMissing, LoadError, GuestError) as error:
            failure = error
    revealed = sum(1 for value in clear if value is not None)
    decision = Decision(
        arrival=Arrival(id=new_id(), time=time.time_ns(), stream="", credential=credential.id),
        outcome="denied" if not ruling.allowed else "failed" if failure else "allowed",
        status=403 if not ruling.allowed else 422 if failure else 200,
        code="not_permitted" if not ruling.allowed else "not_revealed" if failure else None,
        policies=ruling.policies,
        revision=loaded.policy_set.revision,
        reveal=Reveal(
            user=credential.subject,
            data_class=data_class,
            destination=destination,
            values=len(given),
            revealed=revealed,
        ),
    )
    store = DecisionStore(chosen.data / "decisions.db")
    try:
        store.append([decision], [])
    finally:
        store.close()
    if not ruling.allowed:
        shared = " or a class that shares its key and domain"
        typer.echo(f"{credential.subject} may not reveal {data_class}{shared} (access.cedar).", err=True)
        raise typer.Exit(1)
    if failure is not None:
        typer.echo(f"Nothing was revealed: {failure}", err=True)
        raise typer.Exit(2)
    for value in clear:
        typer.echo(_line(value or ""))
    if revealed < len(given):
        typer.echo(f"{len(given) - revealed} were not made by this class's treatment and keys.", err=True)
        raise typer.Exit(1)


def _line(value: str) -> str:
    """A value on a line of its own: as it is, or, where it has control characters in it, as JSON."""
    return value if value.isprintable() else msgspec.json.encode(value).decode()


def _credential(loaded: Loaded) -> Credential:
    key = os.environ.get(_KEY) or typer.prompt("API key", hide_input=True)
    try:
        return authenticate.by_key(key.encode(), loaded.policy_set.user_keys)
    except WrongCredential:
        typer.echo("No user has this key.", err=True)
        raise typer.Exit(1) from None


def _reversed(chosen: Settings, loaded: Loaded, undo: Reversal, given: list[str], numbers: bool) -> list[str | None]:
    """The values in clear; None for one that isn't the treatment's work."""
    if not given:
        return []
    store = Secrets(chosen.secrets)
    held = {name: store.read(name) for name in undo.secrets}
    clear: list[str | None] = [None] * len(given)
    with open_pool(chosen) as pool:
        program = pool.program(undo.step, loaded.modules[undo.step.module].wasm, held)
        batch = Batch.of([value.encode() if numbers else msgspec.json.encode(value) for value in given])
        output = pool.run(program, "", batch).output
        refused = {refusal.source for refusal in output.refused}
        kept = [source for source in range(len(given)) if source not in refused]
        for source, message in zip(kept, output.batch, strict=True):
            text = message.decode().strip()  # one JSON text; a number may be beyond any that Python reads
            clear[source] = msgspec.json.decode(text, type=str) if text.startswith('"') else text
    return clear
