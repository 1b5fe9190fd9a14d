"""What `maskgate modules test` and `maskgate modules run` show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

import typer
from msgspec import Struct
from rich.table import Table

from gateway.authoring.cases import Result
from gateway.authoring.workbench import Ran, Refused
from gateway.cli.options import wide_console


class Tested(Struct, frozen=True, kw_only=True):
    """One module's results. `unshown`: refusals of its manifest that no case of its shows."""

    module: str
    results: Sequence[Result]
    unshown: Sequence[str]

    @property
    def failed(self) -> list[Result]:
        return [result for result in self.results if not result.passed]

    def rows(self) -> Iterator[dict[str, Any]]:
        for result in self.results:
            case = result.case
            where = {"file": case.place.file, "line": case.place.line}
            yield {
                "module": self.module,
                "name": case.name,
                **where,
                "passed": result.passed,
                "reasons": result.reasons,
            }


def print_tested(tested: Sequence[Tested]) -> None:
    """What failed and how, then a line for each module."""
    for result in [result for one in tested for result in one.failed]:
        place = result.case.place
        typer.echo(f"{place.file}:{place.line}:{place.column}: {result.case.name}")
        for reason in result.reasons:
            typer.echo("    " + reason.replace("\n", "\n    "))
    table = Table("module", "passed", "failed", "refusals that no case shows", box=None)
    for one in tested:
        passed = len(one.results) - len(one.failed)
        table.add_row(one.module, str(passed), str(len(one.failed)), ", ".join(one.unshown))
    wide_console().print(table)


class Passing:
    """Writes what passes as it comes, and counts the rest for the end."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self.messages = self._passed = self._dropped = self.refused = 0
        self._report, self._denied = Counter[str](), Counter[str]()

    def add(self, ran: Ran) -> None:
        """One call's messages. A refusal goes to standard error, with the message's number (from 0)."""
        for entries in ran.entries:
            self._dropped += not entries
            for entry in entries:
                self._add(entry)
            self.messages += 1
        self._out.flush()
        self._report.update(ran.report)
        self._denied.update(ran.denied)

    def _add(self, entry: bytes | Refused) -> None:
        if isinstance(entry, Refused):
            self.refused += 1
            where = "" if entry.offset is None else f" at byte {entry.offset}"
            typer.echo(f"message {self.messages}: {entry.code}{where}", err=True)
        else:
            self._passed += 1
            self._out.write(entry if entry.endswith(b"\n") else entry + b"\n")

    def print_counts(self) -> None:
        """To standard error: what became of the messages, what the module counted, what it tried without a grant."""
        outcomes = {"passed": self._passed, "dropped": self._dropped, "refused": self.refused}
        typer.echo(f"{self.messages} messages: " + ", ".join(f"{n} {name}" for name, n in outcomes.items()), err=True)
        if self._report:
            typer.echo("counted: " + ", ".join(f"{n} {name}" for name, n in sorted(self._report.items())), err=True)
        if self._denied:
            typer.echo("tried without a grant: " + ", ".join(sorted(self._denied)), err=True)
