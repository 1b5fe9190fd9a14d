"""Signed bytes: DSSE envelopes (https://github.com/secure-systems-lab/dsse) with Ed25519 signatures (RFC 8032).

What is signed is the payload with its type and their lengths (PAE), so that no payload passes for one of another type.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from msgspec import Struct, field

SIGNATURES = 16  # in one envelope
_ID = 16  # hex digits of a key id

# The y of the points of small order, and of their encodings beyond p. A signature can be made for such a "key" that is
# right for any payload, by anybody (RFC 8032, 8.9, leaves it to us). See https://eprint.iacr.org/2020/1244.
_P = 2**255 - 19
_Y8 = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
_WEAK = frozenset((0, 1, _P - 1, _P, _P + 1, _Y8, _P - _Y8))


class Signature(Struct, frozen=True, kw_only=True):
    keyid: str
    sig: bytes  # 64 bytes; base64 in JSON


class Envelope(Struct, frozen=True, kw_only=True):
    payload: bytes  # base64 in JSON
    type: str = field(name="payloadType")
    signatures: tuple[Signature, ...]


class EnvelopeRefused(Exception):
    """Not an envelope, or not of the type that it should be, or signed by nobody who counts."""


_decode = msgspec.json.Decoder(Envelope).decode


def key_id(public: bytes) -> str:
    """The first 16 hex digits of the SHA-256 of a public key's 32 bytes."""
    return hashlib.sha256(public).hexdigest()[:_ID]


def public_key(text: str) -> bytes:
    """The 32 bytes of a public key that is written as base64. Raises ValueError."""
    try:
        raw = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise ValueError("not base64") from None
    if len(raw) != 32:
        raise ValueError("not the 32 bytes of an Ed25519 public key")
    return raw


def private_key(pem: bytes) -> Ed25519PrivateKey:
    """The key of a PEM file (PKCS #8). Raises ValueError; the text doesn't quote it."""
    try:
        key = load_pem_private_key(pem, None)
    except (ValueError, TypeError):
        raise ValueError("not an unencrypted private key in PEM") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError("not an Ed25519 key")
    return key


def new_private_key() -> bytes:
    """A new key as PEM (PKCS #8, not encrypted)."""
    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def public_of(key: Ed25519PrivateKey) -> bytes:
    """The 32 bytes of its public key."""
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def read(content: bytes, kind: str) -> Envelope:
    """The envelope in JSON, of payload type `kind`. Nothing of it is believed yet. Raises EnvelopeRefused."""
    try:
        envelope = _decode(content)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise EnvelopeRefused("not a DSSE envelope") from None
    if envelope.type != kind:
        raise EnvelopeRefused("a DSSE envelope of another type")
    if not 1 <= len(envelope.signatures) <= SIGNATURES:
        raise EnvelopeRefused(f"a DSSE envelope without a signature, or with more than {SIGNATURES}")
    return envelope


def sign(payload: bytes, kind: str, key: Ed25519PrivateKey, before: bytes = b"") -> bytes:
    """An envelope around `payload`, in JSON. `before`: an envelope around the same payload, whose signatures stay.

    Raises EnvelopeRefused where `before` is another's.
    """
    others: tuple[Signature, ...] = ()
    own = key_id(public_of(key))
    if before:
        known = read(before, kind)
        if known.payload != payload:
            raise EnvelopeRefused("the signatures that are there are for something else")
        others = tuple(one for one in known.signatures if one.keyid != own)
    signed = Signature(keyid=own, sig=key.sign(_encoded(payload, kind)))
    return encode(Envelope(payload=payload, type=kind, signatures=(*others, signed)))


def encode(envelope: Envelope) -> bytes:
    """The envelope in JSON."""
    return msgspec.json.encode(envelope) + b"\n"


def signers(envelope: Envelope, keys: Mapping[str, bytes]) -> tuple[str, ...]:
    """Who of `keys` (name → 32 bytes of a public key) has signed; sorted.

    A signature counts by its key alone: the key id only says which one to try. Raises EnvelopeRefused where the id of a
    known key stands beside a signature that isn't its: somebody has changed one or the other.
    """
    found = set()
    signed = _encoded(envelope.payload, envelope.type)
    for name, public in keys.items():
        for one in envelope.signatures:
            if not hmac.compare_digest(one.keyid.encode(), key_id(public).encode()):
                continue
            if int.from_bytes(public, "little") & (1 << 255) - 1 in _WEAK:
                raise EnvelopeRefused(f"key {name} is none: anybody can sign under it")
            try:
                Ed25519PublicKey.from_public_bytes(public).verify(one.sig, signed)
            except (InvalidSignature, ValueError):
                raise EnvelopeRefused(f"the signature of key {name} is not right") from None
            found.add(name)
    return tuple(sorted(found))


def _encoded(payload: bytes, kind: str) -> bytes:
    """DSSE's pre-authentication encoding."""
    named = kind.encode()
    return b"DSSEv1 %d %s %d %s" % (len(named), named, len(payload), payload)
