"""Destination `http`: POSTs of NDJSON, delivered only on 2xx, tried again with backoff.

Deliveries that wait for the same lane (producer and stream) are combined into one POST and never overtake each other;
lanes are independent. What a receiver answers besides its status is not read.
"""

from __future__ import annotations

import asyncio
import email.utils
import random
import time
from collections import deque
from collections.abc import Mapping
from itertools import pairwise

import httpx
from msgspec import Struct

from gateway.delivery.sink import Done
from gateway.flow import Delivery, Receipt

_RETRIED = frozenset((408, 425, 429, 500, 502, 503, 504))


class HttpTarget(Struct, frozen=True, kw_only=True):
    """Where and how to POST. Sizes in bytes, times in seconds."""

    url: str
    headers: Mapping[str, str]
    messages: int = 500  # in one POST
    size: int = 1 << 20  # of one POST's body, unless a single message is larger
    timeout: float = 10  # for one try
    attempts: int = 5
    first: float = 0.2  # longest pause before the second try; it doubles
    most: float = 5  # longest pause of all, Retry-After included


class _Group:
    """What one `put` brought: its receipts are given back together."""

    def __init__(self, deliveries: list[Delivery], done: Done) -> None:
        self.receipts: list[Receipt | None] = [None] * len(deliveries)
        self.left = len(deliveries)
        self.done = done

    def end(self, place: int, receipt: Receipt) -> None:
        self.receipts[place] = receipt
        self.left -= 1
        if not self.left:
            self.done([receipt for receipt in self.receipts if receipt is not None])


class _Waiting(Struct, frozen=True):
    delivery: Delivery
    group: _Group
    place: int


class _Result(Struct, frozen=True):
    delivered: bool
    attempts: int
    receipt: str | None = None
    error: str | None = None


class HttpSink:
    def __init__(self, target: HttpTarget, loop: asyncio.AbstractEventLoop) -> None:
        """`loop` is where the requests are made."""
        self._target, self._loop = target, loop
        self._client = httpx.AsyncClient(
            headers={**target.headers, "content-type": "application/x-ndjson"},
            timeout=target.timeout,
            follow_redirects=False,
            trust_env=False,
        )
        self._lanes: dict[str, deque[_Waiting]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def put(self, deliveries: list[Delivery], done: Done) -> None:
        self._loop.call_soon_threadsafe(self._enqueue, deliveries, done)

    def probe(self) -> bool:
        return not self._client.is_closed

    def close(self) -> None:
        """From another thread than the loop's."""
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()

    async def _close(self) -> None:
        await asyncio.sleep(0)  # what `put` has scheduled comes first
        while self._tasks:
            await asyncio.wait(self._tasks)
        await self._client.aclose()

    def _enqueue(self, deliveries: list[Delivery], done: Done) -> None:
        group = _Group(deliveries, done)
        for place, delivery in enumerate(deliveries):
            waiting = self._lanes.get(delivery.lane)
            if waiting is None:
                waiting = self._lanes[delivery.lane] = deque()
                task = self._loop.create_task(self._serve(delivery.lane, waiting))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
            waiting.append(_Waiting(delivery, group, place))

    async def _serve(self, lane: str, waiting: deque[_Waiting]) -> None:
        while waiting:
            taken = self._take(waiting)
            result = await self._deliver(taken)
            now = time.time_ns()
            for entry in taken:
                receipt = Receipt(
                    decision=entry.delivery.decision,
                    destination=entry.delivery.destination,
                    delivered=result.delivered,
                    time=now,
                    attempts=result.attempts,
                    receipt=result.receipt,
                    error=result.error,
                )
                entry.group.end(entry.place, receipt)
        del self._lanes[lane]

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

    async def _deliver(self, taken: list[_Waiting]) -> _Result:
        if len(taken) > 1:
            parts = [b"".join(entry.delivery.batch.body for entry in taken)]
        else:
            parts = self._parts(taken[0].delivery)
        result = _Result(False, 0)
        for number, part in enumerate(parts):
            result = await self._post(part, f"{taken[0].delivery.decision}-{number}")
            if not result.delivered:
                break
        return result

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

    async def _post(self, body: bytes, key: str) -> _Result:
        error = ""
        for attempt in range(1, self._target.attempts + 1):
            pause: float | None = None
            try:
                response = await self._try(body, key)
            except httpx.TimeoutException:
                error = "timeout"
            except httpx.TransportError:
                error = "connect_failed"
            else:
                if response.is_success:
                    return _Result(True, attempt, receipt=f"{response.status_code}")
                error = f"http_{response.status_code}"
                if response.status_code not in _RETRIED:
                    return _Result(False, attempt, error=error)
                pause = _retry_after(response.headers.get("retry-after"))
            if attempt < self._target.attempts:
                await asyncio.sleep(self._pause(attempt, pause))
        return _Result(False, self._target.attempts, error=error)

    async def _try(self, body: bytes, key: str) -> httpx.Response:
        async with self._client.stream(
            "POST", self._target.url, content=body, headers={"idempotency-key": key}
        ) as response:
            return response

    def _pause(self, attempt: int, asked: float | None) -> float:
        """Seconds until the next try: what the receiver asked for, else exponential backoff with full jitter."""
        if asked is not None:
            return min(asked, self._target.most)
        return random.uniform(0, min(self._target.first * 2 ** (attempt - 1), self._target.most))  # noqa: S311


def _retry_after(value: str | None) -> float | None:
    """Seconds of a Retry-After header (RFC 9110, 10.2.3), None where there is none that can be read."""
    if value is None:
        return None
    if value.isdigit():
        return float(value)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - time.time())
    except ValueError:
        return None
