"""Errors as RFC 9457 `application/problem+json`, with the stable `code` that programs read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from gateway.errors import MaskgateError
from gateway.flow import Refusal

MEDIA_TYPE = "application/problem+json"
RESULTS = 1000  # how many refused messages an answer lists; it always counts them all


def problem(error: MaskgateError) -> bytes:
    """The body of an error's answer, UTF-8 JSON."""
    content: dict[str, Any] = {
        "type": f"/problems/{error.code}",
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        "code": error.code,
    }
    if error.decision:
        content["decision"] = error.decision
    if error.refusals:
        content["refused"] = len(error.refusals)
        content["results"] = results(error.refusals)
    return json.dumps(content).encode()


def headers(error: MaskgateError) -> list[tuple[bytes, bytes]]:
    """The headers of an error's answer, without Content-Length."""
    given = [(b"content-type", MEDIA_TYPE.encode())]
    if error.status == 401:
        given.append((b"www-authenticate", b'Bearer realm="maskgate"'))
    if error.retry_after is not None:
        given.append((b"retry-after", str(error.retry_after).encode()))
    return given


def results(refused: Sequence[Refusal]) -> list[dict[str, Any]]:
    """One entry for each message that didn't pass: its index in the request, the code, and where."""
    return [
        {"index": refusal.index, "status": "refused", "code": refusal.code}
        | ({} if refusal.offset is None else {"offset": refusal.offset})
        for refusal in refused[:RESULTS]
    ]
