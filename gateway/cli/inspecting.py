"""`maskgate modules list | inspect | diff`: what modules there are, what is in one, and what a new version changes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Annotated, Any, NoReturn

import msgspec
import typer
from rich.table import Table
from rich.text import Text

from gateway.authoring import rebuild, scaffold
from gateway.cli.options import Json, Modules, Policies, settings, wide_console
from gateway.cli.signing import parted
from gateway.documents.finding import PolicyError
from gateway.policy import files, load
from gateway.registry import lock
from gateway.registry.binary import Malformed
from gateway.registry.compare import changes
from gateway.registry.layout import names as module_names
from gateway.registry.manifest import Manifest, parse
from gateway.registry.published import Published
from gateway.registry.signing import Trust
from gateway.registry.store import ModuleRefused, ModuleStore, signed
from gateway.registry.wasm import Item, Shape, shape

Wanted = Annotated[str, typer.Argument(help="NAME is the author's own, NAME@VERSION an installed one.")]


def list_(json: Json = False, policies: Policies = None, modules: Modules = None) -> None:
    """List the modules in the module folder: every version, which one is in force, and who signed it."""
    chosen = settings(policies=policies, modules=modules)
    store, trust = ModuleStore(chosen.modules), _trust(chosen.policies)
    try:
        locked = lock.read(chosen.policies / files.LOCK)
    except (PolicyError, OSError):
        locked = {}
    try:
        known = module_names(chosen.modules)
    except OSError as error:
        _fail(error)
    rows = [_row(found, trust, locked.get(found.module, {})) for name in known for found in _versions(store, name)]
    if json:
        typer.echo(msgspec.json.encode(rows).decode())
        return
    table = Table(
        "module", "version", "in force", "signed by", "language", "takes", "asks for", "what it does", box=None
    )
    for row in rows:
        asks = ", ".join([*row["required"], *(f"({name})" for name in row["optional"])])
        cells = (
            row["module"], row["version"], row["state"], ", ".join(row["signed_by"]), row["language"],
            ", ".join(row["accepts"]), asks, row["description"],
        )  # fmt: skip
        table.add_row(*map(_plain, cells))
    wide_console().print(table)


def inspect(
    wanted: Wanted,
    rebuilds: Annotated[
        bool, typer.Option("--rebuild", help="Build the source anew, in a copy, and say whether it is the same.")
    ] = False,
    json: Json = False,
    policies: Policies = None,
    modules: Modules = None,
) -> None:
    """Show what a module is made of, without running it: what it imports, exports and asks for, and who signed it."""
    chosen = settings(policies=policies, modules=modules)
    store = ModuleStore(chosen.modules)
    try:
        found = store.read(*parted(wanted))
        manifest, inside = _parsed(found)
        by: Sequence[str] = signed(found, _trust(chosen.policies))
    except (ModuleRefused, Malformed) as error:
        _fail(error)
    shown: dict[str, Any] = {
        "module": found.module,
        "version": found.version,
        "description": manifest.description,
        "abi": manifest.abi,
        "kind": inside.kind,
        "language": manifest.language,
        "made_with": inside.made_with,
        "size": len(found.wasm),
        "sha256": hashlib.sha256(found.wasm).hexdigest(),
        "manifest": manifest.sha256,
        "signed_by": by,
        "required": manifest.required,
        "optional": manifest.optional,
        "memory": {"least": inside.memory[0], "most": inside.memory[1]} if inside.memory else None,
        "imports": [_item(item) for item in inside.imports],
        "exports": [_item(item) for item in inside.exports],
        "custom_sections": dict(inside.sections),
    }
    if rebuilds:
        try:
            kit = scaffold.sdk(None, chosen.modules)
            shown["rebuilds"] = rebuild.same(store.place(*parted(wanted)), found, kit)
        except (rebuild.NotRebuilt, scaffold.NotMade) as error:
            shown["rebuilds"] = False
            typer.echo(str(error), err=True)
    if json:
        typer.echo(msgspec.json.encode(shown).decode())
    else:
        _print(shown)
    if shown.get("rebuilds") is False:
        raise typer.Exit(1)


def diff(old: Wanted, new: Wanted, json: Json = False, modules: Modules = None) -> None:
    """Show what a version changes against another; first what it asks for that the other did not."""
    store = ModuleStore(settings(modules=modules).modules)
    try:
        before, after = _parsed(store.read(*parted(old))), _parsed(store.read(*parted(new)))
    except (ModuleRefused, Malformed) as error:
        _fail(error)
    found = changes(*before, *after)
    if json:
        typer.echo(msgspec.json.encode(found).decode())
        return
    for change in found:
        typer.echo(f"{change.what}{'   ← asks for more' if change.wants_more else ''}")
        for sign, items in (("-", change.gone), ("+", change.new)):
            for item in items:
                typer.echo(f"  {sign} {_plain(item)}")
    if not found:
        typer.echo("No difference but in the code itself.")


def _versions(store: ModuleStore, name: str) -> list[Published]:
    found = []
    for version in (None, *store.installed(name)):
        try:
            found.append(store.read(name, version))
        except ModuleRefused:
            continue
    return found


def _row(found: Published, trust: Trust, entry: dict[str, Any]) -> dict[str, Any]:
    manifest = parse(f"{found.module}/manifest.yaml", found.manifest)
    try:
        by: Sequence[str] = signed(found, trust)
    except ModuleRefused:
        by = ("NOT RIGHT",)
    digest = hashlib.sha256(found.wasm).hexdigest()
    state = ""
    for name, pinned in (("yes", entry), ("before", entry.get("previous")), ("on trial", entry.get("canary"))):
        if pinned and (pinned["version"], pinned["sha256"]) == (found.version, digest):
            state = state or name
    return {
        **{name: getattr(manifest, name) for name in ("module", "version", "language", "description", "required")},
        "optional": manifest.optional,
        "accepts": sorted(manifest.accepts),
        "sha256": digest,
        "signed_by": by,
        "state": state,
    }


def _parsed(found: Published) -> tuple[Manifest, Shape]:
    """Raises Malformed."""
    return parse(f"{found.module}/manifest.yaml", found.manifest), shape(found.wasm)


def _trust(policies: Any) -> Trust:
    """What the policy set says of signatures; where there is none to be read, nothing counts."""
    try:
        return load.trust(policies)
    except (PolicyError, OSError):
        return Trust()


def _item(item: Item) -> str:
    return " ".join(part for part in (item.name, item.kind if item.kind != "function" else "", item.type) if part)


def _print(shown: dict[str, Any]) -> None:
    table = Table(box=None, show_header=False)
    for name, value in shown.items():
        if isinstance(value, dict):
            text = ", ".join(f"{key} {'any' if one is None else one}" for key, one in value.items())
        elif isinstance(value, (list, tuple)):
            text = "\n".join(str(_plain(str(one))) for one in value)
        elif isinstance(value, bool):
            text = "yes" if value else "NO"
        else:
            text = "none" if value is None else str(value)
        table.add_row(name.replace("_", " "), Text("\n").join(map(_plain, text.split("\n"))))
    wide_console().print(table)


def _plain(text: str) -> Text:
    """What a module says, to be shown: it is nobody's markup, and a terminal obeys none of it."""
    return Text("".join(letter if letter.isprintable() else "\ufffd" for letter in text))


def _fail(error: Exception) -> NoReturn:
    typer.echo(str(error), err=True)
    raise typer.Exit(1)
