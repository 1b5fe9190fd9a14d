"""`maskgate modules upgrade | rollback | canary | promote | withdraw | unload`: which version of a module is in force.

They change modules.lock in the policy folder, once the policy set has been checked with it; a gateway that watches the
folder then serves it. With `--gateway` they ask a running gateway to do so, which records who asked.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import httpx
import msgspec
import typer
from msgspec import Struct

from gateway.cli.options import Modules, Policies, settings
from gateway.documents.finding import PolicyError
from gateway.errors import BadRequest
from gateway.policy import files, load
from gateway.registry import lock
from gateway.registry.changes import NotChanged
from gateway.registry.store import ModuleRefused, ModuleStore
from gateway.web import modules as changing

_KEY = "MASKGATE_API_KEY"
_NOT_ASKED = (httpx.HTTPError, httpx.InvalidURL)
_TIMEOUT = 120  # seconds: a large module may have to be compiled


class _Problem(Struct, frozen=True):
    detail: str


Name = Annotated[str, typer.Argument(help="Name of the module.")]
Version = Annotated[str, typer.Argument(help="One that is installed.")]
Gateway = Annotated[
    str | None, typer.Option(help=f"Address of a running gateway that is to do it; {_KEY} holds the user's API key.")
]


def upgrade(
    name: Name, version: Version, gateway: Gateway = None, policies: Policies = None, modules: Modules = None
) -> None:
    """Put a version in force; the one before can be gone back to."""
    _change(name, gateway, policies, modules, action="upgrade", version=version)


def rollback(name: Name, gateway: Gateway = None, policies: Policies = None, modules: Modules = None) -> None:
    """Put the version before the last upgrade in force again."""
    _change(name, gateway, policies, modules, action="rollback")


def canary(
    name: Name,
    version: Version,
    share: Annotated[int, typer.Option(help="Percent of each stream's requests that both versions run.")],
    requests: Annotated[
        int | None, typer.Option(help="So many of them decide, in each worker. [default: 1000]")
    ] = None,
    errors: Annotated[float | None, typer.Option(help="Percent of them that may fail. [default: 0]")] = None,
    differences: Annotated[
        float | None, typer.Option(help="Percent of them that may come out otherwise. [default: 0]")
    ] = None,
    gateway: Gateway = None,
    policies: Policies = None,
    modules: Modules = None,
) -> None:
    """Try a version on a share of the requests, beside the one in force; what is seen promotes it or withdraws it."""
    terms = {"share": share, "requests": requests, "errors": errors, "differences": differences}
    given = {term: value for term, value in terms.items() if value is not None}
    _change(name, gateway, policies, modules, action="canary", version=version, **given)


def promote(name: Name, gateway: Gateway = None, policies: Policies = None, modules: Modules = None) -> None:
    """Put the version on trial in force."""
    _change(name, gateway, policies, modules, action="promote")


def withdraw(name: Name, gateway: Gateway = None, policies: Policies = None, modules: Modules = None) -> None:
    """End a trial; the version in force stays."""
    _change(name, gateway, policies, modules, action="withdraw")


def unload(name: Name, gateway: Gateway = None, policies: Policies = None, modules: Modules = None) -> None:
    """Take a module that no step uses out of modules.lock."""
    _change(name, gateway, policies, modules, action="unload")


def _change(name: str, gateway: str | None, policies: Path | None, modules: Path | None, **asked: Any) -> None:
    body = msgspec.json.encode(asked)
    try:
        change = changing.read(body)
        if gateway is not None:
            _ask(gateway, name, body)
        else:
            _write(name, change, policies, modules)
    except (BadRequest, NotChanged, ModuleRefused, PolicyError, OSError, *_NOT_ASKED) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    typer.echo(f"{name}: {asked['action']} {asked.get('version', '')}".rstrip())


def _write(name: str, change: changing.Change, policies: Path | None, modules: Path | None) -> None:
    chosen = settings(policies=policies, modules=modules)
    store = ModuleStore(chosen.modules)
    with lock.editing(chosen.policies / files.LOCK) as entries:
        changing.edit(store, name, change)(entries)
        load.load(chosen.policies, store, lock=lock.encode(entries))


def _ask(gateway: str, name: str, body: bytes) -> None:
    key = os.environ.get(_KEY) or typer.prompt("API key", hide_input=True)
    if not (key.isascii() and key.isprintable()):  # httpx would quote it
        raise NotChanged(f"{_KEY} holds what can't be an API key.")
    headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
    url = f"{gateway.rstrip('/')}/v1/modules/{quote(name, safe='')}"
    answer = httpx.post(url, content=body, headers=headers, timeout=_TIMEOUT)
    if not answer.is_success:
        raise NotChanged(_detail(answer) or f"The gateway answered {answer.status_code}.")


def _detail(answer: httpx.Response) -> str:
    """What a problem (RFC 9457) says; empty where it is none."""
    try:
        return msgspec.json.decode(answer.content, type=_Problem).detail
    except (ValueError, RecursionError):
        return ""
