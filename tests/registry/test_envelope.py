"""DSSE envelopes, and the indexes in them."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import structs

from gateway.registry import envelope, index
from gateway.registry.envelope import EnvelopeRefused
from gateway.registry.index import Entry, Index, IndexRefused

KEY, OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32)), Ed25519PrivateKey.from_private_bytes(b"\1" * 32)
PUBLIC, OTHERS = envelope.public_of(KEY), envelope.public_of(OTHER)
KIND = "text/plain"


def changed(content: bytes, **members: Any) -> bytes:
    return json.dumps(json.loads(content) | members).encode()


def test_the_encoding_that_is_signed_is_dsse_s() -> None:
    """The example of DSSE's protocol.md."""
    assert envelope._encoded(b"hello world", "http://example.com/HelloWorld") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )


def test_a_known_signature() -> None:
    """RFC 8032 keys are deterministic: the same bytes give the same signature anywhere."""
    signed = json.loads(envelope.sign(b"{}", KIND, KEY))
    assert signed["payload"] == base64.b64encode(b"{}").decode()
    assert signed["signatures"][0]["keyid"] == envelope.key_id(PUBLIC) == "139e3940e64b5491"
    KEY.public_key().verify(base64.b64decode(signed["signatures"][0]["sig"]), b"DSSEv1 10 text/plain 2 {}")


def test_several_sign_and_each_once() -> None:
    content = envelope.sign(b"x", KIND, KEY)
    content = envelope.sign(b"x", KIND, OTHER, content)
    content = envelope.sign(b"x", KIND, KEY, content)
    known = envelope.read(content, KIND)
    assert len(known.signatures) == 2
    assert envelope.signers(known, {"one": PUBLIC, "two": OTHERS}) == ("one", "two")
    assert envelope.signers(known, {"two": OTHERS}) == ("two",)
    assert envelope.signers(known, {}) == ()
    with pytest.raises(EnvelopeRefused, match="something else"):
        envelope.sign(b"y", KIND, KEY, content)


@pytest.mark.parametrize("members", [{"payload": base64.b64encode(b"y").decode()}, {"payload": ""}], ids=str)
def test_another_payload_isnt_what_was_signed(members: dict[str, Any]) -> None:
    known = envelope.read(changed(envelope.sign(b"x", KIND, KEY), **members), KIND)
    with pytest.raises(EnvelopeRefused, match="the signature of key one is not right"):
        envelope.signers(known, {"one": PUBLIC})


def test_another_type_isnt_what_was_signed() -> None:
    content = changed(envelope.sign(b"x", KIND, KEY), payloadType="text/html")
    with pytest.raises(EnvelopeRefused, match="another type"):
        envelope.read(content, KIND)
    with pytest.raises(EnvelopeRefused, match="not right"):
        envelope.signers(envelope.read(content, "text/html"), {"one": PUBLIC})


def test_a_key_id_that_isnt_its_key_s() -> None:
    known = envelope.read(envelope.sign(b"x", KIND, OTHER), KIND)
    lying = structs.replace(known, signatures=(structs.replace(known.signatures[0], keyid=envelope.key_id(PUBLIC)),))
    with pytest.raises(EnvelopeRefused, match="not right"):
        envelope.signers(lying, {"one": PUBLIC})


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{}", b"[]", b"\xff", b"[" * 100_000, b'{"payload":"eA==","payloadType":"text/plain","signatures":[]}',
        b'{"payload":"!","payloadType":"text/plain","signatures":[{"keyid":"a","sig":""}]}',
        b'{"payload":"eA==","payloadType":"text/plain","signatures":{}}',
        b'{"payload":"eA==","payloadType":"text/plain","signatures":['
        + b",".join([b'{"keyid":"a","sig":""}'] * 17) + b"]}",
    ],
    ids=range(9),
)  # fmt: skip
def test_what_isnt_an_envelope(content: bytes) -> None:
    with pytest.raises(EnvelopeRefused):
        envelope.read(content, KIND)


def test_a_signature_of_another_length() -> None:
    content = b'{"payload":"eA==","payloadType":"text/plain","signatures":[{"keyid":"139e3940e64b5491","sig":"AAAA"}]}'
    with pytest.raises(EnvelopeRefused, match="not right"):
        envelope.signers(envelope.read(content, KIND), {"one": PUBLIC})


def test_keys_as_they_are_written() -> None:
    pem = envelope.new_private_key()
    key = envelope.private_key(pem)
    assert envelope.public_key(base64.b64encode(envelope.public_of(key)).decode()) == envelope.public_of(key)
    for wrong in ("", "AAAA", "not base64", base64.b64encode(bytes(33)).decode()):
        with pytest.raises(ValueError, match="not "):
            envelope.public_key(wrong)
    for broken in (b"", b"secret", pem[:-40]):
        with pytest.raises(ValueError, match="PEM") as raised:
            envelope.private_key(broken)
        assert "secret" not in str(raised.value)


ENTRY = Entry(version="1.0.0", manifest="a" * 64, sha256="b" * 64, size=8, published="2026-01-02T03:04:05Z")
INDEX = Index(module="mask", serial=7, versions=(ENTRY,))
KEYS = {"main": PUBLIC}


def test_an_index_is_read_as_it_was_written() -> None:
    assert index.read(index.encode(INDEX, KEY), "mask", KEYS, 7) == INDEX
    assert INDEX.entry("1.0.0") == ENTRY
    assert INDEX.entry("1.0.1") is None


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (structs.replace(INDEX, module="extract"), "another module"),
        (structs.replace(INDEX, serial=6), "older than one that was seen: 6 < 7"),
        (structs.replace(INDEX, versions=(ENTRY, ENTRY)), "twice"),
        (structs.replace(INDEX, versions=(structs.replace(ENTRY, version="../1"),)), "no version"),
        (structs.replace(INDEX, versions=(structs.replace(ENTRY, sha256="B" * 64),)), "no SHA-256"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_an_index_that_cant_be_believed(given: Index, said: str) -> None:
    with pytest.raises(IndexRefused, match=said):
        index.read(index.encode(given, KEY), "mask", KEYS, 7)


def test_an_index_of_another_key() -> None:
    with pytest.raises(IndexRefused, match="isn't signed by a key that counts"):
        index.read(index.encode(INDEX, OTHER), "mask", KEYS)
    with pytest.raises(IndexRefused, match="not a DSSE envelope"):
        index.read(b"{}", "mask", KEYS)
    with pytest.raises(IndexRefused, match="can't be read"):
        index.read(envelope.sign(b"{}", index.TYPE, KEY), "mask", KEYS)


@pytest.mark.parametrize(
    "public",
    [
        "01" + 31 * "00", "ec" + 30 * "ff" + "7f", 32 * "00", 31 * "00" + "80", "01" + 30 * "00" + "80",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        "ed" + 30 * "ff" + "7f", "ee" + 30 * "ff" + "7f", "ee" + 31 * "ff", "ec" + 31 * "ff", "ed" + 31 * "ff",
    ],
)  # fmt: skip
def test_a_key_under_which_anybody_can_sign_is_none(public: str) -> None:
    """OpenSSL takes points of small order: this signature is right for any payload under the first, and many others."""
    raw = bytes.fromhex(public)
    anybodys = envelope.Signature(keyid=envelope.key_id(raw), sig=b"\1" + bytes(63))
    for payload in (b"one", b"another"):
        made = envelope.Envelope(payload=payload, type="text/plain", signatures=(anybodys,))
        with pytest.raises(EnvelopeRefused, match="key ours is none"):
            envelope.signers(made, {"ours": raw})
