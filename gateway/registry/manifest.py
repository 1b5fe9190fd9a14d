"""A module's manifest: the whole contract of a module, in `manifest.yaml` beside its `.wasm`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from msgspec import Struct, field

from gateway.documents.finding import Finding, PolicyError
from gateway.documents.schema import Schema, schema
from gateway.documents.source import Document
from gateway.flow import Abi, RefusalKind
from gateway.registry import config_schema

SIZE_LIMIT = 256 << 10  # bytes


class Manifest(Struct, frozen=True, kw_only=True):
    module: str
    version: str
    abi: Abi
    scope: Literal["message", "batch"]
    language: str
    description: str
    required: tuple[str, ...] = ()  # capabilities asked for; "secret:*": the names come from the configuration
    optional: tuple[str, ...] = ()
    accepts: frozenset[str]  # media types of the messages in
    produces: str
    splits: bool = False
    counters: frozenset[str] = frozenset()
    refusals: Mapping[str, RefusalKind] = field(default_factory=dict)
    config: Mapping[str, Any] = field(default_factory=dict)  # JSON Schema 2020-12
    schema: Schema  # of `config`
    sha256: str  # of manifest.yaml, lowercase hex


def read(path: Path) -> Manifest:
    """Raises PolicyError with the findings, OSError where there is no such file."""
    return parse(f"{path.parent.name}/{path.name}", path.read_bytes())


@lru_cache(maxsize=256)  # a reload reads the same again
def parse(file: str, content: bytes) -> Manifest:
    """The manifest in `content`; `file` is what findings call it. Raises PolicyError."""
    document = Document(file, content, limit=SIZE_LIMIT)
    if not document.complete:  # what is missing in it says nothing
        raise PolicyError(document.findings)
    checked = schema("manifest").check(document, document.data)
    findings = [*document.findings, *checked.findings]
    if not findings:
        faults = config_schema.faults(checked.data["config"])
        findings += (Finding.at(document.place(("config", *path)), "config_schema", text) for path, text in faults)
        findings += _paths(document, checked.data.get("capabilities", {}))
    if findings:
        raise PolicyError(findings)
    data = dict(checked.data)
    capabilities = data.pop("capabilities", {})
    return Manifest(
        **{
            **data,
            "accepts": frozenset(data["accepts"]),
            "counters": frozenset(data.get("counters", ())),
            "refusals": {code: RefusalKind(**kind) for code, kind in data["refusals"].items()},
        },
        required=tuple(sorted(capabilities.get("required", ()))),
        optional=tuple(sorted(capabilities.get("optional", ()))),
        schema=Schema(data["config"], untrusted=True),
        sha256=hashlib.sha256(content).hexdigest(),
    )


def _paths(document: Document, capabilities: Mapping[str, Any]) -> Iterator[Finding]:
    """A policy that permits what is in /srv must not be asked for /srv/../etc."""
    for kind, asked in capabilities.items():
        for index, grant in enumerate(asked):
            path = grant.partition(":/")[2] if grant.startswith("fs:") else ""
            if path and not {"", ".", ".."}.isdisjoint(path.split("/")):
                place = document.place(("capabilities", kind, index))
                yield Finding.at(place, "path", f"{grant} must have no '..', '.' or '//' in it and no '/' at its end")


def rule_names(config: Mapping[str, Any]) -> set[str]:
    """The names of a configuration's rules, and of what they look for: a report may count by them too."""
    return set(_named(config.get("rules")))


def _named(rules: Any) -> Iterator[str]:
    for rule in rules if isinstance(rules, list) else ():
        if isinstance(rule, Mapping):
            if isinstance(rule.get("name"), str):
                yield rule["name"]
            scan = rule.get("scan")
            yield from _named(scan.get("find") if isinstance(scan, Mapping) else None)
