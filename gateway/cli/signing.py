"""`maskgate modules sign | verify`: signatures under modules, and whether they count."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.cli.options import Modules, Policies, settings
from gateway.documents.finding import PolicyError
from gateway.policy import load
from gateway.registry import envelope, files, layout, signing
from gateway.registry.store import ModuleRefused, ModuleStore, signed

_KEY_LIMIT = 16 << 10  # bytes of a key's file

Wanted = Annotated[list[str], typer.Argument(help="Modules: NAME is the author's own, NAME@VERSION an installed one.")]
KeyFile = Annotated[Path, typer.Option("--key", help="File of the private key (`maskgate keys signing` makes one).")]


def sign(names: Wanted, key: KeyFile, modules: Modules = None) -> None:
    """Sign modules: the digests of manifest and code. Signatures of other keys for the same files stay."""
    private = private_key(key)
    store = ModuleStore(settings(modules=modules).modules)
    for wanted in names:
        name, version = parted(wanted)
        try:
            found = store.read(name, version)
            made = signing.sign(found.module, found.version, found.manifest, found.wasm, private, found.signatures)
            files.replace(store.place(name, version) / layout.SIGNATURES, made)
        except (ModuleRefused, OSError) as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(1) from None
        typer.echo(f"{name} {found.version}: signed with key {envelope.key_id(envelope.public_of(private))}")


def verify(names: Wanted, policies: Policies = None, modules: Modules = None) -> None:
    """Say whose signatures count under modules, by the policy set's trust.yaml; exit 1 if there is none under one."""
    chosen = settings(policies=policies, modules=modules)
    store = ModuleStore(chosen.modules)
    try:
        trust = load.trust(chosen.policies)
    except (PolicyError, OSError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    lacking = False
    for wanted in names:
        try:
            found = store.read(*parted(wanted))
            by = signed(found, trust)
        except ModuleRefused as error:
            typer.echo(str(error), err=True)
            lacking = True
            continue
        lacking |= not by
        typer.echo(
            f"{found.module} {found.version}: {'signed by ' + ', '.join(by) if by else 'no signature that counts'}"
        )
    if lacking:
        raise typer.Exit(1)


def parted(wanted: str) -> tuple[str, str | None]:
    """`NAME@VERSION` and `NAME`, apart."""
    name, _, version = wanted.partition("@")
    return name, version or None


def private_key(path: Path) -> Ed25519PrivateKey:
    """A key of a file, or the end of the command with what is wrong with it."""
    try:
        return envelope.private_key(files.read(path, _KEY_LIMIT, links=True))
    except OSError as error:
        typer.echo(f"{path}: {error.strerror}", err=True)
    except ValueError as error:
        typer.echo(f"{path}: {error}", err=True)
    raise typer.Exit(2)
