"""How fast a module is: a call for each message, and one for all, beside the same work in Python where there is a peer.

What is measured stands in `bench.py` beside the module, the author's own code: CONFIGURATION, `messages()` (the batch),
and where they apply SECRETS, GRANTS, PEER (a name) and `peer(messages)`. CASES, by name, say what of this is otherwise
in each of several measurements.
"""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from msgspec import Struct

from gateway.authoring.workbench import Held, Module
from gateway.flow import Batch

_SECONDS = 1.0  # for each of the things that are measured
_SINGLES = 500  # messages that are sent one by one


class NoBench(Exception):
    """There is nothing to measure, or a package is missing. The text says what."""


class Speed(Struct, frozen=True, kw_only=True):
    """Microseconds a message, best of several rounds; bytes are those of the messages that go in."""

    module: str
    case: str
    messages: int
    bytes: int
    single: float
    batch: float
    peer: str | None = None
    peer_single: float | None = None
    peer_batch: float | None = None

    @property
    def name(self) -> str:
        return f"{self.module}: {self.case}" if self.case else self.module

    @property
    def megabytes(self) -> float:
        """A second, in batches."""
        return self.bytes / self.messages / self.batch

    @property
    def ratio(self) -> float | None:
        """How many times as fast as the peer, in batches."""
        return None if self.peer_batch is None else self.peer_batch / self.batch

    @property
    def single_ratio(self) -> float | None:
        """The same for one message a call."""
        return None if self.peer_single is None else self.peer_single / self.single


def measure(module: Module) -> list[Speed]:
    """Of each case. Raises NoBench, and what the module's bench.py raises."""
    bench = vars(_load(module.folder / "bench.py"))
    cases: Mapping[str, Mapping[str, Any]] = bench.get("CASES", {"": {}})
    return [_measure(module, name, {**bench, **case}) for name, case in cases.items()]


def _measure(module: Module, case: str, bench: Mapping[str, Any]) -> Speed:
    messages: Sequence[bytes] = bench["messages"]()
    secrets: Mapping[str, bytes | str] = bench.get("SECRETS", {})
    held = Held(
        secrets={name: value.encode() if isinstance(value, str) else value for name, value in secrets.items()},
        grants=bench.get("GRANTS", ()),
    )
    guest = module.instance(bench["CONFIGURATION"], held)
    whole, singles = Batch.of(list(messages)), [Batch.of([message]) for message in messages[:_SINGLES]]

    def one_by_one() -> None:
        for single in singles:
            guest.transform(single)

    peer: Callable[[list[bytes]], object] | None = bench.get("peer")

    def peer_one_by_one() -> None:
        for message in messages[:_SINGLES]:
            if peer:
                peer([message])

    return Speed(
        module=module.manifest.module,
        case=case,
        messages=len(messages),
        bytes=sum(map(len, messages)),
        single=_best(one_by_one, len(singles)),
        batch=_best(lambda: guest.transform(whole), len(messages)),
        peer=bench.get("PEER"),
        peer_single=_best(peer_one_by_one, len(singles)) if peer else None,
        peer_batch=_best(lambda: peer(list(messages)), len(messages)) if peer else None,
    )


def _load(path: Path) -> ModuleType:
    """The file, as a Python module."""
    spec = importlib.util.spec_from_file_location(f"bench_{path.parent.name.replace('-', '_')}", path)
    if spec is None or spec.loader is None or not path.is_file():
        raise NoBench(f"{path} is not there")
    bench = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(bench)
    except ModuleNotFoundError as error:
        raise NoBench(f"{path} needs the package {error.name}") from None
    return bench


def _best(work: Callable[[], object], messages: int) -> float:
    """Microseconds a message, of the fastest of as many rounds as a second has (three at least)."""
    best, rounds, started = float("inf"), 0, time.perf_counter()
    while rounds < 3 or time.perf_counter() - started < _SECONDS:
        before = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - before)
        rounds += 1
    return best * 1e6 / messages
