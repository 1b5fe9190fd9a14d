"""Who we are to an OCI registry: credentials of a person or a machine, and the tokens that a registry gives for them.

Sources: RFC 7617 (Basic), RFC 6750 (Bearer), and the token protocol of registries
(https://distribution.github.io/distribution/spec/auth/token/).
"""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import msgspec
from msgspec import Struct

from gateway.registry.exchange import Exchange, parsed, shown
from gateway.registry.sources import SourceFailed

USER, PASSWORD = "MASKGATE_REGISTRY_USER", "MASKGATE_REGISTRY_PASSWORD"

_CONFIG_LIMIT = 1 << 20
_TOKEN_LIMIT = 256 << 10
_SCHEME = re.compile(r"\s*(Basic|Bearer)\b", re.IGNORECASE)
_PARAMETER = re.compile(r'([A-Za-z]{1,32})="([^"]{0,2048})"')
_TOKEN = re.compile(r"[\x21-\x7e]{1,65536}")


class Credentials(Struct, frozen=True, kw_only=True):
    user: str
    password: str

    def __repr__(self) -> str:
        return "Credentials(…)"

    @property
    def basic(self) -> str:
        """The value of an Authorization header."""
        return "Basic " + base64.b64encode(f"{self.user}:{self.password}".encode()).decode()


class _Docker(Struct, frozen=True):
    auths: dict[str, dict[str, Any]] = {}


class _Granted(Struct, frozen=True):
    token: str | None = None
    access_token: str | None = None


def credentials(host: str, environ: Mapping[str, str] = os.environ) -> Credentials | None:
    """Those for a registry's host (`HOST` or `HOST:PORT`): the environment's, else docker's; None where there are none.

    The environment's go to every registry that is named; docker's config.json has them by host. Only what stands in
    that file is read: a credential helper is a program, and none is run. Raises SourceFailed where the file can't be
    read.
    """
    if environ.get(USER) and environ.get(PASSWORD):
        return Credentials(user=environ[USER], password=environ[PASSWORD])
    folder = environ.get("DOCKER_CONFIG") or (environ.get("HOME", "") and f"{environ['HOME']}/.docker")
    return _of_docker(Path(folder) / "config.json", host) if folder else None


def authorization(exchange: Exchange, refused: httpx.Headers, known: Credentials | None) -> str | None:
    """The Authorization header that a registry's 401 asks for; None where it asks for what we don't have.

    A token is asked for where the registry says, with its service and scope, and the credentials if there are some.
    Raises SourceFailed.
    """
    for challenge in refused.get_list("www-authenticate"):
        scheme = _SCHEME.match(challenge)
        if scheme is None:
            continue
        if scheme[1].lower() == "basic":
            return known.basic if known else None
        parameters = {name.lower(): value for name, value in _PARAMETER.findall(challenge)}
        if "realm" in parameters:
            return _token(exchange, parameters, known)
    return None


def _token(exchange: Exchange, parameters: Mapping[str, str], known: Credentials | None) -> str:
    realm = parsed(parameters["realm"])
    asked = {name: parameters[name] for name in ("service", "scope") if name in parameters}
    answer = exchange.ask(
        "GET",
        realm.copy_merge_params(asked),
        limit=_TOKEN_LIMIT,
        secret={"authorization": known.basic} if known else None,
    )
    if answer.status != 200:
        raise SourceFailed(f"{shown(realm)} gives no token: it answers {answer.status}")
    try:
        granted = msgspec.json.decode(answer.body, type=_Granted)
    except (ValueError, RecursionError):
        raise SourceFailed(f"{shown(realm)} answers with what is no token") from None
    token = granted.token or granted.access_token or ""
    if not _TOKEN.fullmatch(token):
        raise SourceFailed(f"{shown(realm)} answers with what is no token")
    return f"Bearer {token}"


def _of_docker(path: Path, host: str) -> Credentials | None:
    try:
        with path.open("rb") as file:
            written = file.read(_CONFIG_LIMIT)
        config = msgspec.json.decode(written, type=_Docker)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError):
        raise SourceFailed(f"{path} can't be read") from None
    entry = config.auths.get(host) or config.auths.get(f"https://{host}") or {}
    try:
        user, colon, password = base64.b64decode(entry.get("auth", ""), validate=True).decode().partition(":")
    except (TypeError, ValueError):
        raise SourceFailed(f"{path}: the entry for {host} can't be read") from None
    return Credentials(user=user, password=password) if colon else None
