"""Who is calling: API keys, and webhook signatures as GitHub makes them.

A key's SHA-256 is looked up; what is on disk and what a timing could tell is the hash, never the key. Keys are
made of 256 random bits (`maskgate keys new`), which is why a plain hash is enough (NIST SP 800-63B, 5.1.1.2 asks for
slow hashes where secrets are chosen by people).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence

from gateway.errors import NoCredential, WrongCredential
from gateway.flow import Credential

SIGNATURE = b"x-hub-signature-256"  # "sha256=" and the hex HMAC-SHA-256 of the raw body under the shared secret


def api_key(headers: Mapping[bytes, bytes]) -> bytes | None:
    """The key of `Authorization: Bearer KEY` or `X-API-Key: KEY`, None where there is neither."""
    authorization = headers.get(b"authorization")
    if authorization is not None:
        scheme, _, key = authorization.partition(b" ")
        if scheme.lower() != b"bearer":
            raise WrongCredential("Use 'Authorization: Bearer KEY'.")
        return key.strip()
    return headers.get(b"x-api-key")


def by_key(key: bytes, credentials: Mapping[str, Credential]) -> Credential:
    """The credential of a key; `credentials` by the hex SHA-256 of theirs. Raises WrongCredential."""
    digest = hashlib.sha256(key).hexdigest()
    credential = credentials.get(digest)
    if credential is None:
        raise WrongCredential()
    return credential


def by_signature(body: bytes, signature: bytes | None, candidates: Sequence[tuple[Credential, bytes]]) -> Credential:
    """The credential whose secret signed the raw `body`. Raises NoCredential, WrongCredential."""
    if signature is None or not candidates:
        raise NoCredential()
    for credential, secret in candidates:
        expected = b"sha256=" + hmac.digest(secret, body, "sha256").hex().encode()
        if hmac.compare_digest(expected, signature):
            return credential
    raise WrongCredential("The signature doesn't match the body.")
