"""The version of a module that is on trial: the routes as they would be with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec import Struct, structs

from gateway.documents.finding import Finding
from gateway.flow import Route
from gateway.policy import files, model
from gateway.policy.decide import Decider
from gateway.policy.draft import Draft
from gateway.policy.plan import Planner
from gateway.registry.manifest import Manifest
from gateway.registry.store import Module


class Candidate(Struct, frozen=True, kw_only=True):
    canary: model.Canary
    module: Module
    routes: Mapping[tuple[str, str], Route]  # by (producer, stream): those whose plans use the module


def candidate(
    drafted: Draft,
    decider: Decider,
    manifests: Mapping[str, Manifest],
    find: Callable[[model.LockEntry], Module | None],
    findings: list[Finding],
) -> Candidate | None:
    """The one canary of the lock; what is wrong with it goes into `findings`.

    `manifests` are those of the lock. `find` gives the module of an entry, or reports why there is none.
    """
    policy_set = drafted.policy_set
    canaries = [entry.canary for entry in policy_set.lock.values() if entry.canary is not None]
    for canary in canaries[1:]:  # of two at once nobody could say which one made a difference
        place = policy_set.place(files.LOCK, "modules", canary.entry.module, "canary", key=True)
        text = f"module {canaries[0].entry.module} is on trial already: one at a time"
        findings.append(Finding.at(place, "second_canary", text))
    if not canaries:
        return None
    canary = canaries[0]
    module = find(canary.entry)
    if module is None:
        return None
    name = canary.entry.module
    tried = structs.replace(policy_set, lock={**policy_set.lock, name: canary.entry})
    planner = Planner(tried, decider, {**manifests, name: module.manifest}, drafted.doubtful)
    routes = planner.routes()
    findings += planner.findings()
    using = {key: route for key, route in routes.items() if name in _modules(route)}
    return Candidate(canary=canary, module=module, routes=using)


def _modules(route: Route) -> set[str]:
    return {step.module for plan in route.plans for step in plan.steps}
