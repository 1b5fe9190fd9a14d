from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from gateway.errors import NotFound
from gateway.flow import Ruling
from gateway.policy import load
from gateway.policy.explain import explain
from gateway.registry.store import ModuleStore


def test_every_field_is_explained_at_every_destination(folder: Path, store: ModuleStore) -> None:
    loaded = load.load(folder, store)
    found = explain(loaded, "shop", "orders")
    assert found.publish == {"text/csv": Ruling(allowed=True, policies=("shop-publishes",))}
    analytics, crm = found.destinations
    email = next(field for field in crm.fields if field.path == "/customer/email")
    assert (email.released, email.treatment, email.policies) == (True, {"kind": "keep"}, ("crm-sees-email",))
    assert email.written_in is None
    email = next(field for field in analytics.fields if field.path == "/customer/email")
    assert (email.released, email.treatment) == (False, {"kind": "drop"})
    assert email.written_in == "destinations/analytics.yaml: treatments.pii"
    assert [step.module for step in crm.steps] == ["csv-to-json", "mask"]
    assert crm.plan == loaded.routes["shop", "orders"].plans[1].digest


def test_an_explanation_is_json(folder: Path, store: ModuleStore) -> None:
    found = msgspec.json.decode(msgspec.json.encode(explain(load.load(folder, store), "partner", "orders")))
    assert found["publish"] == {"application/json": {"allowed": False, "policies": []}}


@pytest.mark.parametrize(("producer", "stream"), [("shop", "nothing"), ("nobody", "orders")])
def test_what_there_is_no_route_for_is_not_found(folder: Path, store: ModuleStore, producer: str, stream: str) -> None:
    with pytest.raises(NotFound):
        explain(load.load(folder, store), producer, stream)
