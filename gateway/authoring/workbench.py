"""A module's folder opened in the project's own sandbox, with whatever grants its author gives it."""

from __future__ import annotations

import hashlib
import time
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import IO, Any

import msgspec
from msgspec import Struct

from gateway.documents.finding import Finding, PolicyError
from gateway.documents.source import Document
from gateway.errors import GuestFailure
from gateway.flow import Batch, Limits, Step
from gateway.registry import manifest as manifests
from gateway.registry.manifest import Manifest
from gateway.sandbox.compile import CompileError
from gateway.sandbox.engine import Engine
from gateway.sandbox.frame import GuestError
from gateway.sandbox.kind import Fetch, Guest, LoadError, Program, unrecorded
from gateway.sandbox.kinds import program as program_of

LIMITS = Limits(time=10_000, messages=1_000_000)  # an author waits longer than a producer


class NotAModule(Exception):
    """A folder that can't be opened. The text says why, with the place where there is one."""


class ConfigurationRefused(Exception):
    """The module, or its manifest's schema, doesn't take a configuration."""


class Refused(Struct, frozen=True):
    """A message was refused."""

    code: str
    offset: int | None


Entry = bytes | Refused


class Ran(Struct, frozen=True, kw_only=True):
    """What one call gave: for each message its entries, in order; none: it was dropped."""

    entries: tuple[tuple[Entry, ...], ...]
    report: Mapping[str, int]
    denied: Mapping[str, int]  # imports tried without a grant


class Held(Struct, frozen=True, kw_only=True):
    """What the author grants."""

    secrets: Mapping[str, bytes] = {}
    grants: Sequence[str] = ()
    clock: Callable[[], int] = time.time_ns
    fetch: Fetch | None = None  # without it, requests to hosts fail


class Workbench:
    """One engine, whose traps name file and line, where the module was built to know them."""

    def __init__(self, cache: Path | None = None) -> None:
        self.engine = Engine(cache, traces=True)

    def close(self) -> None:
        self.engine.close()

    def open(self, folder: Path, *, debug: bool = False) -> Module:
        """Raises NotAModule for a manifest or a .wasm that can't be used."""
        path = folder / "manifest.yaml"
        try:
            manifest = manifests.read(path)
        except OSError as error:
            raise NotAModule(f"{path}: {error.strerror}") from None
        except PolicyError as error:
            raise NotAModule(str(error)) from None
        wasm = folder / f"{manifest.module}{'.debug' if debug else ''}.wasm"
        try:
            content = wasm.read_bytes()
        except OSError as error:
            raise NotAModule(f"{wasm}: {error.strerror}; `maskgate modules build` makes it") from None
        return Module(self.engine, folder, manifest, content)


class Module:
    """A built module, compiled."""

    def __init__(self, engine: Engine, folder: Path, manifest: Manifest, wasm: bytes) -> None:
        self.engine, self.folder, self.manifest, self.wasm = engine, folder, manifest, wasm
        self.schema = manifest.schema
        try:
            self._compiled = engine.compile(wasm)
            self._program({}, Held())  # wrong imports and exports are found here
        except (CompileError, LoadError) as error:
            raise NotAModule(f"{folder}: {error}") from None

    def instance(self, config: Mapping[str, Any], held: Held, *, unchecked: bool = False) -> Guest:
        """A configured instance. Raises ConfigurationRefused, GuestError.

        `unchecked`: the manifest's schema isn't asked, and the module alone says what it takes.
        """
        if not unchecked and not self.schema.accepts(config):
            text = msgspec.json.encode(config)
            found: Sequence[Finding] = self.schema.check(Document("with", text), config, ()).findings
            raise ConfigurationRefused("; ".join(finding.message for finding in found))
        try:
            return self._program(config, held).guest()
        except GuestError as error:
            if error.failure is GuestFailure.REFUSED_CONFIG:
                raise ConfigurationRefused(str(error).partition(": ")[2]) from None
            raise

    def _program(self, config: Mapping[str, Any], held: Held) -> Program:
        granted = {*self.manifest.required, *held.grants, *(f"secret:{name}" for name in held.secrets)}
        encoded = msgspec.json.encode(config)
        step = Step(
            module=self.manifest.module,
            version=self.manifest.version,
            sha256=hashlib.sha256(self.wasm).hexdigest(),
            config=encoded,
            abi=self.manifest.abi,
            grants=tuple(sorted(grant for grant in granted if not grant.endswith(":*"))),
            counters=self.manifest.counters | manifests.rule_names(config),
            refusals=self.manifest.refusals,
            splits=self.manifest.splits,
            limits=LIMITS,
        )
        program = program_of(self.engine, self._compiled, step, held.secrets)
        program.clock = held.clock
        program.fetch = held.fetch or program.fetch
        program.traced = True
        return program


def lines(stream: IO[bytes], most: int) -> Iterator[list[bytes]]:
    """The lines of a stream, line feeds kept, in batches of at most `most`."""
    while batch := list(islice(stream, most)):
        yield batch


def run(guest: Guest, messages: Sequence[bytes]) -> Ran:
    """One call with `messages` (at least one). Raises GuestError."""
    output = guest.transform(Batch.of(list(messages)), asking=unrecorded)
    positions = output.positions if output.positions is not None else array("I", range(len(output.batch)))
    found: list[tuple[int, int, Entry]] = [
        *zip(positions, output.sources, output.batch, strict=True),
        *((refused.position, refused.source, Refused(refused.code, refused.offset)) for refused in output.refused),
    ]
    entries: list[list[Entry]] = [[] for _ in messages]
    for _, source, entry in sorted(found, key=lambda item: item[0]):
        entries[source].append(entry)
    return Ran(entries=tuple(map(tuple, entries)), report=dict(output.report), denied=dict(guest.denied))
