"""A module's manifest: the whole contract of a module, in `manifest.yaml` beside its `.wasm`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from msgspec import Struct, field

from gateway.flow import RefusalKind


class Manifest(Struct, frozen=True, kw_only=True):
    module: str
    version: str
    abi: str  # maskgate/1
    scope: Literal["message", "batch"]
    language: str
    description: str
    required: tuple[str, ...] = ()  # capabilities asked for; "secret:*": the names come from the configuration
    optional: tuple[str, ...] = ()
    accepts: frozenset[str]  # media types of the messages in
    produces: str
    splits: bool = False
    counters: frozenset[str] = frozenset()
    refusals: Mapping[str, RefusalKind] = field(default_factory=dict)
    config: Mapping[str, Any] = field(default_factory=dict)  # JSON Schema 2020-12
    sha256: str  # of manifest.yaml, lowercase hex


def read(path: Path) -> Manifest:
    """Raises PolicyError with the findings, OSError where there is no such file."""
    raise NotImplementedError
