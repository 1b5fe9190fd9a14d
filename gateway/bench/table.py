"""One measure: what was seen, beside what it is compared with, in the same run."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct, to_builtins
from rich.console import Console
from rich.table import Table


class Row(Struct, frozen=True, kw_only=True):
    measure: str
    target: str
    seen: str  # the ratio, in words
    met: bool
    figures: dict[str, float]  # what the ratio is made of; names say the unit


def print_rows(rows: Sequence[Row]) -> None:
    table = Table("measure", "target", "seen", "", title="make bench", title_justify="left")
    for row in rows:
        table.add_row(row.measure, row.target, row.seen, "[green]met[/]" if row.met else "[red]not met[/]")
    Console(width=150).print(table)


def write(rows: Sequence[Row], machine: dict[str, str], path: Path) -> None:
    path.write_text(json.dumps({"machine": machine, "rows": to_builtins(list(rows))}, indent=2) + "\n")
