"""Several versions of one module, each of which makes every message its own text."""

from __future__ import annotations

from typing import Any

import yaml

from gateway.bench.answers import MANIFEST, NAME, order, wasm
from gateway.registry.store import ModuleStore
from tests.building import Place


def add(place: Place, version: str, content: bytes, **manifest: Any) -> dict[str, str]:
    """Put a version into the module folder; what the lock says of it."""
    folder = place.modules / NAME / version
    folder.mkdir(parents=True)
    described = {**MANIFEST, "version": version, **manifest}
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
