"""Destination `http`: POSTs of many messages, delivered only on 2xx, tried again with backoff.

Deliveries that wait for the same lane (producer and stream) are combined into one POST and never overtake each other;
lanes are independent. What a receiver answers besides its status and Retry-After is thrown away.
"""

from __future__ import annotations

import asyncio
import email.utils
import logging
import random
import time
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby, pairwise

import httpx
from msgspec import Struct

from gateway.delivery.sink import Done
from gateway.flow import Delivery, Receipt
from gateway.media import NDJSON
from gateway.trust import authorities

log = logging.getLogger("maskgate.delivery")

# They would log every address and every header of an answer, of which a destination's secrets may be part.
logging.getLogger("httpx").setLevel(logging.WARNING)
logging.getLogger("httpcore").setLevel(logging.WARNING)

_RETRIED = frozenset((408, 425, 429))  # and 5xx
_CONNECTIONS = 32  # of one sink
_DISCARDED = 64 << 10  # bytes of an answer that are read, so that its connection can be used again


class HttpTarget(Struct, frozen=True, kw_only=True):
    """Where and how to POST. Sizes in bytes, times in seconds."""

    url: str
    headers: Mapping[str, str]
    media_type: str = NDJSON  # of a POST's body
    messages: int = 500  # in one POST
    size: int = 1 << 20  # of one POST's body, unless a single message is larger
    timeout: float = 10  # for one try
    attempts: int = 5
    first: float = 0.2  # longest pause before the second try; it doubles
    most: float = 5  # longest pause of all, Retry-After included
    waiting: int = 64 << 20  # of the bodies that wait; further ones are refused, unless nothing waits

    def __repr__(self) -> str:
        return "HttpTarget(…)"  # headers and address may hold secrets


class _Waiting(Struct, frozen=True):
    delivery: Delivery
    done: Done


class _Result(Struct, frozen=True):
    delivered: bool
    attempts: int
    receipt: str | None = None
    error: str | None = None
    refused: bool = False  # the receiver will not have this body, whenever it is sent


class HttpSink:
    def __init__(self, target: HttpTarget, loop: asyncio.AbstractEventLoop, *, grace: float = 10) -> None:
        """`loop` is where the requests are made; `grace`: the seconds that `close` gives to what waits."""
        self._target, self._loop, self._grace = target, loop, grace
        self._client = httpx.AsyncClient(
            headers={**target.headers, "content-type": target.media_type},
            timeout=None,  # noqa: S113 `_try` has one for the whole
            limits=httpx.Limits(max_connections=_CONNECTIONS, max_keepalive_connections=_CONNECTIONS),
            follow_redirects=False,
            trust_env=False,
            verify=authorities(),
        )
        self._connections = asyncio.Semaphore(_CONNECTIONS)
        self._lanes: dict[str, deque[_Waiting]] = {}
        self._bytes = 0  # of what waits or is on its way
        self._tasks: set[asyncio.Task[None]] = set()

    def put(self, deliveries: list[Delivery], done: Done) -> None:
        try:
            self._loop.call_soon_threadsafe(self._enqueue, deliveries, done)
        except RuntimeError:  # the loop has ended
            _tell([_Waiting(delivery, done) for delivery in deliveries], _Result(False, 0, error="closed"))

    def probe(self) -> bool:
        return not self._client.is_closed

    def close(self) -> None:
        """From another thread than the loop's."""
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()

    async def _close(self) -> None:
        await asyncio.sleep(0)  # what `put` has scheduled comes first
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=self._grace)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await self._client.aclose()

    def _enqueue(self, deliveries: list[Delivery], done: Done) -> None:
        refused = []
        for delivery in deliveries:
            entry, size = _Waiting(delivery, done), len(delivery.batch.body)
            error = self._refusal(size)
            if error is not None:
                refused.append((entry, error))
                continue
            self._bytes += size
            waiting = self._lanes.get(delivery.lane)
            if waiting is None:
                waiting = self._lanes[delivery.lane] = deque()
                task = self._loop.create_task(self._serve(delivery.lane, waiting))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
            waiting.append(entry)
        for entry, error in refused:
            _tell([entry], _Result(False, 0, error=error))

    def _refusal(self, size: int) -> str | None:
        if self._client.is_closed:
            return "closed"
        return "queue_full" if self._bytes and self._bytes + size > self._target.waiting else None

    async def _serve(self, lane: str, waiting: deque[_Waiting]) -> None:
        """Deliver what waits in one lane, POST by POST, until nothing does."""
        taken: list[_Waiting] = []
        try:
            while waiting:
                taken = self._take(waiting)
                for some, result in await self._deliver(taken):
                    self._bytes -= sum(len(entry.delivery.batch.body) for entry in some)
                    _tell(some, result)
                taken = []
        finally:  # nothing is left in it, unless the sink is closed in the midst of it
            del self._lanes[lane]
            _tell([*taken, *waiting], _Result(False, 0, error="closed"))

    def _take(self, waiting: deque[_Waiting]) -> list[_Waiting]:
        """As many deliveries as fit one POST; at least one."""
        taken = [waiting.popleft()]
        messages, size = len(taken[0].delivery.batch), len(taken[0].delivery.batch.body)
        while waiting:
            batch = waiting[0].delivery.batch
            messages, size = messages + len(batch), size + len(batch.body)
            if messages > self._target.messages or size > self._target.size:
                break
            taken.append(waiting.popleft())
        return taken

    async def _deliver(self, taken: list[_Waiting]) -> list[tuple[list[_Waiting], _Result]]:
        """In one POST; where the receiver refuses that, one by one: what it won't have costs the others nothing."""
        first = taken[0].delivery
        if len(taken) > 1:
            body = b"".join([entry.delivery.batch.body for entry in taken])
            result = await self._post([body], f"{first.decision}x{len(taken)}")
            if result.refused:
                return [
                    ([entry], await self._post(self._parts(entry.delivery), entry.delivery.decision)) for entry in taken
                ]
        else:
            result = await self._post(self._parts(first), first.decision)
        return [(taken, result)]

    def _parts(self, delivery: Delivery) -> list[bytes]:
        """The body of one delivery, cut at message ends into what one POST may hold."""
        body, ends = delivery.batch.body, delivery.batch.ends
        if len(ends) <= self._target.messages and len(body) <= self._target.size:
            return [body]
        cuts, start, count, last = [0], 0, 0, 0
        for end in ends:
            if count and (count == self._target.messages or end - start > self._target.size):
                cuts.append(last)
                start, count = last, 0
            count, last = count + 1, end
        cuts.append(last)
        return [body[a:b] for a, b in pairwise(cuts)]

    async def _post(self, parts: Sequence[bytes], key: str) -> _Result:
        """One after the other, until one isn't delivered. The same part has the same Idempotency-Key at each try."""
        result, attempts = _Result(False, 0), 0
        for number, part in enumerate(parts):
            result = await self._insist(part, f"{key}-{number}")
            attempts = max(attempts, result.attempts)
            if not result.delivered:
                break
        return _Result(result.delivered, attempts, result.receipt, result.error, result.refused)

    async def _insist(self, body: bytes, key: str) -> _Result:
        error = ""
        for attempt in range(1, self._target.attempts + 1):
            answer = await self._try(body, key)
            asked: float | None = None
            if isinstance(answer, str):
                error = answer
            else:
                if answer.is_success:
                    return _Result(True, attempt, receipt=f"{answer.status_code}")
                error = f"http_{answer.status_code}"
                if not answer.is_server_error and answer.status_code not in _RETRIED:
                    return _Result(False, attempt, error=error, refused=answer.is_client_error)
                asked = _retry_after(answer.headers.get("retry-after"))
            if attempt < self._target.attempts:
                await asyncio.sleep(self._pause(attempt, asked))
        return _Result(False, self._target.attempts, error=error)

    async def _try(self, body: bytes, key: str) -> httpx.Response | str:
        """The answer, or the code of the error that came instead."""
        answer: httpx.Response | None = None
        async with self._connections:
            try:
                async with (
                    asyncio.timeout(self._target.timeout),
                    self._client.stream(
                        "POST", self._target.url, content=body, headers={"idempotency-key": key}
                    ) as response,
                ):
                    answer = response
                    await _discard(response)
            except Exception as failure:
                if answer is None:
                    return _code(failure)
        return answer

    def _pause(self, attempt: int, asked: float | None) -> float:
        """Seconds until the next try: what the receiver asked for, else exponential backoff with full jitter."""
        if asked is not None:
            return min(asked, self._target.most)
        return random.uniform(0, min(self._target.first * 2 ** (attempt - 1), self._target.most))  # noqa: S311


def _tell(entries: Iterable[_Waiting], result: _Result) -> None:
    """Give receipts, in one call for all that came in one `put`."""
    now = time.time_ns()
    for done, some in groupby(entries, lambda entry: entry.done):
        receipts = [
            Receipt(
                decision=entry.delivery.decision,
                destination=entry.delivery.destination,
                delivered=result.delivered,
                time=now,
                attempts=result.attempts,
                receipt=result.receipt,
                error=result.error,
            )
            for entry in some
        ]
        try:
            done(receipts)
        except Exception:  # the sink goes on for all the others
            log.exception("whoever waited for a delivery failed")


async def _discard(response: httpx.Response) -> None:
    left = _DISCARDED
    async for piece in response.aiter_raw():
        left -= len(piece)
        if left < 0:
            return


def _code(failure: Exception) -> str:
    if isinstance(failure, TimeoutError):
        return "timeout"
    if isinstance(failure, httpx.ConnectError):
        return "connect_failed"
    if isinstance(failure, httpx.TransportError):
        return "connection_lost"
    log.error("a POST failed: %s", type(failure).__name__)  # the text may hold what was sent
    return "post_failed"


def _retry_after(value: str | None) -> float | None:
    """Seconds of a Retry-After header (RFC 9110, 10.2.3), None where there is none that can be read."""
    if value is None:
        return None
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - time.time())
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
