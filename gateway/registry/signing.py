"""A module's signatures, and whose count: Ed25519 over the digests of manifest and code, in a DSSE envelope."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from fnmatch import fnmatchcase

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Struct, structs

from gateway.registry import envelope
from gateway.registry.envelope import Envelope, EnvelopeRefused

TYPE = "application/vnd.maskgate.module.v1+json"
LIMIT = 64 << 10  # bytes of signatures.json


class TrustedKey(Struct, frozen=True, kw_only=True):
    public: bytes  # 32 bytes
    modules: tuple[str, ...]  # names, where `*` stands for any text


class RegistryAddress(Struct, frozen=True, kw_only=True):
    source: str  # a folder, an address of an index, oci://… or oci-layout:…
    public: bytes | None  # of the key that signs its indexes; None: versions come from their names alone


class Trust(Struct, frozen=True, kw_only=True):
    """What a policy set says of signatures."""

    keys: Mapping[str, TrustedKey] = {}  # by the name that the policy set gives them
    unsigned: bool = True  # a module without a signature that counts may run, in a fresh instance for every request
    registries: Mapping[str, RegistryAddress] = {}

    def keys_for(self, module: str) -> dict[str, bytes]:
        """The keys that count for a module: name → 32 bytes."""
        return {
            name: key.public
            for name, key in self.keys.items()
            if any(fnmatchcase(module, pattern) for pattern in key.modules)
        }


class _Signed(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is signed. Its fields are in the order of the JSON."""

    module: str
    version: str
    manifest: str  # SHA-256 of manifest.yaml, lowercase hex
    sha256: str  # of the .wasm


class SignatureRefused(Exception):
    """The signatures aren't those of these files, or not right. The text says which."""


def sign(module: str, version: str, manifest: bytes, wasm: bytes, key: Ed25519PrivateKey, before: bytes = b"") -> bytes:
    """signatures.json, with those of `before` that are for the same. What `before` had for other files is gone."""
    payload = _payload(module, version, manifest, wasm)
    try:
        return envelope.sign(payload, TYPE, key, before)
    except EnvelopeRefused:
        return envelope.sign(payload, TYPE, key)


def signers(
    module: str, version: str, manifest: bytes, wasm: bytes, signatures: bytes, keys: Mapping[str, bytes]
) -> tuple[str, ...]:
    """Who of `keys` has signed these files; none without signatures. Raises SignatureRefused where what is signed is
    something else, or a signature that names one of the keys isn't right."""
    if not signatures:
        return ()
    known = _read(signatures)
    if known.payload != _payload(module, version, manifest, wasm):
        raise SignatureRefused("signatures.json is for other files")
    try:
        return envelope.signers(known, keys)
    except EnvelopeRefused as error:
        raise SignatureRefused(f"signatures.json: {error}") from None


def joined(known: bytes, new: bytes, *, verified: bool = False) -> bytes:
    """signatures.json of a version that has `known`, once `new` (for the same files) has come: none is taken away.

    Of two by one key the known one stays; `verified`: the new one, which is known to be right. What can't be read, or
    is for other files, is no signature. Raises SignatureRefused where there would be too many.
    """
    if not known or not new:
        return known or new
    added = _read(new)
    try:
        before = envelope.read(known, TYPE)
    except EnvelopeRefused:
        return new
    if before.payload != added.payload:
        return new
    by_key = {one.keyid: one for one in before.signatures}
    by_key |= {one.keyid: one for one in added.signatures if verified or one.keyid not in by_key}
    signatures = tuple(by_key.values())
    if signatures == before.signatures:
        return known
    if len(signatures) > envelope.SIGNATURES:
        raise SignatureRefused(f"signatures.json would have more than {envelope.SIGNATURES} signatures")
    return envelope.encode(structs.replace(before, signatures=signatures))


def _read(signatures: bytes) -> Envelope:
    try:
        return envelope.read(signatures, TYPE)
    except EnvelopeRefused as error:
        raise SignatureRefused(f"signatures.json: {error}") from None


def _payload(module: str, version: str, manifest: bytes, wasm: bytes) -> bytes:
    digests = (hashlib.sha256(content).hexdigest() for content in (manifest, wasm))
    return msgspec.json.encode(_Signed(module=module, version=version, manifest=next(digests), sha256=next(digests)))
