"""Decisions and receipts as the pipeline makes them, and programs that run beside a test."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Raw

from gateway.decisions.record import new_id
from gateway.flow import Arrival, Asked, AskedHost, AskedPlan, Decision, PlanRecord, Receipt

STEPS = [{"module": "mask", "version": "1.0.0", "sha256": "c" * 64, "grants": ["secret:pseudonym"], "reads": []}]


def decision(
    *, destinations: tuple[str, ...] = ("crm",), released: str | None = None, messages: int = 1, **given: Any
) -> Decision:
    """A decision of an allowed request. `released`: the Cedar policy by which a class leaves in clear.

    What is `given` replaces fields of the decision or of its arrival.
    """
    id = given.pop("id", None) or new_id()
    arrival = Arrival(id=id, time=time.time_ns(), stream="orders", producer="web-shop", credential="key-1", bytes_in=9)
    for name in [name for name in given if name in Arrival.__struct_fields__ and name != "messages"]:
        arrival = msgspec.structs.replace(arrival, **{name: given.pop(name)})
    treatment = "keep" if released else "hmac"
    classes = [{"name": "pii.email", "treatment": treatment, "policies": [released] if released else []}]
    plans = [
        PlanRecord(
            destination=destination,
            plan="b" * 64,
            steps=Raw(msgspec.json.encode(STEPS)),
            classes=Raw(msgspec.json.encode(classes)),
            microseconds=(4,),
            fields={"pii.email": 2},
            messages=messages,
            bytes=8 * messages,
        )
        for destination in destinations
    ]
    facts: dict[str, Any] = {"outcome": "allowed", "status": 200, "messages": messages, "plans": tuple(plans)}
    return Decision(arrival=arrival, **{**facts, **given})


def denied(**given: Any) -> Decision:
    """A decision of a request that was stopped before anything was run."""
    return decision(**{"outcome": "denied", "status": 403, "code": "not_permitted", "plans": (), **given})


def asked(of: Decision, number: int = 1, destination: str = "crm", host: str = "crm.example") -> Asked:
    """What a module was about to ask for the request of a decision, which may never be written."""
    return Asked(
        arrival=of.arrival,
        number=number,
        time=of.arrival.time + number * 1_000_000,
        policies=("storefront-publishes",),
        revision="d" * 64,
        messages=3,
        input="e" * 64,
        plans=(AskedPlan(destination=destination, plan="b" * 64),),
        module="http-enricher",
        version="1.0.0",
        sha256="f" * 64,
        hosts=(AskedHost(host=host, requests=2, bytes=70),),
    )


def receipt(of: Decision, destination: str = "crm", *, delivered: bool = True, **given: Any) -> Receipt:
    error = None if delivered else "http_500"
    return Receipt(
        decision=of.arrival.id,
        destination=destination,
        time=of.arrival.time + 1_000_000,
        **{"delivered": delivered, "error": error, **given},
    )


def program(name: str, *arguments: str | Path) -> subprocess.Popen[str]:
    """A program of this folder's `programs.py`, as a process of its own; one line a step on its standard output."""
    command = [sys.executable, "-m", "tests.decisions.programs", name, *map(str, arguments)]
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parent.parent.parent
    )
