"""What a policy set says in YAML of modules and of trust. The first byte says which file it is."""

from __future__ import annotations

from gateway.documents.schema import schema
from gateway.documents.source import Document
from gateway.policy import values
from gateway.registry import lock
from tests.fuzz.target_manifest import can_be_told

KINDS = {b"l": "modules.lock", b"t": "trust", b"p": "producer", b"s": "stream", b"c": "classes", b"d": "destination"}


def read_policy(data: bytes) -> None:
    kind, content = KINDS.get(data[:1], "keys"), data[1:]
    document = Document("file.yaml", content)
    checked = schema(kind).check(document, document.data)
    findings = (*document.findings, *checked.findings)
    if findings:
        can_be_told(findings, "file.yaml", content)
        assert checked.data is None or schema(kind).accepts(checked.data) or not document.complete
    elif kind == "trust":
        trust = values.trust(checked.data)
        assert all(len(key.public) == 32 for key in trust.keys.values())
        assert len(trust.keys) == len(checked.data.get("keys", {}))
        assert trust.unsigned is (checked.data.get("unsigned") == "fresh")
    elif kind == "modules.lock":
        written = Document("modules.lock", lock.encode(checked.data["modules"]))
        assert not written.findings
        assert written.data == checked.data
