"""`maskgate serve`: the gateway, in one process or several."""

from __future__ import annotations

import os
import tempfile
from dataclasses import fields
from pathlib import Path
from typing import Annotated

import uvicorn

from gateway.cli.options import Data, Modules, Policies, SecretsFolder, option, settings
from gateway.config import Settings, variable


def serve(
    policies: Policies = None,
    modules: Modules = None,
    data: Data = None,
    secrets: SecretsFolder = None,
    host: Annotated[str | None, option("host")] = None,
    port: Annotated[int | None, option("port")] = None,
    workers: Annotated[int | None, option("workers")] = None,
    sandbox_threads: Annotated[int | None, option("sandbox_threads")] = None,
    tick: Annotated[int | None, option("tick")] = None,
    kept_instances: Annotated[int | None, option("kept_instances")] = None,
    http_threads: Annotated[int | None, option("http_threads")] = None,
    http_time: Annotated[int | None, option("http_time")] = None,
    http_inside: Annotated[str | None, option("http_inside")] = None,
    breaker_failures: Annotated[int | None, option("breaker_failures")] = None,
    breaker_time: Annotated[int | None, option("breaker_time")] = None,
    body_timeout: Annotated[int | None, option("body_timeout")] = None,
    producer_inflight: Annotated[int | None, option("producer_inflight")] = None,
    inflight_bytes: Annotated[int | None, option("inflight_bytes")] = None,
    grace: Annotated[int | None, option("grace")] = None,
    watch: Annotated[bool | None, option("watch")] = None,
    log_level: Annotated[str | None, option("log_level")] = None,
) -> None:
    """Serve the gateway until it is told to stop."""
    chosen = settings(**locals())
    _pass_on(chosen)
    uvicorn.run(
        "gateway.app:from_environment",
        factory=True,
        host=chosen.host,
        port=chosen.port,
        workers=chosen.workers if chosen.workers > 1 else None,
        loop="uvloop",
        http="httptools",
        lifespan="on",
        access_log=False,  # the decision log is the access log
        log_level=chosen.log_level,
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=chosen.grace,
        proxy_headers=False,  # the client's address in the record is the peer's
    )


def _pass_on(chosen: Settings) -> None:
    """The workers read the settings from the environment."""
    for setting in fields(chosen):
        os.environ[variable(setting.name)] = str(getattr(chosen, setting.name))
    if chosen.workers > 1 and "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="maskgate-metrics-")
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]).mkdir(parents=True, exist_ok=True)
