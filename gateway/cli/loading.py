"""What several commands load: the policy set with its modules, or the findings that end the command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import typer

from gateway.config import Settings, networks
from gateway.documents.finding import PolicyError
from gateway.policy import load
from gateway.registry.store import ModuleStore
from gateway.sandbox.engine import Engine
from gateway.sandbox.fetch import Fetcher
from gateway.sandbox.pool import Pool


def load_or_exit(settings: Settings) -> load.Loaded:
    """The policy set of the settings. Findings go to standard error and end the command with 2."""
    try:
        return load.load(settings.policies, ModuleStore(settings.modules))
    except PolicyError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None


@contextmanager
def open_pool(settings: Settings, *, network: bool = False) -> Iterator[Pool]:
    """A pool of its own for one command; modules are compiled for it, nothing is kept on disk.

    `network`: modules with a grant `http:` reach their hosts; else their requests fail.
    """
    engine = Engine(None, settings.tick)
    fetcher = Fetcher(networks(settings.http_inside), settings.http_time / 1000)
    try:
        yield Pool(engine, settings.kept_instances, fetcher if network else None)
    finally:
        fetcher.close()
        engine.close()
