"""Guests made of the .wat files beside this, and the steps that they serve."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import wasmtime

from gateway.flow import Batch, Limits, RefusalKind, Step
from gateway.sandbox.engine import Engine
from gateway.sandbox.guest import Program

GUESTS = Path(__file__).parent / "guests"
LIMITS = Limits(time=5000, memory=1 << 20, messages=100)  # long enough for a guest in order on any machine
HASTY = Limits(time=50, memory=LIMITS.memory, messages=100)  # for those that never end
REFUSALS = {"too_deep": RefusalKind(status=422, title="Too deep")}
COUNTERS = frozenset({"unlisted", "pii.email"})
PRODUCER, OTHER = "web-shop", "github"

_HOLE = re.compile(r"\{\{(\w+):(.*?)\}\}", re.DOTALL)


def wat(name: str, /, **holes: object) -> str:
    """The text of a guest. A hole `{{name:default}}` in it takes what is given under its name."""
    text = (GUESTS / f"{name}.wat").read_text(encoding="utf-8")
    names = {match[1] for match in _HOLE.finditer(text)}
    assert holes.keys() <= names, f"{name}.wat has no hole {holes.keys() - names}"
    return _HOLE.sub(lambda match: str(holes.get(match[1], match[2])), text)


def wasm(name: str, /, **holes: object) -> bytes:
    return bytes(wasmtime.wat2wasm(wat(name, **holes)))


def does(name: str) -> str:
    """The function $misbehave of that name."""
    return (GUESTS / "does" / f"{name}.wat").read_text(encoding="utf-8")


def escaped(content: bytes) -> str:
    """Bytes as a WAT string has them."""
    return "".join(f"\\{byte:02x}" for byte in content)


def step(**given: Any) -> Step:
    fields: dict[str, Any] = {
        "module": "guest",
        "version": "1.0.0",
        "sha256": "",
        "config": b"{}",
        "counters": COUNTERS,
        "refusals": REFUSALS,
        "limits": LIMITS,
    }
    return Step(**(fields | given))


def program(
    engine: Engine, text: str, *, secrets: Mapping[str, bytes] | None = None, module_step: Step | None = None
) -> Program:
    """A program compiled from text, in this process."""
    return Program(engine, wasmtime.Module(engine.wasmtime, text), module_step or step(), secrets or {})


def batch(*messages: bytes) -> Batch:
    return Batch.of(list(messages))


def u32(*numbers: int) -> bytes:
    return b"".join(number.to_bytes(4, "little") for number in numbers)


def frame(
    entries: list[tuple[int, int, int]], body: bytes = b"", report: bytes = b"", *, count: int | None = None
) -> bytes:
    """What mg_transform returns: `entries` are (source, status, end)."""
    table = b"".join(u32(*entry) for entry in entries)
    return u32(len(entries) if count is None else count) + table + u32(len(report)) + report + body
