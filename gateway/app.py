"""The composition root: puts the parts of one worker together and takes them apart again."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import logging
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import watchfiles

from gateway import metrics
from gateway.canary import Canary, Verdict
from gateway.changes import Changes, Edit
from gateway.config import Settings, networks
from gateway.decisions.record import digest_key
from gateway.decisions.recorder import Recorder
from gateway.decisions.store import DecisionStore
from gateway.delivery.sink import Sink
from gateway.documents.finding import PolicyError
from gateway.errors import MaskgateError
from gateway.flow import Credential, Ruling
from gateway.pipeline import Pipeline
from gateway.policy import load
from gateway.registry import changes
from gateway.registry.install import Installed
from gateway.registry.store import ModuleStore
from gateway.sandbox.engine import Engine
from gateway.sandbox.fetch import Fetcher
from gateway.sandbox.pool import Pool
from gateway.secrets import Secrets
from gateway.snapshot import Loader, Sinks, Snapshot
from gateway.web import body
from gateway.web.control import Refused, control
from gateway.web.ingest import Ingest, Scope, Send, stream_of

log = logging.getLogger("maskgate")

# How long a thread that needs the GIL lets a busy one keep it, in seconds. CPython's default of 5 ms would be most of a
# message's way: each hand-over between the loop, the recorder and a sink waits for it under load.
_SWITCH_INTERVAL = 0.0005
_PR_SET_PDEATHSIG = 1  # prctl(2)
_GC_THRESHOLDS = (20_000, 50, 100)


class Gateway:
    """One worker. Made and closed in the event loop that it serves."""

    snapshot: Snapshot
    pipeline: Pipeline

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.refused: Refused | None = None  # the last reload that was refused, until one succeeds
        self.modules = ModuleStore(settings.modules)
        self._verdicts: set[Canary] = set()  # on their way
        self._closing: set[asyncio.Task[None]] = set()
        self._loading = asyncio.Lock()  # one new snapshot at a time
        self._installing = asyncio.Lock()  # a registry that is slow holds one thread, not all of them

    async def open(self) -> None:
        """Raises PolicyError, OSError, sqlite3.Error; ValueError, RuntimeError: a key or a log that can't be used.

        What can't be served isn't started.
        """
        settings = self.settings
        sys.setswitchinterval(_SWITCH_INTERVAL)
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        secrets = Secrets(settings.secrets)
        self.store = DecisionStore(settings.data / "decisions.db")
        self._engine = Engine(settings.data / "compiled", settings.tick)
        self._fetcher = Fetcher(networks(settings.http_inside), settings.http_time / 1000)
        self._pool = Pool(self._engine, settings.kept_instances, self._fetcher)
        sinks = Sinks(settings.data / "destinations", secrets, asyncio.get_running_loop())
        self._loader = Loader(self._pool, secrets, sinks, digest_key(settings.data / "digest.key"))
        try:
            self.snapshot = self._loader.snapshot(self._load())
            self._report()
        except BaseException:
            self._engine.close()
            self.store.close()
            raise
        _settle()
        self.store.probe()  # its first write costs more than a later one
        self.recorder = Recorder(self.store)
        self.pipeline = Pipeline(settings, self.recorder, lambda: self.snapshot, self._judged)
        self._changes = Changes(settings.policies, self.modules, self._loader, self.recorder)

    async def close(self) -> None:
        """What is in flight ends, what waits is recorded and delivered."""
        await self.pipeline.drained()
        await asyncio.to_thread(self.pipeline.close)
        await asyncio.to_thread(self._fetcher.close)
        for sink in self.snapshot.sinks.values():
            await asyncio.to_thread(sink.close)
        if self._closing:
            await asyncio.wait(self._closing)
        await asyncio.to_thread(self.recorder.close)
        self.store.close()
        self._engine.close()

    async def reload(self) -> bool:
        """Read the policy set anew and swap it in whole. False if it was refused; then nothing has changed."""
        async with self._loading:
            return await self._reload()

    async def change(
        self, module: str, action: str, edit: Edit, credential: Credential | None, ruling: Ruling | None
    ) -> None:
        """Change modules.lock and serve it. Raises NotChangeable, NotRecorded; then nothing has changed."""
        async with self._loading:
            serving = self.snapshot.loaded
            changed = await asyncio.to_thread(self._changes.apply, serving, module, action, edit, credential, ruling)
            self._serve(changed)

    async def install(self, wanted: str, registry: str, credential: Credential, ruling: Ruling) -> Installed:
        """Install a module from a registry of trust.yaml. Raises NotChangeable, NotRecorded."""
        async with self._installing:
            serving = self.snapshot.loaded
            return await asyncio.to_thread(self._changes.install, serving, wanted, registry, credential, ruling)

    def _judged(self, canary: Canary) -> None:
        """A version on trial has its verdict: so be it. Several workers may come to one; the first one's counts."""
        if canary in self._verdicts:
            return
        self._verdicts.add(canary)
        self._later(self._execute(canary))

    async def _execute(self, canary: Canary) -> None:
        name, version = canary.entry.module, canary.entry.version
        action, edit = (
            ("promote", changes.promote) if canary.verdict is Verdict.PROMOTE else ("withdraw", changes.withdraw)
        )
        counted = ", ".join(f"{count} {result}" for result, count in sorted(canary.results.items()))
        log.warning("module %s %s was on trial (%s): %s", name, version, counted, action)
        try:
            await self.change(name, action, partial(edit, name=name, version=version), None, None)
        except MaskgateError as error:
            log.error("module %s: the verdict on version %s changes nothing: %s", name, version, error)

    async def _reload(self) -> bool:
        try:
            loaded = await asyncio.to_thread(self._load, self.snapshot.loaded)
            if loaded.policy_set.revision == self.snapshot.revision and self.refused is None:
                return True
            snapshot = await asyncio.to_thread(self._loader.snapshot, loaded)
        except (PolicyError, OSError) as error:
            log.error("the policy set was not reloaded; the one of before is served on:\n%s", error)
            self.refused = Refused(time=time.time_ns(), reason=str(error))
            metrics.reloads.labels("refused").inc()
            return False
        except Exception as error:  # a set that can't be loaded for whatever reason must not end the watching
            log.exception("the policy set was not reloaded; the one of before is served on")
            self.refused = Refused(time=time.time_ns(), reason=f"the gateway failed: {type(error).__name__}")
            metrics.reloads.labels("refused").inc()
            return False
        self._serve(snapshot)
        return True

    async def watch(self) -> None:
        """Reload when the policy files or the modules change, until cancelled."""
        async for _ in watchfiles.awatch(self.settings.policies, self.settings.modules, step=100):
            await self.reload()

    def _load(self, before: load.Loaded | None = None) -> load.Loaded:
        return load.load(self.settings.policies, self.modules, before=before)

    def _serve(self, snapshot: Snapshot) -> None:
        """Swap, and let go of what only the old one needs once its last request has ended."""
        old, self.snapshot = self.snapshot, snapshot
        snapshot.carry_on(old)
        self._verdicts &= {snapshot.canary} if snapshot.canary else set()
        self._later(_close_later(old, self._loader.retire(old, snapshot)))
        self._report()

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    def _report(self) -> None:
        self.refused, snapshot = None, self.snapshot
        metrics.policy_loaded.set(snapshot.loaded_at / 1e9)
        metrics.reloads.labels("served").inc()
        log.info("policy %s: %d routes", snapshot.revision[:12], len(snapshot.routes))


async def _close_later(old: Snapshot, sinks: list[Sink]) -> None:
    while old.inflight:
        await asyncio.sleep(0.05)
    for sink in sinks:
        await asyncio.to_thread(sink.close)


def _settle() -> None:
    """Leave what was loaded out of garbage collection, and collect less often: a request makes no cycles as a rule.

    Requests make some dozen objects each; at CPython's thresholds the collector would walk the policy set with them.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_GC_THRESHOLDS)


def _end_with_supervisor() -> None:
    """Have the kernel send SIGTERM when the supervisor ends, however it does. On Linux only."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGTERM))
        supervisor = multiprocessing.parent_process()
        if supervisor is not None and os.getppid() != supervisor.pid:  # it ended before the kernel was asked
            sys.exit("the supervisor has ended")


class App:
    """The ASGI application: messages go straight to the ingest, all else to the control API."""

    def __init__(self, settings: Settings) -> None:
        self.gateway = Gateway(settings)
        self._control = control(self.gateway, self._lifespan)
        self._ingest: Ingest | None = None

    async def __call__(self, scope: Scope, receive: body.Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "POST" and self._ingest is not None:
            stream = stream_of(scope["path"])
            if stream is not None:
                await self._ingest(scope, receive, send, stream)
                return
        await self._control(scope, receive, send)

    @asynccontextmanager
    async def _lifespan(self, app: object) -> AsyncIterator[None]:
        gateway = self.gateway
        try:
            await gateway.open()
        except PolicyError as error:
            log.error("the policy set can't be served:\n%s", error)
            raise
        self._ingest = Ingest(gateway.pipeline, gateway.settings.body_timeout, gateway.settings.inflight_bytes)
        tasks = {asyncio.create_task(gateway.watch())} if gateway.settings.watch else set()
        loop = asyncio.get_running_loop()
        reloads: set[asyncio.Task[bool]] = set()
        loop.add_signal_handler(signal.SIGHUP, lambda: reloads.add(loop.create_task(gateway.reload())))
        try:
            yield
        finally:
            loop.remove_signal_handler(signal.SIGHUP)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await gateway.close()


def from_environment() -> App:
    """The application with the settings of the environment; each worker process makes its own."""
    settings = Settings.read()
    if settings.workers > 1:
        _end_with_supervisor()
    logging.basicConfig(level=settings.log_level.upper(), format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("watchfiles").setLevel(logging.WARNING)  # it counts changes; what they led to is said here
    return App(settings)
