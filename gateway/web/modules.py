"""`/v1/modules`: which modules are in force and what they hold; and changes of that while messages flow."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, Literal, Protocol, TypeAlias

import msgspec
from msgspec import Meta, Struct

from gateway.changes import Edit
from gateway.errors import BadRequest
from gateway.flow import Credential, Ruling
from gateway.registry import changes
from gateway.registry.install import Installed
from gateway.registry.lock import Entries
from gateway.registry.store import ModuleStore
from gateway.snapshot import Snapshot, steps_of


class Served(Protocol):
    """The worker, as this file sees it."""

    snapshot: Snapshot
    modules: ModuleStore

    async def change(
        self, module: str, action: str, edit: Edit, credential: Credential | None, ruling: Ruling | None
    ) -> None: ...

    async def install(self, wanted: str, registry: str, credential: Credential, ruling: Ruling) -> Installed: ...


_Percent: TypeAlias = Annotated[float, Meta(ge=0, le=100)]


class Wanted(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be installed, and from which registry of trust.yaml."""

    install: str  # NAME, NAME@VERSION or NAME@RANGE
    registry: str


class Change(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What may be asked of a module. `version`: of `upgrade` and `canary`; the rest: of `canary` (see modules.lock)."""

    action: Literal["upgrade", "rollback", "canary", "promote", "withdraw", "unload"]
    version: str | None = None
    share: Annotated[int, Meta(ge=1, le=100)] | None = None
    requests: Annotated[int, Meta(ge=1, le=1_000_000_000)] | None = None
    errors: _Percent | None = None
    differences: _Percent | None = None


_decode = msgspec.json.Decoder(Change).decode


def read(body: bytes) -> Change:
    """Raises BadRequest."""
    try:
        change = _decode(body)
    except msgspec.MsgspecError as error:
        raise BadRequest(f"{error}.") from None
    if (change.version is None) is (change.action in ("upgrade", "canary")):
        raise BadRequest("`version` goes with `upgrade` and `canary`.")
    terms = (change.share, change.requests, change.errors, change.differences)
    given = any(term is not None for term in terms)
    if change.share is None if change.action == "canary" else given:
        raise BadRequest("`share` goes with `canary`, and so do `requests`, `errors` and `differences`.")
    return change


def read_wanted(body: bytes) -> Wanted:
    """Raises BadRequest."""
    try:
        return msgspec.json.decode(body, type=Wanted)
    except msgspec.MsgspecError as error:
        raise BadRequest(f"{error}.") from None


def schema(kind: type[Change] | type[Wanted]) -> dict[str, Any]:
    """The JSON Schema of what may be asked."""
    return next(iter(msgspec.json.schema_components([kind])[1].values()))


def edit(store: ModuleStore, name: str, change: Change) -> Edit:
    """What the change does to modules.lock."""
    simple: dict[str, Callable[..., None]] = {
        "rollback": changes.roll_back,
        "promote": changes.promote,
        "withdraw": changes.withdraw,
        "unload": changes.unload,
    }
    if change.action in simple:
        return partial(simple[change.action], name=name)

    def to_version(entries: Entries) -> None:
        pinned = store.lock_entry(name, change.version)
        if change.action == "upgrade":
            changes.upgrade(entries, name, pinned)
        else:
            terms = {term: getattr(change, term) for term in ("share", "requests", "errors", "differences")}
            changes.try_out(entries, name, pinned, **terms)

    return to_version


def shown(snapshot: Snapshot, store: ModuleStore) -> list[dict[str, Any]]:
    """The modules of the lock, by name; `installed`: the versions that could be put in force at once."""
    granted: dict[str, set[str]] = {}
    for route in snapshot.routes.values():
        for step in steps_of(route):
            granted.setdefault(step.module, set()).update(step.grants)
    return [
        {
            "module": name,
            "version": module.manifest.version,
            "sha256": module.sha256,
            "manifest": module.manifest.sha256,
            "abi": module.manifest.abi,
            "language": module.manifest.language,
            "instances": "kept" if snapshot.policy.lock[name].kept else "fresh",
            "asks": {"required": module.manifest.required, "optional": module.manifest.optional},
            "granted": sorted(granted.get(name, ())),
            "signed_by": module.signed_by,
            "installed": store.installed(name),
            "canary": _canary(snapshot, name),
        }
        for name, module in sorted(snapshot.loaded.modules.items())
    ]


def _canary(snapshot: Snapshot, name: str) -> dict[str, Any] | None:
    canary = snapshot.canary
    if canary is None or canary.entry.module != name:
        return None
    terms = canary.candidate.canary
    return {
        "version": canary.entry.version,
        "sha256": canary.entry.sha256,
        "share": terms.share,
        "requests": terms.requests,
        "errors": terms.errors,
        "differences": terms.differences,
        "results": {result: canary.results[result] for result in ("same", "differs", "failed")},
        "verdict": canary.verdict,
    }
