"""`maskgate check`, `explain` and `test`: what a policy set would do, before anything is served by it."""

from __future__ import annotations

import secrets as randomness
from typing import Annotated

import msgspec
import typer
from msgspec import structs
from rich.table import Table

from gateway.cli.loading import load_or_exit, open_pool
from gateway.cli.options import Json, Modules, Policies, SecretsFolder, settings, wide_console
from gateway.documents.finding import PolicyError
from gateway.errors import MaskgateError, NotFound
from gateway.flow import MASK, Plan
from gateway.media import JSON
from gateway.policy import check as policy_check
from gateway.policy import explain as policy_explain
from gateway.policy import testing
from gateway.policy.load import Loaded
from gateway.registry.store import ModuleStore
from gateway.run import Runner
from gateway.sandbox.pool import Pool
from gateway.secrets import SecretMissing, Secrets
from gateway.snapshot import programs
from gateway.web import body


class _OrMadeUp(Secrets):
    """The secrets that are there, and random ones for those that aren't: a check must not need the real ones."""

    def read(self, name: str) -> bytes:
        try:
            return super().read(name)
        except SecretMissing:
            return randomness.token_bytes(32)


def check(
    policies: Policies = None, modules: Modules = None, secrets: SecretsFolder = None, json: Json = False
) -> None:
    """Check a policy set: every finding as file:line:column: message, and exit 1 if there is one."""
    chosen = settings(policies=policies, modules=modules, secrets=secrets)
    store = ModuleStore(chosen.modules)
    findings = policy_check.check(chosen.policies, store)
    if not findings:
        try:
            with open_pool(chosen) as pool:
                programs(load_or_exit(chosen), pool, _OrMadeUp(chosen.secrets))
        except PolicyError as error:
            findings = list(error.findings)
    if json:
        typer.echo(msgspec.json.encode(findings).decode())
    for finding in findings if not json else ():
        typer.echo(f"{chosen.policies}/{finding}")
    if findings:
        typer.echo(f"{len(findings)} finding{'s' if len(findings) > 1 else ''}.", err=True)
        raise typer.Exit(1)
    if not json:
        typer.echo("The policy set can be served.")


def explain(
    producer: Annotated[str, typer.Argument(help="Name of the producer.")],
    stream: Annotated[str, typer.Argument(help="Name of the stream.")],
    policies: Policies = None,
    modules: Modules = None,
    json: Json = False,
) -> None:
    """Show what would happen to a producer's messages: how each field leaves, and by which policy."""
    loaded = load_or_exit(settings(policies=policies, modules=modules))
    try:
        told = policy_explain.explain(loaded, producer, stream)
    except NotFound as error:
        typer.echo(error.detail, err=True)
        raise typer.Exit(1) from None
    if json:
        typer.echo(msgspec.json.encode(told).decode())
        return
    console = wide_console()
    for media_type, ruling in told.publish.items():
        word = "[green]permitted[/]" if ruling.allowed else "[red]denied[/]"
        console.print(f"publish {media_type}: {word} {_by(ruling.policies)}")
    console.print(f"fields that the stream doesn't list: {told.unlisted}")
    for shown in told.destinations:
        steps = " → ".join(f"{step.module} {step.version}" for step in shown.steps)
        console.print(f"\n{shown.destination}: {steps}", style="italic")
        if shown.when is not None:
            console.print(f"only messages of which this holds: {shown.when}", markup=False)
        table = Table(box=None)
        for column in ("field", "class", "leaves", "by"):
            table.add_column(column, overflow="fold")
        for field in shown.fields:
            how = "[yellow]in clear[/]" if field.released else _words(field.treatment)
            kind = f"{field.data_class}, if found" if field.scanned else field.data_class
            table.add_row(field.path or '""', kind, how, _by(field.policies) or field.written_in or "")
        console.print(table)


def run_tests(
    policies: Policies = None, modules: Modules = None, secrets: SecretsFolder = None, json: Json = False
) -> None:
    """Run the policy set's own tests through its plans, and exit 1 if one fails."""
    chosen = settings(policies=policies, modules=modules, secrets=secrets)
    loaded = load_or_exit(chosen)
    with open_pool(chosen) as pool:
        results = list(testing.run(loaded.policy_set, loaded.decider, _apply(loaded, pool, _OrMadeUp(chosen.secrets))))
    failed = [result for result in results if not result.passed]
    if json:
        rows = [{"name": r.case.name, "passed": r.passed, "reasons": r.reasons} for r in results]
        typer.echo(msgspec.json.encode(rows).decode())
    for result in failed if not json else ():
        place = result.case.place
        typer.echo(f"{chosen.policies}/{place.file}:{place.line}:{place.column}: {result.case.name}")
        for reason in result.reasons:
            typer.echo(f"    {reason}")
    typer.echo(f"{len(results) - len(failed)} passed, {len(failed)} failed", err=json)
    if failed:
        raise typer.Exit(1)


def _apply(loaded: Loaded, pool: Pool, secrets: Secrets) -> testing.Apply:
    try:
        runner = Runner(pool, programs(loaded, pool, secrets), randomness.token_bytes(32))
    except PolicyError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None

    def apply(producer: str, stream: str, destination: str, media_type: str, content: bytes) -> testing.Outcome:
        route = loaded.routes[producer, stream]
        plans = tuple(_until_masked(plan) for plan in route.plans if plan.destination == destination)
        try:
            ran = runner.run(structs.replace(route, plans=plans), body.split(content, media_type, route.limits))
            if ran.error is not None:
                raise ran.error
        except MaskgateError as error:
            return testing.Outcome(refused=error.code)
        messages = ran.cleaned.get(destination)
        return testing.Outcome(
            messages=tuple(messages) if messages is not None else (),
            refused=ran.refused[0].code if ran.refused else None,
        )

    return apply


def _until_masked(plan: Plan) -> Plan:
    """A test speaks of the message as it leaves the mask, whatever format the destination's own steps give it then."""
    last = [step.module for step in plan.steps].index(MASK)
    return structs.replace(plan, steps=plan.steps[: last + 1], media_type=JSON, framing="lines")


def _by(policies: tuple[str, ...]) -> str:
    return f"by {', '.join(policies)}" if policies else ""


def _words(treatment: dict[str, object]) -> str:
    rest = ", ".join(f"{name} {value}" for name, value in treatment.items() if name != "kind")
    return f"{treatment['kind']} ({rest})" if rest else str(treatment["kind"])
