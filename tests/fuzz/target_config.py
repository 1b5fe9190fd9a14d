"""The schema of a configuration and a configuration: text of the one, a line `---`, text of the other.

What the gateway accepts, the library that it stands on accepts; what it doesn't has findings; no work is endless.
"""

from __future__ import annotations

import json

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry

from gateway.documents.finding import Finding, PolicyError
from gateway.documents.source import Document
from gateway.registry import manifest
from tests.fuzz.target_manifest import can_be_told

FILE = "with"
HEAD = {
    "module": "demo", "version": "1.0.0", "abi": "maskgate/1", "scope": "batch", "language": "c", "description": "",
    "accepts": ["application/json"], "produces": "application/json", "refusals": {},
}  # fmt: skip
SEPARATOR = b"\n---\n"


def the_librarys(config: object, value: object) -> bool | None:
    """What the jsonschema library says; None where it runs in circles, as with `{"not": {"not": {"$ref": "#"}}}`."""
    try:
        return Draft202012Validator(config, registry=Registry()).is_valid(value)
    except RecursionError:
        return None
    except BaseException as failure:
        if type(failure).__name__ == "PanicException":  # a recursion that ended inside the library's own extension
            return None
        raise


def check_config(data: bytes) -> None:
    text, _, given = data.partition(SEPARATOR)
    config = Document("config", text).data
    document = Document(FILE, given)
    if not isinstance(config, dict) or not document.complete:
        return
    written = json.dumps({**HEAD, "config": config}).encode()
    try:
        schema = manifest.parse.__wrapped__("manifest.yaml", written).schema
    except PolicyError as error:
        can_be_told(error.findings, "manifest.yaml", written)
        return
    Draft202012Validator.check_schema(config, format_checker=FormatChecker(()))  # what the gateway takes is one
    accepted = schema.accepts(document.data)
    assert accepted is schema.accepts(document.data)
    checked = schema.check(document, document.data)
    assert accepted is (not checked.findings)
    if checked.findings:
        findings: set[Finding] = set(checked.findings)
        can_be_told(tuple(findings), FILE, given)
        assert checked.data is None or schema.accepts(checked.data)
    else:
        assert checked.data == document.data
    if b"pattern" not in text and not any(finding.code == "schema_cost" for finding in checked.findings):
        assert the_librarys(config, document.data) in (accepted, None)
