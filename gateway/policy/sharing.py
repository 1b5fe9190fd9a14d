"""Files as a way between producers: what one may write, another may neither read nor write.

A module that could would give one producer what it has seen of another, and one destination what was released to
another alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from gateway.flow import Route, Step

_WRITES, _READS = "fs:write:", "fs:read:"


class Held(Struct, frozen=True):
    """A path that a module holds for a producer and, behind the mask, a destination."""

    path: str
    module: str
    producer: str
    destination: str  # empty: before the mask

    def apart(self, other: Held) -> bool:
        return (self.producer, self.destination) != (other.producer, other.destination)


def shared(routes: Iterable[Route]) -> Iterator[tuple[Held, Held]]:
    """What may be written, each with somebody else who may reach it."""
    written: list[Held] = []
    holders: dict[str, list[Held]] = {}  # by path: the first, and the first of another producer or destination
    for route in routes:
        for step, destination in _steps(route):
            for grant in step.grants:
                if not grant.startswith((_WRITES, _READS)):
                    continue
                held = Held(grant.partition(":/")[2].rstrip("/"), step.module, route.producer, destination)
                known = holders.setdefault(held.path, [])
                if not known or (len(known) == 1 and held.apart(known[0])):
                    known.append(held)
                if grant.startswith(_WRITES):
                    written.append(held)
    below: dict[str, list[Held]] = {}  # by path: who holds something in it
    for path in holders if written else ():
        for above in _above(path):
            below.setdefault(above, []).extend(holders[path])
    for held in written:
        near = [*holders[held.path], *below.get(held.path, ())]
        near += [other for above in _above(held.path) for other in holders.get(above, ())]
        other = next((other for other in near if held.apart(other)), None)
        if other is not None:
            yield held, other


def _steps(route: Route) -> Iterator[tuple[Step, str]]:
    for step in route.normalise:
        yield step, ""
    for plan in route.plans:
        for step in plan.steps[len(route.normalise) :]:
            yield step, plan.destination


def _above(path: str) -> Iterator[str]:
    """The folders that a path (without the slash that it begins with) stands in."""
    while path:
        path = path.rpartition("/")[0]
        yield path
