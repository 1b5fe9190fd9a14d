"""API keys and GitHub's webhook signatures."""

from __future__ import annotations

import hashlib

import pytest

from gateway.errors import NoCredential, WrongCredential
from gateway.flow import Credential
from gateway.web import authenticate

SHOP = Credential(subject="web-shop", id="key-1", kind="api_key")
GITHUB = Credential(subject="github", id="webhook-1", kind="webhook")
OTHER = Credential(subject="other", id="webhook-1", kind="webhook")
KEYS = {hashlib.sha256(b"secret").hexdigest(): SHOP}


@pytest.mark.parametrize(
    "headers",
    [
        {b"authorization": b"Bearer secret"},
        {b"authorization": b"bearer  secret"},
        {b"x-api-key": b"secret"},
    ],
)
def test_a_key_is_found_by_its_hash(headers: dict[bytes, bytes]) -> None:
    key = authenticate.api_key(headers)
    assert key is not None
    assert authenticate.by_key(key, KEYS) == SHOP


@pytest.mark.parametrize("key", [b"", b"secre", b"secret ", b"SECRET", hashlib.sha256(b"secret").hexdigest().encode()])
def test_any_other_key_is_wrong(key: bytes) -> None:
    with pytest.raises(WrongCredential):
        authenticate.by_key(key, KEYS)


def test_another_scheme_is_wrong_even_beside_a_key() -> None:
    with pytest.raises(WrongCredential):
        authenticate.api_key({b"authorization": b"Basic c2VjcmV0", b"x-api-key": b"secret"})


def test_no_header_is_no_key() -> None:
    assert authenticate.api_key({b"content-type": b"application/json"}) is None


# The example of GitHub's documentation, "Validating webhook deliveries".
SECRET, BODY = b"It's a Secret to Everybody", b"Hello, World!"
SIGNATURE = b"sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"


def test_githubs_own_example() -> None:
    assert authenticate.by_signature(BODY, SIGNATURE, [(OTHER, b"another"), (GITHUB, SECRET)]) == GITHUB


@pytest.mark.parametrize(
    ("content", "signature"),
    [
        (BODY + b" ", SIGNATURE),
        (BODY, SIGNATURE[:-1]),
        (BODY, SIGNATURE.upper()),
        (BODY, SIGNATURE.removeprefix(b"sha256=")),
        (BODY, b""),
        (BODY, b"sha1=" + SIGNATURE[7:]),
    ],
)
def test_a_signature_that_does_not_match(content: bytes, signature: bytes) -> None:
    with pytest.raises(WrongCredential):
        authenticate.by_signature(content, signature, [(GITHUB, SECRET)])


def test_without_a_signature_or_a_secret_there_is_no_credential() -> None:
    with pytest.raises(NoCredential):
        authenticate.by_signature(BODY, None, [(GITHUB, SECRET)])
    with pytest.raises(NoCredential):
        authenticate.by_signature(BODY, SIGNATURE, [])
