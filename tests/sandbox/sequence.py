"""Guests that call imports one after the other, written as text: what each answered, what stands in memory then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from gateway.flow import Limits
from gateway.sandbox import host
from gateway.sandbox.engine import Engine
from gateway.sandbox.guest import Guest
from tests.sandbox.making import LIMITS, batch, escaped, program, step

Argument = int | tuple[str, int]  # a number, or ("at", ADDRESS): the i32 that stands there
Call = tuple[Any, ...]  # import, arguments

_ANSWERS = 60000  # where answers are noted, an i32 each
_TYPES = {"i": "i32", "I": "i64"}


class Seen(Struct, frozen=True):
    answers: list[int]  # errno of each call
    memory: bytes  # 64 KiB
    denied: Mapping[str, int]


def run(
    engine: Engine,
    *calls: Call,
    grants: Sequence[str] = (),
    data: Mapping[int, bytes] | None = None,
    secrets: Mapping[str, bytes] | None = None,
    limits: Limits = LIMITS,
) -> Seen:
    """A guest with `grants` that makes these calls once. `data`: what stands in its memory before."""
    guest = guest_of(engine, *calls, grants=grants, data=data, secrets=secrets, limits=limits)
    memory = guest.transform(batch(b"{}")).batch.body
    answers = [
        int.from_bytes(memory[at : at + 4], "little", signed=True)
        for at in range(_ANSWERS, _ANSWERS + 4 * len(calls), 4)
    ]
    return Seen(answers, memory, dict(guest.denied))


def guest_of(
    engine: Engine,
    *calls: Call,
    grants: Sequence[str] = (),
    data: Mapping[int, bytes] | None = None,
    secrets: Mapping[str, bytes] | None = None,
    limits: Limits = LIMITS,
) -> Guest:
    made = step(grants=tuple(sorted(grants)), limits=limits)
    return Guest(program(engine, text(calls, data or {}), secrets=secrets, module_step=made))


def text(calls: Sequence[Call], data: Mapping[int, bytes]) -> str:
    imports = "\n  ".join(import_of(name) for name in dict.fromkeys(name for name, *_ in calls))
    body = "\n    ".join(_call(number, name, arguments) for number, (name, *arguments) in enumerate(calls))
    segments = "\n  ".join(f'(data (i32.const {at}) "{escaped(content)}")' for at, content in data.items())
    return f"""(module
  {imports}
  (memory (export "memory") 4)
  {segments}
  (func (export "mg_alloc") (param i32) (result i32) (i32.const 70000))
  (func (export "mg_configure") (param i32 i32) (result i32) (i32.const 0))
  (func (export "mg_error") (result i64) (i64.const 0))
  (func (export "mg_transform") (param i32 i32) (result i64)
    {body}
    ;; one message, passed: the first 64 KiB of the memory, behind the frame's head at 131072
    (i32.store (i32.const 131072) (i32.const 1))
    (i32.store (i32.const 131084) (i32.const 65536))
    (memory.copy (i32.const 131092) (i32.const 0) (i32.const 65536))
    (i64.const {131072 << 32 | 65536 + 20})))"""


def import_of(name: str) -> str:
    module = "maskgate" if ("maskgate", name) in host._OFFERED else "wasi_snapshot_preview1"
    parameters, results, _ = host._OFFERED[module, name]
    given = " ".join(_TYPES[one] for one in parameters)
    back = " ".join(_TYPES[one] for one in results)
    return f'(import "{module}" "{name}" (func ${name} (param {given}) (result {back})))'


def _call(number: int, name: str, arguments: Sequence[Argument]) -> str:
    return f"(i32.store (i32.const {_ANSWERS + 4 * number}) (call ${name} {value_of(name, arguments)}))"


def value_of(name: str, arguments: Sequence[Argument]) -> str:
    """What is given to an import."""
    module = "maskgate" if ("maskgate", name) in host._OFFERED else "wasi_snapshot_preview1"
    parameters = host._OFFERED[module, name][0]
    assert len(arguments) == len(parameters), f"{name} takes {len(parameters)}"
    return " ".join(_argument(_TYPES[kind], one) for kind, one in zip(parameters, arguments, strict=True))


def _argument(kind: str, argument: Argument) -> str:
    if isinstance(argument, tuple):
        return f"(i32.load (i32.const {argument[1]}))"
    return f"({kind}.const {argument})"
