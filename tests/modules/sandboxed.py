"""Runs built modules in the gateway's own sandbox, for what their cases (test_cases.py) can't say.

A run that tries what it isn't granted fails, whatever it gives.
"""

import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from gateway.errors import GuestFailure
from gateway.flow import Batch, Limits, RefusalKind, Step
from gateway.sandbox.engine import Engine
from gateway.sandbox.frame import GuestError
from gateway.sandbox.guest import Guest, Program

MODULES = Path(__file__).parents[2] / "modules"
LIMITS = Limits(time=30_000)  # long enough for a module in order on any machine

# What one message became: None where it was dropped, (code, offset) where it was refused, else bytes; or a list.
Entry = bytes | tuple[str, int | None]
Result = Entry | list[Entry] | None

_compiled = tempfile.TemporaryDirectory()


@cache
def engine() -> Engine:
    return Engine(Path(_compiled.name))


class ConfigurationRefused(Exception):
    """`mg_configure` said no; the text is the module's."""


class Sandboxed:
    """A module in `folder`, compiled."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manifest: dict[str, Any] = yaml.safe_load((folder / "manifest.yaml").read_text("utf-8"))
        self.wasm = folder / f"{self.manifest['module']}.wasm"
        self.module = engine().compile(self.wasm.read_bytes())

    def program(
        self,
        configuration: object,
        secrets: Mapping[str, bytes] | None = None,
        grants: Sequence[str] = (),
        limits: Limits = LIMITS,
        clock: Callable[[], int] | None = None,
    ) -> Program:
        """The module with a configuration. It holds what its manifest requires, the secrets, and `grants`.

        `clock`: nanoseconds since 1970, where the module holds the clock.
        """
        asked = self.manifest["capabilities"]["required"]
        step = Step(
            module=self.manifest["module"],
            version=self.manifest["version"],
            sha256="",
            config=configuration if isinstance(configuration, bytes) else json.dumps(configuration).encode(),
            grants=(*asked, *grants, *(f"secret:{name}" for name in secrets or {})),
            counters=frozenset(self.manifest["counters"]) | rule_names(configuration),
            refusals={code: RefusalKind(**kind) for code, kind in self.manifest["refusals"].items()},
            splits=self.manifest.get("splits", False),
            limits=limits,
        )
        program = Program(engine(), self.module, step, secrets or {})
        program.clock = clock or program.clock
        return program

    def run(self, configuration: object, **more: Any) -> "Run":
        """An instance. `configuration` fits the manifest's schema, or the module has to refuse it too."""
        program = self.program(configuration, **more)
        try:
            guest = Guest(program)
        except GuestError as error:
            if error.failure is not GuestFailure.REFUSED_CONFIG:
                raise
            raise ConfigurationRefused(str(error).partition(": ")[2]) from None
        if not isinstance(configuration, bytes):
            jsonschema.validate(configuration, self.manifest["config"], jsonschema.Draft202012Validator)
        return Run(guest)


def rule_names(configuration: object) -> set[str]:
    """The names of a configuration's rules and finds, by which its module may count as well."""
    rules = configuration.get("rules", ()) if isinstance(configuration, dict) else ()
    finds = [find for rule in rules for find in rule.get("scan", {}).get("find", ())]
    return {named["name"] for named in (*rules, *finds) if "name" in named}


class Run:
    """One instance. `report` is that of the last batch."""

    def __init__(self, guest: Guest) -> None:
        self.guest = guest
        self.report: Mapping[str, int] = {}
        assert guest.denied == {}

    def transform(self, messages: Sequence[bytes]) -> list[Result]:
        output = self.guest.transform(Batch.of(list(messages)))
        assert self.guest.denied == {}
        self.report = output.report
        positions = output.positions if output.positions is not None else range(len(output.batch))
        found: list[tuple[int, int, Entry]] = [
            *zip(positions, output.sources, output.batch, strict=True),
            *((refused.position, refused.source, (refused.code, refused.offset)) for refused in output.refused),
        ]
        entries: list[list[Entry]] = [[] for _ in messages]
        for _, source, entry in sorted(found, key=lambda item: item[0]):
            entries[source].append(entry)
        assert sum(not given for given in entries) == output.dropped
        return [given[0] if len(given) == 1 else given or None for given in entries]

    def one(self, message: bytes | str) -> Result:
        (result,) = self.transform([message.encode() if isinstance(message, str) else message])
        return result
