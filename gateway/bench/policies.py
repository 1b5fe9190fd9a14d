"""Policy sets for the benchmarks: the same stream, with as many producers and Cedar policies as a measure wants."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import yaml

from gateway.registry.store import ModuleStore

KEY = "mg_bench_0"
_EXAMPLE = Path(__file__).parent.parent.parent / "policies"
_SCHEMA = (_EXAMPLE / "schema.cedarschema").read_text()
_ACCESS = """
@id("publish") permit (principal in Team::"bench", action == Action::"publish", resource);
"""
_RELEASE = """
@id("public") permit (principal, action == Action::"release", resource == DataClass::"public");
"""
_CAPABILITIES = """
@id("mask-holds") permit (principal == Module::"mask", action == Action::"hold", resource);
@id("mask-reads") permit (principal == Module::"mask", action == Action::"read", resource);
"""
_CLASSES = {
    "public": {},
    "pii": {"treatment": "redact"},
    "pii.email": {"treatment": {"kind": "text", "text": "***"}},
    "pii.phone": {"treatment": {"kind": "partial", "keep_last": 2}},
    "pci": {"treatment": "redact"},
    "pci.pan": {"treatment": {"kind": "partial", "keep_last": 4}},
}


def write(
    folder: Path, modules: Path, *, producers: int = 1, policies: int = 0, revision: int = 0, sync: bool = True
) -> None:
    """A policy set in `folder`, and its secrets in `folder/../secrets`. Producer `p0` has the key KEY."""
    for name in ("producers", "streams", "destinations"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    extra = "".join(
        f'@id("extra-{i}") permit (principal in Team::"team-{i}", action == Action::"publish", resource);\n'
        for i in range(policies)
    )
    (folder / "schema.cedarschema").write_text(_SCHEMA)
    (folder / "trust.yaml").write_bytes((_EXAMPLE / "trust.yaml").read_bytes())  # the modules are the repository's
    (folder / "access.cedar").write_text(_ACCESS + extra)
    (folder / "release.cedar").write_text(_RELEASE)
    (folder / "capabilities.cedar").write_text(_CAPABILITIES)
    _dump(folder / "classes.yaml", {"classes": _CLASSES})
    for i in range(producers):
        key = hashlib.sha256(f"mg_bench_{i}".encode()).hexdigest()
        producer = {
            "producer": f"p{i}",
            "team": "bench",
            "attributes": {"region": "eu"},
            "credentials": [{"kind": "api_key", "sha256": key}],
            "streams": {"orders": {"accept": ["application/json", "application/x-ndjson"]}},
        }
        _dump(folder / "producers" / f"p{i}.yaml", producer)
    stream = {
        "stream": "orders",
        "description": f"revision {revision}",
        "fields": {"/customer/email": "pii.email", "/customer/phone": "pii.phone", "/payment/card": "pci.pan"},
        "unlisted": "keep",
        "destinations": ["analytics"],
        "limits": {"time": "250ms"},
    }
    _dump(folder / "streams" / "orders.yaml", stream)
    sink = {"kind": "file", "path": "analytics", "rotate": {"size": "1GiB"}, "sync": sync}
    _dump(folder / "destinations" / "analytics.yaml", {"destination": "analytics", "sink": sink})
    lock = {**ModuleStore(modules).lock_entry("mask"), "instances": "kept"}
    _dump(folder / "modules.lock", {"modules": {"mask": lock}})
    secrets = folder.parent / "secrets"
    secrets.mkdir(exist_ok=True)
    if not (secrets / "pseudonym").exists():
        (secrets / "pseudonym").write_text(os.urandom(32).hex())


def _dump(path: Path, value: object) -> None:
    path.write_text(yaml.safe_dump(value))
