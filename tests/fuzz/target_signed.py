"""Envelopes, indexes and signatures: what nobody signed is never believed, and what is signed is read or refused whole.

The first byte says what the others are: an envelope, the payload of a signed index or of a module's signatures, or what
a signed envelope's bytes become.
"""

from __future__ import annotations

import re

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.registry import envelope, index, signing
from gateway.registry.envelope import EnvelopeRefused
from gateway.registry.index import Index, IndexRefused
from gateway.registry.signing import SignatureRefused
from gateway.registry.versions import Version

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEYS = {"main": envelope.public_of(KEY)}
FILES = ("demo", "1.2.3", b"a manifest", b"a module")
DIGEST = re.compile("[0-9a-f]{64}")


def read_signed(data: bytes) -> None:
    match data[:1]:
        case b"i":
            _index(envelope.sign(data[1:], index.TYPE, KEY))
        case b"m":
            _signatures(envelope.sign(data[1:], signing.TYPE, KEY), data[1:])
        case b"t":
            _tampered(data[1:])
        case _:
            for kind in (index.TYPE, signing.TYPE):
                _envelope(data[1:], kind)
            _signatures(data[1:], b"")
            _index(data[1:])


def _envelope(content: bytes, kind: str) -> None:
    try:
        known = envelope.read(content, kind)
    except EnvelopeRefused:
        return
    assert known.type == kind
    assert 1 <= len(known.signatures) <= envelope.SIGNATURES
    try:
        names = envelope.signers(known, KEYS)
    except EnvelopeRefused:
        return
    again = envelope.read(envelope.sign(known.payload, kind, KEY, content), kind)
    assert again.payload == known.payload
    assert envelope.signers(again, KEYS) == ("main",)
    assert names in ((), ("main",))


def _index(content: bytes) -> None:
    try:
        known = index.read(content, "demo", KEYS, 3)
    except IndexRefused:
        return
    assert isinstance(known, Index)
    assert known.module == "demo"
    assert known.serial >= 3
    versions = [entry.version for entry in known.versions]
    assert [Version(version).text for version in versions] == versions
    assert len(set(versions)) == len(versions)
    for entry in known.versions:
        assert DIGEST.fullmatch(entry.manifest)
        assert DIGEST.fullmatch(entry.sha256)
    assert index.read(index.encode(known, KEY), "demo", KEYS, 3) == known


def _signatures(content: bytes, payload: bytes) -> None:
    try:
        names = signing.signers(*FILES, content, KEYS)
    except SignatureRefused:
        return
    assert not names or not payload or payload == envelope.read(signing.sign(*FILES, KEY), signing.TYPE).payload


def _tampered(data: bytes) -> None:
    """A signed envelope of which some bytes are others: it is refused, or says what it said."""
    before = signing.sign(*FILES, KEY)
    content = bytearray(before)
    for at, byte in zip(data[::2], data[1::2], strict=False):
        content[at * 3 % len(content)] = byte
    try:
        names = signing.signers(*FILES, bytes(content), KEYS)
    except SignatureRefused:
        return
    assert (
        not names or envelope.read(bytes(content), signing.TYPE).payload == envelope.read(before, signing.TYPE).payload
    )
