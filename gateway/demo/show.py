"""What the demo prints."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from rich.columns import Columns
from rich.console import Console, RenderableType
from rich.markup import escape
from rich.panel import Panel
from rich.syntax import Syntax
from rich.table import Table

from gateway.demo.served import AUDITOR_KEY, SECURITY_KEY, SHOP_KEY, Served
from gateway.demo.truth import Claim

_SIDE_BY_SIDE = 150  # columns of a terminal from which messages stand beside each other
_ADDRESSES = 2


class Pace(Struct, frozen=True, kw_only=True):
    """How fast something went: bytes as they were before compression, seconds of the clock."""

    what: str
    messages: int
    bytes: int
    seconds: float


def message(console: Console, title: str, before: Any, after: dict[str, Any]) -> None:
    """One message as it came, and as each destination got it."""
    console.rule(f"[bold]{title}")
    panels = [_json("the producer sent", _shortened(before), "red")]
    panels += [_json(f"{destination} got", value, "green") for destination, value in after.items()]
    if console.width >= _SIDE_BY_SIDE:
        width = console.width // len(panels) - 1
        console.print(Columns(panels, width=width))
    else:
        for panel in panels:
            console.print(panel)


def decision(console: Console, record: dict[str, Any]) -> None:
    """A decision as the auditor reads it, shortened to what happened."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim")
    table.add_column()
    for name, value in (
        ("decision", record["id"]),
        ("at", record["time"]),
        ("producer", f"{record['producer']}, by its credential {record['credential']}, from {record['client']}"),
        ("stream", f"{record['stream']}, {record['messages']} message, {record['bytes_in']} bytes"),
        ("outcome", f"{record['outcome']} by {', '.join(record['policies'])}"),
        ("policy set", record["revision"]),
        ("input", f"{record['input']} (HMAC: who holds the message can find this record)"),
    ):
        table.add_row(name, escape(str(value)))
    parts: list[RenderableType] = [table]
    parts += [_plan(plan, record["deliveries"][plan["destination"]]) for plan in record["plans"]]
    grid = Table.grid(padding=(1, 0))
    for part in parts:
        grid.add_row(part)
    console.print(Panel(grid, title=f"its decision, from GET /v1/decisions/{record['id']}", border_style="blue"))


def paces(console: Console, found: Sequence[Pace]) -> None:
    table = Table("sent by one client", "messages", "messages/s", "MB/s", title="throughput", title_justify="left")
    for column in table.columns[1:]:
        column.justify = "right"
    for pace in found:
        table.add_row(
            pace.what,
            f"{pace.messages:,}",
            f"{pace.messages / pace.seconds:,.0f}",
            f"{pace.bytes / pace.seconds / 1e6:,.1f}",
        )
    console.print(table)


def claims(console: Console, found: Sequence[Claim]) -> None:
    for claim in found:
        console.print(f"[green]✓[/] {claim.text}" if claim.holds else f"[bold red]✗ {claim.text}[/]")
        for reason in claim.against[:10]:
            console.print(f"    {escape(reason)}")


def next_steps(console: Console, served: Served) -> None:
    """Lines to copy: they aren't wrapped."""
    console.rule("[bold]the gateway is running")
    order = '{"order_id": "W-1", "customer": {"email": "you@example.com", "phone": "+49 221 5550147"}}'
    lines = (
        ("send an order", f"curl -s {served.address}/v1/streams/orders/messages \\\n"
         f"  -H 'Authorization: Bearer {SHOP_KEY}' -H 'Content-Type: application/json' \\\n  -d '{order}'"),
        ("see what analytics and crm got", f"tail -n 1 {served.folder}/data/destinations/*/*.ndjson"),
        ("ask why", f"curl -s '{served.address}/v1/decisions?stream=orders&limit=1' "
         f"-H 'Authorization: Bearer {AUDITOR_KEY}'"),
        ("see what is loaded; change policies/release.cedar, and it is another a moment later",
         f"curl -s {served.address}/v1/policies -H 'Authorization: Bearer {SECURITY_KEY}'"),
        ("look up the rest", f"curl -s {served.address}/openapi.json"),
    )  # fmt: skip
    for what, command in lines:
        console.print(f"[dim]# {what}[/]", highlight=False)
        console.print(command, markup=False, highlight=False, soft_wrap=True)
    console.print("[bold]Ctrl-C ends it and removes its folder.")


def _shortened(value: Any) -> Any:
    """A webhook has dozens of addresses for each person and repository: two of each are shown."""
    if isinstance(value, list):
        return [_shortened(child) for child in value]
    if not isinstance(value, dict):
        return value
    addresses = [key for key in value if key.endswith("_url")]
    shown = {key: _shortened(child) for key, child in value.items() if key not in addresses[_ADDRESSES:]}
    if len(addresses) > _ADDRESSES:
        shown["…"] = f"{len(addresses) - _ADDRESSES} more addresses like these"
    return shown


def _json(title: str, value: Any, style: str) -> Panel:
    text = json.dumps(value, ensure_ascii=False, indent=2)
    return Panel(Syntax(text, "json", word_wrap=True, background_color="default"), title=title, border_style=style)


def _plan(plan: dict[str, Any], delivery: dict[str, Any]) -> Table:
    steps = "; ".join(
        f"{step['module']} {step['version']} ({step['sha256'][:12]}…), {step['microseconds']} µs"
        + (f", holds {', '.join(step['grants'])}" if step["grants"] else "")
        for step in plan["steps"]
    )
    table = Table(
        "class", "values", "treatment", "because",
        title=escape(f"{plan['destination']}: {steps}"), title_justify="left", title_style="bold", box=None,
        caption=escape(
            f"dropped because no field lists them: {plan['unlisted']}; {plan['bytes']} bytes out, "
            f"{delivery['state']}: {delivery.get('receipt', '')}"
        ),
        caption_justify="left",
    )  # fmt: skip
    for found in plan["classes"]:
        if found["fields"]:
            released = found["treatment"] == "keep"
            table.add_row(
                found["name"],
                str(found["fields"]),
                "[yellow]in clear[/]" if released else found["treatment"],
                ", ".join(found["policies"]) or "no policy releases it",
            )
    return table
