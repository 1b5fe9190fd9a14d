"""`POST /v1/streams/{stream}/messages`: plain ASGI, since every message pays for what stands here."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import msgspec

from gateway.decisions.record import new_id
from gateway.errors import BadRequest, MaskgateError
from gateway.flow import Arrival, Batch, Credential, Limits
from gateway.job import Acknowledgement
from gateway.pipeline import Pipeline
from gateway.snapshot import Snapshot
from gateway.web import authenticate, body, problem

Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

PREFIX, SUFFIX = "/v1/streams/", "/messages"
_TEXT_LIMIT = 256  # characters of a header that the record keeps
_JSON = (b"content-type", b"application/json")


def stream_of(path: str) -> str | None:
    """The stream that a path names, None where it is another path."""
    if path.startswith(PREFIX) and path.endswith(SUFFIX):
        stream = path[len(PREFIX) : -len(SUFFIX)]
        if stream and "/" not in stream:
            return stream
    return None


class HttpCall:
    """One POST, as `gateway.pipeline.Call`."""

    def __init__(self, scope: Scope, receive: body.Receive, stream: str, reader: body.Reader) -> None:
        self.id, self.time = new_id(), time.time_ns()
        self.stream = stream[:_TEXT_LIMIT]
        self.headers: dict[bytes, bytes] = dict(scope["headers"])  # names are lowercase
        client = scope.get("client")
        self.client: str | None = client[0] if client else None
        self.media_type = _media_type(self.headers.get(b"content-type", b""))
        self._receive, self._reader = receive, reader
        self._raw: bytes | None = None
        self._bytes_in = 0

    async def authenticate(self, snapshot: Snapshot) -> Credential:
        """Raises NoCredential, WrongCredential, and for a webhook what reading the body raises."""
        key = authenticate.api_key(self.headers)
        if key is not None:
            return authenticate.by_key(key, snapshot.producer_keys)
        candidates = snapshot.webhooks(self.stream)
        signature = self.headers.get(authenticate.SIGNATURE)
        if signature is not None and candidates:
            self._raw = await self._read(snapshot.body_limit(self.stream))
        return authenticate.by_signature(self._raw or b"", signature, candidates)

    async def read(self, limits: Limits) -> Batch:
        """Raises the errors of `gateway.web.body`."""
        raw = self._raw if self._raw is not None else await self._read(limits.body)
        encoding = self.headers.get(b"content-encoding", b"").decode("latin-1").strip().lower()
        content = await body.decompress(raw, encoding, limits.body) if encoding else raw
        self._bytes_in = len(content)
        return body.split(content, self.media_type, limits)

    def arrival(self, producer: str | None, credential: str | None) -> Arrival:
        return Arrival(
            id=self.id,
            time=self.time,
            stream=self.stream,
            producer=producer,
            credential=credential,
            client=self.client,
            request_id=self._text(b"x-request-id"),
            traceparent=self._text(b"traceparent"),
            idempotency_key=self._text(b"idempotency-key"),
            media_type=self.media_type[:_TEXT_LIMIT],
            bytes_in=self._bytes_in,
        )

    async def _read(self, limit: int) -> bytes:
        declared = self.headers.get(b"content-length")
        if declared is not None and not declared.isdigit():
            raise BadRequest("Content-Length is not a number.")
        return await self._reader.read(self._receive, limit, int(declared) if declared else None)

    def _text(self, name: bytes) -> str | None:
        value = self.headers.get(name)
        return value.decode("latin-1")[:_TEXT_LIMIT] if value is not None else None


class Ingest:
    """The ASGI application for one stream's messages."""

    def __init__(self, pipeline: Pipeline, body_timeout: float, inflight_bytes: int) -> None:
        """`body_timeout` in seconds; `inflight_bytes` of all bodies that are being read. Made in the event loop."""
        self._pipeline, self._reader = pipeline, body.Reader(body_timeout, inflight_bytes)

    async def __call__(self, scope: Scope, receive: body.Receive, send: Send, stream: str) -> None:
        call = HttpCall(scope, receive, stream, self._reader)
        try:
            acknowledgement = await self._pipeline.handle(call)
        except MaskgateError as error:
            headers = problem.headers(error)
            await _send(send, error.status, headers, problem.problem(error))
        else:
            await _send(send, 200, [_JSON], _answer(acknowledgement))


def _answer(acknowledgement: Acknowledgement) -> bytes:
    content: dict[str, Any] = {
        "id": acknowledgement.id,
        "messages": acknowledgement.messages,
        "delivered": acknowledgement.delivered,
        "dropped": acknowledgement.dropped,
        "refused": len(acknowledgement.refused),
    }
    if acknowledgement.refused:
        content["results"] = problem.results(acknowledgement.refused)
    return msgspec.json.encode(content)


async def _send(send: Send, status: int, headers: list[tuple[bytes, bytes]], content: bytes) -> None:
    headers.append((b"content-length", b"%d" % len(content)))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})


def _media_type(content_type: bytes) -> str:
    """Type and subtype in lowercase, without parameters (RFC 9110, 8.3.1)."""
    return content_type.partition(b";")[0].strip().lower().decode("latin-1")
