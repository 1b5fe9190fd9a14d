"""Changes of modules.lock while messages flow: checked, recorded, written, and only then served.

A change that the policy set can't be served with touches nothing, and neither does one that can't be recorded.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

from msgspec import UNSET

from gateway.decisions.record import new_id
from gateway.decisions.recorder import Recorder
from gateway.documents.finding import PolicyError
from gateway.errors import NotChangeable, NotRecorded
from gateway.flow import Arrival, Credential, Decision, ModuleChange, Ruling
from gateway.policy import files, load
from gateway.registry import lock
from gateway.registry.addresses import source
from gateway.registry.changes import NotChanged
from gateway.registry.install import Installed, NotInstalled, install
from gateway.registry.lock import Entries
from gateway.registry.sources import SourceFailed
from gateway.registry.store import ModuleRefused, ModuleStore
from gateway.sandbox.compile import CompileError
from gateway.snapshot import Loader, Snapshot

log = logging.getLogger("maskgate")

Edit = Callable[[Entries], None]  # raises NotChanged, ModuleRefused


class Changes:
    """Blocks while it works: for a thread of its own."""

    def __init__(self, policies: Path, store: ModuleStore, loader: Loader, recorder: Recorder) -> None:
        self._policies, self._store, self._loader, self._recorder = policies, store, loader, recorder

    def apply(
        self,
        serving: load.Loaded,
        module: str,
        action: str,
        edit: Edit,
        credential: Credential | None,
        ruling: Ruling | None,
    ) -> Snapshot:
        """The snapshot with the changed lock, which is on disk by then. Raises NotChangeable, NotRecorded.

        `serving`: what is served now. `credential` and `ruling`: who asked for it, and what permits it; None: a
        canary's verdict.
        """
        change: ModuleChange
        snapshot: Snapshot

        def record() -> None:  # once the new lock is on disk, so that the log doesn't say what can't be
            self._record(change, credential, ruling, snapshot.revision)

        try:
            with lock.editing(self._policies / files.LOCK, record) as entries:
                before = entries.get(module, {}).get("version")
                edit(entries)
                loaded = load.load(self._policies, self._store, lock=lock.encode(entries), before=serving)
                snapshot = self._loader.snapshot(loaded)
                entry = entries.get(module, {})
                version = entry.get("version")
                change = ModuleChange(
                    user=credential.subject if credential else None,
                    module=module,
                    action=action,
                    before=before,
                    version=version,
                    tried=entry["canary"]["version"] if action == "canary" else UNSET,
                )
        except (NotChanged, ModuleRefused, PolicyError) as error:
            raise NotChangeable(str(error)) from None
        except OSError as error:
            raise NotChangeable(f"modules.lock can't be written ({error.strerror}).") from None
        log.info("module %s: %s (%s → %s)", module, action, before, version)
        return snapshot

    def install(
        self, serving: load.Loaded, wanted: str, registry: str, credential: Credential, ruling: Ruling
    ) -> Installed:
        """Fetch, verify and compile a version, so that it can be put in force at once. Nothing is in force by that.

        `wanted`: NAME, NAME@VERSION or NAME@RANGE; `registry`: one of trust.yaml. Raises NotChangeable, NotRecorded.
        """
        trust = serving.policy_set.trust
        address = trust.registries.get(registry)
        if address is None:
            raise NotChangeable("trust.yaml names no such registry.")
        name, _, version = wanted.partition("@")
        try:
            installed = install(
                source(address.source),
                name,
                version or "*",
                self._store.folder,
                trust=trust,
                registry_key=address.public,
                check=lambda found: self._loader.compile(found.wasm),
            )
        except (NotInstalled, SourceFailed, ModuleRefused, CompileError) as error:
            raise NotChangeable(str(error)) from None
        entry = serving.policy_set.lock.get(name)
        before = entry.version if entry else None
        change = ModuleChange(
            user=credential.subject,
            module=name,
            action="install",
            before=before,
            version=before,
            installed=installed.version,
        )
        self._record(change, credential, ruling, serving.policy_set.revision)
        log.info("module %s: installed %s", name, installed.version)
        return installed

    def _record(
        self, change: ModuleChange, credential: Credential | None, ruling: Ruling | None, revision: str
    ) -> None:
        """Raises NotRecorded."""
        decision = Decision(
            arrival=Arrival(
                id=new_id(), time=time.time_ns(), stream="", credential=credential.id if credential else None
            ),
            outcome="allowed",
            status=200,
            policies=ruling.policies if ruling else (),
            revision=revision,
            change=change,
        )
        written: Future[BaseException | None] = Future()
        self._recorder.put([decision], [], written.set_result)
        if written.result() is not None:
            raise NotRecorded()
