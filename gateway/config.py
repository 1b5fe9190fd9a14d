"""Every setting of the gateway: one list that gives the defaults, the environment, the command line and the docs.

A setting `data` is read from `--data`, else from `MASKGATE_DATA`, else its default holds.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, TypeAlias

Network: TypeAlias = IPv4Network | IPv6Network


def _setting(default: Any, help: str) -> Any:
    return field(default=default, metadata={"help": help})


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """Limits that a stream's policy can set are in the policy; here is what belongs to the process."""

    policies: Path = _setting(Path("policies"), "Folder of the policy set")
    modules: Path = _setting(Path("modules"), "Folder of the modules")
    data: Path = _setting(Path("data"), "Folder for the decision log, file destinations and compiled modules")
    secrets: Path = _setting(Path("secrets"), "Folder with one file a secret; MASKGATE_SECRET_NAME overrides a file")
    host: str = _setting("127.0.0.1", "Address to listen on")
    port: int = _setting(8080, "Port to listen on")
    workers: int = _setting(1, "Worker processes")
    sandbox_threads: int = _setting(2, "Threads that run modules, in each worker")
    tick: int = _setting(5, "Milliseconds between ticks of the sandbox clock; deadlines are whole ticks")
    kept_instances: int = _setting(256, "Module instances kept warm, in each worker")
    http_threads: int = _setting(16, "Threads that run modules which speak to hosts, in each worker")
    http_time: int = _setting(2000, "Milliseconds for all the requests to hosts that one batch leads to")
    http_inside: str = _setting(
        "",
        "Networks (CIDR, separated by commas) that modules may speak to although they are not public; http without TLS "
        "goes there and nowhere else",
    )
    breaker_failures: int = _setting(
        20, "Failures of modules in a row after which a producer's stream is refused at once"
    )
    breaker_time: int = _setting(
        1000, "Milliseconds until it is tried again; each failure then doubles them, up to a minute"
    )
    body_timeout: int = _setting(15, "Seconds within which a request's body must have come in")
    producer_inflight: int = _setting(512, "Requests in flight for one producer in one worker; more are answered 429")
    inflight_bytes: int = _setting(256 << 20, "Bytes of bodies in flight in one worker; more are answered 503")
    grace: int = _setting(20, "Seconds that a stopping gateway gives to the requests in flight")
    watch: bool = _setting(True, "Reload the policy set when its files change")
    log_level: str = _setting("info", "debug, info, warning or error")

    @classmethod
    def read(cls, environ: Mapping[str, str] = os.environ, **given: Any) -> Settings:
        """Settings from `given` (None: not given), else the environment, else the defaults.

        Raises ValueError, naming the variable, for a value of the wrong type.
        """
        values: dict[str, Any] = {}
        for setting in fields(cls):
            value = given.get(setting.name)
            if value is None:
                value = environ.get(variable(setting.name))
            if value is not None:
                values[setting.name] = _parse(setting.name, value, type(setting.default))
        settings = cls(**values)
        try:
            networks(settings.http_inside)
        except ValueError as error:
            raise ValueError(f"{variable('http_inside')}: {error}") from None
        return settings


def networks(written: str) -> tuple[Network, ...]:
    """Networks in CIDR notation, separated by commas. Raises ValueError."""
    return tuple(ip_network(part.strip()) for part in written.split(",") if part.strip())


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return f"MASKGATE_{name.upper()}"


def _parse(name: str, value: Any, kind: Any) -> Any:
    if isinstance(value, str) and kind is bool:
        if value.lower() not in ("true", "false", "1", "0", "yes", "no"):
            raise ValueError(f"{variable(name)}: {value!r} is not true or false")
        return value.lower() in ("true", "1", "yes")
    try:
        return Path(value) if issubclass(kind, Path) else kind(value)
    except ValueError:
        raise ValueError(f"{variable(name)}: {value!r} is not {kind.__name__}") from None
