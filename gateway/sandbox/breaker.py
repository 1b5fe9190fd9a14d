"""Circuit breakers: a route whose module keeps failing is refused at once, and tried again now and then.

What fails costs up to a stream's whole time limit for every request; a module that failed twenty times in a row will
fail again. A breaker is a route's own: others that use the same module don't notice.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection

from gateway import metrics

Key = tuple[str, str]  # producer, stream
_MOST = 60.0  # seconds between two tries


class _Breaker:
    __slots__ = ("failures", "module", "step", "trying", "until", "wait")

    def __init__(self, module: str, step: str) -> None:
        self.module, self.step = module, step
        self.failures = 0  # in a row
        self.wait = 0.0  # seconds; 0: closed
        self.until = 0.0
        self.trying = False


class Breakers:
    """For one thread: the event loop's."""

    def __init__(self, failures: int, wait: float, now: Callable[[], float] = time.monotonic) -> None:
        """A breaker opens after so many `failures` in a row, for `wait` seconds; each failure of a try doubles that,
        up to a minute. `now` in seconds.
        """
        self._failures, self._wait, self._now = failures, wait, now
        self._known: dict[Key, _Breaker] = {}

    def refused(self, key: Key, steps: Callable[[], Collection[str]]) -> tuple[str, float] | None:
        """The module that keeps failing, and the seconds until the route is tried again; None: go on.

        When the time is up, the one that asks goes on, and the others wait for what becomes of it. `steps` gives the
        digests of the route's steps: a breaker for a step that it hasn't any more is forgotten.
        """
        breaker = self._known.get(key)
        if breaker is None or not breaker.wait:
            return None
        if breaker.step not in steps():
            self._close(key)
            return None
        now = self._now()
        if now >= breaker.until:
            breaker.until, breaker.trying = now + breaker.wait, True
            return None
        return breaker.module, breaker.until - now

    def failed(self, key: Key, module: str, step: str) -> None:
        """A run of the route ended with a failure of this module; `step` is its step's digest."""
        breaker = self._known.get(key)
        if breaker is None or breaker.step != step:
            self._close(key)
            breaker = self._known[key] = _Breaker(module, step)
        breaker.failures += 1
        if breaker.failures < self._failures or (breaker.wait and not breaker.trying):
            return  # closed yet; or it was under way when the breaker opened
        if not breaker.wait:
            metrics.breakers_open.labels(module).inc()
            metrics.breakers_opened.labels(module).inc()
        breaker.wait = min(2 * breaker.wait or self._wait, _MOST)
        breaker.until, breaker.trying = self._now() + breaker.wait, False

    def succeeded(self, key: Key) -> None:
        """A run of the route ended, and no module failed."""
        if self._known:
            self._close(key)

    def open(self) -> list[tuple[str, str, str, float]]:
        """Producer, stream, module and seconds until the next try, of each that is open."""
        now = self._now()
        return [(*key, known.module, max(0.0, known.until - now)) for key, known in self._known.items() if known.wait]

    def _close(self, key: Key) -> None:
        breaker = self._known.pop(key, None)
        if breaker is not None and breaker.wait:
            metrics.breakers_open.labels(breaker.module).dec()
