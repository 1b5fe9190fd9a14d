"""Guests of the committed mask.wasm, for its tests."""

import hashlib
import hmac
from collections.abc import Sequence
from typing import Any

import jsonschema
from harness import Build, Guest

BUILD = Build("mask", lines=True)
HMAC_KEY = b"a key of more than sixteen bytes"
REDACTED = b'"[REDACTED]"'
KEEP, REDACT, NULLIFY, LEAVE_OUT = ({"kind": kind} for kind in ("keep", "redact", "nullify", "drop"))
Treatment = dict[str, Any]


def partial(first: int = 0, last: int = 0, mask: str = "*") -> Treatment:
    return {"kind": "partial", "keep_first": first, "keep_last": last, "mask": mask}


def text(value: str) -> Treatment:
    return {"kind": "text", "text": value}


def pseudonym(**more: Any) -> Treatment:
    return {"kind": "hmac", "secret": "pseudonym", "domain": "pii.email", **more}


def digest(value: bytes, size: int = 16, domain: bytes = b"pii.email", key: bytes = HMAC_KEY) -> str:
    return hmac.new(key, domain + b"\0" + value, hashlib.sha256).digest()[:size].hex()


def mask(*rules: tuple[str | Sequence[str], Treatment], unlisted: str = "keep", memory: int = 64 << 20) -> Guest:
    """A guest with one rule for each (path or paths, treatment), named a, b, c…"""
    configuration = {
        "unlisted": unlisted,
        "rules": [
            {"name": chr(97 + i), "paths": [paths] if isinstance(paths, str) else list(paths), "treatment": treatment}
            for i, (paths, treatment) in enumerate(rules)
        ],
    }
    jsonschema.validate(configuration, BUILD.manifest["config"], jsonschema.Draft202012Validator)
    return Guest(BUILD, configuration, secrets={"pseudonym": HMAC_KEY}, memory=memory)
