"""What every kind of guest is to the gateway: a program that makes instances, which transform batches.

The kinds are `maskgate/1` (gateway.sandbox.guest), `wasi-command` and `component`; `gateway.sandbox.kinds` picks one.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from gateway.errors import LoadFailure
from gateway.flow import AskedHost, Batch, Step
from gateway.sandbox.engine import Engine
from gateway.sandbox.frame import Output
from gateway.sandbox.http import Failure, Outcome, Request, volume

# Times the messages that a stream takes in one request, into which a module may split them; below that the stream's own
# answer is a 413.
SPLIT_INTO = 8
_TEXT_LIMIT = 2000  # characters of an error

Fetch = Callable[[Mapping[bytes, Request]], Mapping[bytes, Outcome]]  # may wait
Asking = Callable[[Sequence[AskedHost]], bool]  # may wait; whether it is written down that they are asked


class NotAsked(Exception):
    """What a module was about to ask couldn't be written down, so nothing was asked."""

    denied: Mapping[str, int] = {}  # imports tried without a grant until then


def unreachable(requests: Mapping[bytes, Request]) -> Mapping[bytes, Outcome]:
    """Where there is no network, as in policy tests, every request fails."""
    return dict.fromkeys(requests, Failure())


def unrecorded(*what: object) -> bool:
    """The `asking` of who keeps no decisions, as `maskgate apply`: hosts are asked all the same."""
    return True


def ask(requests: Mapping[bytes, Request], fetch: Fetch, asking: Asking | None) -> Mapping[bytes, Outcome]:
    """What comes of `requests`, which are made once `asking` has written down that they are. Raises NotAsked.

    Without `asking` nobody is asked, and all of them fail.
    """
    if asking is None:
        return unreachable(requests)
    if not asking(volume(requests.values())):
        raise NotAsked
    return fetch(requests)


class LoadError(ValueError):
    """A module can't serve a step. The text says what is wrong with it, in one line; `failure` is its code."""

    def __init__(self, failure: LoadFailure, text: str) -> None:
        """`text` may quote the module: its names may have control characters, or 100,000 letters."""
        line = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
        super().__init__(line if len(line) <= _TEXT_LIMIT else f"{line[:_TEXT_LIMIT]} …")
        self.failure = failure


class Guest(Protocol):
    """One configured instance. Not for two threads at once, nor for two producers ever."""

    @property
    def worn(self) -> bool:
        """Whether another had better take its place, since it holds more memory than when it was configured."""
        ...

    @property
    def denied(self) -> Mapping[str, int]:
        """Imports that it tried without a grant in the last run; in its first, since it was made."""
        ...

    def transform(
        self, batch: Batch, *, ticks: int | None = None, hold: bool = False, asking: Asking | None = None
    ) -> Output:
        """Run `batch` (at least one message) through the module. Raises GuestError, NotAsked; then drop the guest.

        `ticks`: a deadline other than the stream's. `hold`: keep the GIL, where the kind can. `asking` is told before
        each round of requests to hosts; without it, none is made.
        """
        ...


class Program(ABC):
    """A step's module, compiled and linked, with the secrets that the step holds."""

    def __init__(self, engine: Engine, step: Step, secrets: Mapping[str, bytes]) -> None:
        """`secrets` by name, for the step's `secret:` grants."""
        self.engine, self.step, self.secrets = engine, step, dict(secrets)
        self.grants = frozenset(step.grants)
        self.ticks = engine.ticker.ticks(step.limits.time)
        self.clock: Callable[[], int] = time.time_ns  # what the grant `clock` gives
        self.fetch: Fetch = unreachable  # what a grant `http:` gives
        # For a module's author: a trap comes with its backtrace, and with what the guest said of it. What stands there
        # is the guest's to choose (an assertion may quote a message), so a gateway that serves never sets it.
        self.traced = False

    @abstractmethod
    def guest(self, *, ticks: int | None = None) -> Guest:
        """A configured instance. Raises GuestError; its text is the module's own where it refused its configuration.

        `ticks`: a deadline other than the stream's.
        """

    def seconds(self, ticks: int | None) -> float:
        """How long `ticks` are; None: those of the stream."""
        return (ticks or self.ticks) * self.engine.ticker.milliseconds / 1000
