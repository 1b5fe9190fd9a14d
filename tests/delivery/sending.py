"""A sink towards a receiver on loopback, and what its receipts are collected in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from gateway.delivery.http import HttpSink, HttpTarget
from gateway.flow import Batch, Delivery, Receipt
from tests.delivery.receiver import Receiver


class Inbox:
    """Collects receipts."""

    def __init__(self) -> None:
        self.calls: list[list[Receipt]] = []
        self._came = asyncio.Event()

    def done(self, receipts: list[Receipt]) -> None:
        self.calls.append(receipts)
        self._came.set()

    async def receipts(self, count: int) -> list[Receipt]:
        """Returns when so many have come."""
        async with asyncio.timeout(20):
            while sum(map(len, self.calls)) < count:
                self._came.clear()
                await self._came.wait()
        return [receipt for call in self.calls for receipt in call]


@asynccontextmanager
async def sending(receiver: Receiver, grace: float = 10, **given: Any) -> AsyncIterator[HttpSink]:
    target = HttpTarget(**{"url": receiver.url, "headers": {}, "first": 0.001, "most": 0.01, **given})
    sink = HttpSink(target, asyncio.get_running_loop(), grace=grace)
    try:
        yield sink
    finally:
        await asyncio.to_thread(sink.close)


def delivery(decision: str, *messages: str, lane: str = "shop/orders") -> Delivery:
    lines = [f"{message}\n".encode() for message in messages or (decision,)]
    return Delivery(decision=decision, destination="crm", batch=Batch.of(lines), lane=lane)


async def deliver(sink: HttpSink, *deliveries: Delivery) -> list[Receipt]:
    inbox = Inbox()
    sink.put(list(deliveries), inbox.done)
    return await inbox.receipts(len(deliveries))


def ending(receipt: Receipt) -> tuple[bool, int, str | None, str | None]:
    return receipt.delivered, receipt.attempts, receipt.receipt, receipt.error
