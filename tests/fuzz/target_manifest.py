"""The manifest reader: a manifest whose every field is in order, or findings that can be printed and have a place."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from gateway.documents.finding import Finding, PolicyError
from gateway.documents.source import Document
from gateway.registry import manifest
from gateway.registry.manifest import Manifest

FILE = "demo/manifest.yaml"
BREAKS = re.compile("\r\n|[\r\n]")
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
WORD = re.compile(r"[a-z][a-z0-9_]{0,62}")
MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9.+-]{0,63}/[a-z0-9][a-z0-9.+-]{0,63}")
CAPABILITY = re.compile(r"clock|random|log|(env|secret|fs:read|http):[^\0]+")


def read_manifest(data: bytes) -> None:
    first, second = _parsed(data), _parsed(data)
    if isinstance(first, Manifest):
        assert isinstance(second, Manifest)
        fields = [name for name in first.__struct_fields__ if name != "schema"]
        assert [getattr(first, name) for name in fields] == [getattr(second, name) for name in fields]
        in_order(first, data)
    else:
        assert first == second
        can_be_told(first, FILE, data)
    same_as_json(data)


def _parsed(data: bytes) -> Manifest | tuple[Finding, ...]:
    try:
        return manifest.parse.__wrapped__(FILE, data)  # what a cache remembers would prove nothing
    except PolicyError as error:
        return error.findings


def can_be_told(findings: tuple[Finding, ...], file: str, data: bytes) -> None:
    """There are findings, not too many, each in the file, and safe to print."""
    lines = [len(line) for line in BREAKS.split(data.decode(errors="replace"))]
    assert 1 <= len(findings) <= 402
    for finding in findings:
        assert finding.file == file
        assert 1 <= finding.line <= len(lines)
        assert 1 <= finding.column <= max(lines) + 1
        assert re.fullmatch("[a-z0-9_]+", finding.code)
        assert finding.message.isprintable()
        assert 1 <= len(finding.message) <= 1_000


def in_order(made: Manifest, data: bytes) -> None:
    assert len(data) <= manifest.SIZE_LIMIT
    assert made.sha256 == hashlib.sha256(data).hexdigest()
    assert NAME.fullmatch(made.module)
    assert made.version.isprintable()
    assert len(made.language) <= 63
    assert len(made.description) <= 300
    assert made.scope in ("message", "batch")
    assert type(made.splits) is bool
    for asked in (made.required, made.optional):
        assert list(asked) == sorted(set(asked))
        assert all(CAPABILITY.fullmatch(capability) for capability in asked)
    assert made.accepts
    assert all(MEDIA_TYPE.fullmatch(media_type) for media_type in (*made.accepts, made.produces))
    assert all(WORD.fullmatch(name) for name in (*made.counters, *made.refusals))
    assert all(kind.status in (400, 422) and 1 <= len(kind.title) <= 200 for kind in made.refusals.values())
    assert isinstance(made.config, dict)
    for value in ({}, [], "", 0, {"rules": [{"name": "a"}]}):
        assert type(made.schema.accepts(value)) is bool


def same_as_json(data: bytes) -> None:
    """What is JSON and read without a finding has the value that JSON gives it."""
    try:
        expected: Any = json.loads(data.decode(), parse_constant=_refuse)
    except (ValueError, RecursionError):
        return
    document = Document(FILE, data)
    assert document.complete or document.findings
    assert document.findings or document.data == expected


def _refuse(word: str) -> None:
    raise ValueError(word)
