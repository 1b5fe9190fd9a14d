"""A module's index: which versions there are, signed by the registry's key.

The serial number only grows: who has seen one takes no older index, so that a withdrawn version doesn't come back.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Struct

from gateway.registry import envelope
from gateway.registry.envelope import EnvelopeRefused
from gateway.registry.versions import NotAVersion, Version

TYPE = "application/vnd.maskgate.index.v1+json"
LIMIT = 4 << 20  # bytes
_REASON = 200  # characters of why a version was withdrawn
_HEX = frozenset("0123456789abcdef")


class Entry(Struct, frozen=True, kw_only=True):
    version: str
    manifest: str  # SHA-256 of manifest.yaml, lowercase hex
    sha256: str  # of the .wasm
    size: int  # bytes of the .wasm
    published: str  # RFC 3339, UTC
    yanked: str | None = None  # why

    @property
    def why(self) -> str:
        """`yanked`, to be shown: a terminal obeys none of it."""
        return "".join(letter if letter.isprintable() else " " for letter in (self.yanked or "")[:_REASON])


class Index(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    module: str
    serial: int
    versions: tuple[Entry, ...] = ()

    def entry(self, version: str) -> Entry | None:
        return next((one for one in self.versions if one.version == version), None)


class IndexRefused(Exception):
    """Not an index that can be believed. The text says why."""


_decode = msgspec.json.Decoder(Index).decode


def encode(index: Index, key: Ed25519PrivateKey) -> bytes:
    """The envelope that is published."""
    return envelope.sign(msgspec.json.encode(index), TYPE, key)


def read(content: bytes, module: str, keys: Mapping[str, bytes], least: int = 0) -> Index:
    """The index of `module`, signed by one of `keys` (name → 32 bytes). `least`: the highest serial seen before.

    Raises IndexRefused.
    """
    try:
        known = envelope.read(content, TYPE)
        if not envelope.signers(known, keys):
            raise IndexRefused(f"the index of module {module} isn't signed by a key that counts for it")
        index = _decode(known.payload)
    except EnvelopeRefused as error:
        raise IndexRefused(f"the index of module {module}: {error}") from None
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise IndexRefused(f"the index of module {module} is signed and can't be read") from None
    if index.module != module:
        raise IndexRefused(f"the index of module {module} is that of another module")
    if index.serial < least:
        raise IndexRefused(f"the index of module {module} is older than one that was seen: {index.serial} < {least}")
    _check(index)
    return index


def _check(index: Index) -> None:
    seen = set()
    for entry in index.versions:
        try:
            version = Version(entry.version)
        except NotAVersion:
            raise IndexRefused(f"the index of module {index.module} lists what is no version") from None
        if version.text in seen:
            raise IndexRefused(f"the index of module {index.module} lists a version twice")
        seen.add(version.text)
        if not all(len(digest) == 64 and _HEX.issuperset(digest) for digest in (entry.manifest, entry.sha256)):
            raise IndexRefused(f"the index of module {index.module} lists what is no SHA-256")
