"""Changes of modules.lock while messages flow: checked, recorded, written, and only then served.

A change that the policy set can't be served with touches nothing, and neither does one that can't be recorded.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

from gateway.decisions.record import new_id
from gateway.decisions.recorder import Recorder
from gateway.documents.finding import PolicyError
from gateway.errors import NotChangeable, NotRecorded
from gateway.flow import Arrival, Credential, Decision, ModuleChange, Ruling
from gateway.policy import files, load
from gateway.registry import lock
from gateway.registry.changes import NotChanged
from gateway.registry.lock import Entries
from gateway.registry.store import ModuleRefused, ModuleStore
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
        try:
            with lock.editing(self._policies / files.LOCK) as entries:
                before = entries.get(module, {}).get("version")
                edit(entries)
                loaded = load.load(self._policies, self._store, lock=lock.encode(entries), before=serving)
                snapshot = self._loader.snapshot(loaded)
                version = entries.get(module, {}).get("version")
                change = ModuleChange(
                    user=credential.subject if credential else None,
                    module=module,
                    action=action,
                    before=before,
                    version=version,
                )
                self._record(change, credential, ruling, snapshot.revision)
        except (NotChanged, ModuleRefused, PolicyError) as error:
            raise NotChangeable(str(error)) from None
        except OSError as error:
            raise NotChangeable(f"modules.lock can't be written ({error.strerror}).") from None
        log.info("module %s: %s (%s → %s)", module, action, before, version)
        return snapshot

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
