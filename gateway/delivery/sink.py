"""What every sink can do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from gateway.flow import Delivery, Receipt

Done = Callable[[list[Receipt]], None]


class Sink(Protocol):
    """A destination's way out. It gets cleaned messages, one line of JSON each, and nothing else."""

    def put(self, deliveries: list[Delivery], done: Done) -> None:
        """Deliver, in order. From any thread; returns at once and never raises.

        `done` gets one receipt for each delivery, in some thread: all in one call and in the order given, or in
        several calls where deliveries end at different times. It must not raise.
        """

    def probe(self) -> bool:
        """Whether a delivery could work now, as far as can be told without one."""

    def close(self) -> None:
        """Deliver what waits, or say that it wasn't, then let go. Blocks; no `put` may follow."""
