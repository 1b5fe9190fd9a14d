"""Which kind of guest a step's module is."""

from __future__ import annotations

from collections.abc import Mapping

import wasmtime

from gateway.errors import LoadFailure
from gateway.flow import Step
from gateway.sandbox import command, guest
from gateway.sandbox.component import program as component
from gateway.sandbox.engine import Code, Engine
from gateway.sandbox.kind import LoadError, Program


def program(engine: Engine, code: Code, step: Step, secrets: Mapping[str, bytes]) -> Program:
    """A step's program. `secrets` by name, for the step's `secret:` grants. Raises LoadError."""
    if not isinstance(code, wasmtime.Module):
        if step.abi != "component":
            raise LoadError(LoadFailure.INVALID, f"it is a component, and its manifest says {step.abi}")
        return component.Program(engine, code, step, secrets)
    if step.abi == "component":
        raise LoadError(LoadFailure.INVALID, "it is a core module, and its manifest says component")
    kind = command.Program if step.abi == "wasi-command" else guest.Program
    return kind(engine, code, step, secrets)
