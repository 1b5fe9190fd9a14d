"""`maskgate modules publish | yank | install | gc`: modules into registries, and from there into a module folder."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from gateway.cli.options import Json, Modules, Policies, settings
from gateway.cli.signing import KeyFile, parted, private_key
from gateway.documents.finding import PolicyError
from gateway.policy import files, load
from gateway.registry import install as installing
from gateway.registry import layout, lock
from gateway.registry.addresses import source, target
from gateway.registry.changes import NotChanged, upgrade
from gateway.registry.folder import NotPublished
from gateway.registry.install import Installed, NotInstalled
from gateway.registry.signing import RegistryAddress, Trust
from gateway.registry.sources import SourceFailed
from gateway.registry.store import ModuleRefused, ModuleStore

To = Annotated[str, typer.Option("--to", help="The registry: a folder, oci://HOST/PREFIX, or oci-layout:PATH.")]


def publish(
    names: Annotated[list[str], typer.Argument(help="NAME is the author's own, NAME@VERSION an installed one.")],
    to: To,
    registry_key: Annotated[
        Path | None, typer.Option(help="File of the registry's private key, which signs its indexes.")
    ] = None,
    modules: Modules = None,
) -> None:
    """Publish modules with their signatures. A version that is there with other bytes is never replaced."""
    store = ModuleStore(settings(modules=modules).modules)
    key = private_key(registry_key) if registry_key else None
    try:
        registry = target(to)
        for wanted in names:
            found = store.read(*parted(wanted))
            new = registry.publish(found, key)
            signed = "" if found.signatures else ", unsigned"
            typer.echo(f"{found.module} {found.version}: {'published' if new else 'is there already'}{signed}")
    except (NotPublished, SourceFailed, ModuleRefused) as error:
        _fail(error)


def yank(
    wanted: Annotated[str, typer.Argument(help="NAME@VERSION.")],
    to: To,
    key: KeyFile,
    reason: Annotated[str, typer.Option(help="Why; whoever asks for the version is told.")] = "withdrawn",
    undo: Annotated[bool, typer.Option("--undo", help="Take it back.")] = False,
) -> None:
    """Withdraw a version: it is installed only where a lock has it already. Its bytes stay."""
    name, version = parted(wanted)
    if version is None:
        raise typer.BadParameter("NAME@VERSION")
    try:
        target(to).yank(name, version, None if undo else reason, private_key(key))
    except (NotPublished, SourceFailed) as error:
        _fail(error)
    typer.echo(f"{name} {version}: {'there again' if undo else 'withdrawn'}")


def install(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="NAME, NAME@1.2.3, NAME@^1.2 or NAME@~1.2; none: what modules.lock names, exactly."),
    ] = None,
    registry: Annotated[
        str | None, typer.Option("--from", help="A registry of trust.yaml by its name, or its address.")
    ] = None,
    use: Annotated[bool, typer.Option("--use", help="Put what is installed in force, too (modules.lock).")] = False,
    json: Json = False,
    policies: Policies = None,
    modules: Modules = None,
) -> None:
    """Install modules into the module folder, verified: index, digests, signatures. Nothing is put in force by that."""
    chosen = settings(policies=policies, modules=modules)
    done: list[Installed] = []
    failed: Exception | None = None
    try:
        trust = load.trust(chosen.policies)
        locked = lock.read(chosen.policies / files.LOCK)
        address = _address(trust, registry)
        wanted = [(*parted(name), None) for name in names] if names else _lacking(locked, ModuleStore(chosen.modules))
        for name, version, pinned in wanted:
            done.append(
                installing.install(
                    source(address.source),
                    name,
                    version or "*",
                    chosen.modules,
                    trust=trust,
                    registry_key=address.public,
                    pinned=pinned,
                )
            )
        if use and names:
            _use(chosen.policies, ModuleStore(chosen.modules), done)
    except (NotInstalled, SourceFailed, PolicyError, NotChanged, ModuleRefused, OSError) as error:
        failed = error
    if json:
        typer.echo(msgspec.json.encode(done).decode())
    for one in done if not json else ():
        by = f"signed by {', '.join(one.signed_by)}" if one.signed_by else "no signature that counts"
        typer.echo(f"{one.module} {one.version}: {'installed' if one.new else 'is there already'}, {by}")
    if failed is not None:
        _fail(failed)


def gc(
    delete: Annotated[bool, typer.Option("--delete", help="Delete them; without it they are only listed.")] = False,
    policies: Policies = None,
    modules: Modules = None,
) -> None:
    """List, or delete, installed versions that modules.lock doesn't name: in force, before it, or on trial."""
    chosen = settings(policies=policies, modules=modules)
    path, store = chosen.policies / files.LOCK, ModuleStore(chosen.modules)
    try:
        path.stat()  # of a folder that has no lock nothing is in force, and nothing is said by that
        # Nobody puts a version in force meanwhile, or adds one.
        with lock.editing(path) if delete else nullcontext(lock.read(path)) as locked:
            for name in layout.names(chosen.modules):
                entry = locked.get(name, {})
                used = {one["version"] for one in (entry, entry.get("previous"), entry.get("canary")) if one}
                for version in store.installed(name):
                    if version in used:
                        continue
                    if delete:
                        with layout.held(chosen.modules, name) as folder:
                            layout.remove(folder, version)
                    typer.echo(f"{name} {version}")
    except (PolicyError, OSError) as error:
        _fail(error)


def _address(trust: Trust, given: str | None) -> RegistryAddress:
    """Raises NotInstalled."""
    if given is not None:
        # One that trust.yaml names has the key that stands there, by whichever name it goes.
        same = (one for one in trust.registries.values() if one.source.rstrip("/") == given.rstrip("/"))
        return trust.registries.get(given) or next(same, RegistryAddress(source=given, public=None))
    if len(trust.registries) != 1:
        raise NotInstalled(f"say which registry with --from: trust.yaml names {', '.join(trust.registries) or 'none'}")
    return next(iter(trust.registries.values()))


def _lacking(locked: lock.Entries, store: ModuleStore) -> list[tuple[str, str | None, Any]]:
    """What the lock names (in force, before it, and on trial) and the module folder hasn't."""
    return [
        (name, None, one)
        for name, entry in locked.items()
        for one in (entry, entry.get("previous"), entry.get("canary"))
        if one and not _has(store, name, one)
    ]


def _has(store: ModuleStore, name: str, pinned: Any) -> bool:
    try:
        store.find(name, pinned["version"], pinned["sha256"], pinned["manifest"])
    except ModuleRefused:
        return False
    return True


def _use(policies: Path, store: ModuleStore, done: list[Installed]) -> None:
    """Raises PolicyError, NotChanged, ModuleRefused, OSError."""
    with lock.editing(policies / files.LOCK) as entries:
        for one in done:
            pinned = {"version": one.version, "sha256": one.sha256, "manifest": one.manifest}
            if any(entries.get(one.module, {}).get(field) != value for field, value in pinned.items()):
                upgrade(entries, one.module, pinned)
        load.load(policies, store, lock=lock.encode(entries))


def _fail(error: Exception) -> Any:
    typer.echo(str(error), err=True)
    raise typer.Exit(1)
