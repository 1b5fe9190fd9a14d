"""Whether a folder could be served, and if not, why not."""

from __future__ import annotations

from pathlib import Path

from gateway.documents.finding import Finding
from gateway.policy.load import inspect
from gateway.registry.store import ModuleStore


def check(folder: Path, store: ModuleStore) -> list[Finding]:
    """All findings, by file and line; none if the folder can be loaded. Bad content raises nothing."""
    return inspect(folder, store)[1]
