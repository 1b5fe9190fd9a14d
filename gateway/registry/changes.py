"""What may be done to one entry of modules.lock: another version in force, back to the one before, one on trial, none.

Each takes the entries that `gateway.registry.lock.editing` gives and changes them in place. Raises NotChanged.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.registry.lock import Entries

_PINNED = ("version", "sha256", "manifest")


class NotChanged(ValueError):
    """The lock doesn't have what is to be changed. The text says what it lacks."""


def upgrade(entries: Entries, name: str, pinned: Mapping[str, str]) -> None:
    """Put the version `pinned` (version, sha256, manifest) in force; the one before can be gone back to."""
    entry = entries.get(name, {})
    before = _pinned(entry) if entry else None
    if before == dict(pinned):
        raise NotChanged(f"module {name}: version {pinned['version']} is in force already")
    entries[name] = {
        **pinned,
        "instances": entry.get("instances", "fresh"),
        **({"previous": before} if before else {}),
    }


def roll_back(entries: Entries, name: str) -> None:
    """Put the version before the last upgrade in force again."""
    entry = _entry(entries, name)
    if "previous" not in entry:
        raise NotChanged(f"module {name}: the lock names no version before {entry['version']}")
    upgrade(entries, name, entry["previous"])


def try_out(entries: Entries, name: str, pinned: Mapping[str, str], **terms: Any) -> None:
    """Have the version `pinned` tried on a share of the requests; `terms` as the schema of modules.lock has them."""
    entry = _entry(entries, name)
    if _pinned(entry) == dict(pinned):
        raise NotChanged(f"module {name}: version {pinned['version']} is in force already")
    other = next((known for known, one in entries.items() if "canary" in one and known != name), None)
    if other is not None:
        raise NotChanged(f"module {other} is on trial already: one at a time")
    entry["canary"] = {**pinned, **{term: value for term, value in terms.items() if value is not None}}


def promote(entries: Entries, name: str, version: str | None = None) -> None:
    """Put the version on trial in force. `version`: only if it is this one."""
    upgrade(entries, name, _pinned(_on_trial(entries, name, version)))


def withdraw(entries: Entries, name: str, version: str | None = None) -> None:
    """End the trial; the version in force stays. `version`: only if it is this one that is on trial."""
    _on_trial(entries, name, version)
    del entries[name]["canary"]


def unload(entries: Entries, name: str) -> None:
    """Take the module out of the lock."""
    _entry(entries, name)
    del entries[name]


def _entry(entries: Entries, name: str) -> dict[str, Any]:
    if name not in entries:
        raise NotChanged(f"module {name} is not in modules.lock")
    return entries[name]


def _on_trial(entries: Entries, name: str, version: str | None) -> dict[str, Any]:
    canary: dict[str, Any] | None = _entry(entries, name).get("canary")
    if canary is None or version not in (None, canary["version"]):
        raise NotChanged(f"module {name}: {'no version' if version is None else version} is on trial")
    return canary


def _pinned(entry: Mapping[str, Any]) -> dict[str, str]:
    return {field: entry[field] for field in _PINNED}
