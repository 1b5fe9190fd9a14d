"""Programs by step, and the instances that are kept warm: never one for two producers."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from msgspec import Struct

from gateway.errors import GuestFailure, LoadFailure
from gateway.flow import Batch, Step
from gateway.sandbox.compile import CompileError
from gateway.sandbox.engine import Code, Engine
from gateway.sandbox.frame import GuestError, Output
from gateway.sandbox.kind import Asking, Fetch, Guest, LoadError, NotAsked, Program
from gateway.sandbox.kinds import program as program_of


class Run(Struct, frozen=True):
    """What one step gave: its output, and the imports it tried without a grant."""

    output: Output
    denied: Mapping[str, int]


class Pool:
    """Runs steps. Safe for several threads."""

    def __init__(self, engine: Engine, kept: int, fetch: Fetch | None = None) -> None:
        """`kept`: how many idle instances stay warm; the longest unused goes first. `fetch`: what makes requests for
        modules with a grant `http:`; without it they all fail.
        """
        self._engine, self._kept, self._fetch = engine, kept, fetch
        self._modules: dict[str, Code] = {}
        self._idle: dict[tuple[str, Program], Guest] = {}  # the longest unused first; each `pop` is atomic
        self._programs: dict[tuple[str, str], Program] = {}

    def program(self, step: Step, wasm: bytes, secrets: Mapping[str, bytes]) -> Program:
        """The step's program, checked by configuring an instance of it. The same for an equal step.

        Raises LoadError: what isn't a module, a wrong import or export, a configuration that the module refuses.
        """
        fingerprint = hashlib.sha256(repr(sorted(secrets.items())).encode()).hexdigest()
        key = (step.digest, fingerprint)
        if (known := self._programs.get(key)) is not None:
            return known
        try:
            module = self._modules.get(step.sha256) or self._engine.compile(wasm)
            program = program_of(self._engine, module, step, secrets)
            program.fetch = self._fetch or program.fetch
            program.guest()
        except CompileError as error:
            raise LoadError(error.failure, f"not a module that can be compiled: {error}") from None
        except GuestError as error:
            refused = error.failure is GuestFailure.REFUSED_CONFIG
            raise LoadError(LoadFailure.CONFIG if refused else LoadFailure.START, str(error)) from None
        self._modules[step.sha256] = module
        self._programs[key] = program
        return program

    def compile(self, wasm: bytes) -> None:
        """Compile a module that no step has yet, into the engine's cache. Raises CompileError."""
        self._engine.compile(wasm)

    def warm(self, program: Program, producer: str) -> None:
        """Have an instance at hand for the producer's first request, as long as there is room. Raises GuestError."""
        key = (producer, program)
        if program.step.kept and key not in self._idle and len(self._idle) < self._kept:
            self._idle[key] = program.guest()

    def retain(self, programs: frozenset[Program]) -> None:
        """Forget programs, their modules and warm instances, but these; a run under way ends as it began."""
        self._programs = {key: program for key, program in self._programs.items() if program in programs}
        used = {program.step.sha256 for program in programs}
        self._modules = {sha256: module for sha256, module in self._modules.items() if sha256 in used}
        for key in list(self._idle):
            if key[1] not in programs:
                self._idle.pop(key, None)

    def run(
        self,
        program: Program,
        producer: str,
        batch: Batch,
        *,
        ticks: int | None = None,
        hold: bool = False,
        asking: Asking | None = None,
    ) -> Run:
        """One call of a step for one request of `producer`. Raises GuestError, NotAsked, with the attempts in `denied`.

        `ticks`, `hold`, `asking`: see `gateway.sandbox.kind.Guest.transform`.
        """
        key = (producer, program)
        guest = (self._idle.pop(key, None) if program.step.kept else None) or program.guest(ticks=ticks)
        try:
            output = guest.transform(batch, ticks=ticks, hold=hold, asking=asking)
        except (GuestError, NotAsked) as error:
            error.denied = guest.denied
            raise
        if program.step.kept and not guest.worn:
            self._idle[key] = guest
            while len(self._idle) > self._kept:
                self._idle.pop(next(iter(list(self._idle)), key), None)
        return Run(output, guest.denied)
