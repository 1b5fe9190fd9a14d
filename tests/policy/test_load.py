from __future__ import annotations

from pathlib import Path

from gateway.policy import load
from gateway.registry.store import ModuleStore


def test_what_is_loaded_belongs_together(folder: Path, store: ModuleStore) -> None:
    loaded = load.load(folder, store)
    assert sorted(loaded.modules) == ["csv-to-json", "mask"]
    for route in loaded.routes.values():
        for plan in route.plans:
            for step in plan.steps:
                assert step.sha256 == loaded.modules[step.module].sha256
    assert loaded.policy_set.revision == load.read(folder).revision
    assert loaded.decider.publish("shop", "orders", None, "text/csv").allowed


def test_a_second_load_gives_equal_routes(folder: Path, store: ModuleStore) -> None:
    assert load.load(folder, store).routes == load.load(folder, store).routes
