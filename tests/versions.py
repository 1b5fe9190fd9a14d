"""Several versions of one module, each of which makes every message its own text."""

from __future__ import annotations

from typing import Any

import wasmtime
import yaml

from gateway.registry.store import ModuleStore
from tests.building import GUESTS, Place

NAME = "answers"


def wasm(answer: str, before: str = "") -> bytes:
    """A module that makes every message `answer`; `before`: WebAssembly text that runs first."""
    text = (GUESTS / "answers.wat").read_text(encoding="utf-8")
    for hole, filled in {
        "answer": answer.replace('"', '\\"'),
        "length": len(answer.encode()),
        "before": before,
    }.items():
        text = text.replace(f"{{{{{hole}}}}}", str(filled))
    return bytes(wasmtime.wat2wasm(text))


def order(text: str) -> str:
    return f'{{"order_id":"{text}"}}'


def add(place: Place, version: str, content: bytes, **manifest: Any) -> dict[str, str]:
    """Put a version into the module folder; what the lock says of it."""
    folder = place.modules / NAME / version
    folder.mkdir(parents=True)
    described = {
        "module": NAME,
        "version": version,
        "abi": "maskgate/1",
        "scope": "message",
        "language": "wat",
        "description": "A guest of the tests",
        "accepts": ["application/json"],
        "produces": "application/json",
        "refusals": {},
        "config": {"type": "object"},
    } | manifest
    (folder / "manifest.yaml").write_text(yaml.safe_dump(described), encoding="utf-8")
    (folder / f"{NAME}.wasm").write_bytes(content)
    return ModuleStore(place.modules).lock_entry(NAME, version)


def lock(place: Place, entry: dict[str, Any]) -> None:
    locked = place.read("modules.lock")
    locked["modules"][NAME] = {"instances": "fresh", **entry}
    place.write("modules.lock", locked)


def install(place: Place, *versions: str) -> str:
    """Versions that answer with their number; the first is in force. The key of a producer that uses the module."""
    pinned = [add(place, version, wasm(order(version))) for version in versions]
    lock(place, pinned[0])
    place.permit_reading(NAME)
    return place.add_producer("answering", "orders", NAME)
