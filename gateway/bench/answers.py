"""A module whose versions can be told from what they make: every message becomes a text of the version's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import wasmtime

NAME = "answers"
MANIFEST: dict[str, Any] = {
    "module": NAME,
    "abi": "maskgate/1",
    "scope": "message",
    "language": "wat",
    "description": "Makes every message the same text",
    "accepts": ["application/json"],
    "produces": "application/json",
    "refusals": {},
    "config": {"type": "object"},
}


def order(text: str) -> str:
    """An answer that says which version made it."""
    return f'{{"order_id":"{text}"}}'


def wasm(answer: str, before: str = "") -> bytes:
    """The binary of answers.wat. `before`: WebAssembly text that runs before all else."""
    text = Path(__file__).with_suffix(".wat").read_text(encoding="utf-8")
    escaped = answer.replace('"', '\\"')
    for hole, filled in {"answer": escaped, "length": len(answer.encode()), "before": before}.items():
        text = text.replace(f"{{{{{hole}}}}}", str(filled))
    return bytes(wasmtime.wat2wasm(text))
