"""A folder that a gateway with hostile guests is opened over, and what a process has open."""

from __future__ import annotations

import gc
import hashlib
import json
import os
import shutil
import threading
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from tests.building import Place
from tests.hostile.guests import Hostile

VALUE = "zoe.{}@mail.example"  # of a message; must stand in no record, log, metric or answer


class HostilePlace(Place):
    """The example policy set, and any number of hostile modules, each with a producer."""

    def __init__(self, folder: Path, binaries: Path) -> None:
        """`binaries`: a folder with NAME.wasm of every guest."""
        super().__init__(folder)
        self._binaries = binaries
        self.permit('principal, action == Action::"hold", resource')
        self.permit('principal, action == Action::"read", resource')
        with (self.policies / "access.cedar").open("a", encoding="utf-8") as file:
            file.write('\npermit (principal, action == Action::"publish", resource);\n')

    def add(self, *guests: Hostile, kept: bool = False) -> None:
        """Modules and their producers; modules.lock is read and written once for all of them.

        `kept`: as if somebody who is trusted had signed them.
        """
        locked = self.read("modules.lock")
        for guest in guests:
            folder = self.modules / guest.module
            folder.mkdir()
            os.link(self._binaries / f"{guest.name}.wasm", folder / f"{guest.module}.wasm")
            (folder / "manifest.yaml").write_text(yaml.safe_dump(_manifest(guest)), encoding="utf-8")
            steps = [] if guest.behind else [guest.module]
            self.add_producer(guest.module, stream(guest), *steps, accept=("application/json", "application/x-ndjson"))
            if guest.behind:
                named = {"destination": guest.module, "sink": {"kind": "file", "path": guest.module}}
                self.write(f"destinations/{guest.module}.yaml", {**named, "steps": [{"module": guest.module}]})
                orders = {**self.read("streams/orders.yaml"), "stream": guest.module, "destinations": [guest.module]}
                self.write(f"streams/{guest.module}.yaml", orders)
            if kept:
                self.sign(guest.module)
            locked["modules"][guest.module] = {
                "version": "1.0.0",
                "sha256": _sha256(folder / f"{guest.module}.wasm"),
                "manifest": _sha256(folder / "manifest.yaml"),
                "instances": "kept" if kept else "fresh",
            }
        self.write("modules.lock", locked)

    def withdraw(self, guest: Hostile) -> None:
        """Take a module and its producer out again."""
        locked = self.read("modules.lock")
        del locked["modules"][guest.module]
        self.write("modules.lock", locked)
        for kind in ("producers", "destinations", "streams"):
            (self.policies / kind / f"{guest.module}.yaml").unlink(missing_ok=True)
        shutil.rmtree(self.modules / guest.module)


def key(guest: Hostile) -> str:
    """The credential of its producer (see Place.add_producer)."""
    return f"mg_test_{guest.module}"


def stream(guest: Hostile) -> str:
    """Where its producer sends its messages to."""
    return guest.module if guest.behind else "orders"


def body(guest: Hostile, number: int) -> tuple[str, str]:
    """A request for a hostile guest, and its media type; the messages begin with a value that mustn't be seen."""
    message = json.dumps({"customer": {"email": VALUE.format(number)}, "order_id": f"o-{number}", "note": "x" * 80})
    return "\n".join([message] * guest.sends), "application/json" if guest.sends == 1 else "application/x-ndjson"


def _manifest(guest: Hostile) -> dict[str, Any]:
    return {
        "module": guest.module,
        "version": "1.0.0",
        "abi": "maskgate/1",
        "scope": "message",
        "language": "wat",
        "description": "A hostile guest",
        "accepts": ["application/json"],
        "produces": "application/json",
        "refusals": {},
        "config": {"type": "object"},
        **guest.manifest,
    }


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


class Left(NamedTuple):
    """What a process has."""

    threads: int  # Python's
    tasks: int  # all threads of the process
    descriptors: int
    memory: int  # bytes
    children: int

    @classmethod
    def now(cls) -> Left:
        gc.collect()
        return cls(
            threads=threading.active_count(),
            tasks=len(os.listdir("/proc/self/task")),
            descriptors=len(os.listdir("/proc/self/fd")),
            memory=int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE"),
            children=len(Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()),
        )
