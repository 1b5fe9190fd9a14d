"""`maskgate keys`: new API keys, secrets and signing keys. An API key is shown once; the policy keeps its SHA-256."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import secrets
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from gateway.cli.options import Json, SecretsFolder, settings
from gateway.cli.signing import private_key
from gateway.registry import envelope
from gateway.secrets import SECRET_NAME

_KEY_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")  # as schemas/trust.json has it

app = typer.Typer(help="Make API keys, secrets and signing keys.", no_args_is_help=True)


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="Producer or user that the key is for.")],
    json: Json = False,
) -> None:
    """Make an API key of 256 random bits, and the lines for the policy file."""
    key = f"mg_{secrets.token_urlsafe(32)}"
    digest = hashlib.sha256(key.encode()).hexdigest()
    if json:
        typer.echo(msgspec.json.encode({"name": name, "key": key, "sha256": digest}).decode())
        return
    typer.echo(f"The key of {name}; it is not kept anywhere, so hand it over now:\n\n  {key}\n")
    typer.echo(f"For the policy file of {name}:\n\n  credentials:\n    - {{kind: api_key, sha256: {digest}}}")


@app.command()
def signing(
    file: Annotated[
        Path, typer.Argument(help="Where the private key goes: PEM (PKCS #8), readable by its owner alone.")
    ],
    name: Annotated[str, typer.Option(help="How trust.yaml calls it.")] = "our-key",
) -> None:
    """Make an Ed25519 key that signs modules, or a registry's indexes, and the lines for trust.yaml."""
    _check(name)
    pem = envelope.new_private_key()
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        typer.echo(f"{file}: {error.strerror}; nothing was written.", err=True)
        raise typer.Exit(1) from None
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(pem)
    _trusted(file, name)


@app.command()
def public(
    file: Annotated[Path, typer.Argument(help="File of the private key.")],
    name: Annotated[str, typer.Option(help="How trust.yaml calls it.")] = "our-key",
) -> None:
    """Show the public half of a signing key, as trust.yaml has it."""
    _check(name)
    _trusted(file, name)


def _check(name: str) -> None:
    if not _KEY_NAME.fullmatch(name):
        raise typer.BadParameter("a key's name is made of lowercase letters, digits, '.', '_' and '-'")


def _trusted(file: Path, name: str) -> None:
    raw = envelope.public_of(private_key(file))
    public = base64.b64encode(raw).decode()
    typer.echo(f'# key id {envelope.key_id(raw)}\nkeys:\n  {name}: {{ed25519: "{public}", modules: ["*"]}}')


@app.command()
def secret(
    name: Annotated[str, typer.Argument(help="Name by which the policy calls the secret.")],
    encryption: Annotated[
        int | None,
        typer.Option("--encryption", help="For ff1 or siv: an AES key of so many bytes (16, 24, 32, 48 or 64)."),
    ] = None,
    folder: SecretsFolder = None,
) -> None:
    """Make a secret of 256 random bits as a file in the secrets folder. An existing one is never replaced."""
    if encryption not in (None, 16, 24, 32, 48, 64):
        raise typer.BadParameter("an AES key has 16, 24 or 32 bytes, one of AES-SIV 32, 48 or 64")
    if not SECRET_NAME.fullmatch(name):
        raise typer.BadParameter("a secret's name is made of lowercase letters, digits, '.', '_' and '-'")
    path = settings(secrets=folder).secrets
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        descriptor = os.open(path / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        typer.echo(f"{path / name} is there already; it stays as it is.", err=True)
        raise typer.Exit(1) from None
    with os.fdopen(descriptor, "w") as file:
        file.write(f"hex:{secrets.token_hex(encryption)}" if encryption else secrets.token_hex(32))
    typer.echo(f"Wrote {path / name}")
