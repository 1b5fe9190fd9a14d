from __future__ import annotations

import asyncio
import datetime
from email.utils import format_datetime

import pytest

from gateway.delivery import http
from gateway.delivery.http import HttpSink, HttpTarget
from gateway.flow import Receipt
from tests.delivery.receiver import Answer, Posted, answer, close, drip, hang, never_end, receiving
from tests.delivery.sending import Inbox, deliver, delivery, ending, sending

pytestmark = pytest.mark.anyio


async def test_what_is_posted() -> None:
    async with receiving() as receiver, sending(receiver, headers={"Authorization": "Bearer s3cret"}) as sink:
        [receipt] = await deliver(sink, delivery("d1", '{"a": "é"}', "[]"))
    assert (receipt.decision, receipt.destination) == ("d1", "crm")
    assert ending(receipt) == (True, 1, "200", None)
    [posted] = receiver.posted
    assert posted.line == "POST /in?token=s3cret HTTP/1.1"
    assert posted.body == '{"a": "é"}\n[]\n'.encode()
    told = {name: posted.headers[name] for name in ("content-type", "idempotency-key", "authorization")}
    assert told == {
        "content-type": "application/x-ndjson",
        "idempotency-key": "d1-0",
        "authorization": "Bearer s3cret",
    }


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
async def test_delivered_is_what_is_answered_2xx(status: int) -> None:
    async with receiving(answer(status)) as receiver, sending(receiver) as sink:
        assert ending((await deliver(sink, delivery("d1")))[0]) == (True, 1, str(status), None)


@pytest.mark.parametrize("status", [408, 425, 429, 500, 501, 502, 503, 504, 599])
async def test_what_may_pass_is_tried_again_as_it_was(status: int) -> None:
    async with receiving(answer(status), answer(status)) as receiver, sending(receiver) as sink:
        assert ending((await deliver(sink, delivery("d1", "1", "2")))[0]) == (True, 3, "200", None)
    assert [(posted.headers["idempotency-key"], posted.body) for posted in receiver.posted] == [("d1-0", b"1\n2\n")] * 3


async def test_attempts_are_counted() -> None:
    async with receiving(*[answer(503)] * 3) as receiver, sending(receiver, attempts=3) as sink:
        assert ending((await deliver(sink, delivery("d1")))[0]) == (False, 3, None, "http_503")
    assert len(receiver.posted) == 3


@pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 401, 403, 404, 413, 422, 499])
async def test_other_answers_are_final(status: int) -> None:
    async with receiving() as elsewhere, receiving(answer(status, location=elsewhere.url)) as receiver:
        async with sending(receiver) as sink:
            assert ending((await deliver(sink, delivery("d1")))[0]) == (False, 1, None, f"http_{status}")
        assert len(receiver.posted) == 1
        assert elsewhere.posted == []  # a redirect isn't followed


@pytest.mark.parametrize(
    "value", ["0", "3600", "9" * 400, "Wed, 21 Oct 2015 07:28:00 GMT", "", "-1", "1.5", "\xb2", "soon", "Wed, 99 Xyz"]
)
async def test_no_retry_after_keeps_a_lane_for_longer_than_the_bound(value: str) -> None:
    async with receiving(answer(429, retry_after=value)) as receiver, sending(receiver) as sink:
        assert ending((await deliver(sink, delivery("d1")))[0]) == (True, 2, "200", None)


async def test_retry_after_is_what_is_waited() -> None:
    async with receiving() as receiver, sending(receiver, first=0.5, most=100) as sink:
        assert [sink._pause(1, http._retry_after(value)) for value in ("7", "100", "101")] == [7, 100, 100]
        in_a_minute = format_datetime(datetime.datetime.now(datetime.UTC) + datetime.timedelta(minutes=1), usegmt=True)
        assert 50 < sink._pause(1, http._retry_after(in_a_minute)) <= 60
        assert all(0 <= sink._pause(1, None) <= 0.5 and 0 <= sink._pause(4, None) <= 4 for _ in range(100))
        assert max(sink._pause(20, None) for _ in range(100)) <= 100


@pytest.mark.parametrize(
    ("broken", "error"),
    [(hang, "timeout"), (drip, "timeout"), (close, "connection_lost")],
    ids=["hang", "drip", "close"],
)
async def test_a_receiver_that_breaks_off(broken: Answer, error: str) -> None:
    async with receiving(broken, broken, broken) as receiver, sending(receiver, timeout=0.2, attempts=2) as sink:
        assert ending((await deliver(sink, delivery("d1")))[0]) == (False, 2, None, error)
        assert ending((await deliver(sink, delivery("d2")))[0])[::2] == (True, "200")


async def test_nobody_listens() -> None:
    async with receiving() as receiver:
        pass
    async with sending(receiver, attempts=2) as sink:
        assert ending((await deliver(sink, delivery("d1")))[0]) == (False, 2, None, "connect_failed")


async def test_a_status_counts_though_its_answer_never_ends() -> None:
    async with receiving(never_end) as receiver, sending(receiver, timeout=0.2) as sink:
        assert ending((await deliver(sink, delivery("d1")))[0]) == (True, 1, "200", None)
    assert len(receiver.posted) == 1


async def test_connections_are_kept_unless_an_answer_is_too_long() -> None:
    answers = [answer(200, b"x" * 60_000), answer(500, b"x"), answer(200, b"x" * 200_000)]
    async with receiving(*answers) as receiver, sending(receiver) as sink:
        for number in range(4):
            await deliver(sink, delivery(f"d{number}"))
    assert [posted.connection for posted in receiver.posted] == [1, 1, 1, 2, 2]


class Gate:
    """An answer that a test lets go."""

    def __init__(self, then: Answer | None = None) -> None:
        self.open = asyncio.Event()
        self._then = then or answer(200)

    async def __call__(self, posted: Posted, writer: asyncio.StreamWriter) -> None:
        await self.open.wait()
        await self._then(posted, writer)


async def test_what_waits_in_a_lane_is_one_post() -> None:
    gate, inbox = Gate(), Inbox()
    async with receiving(gate) as receiver, sending(receiver) as sink:
        sink.put([delivery("d0")], inbox.done)
        await receiver.got(1)
        for number in range(1, 6):
            sink.put([delivery(f"d{number}")], inbox.done)
        gate.open.set()
        receipts = await inbox.receipts(6)
    assert [receipt.decision for receipt in receipts] == [f"d{number}" for number in range(6)]
    assert all(receipt.delivered for receipt in receipts)
    assert [(posted.headers["idempotency-key"], posted.body) for posted in receiver.posted] == [
        ("d0-0", b"d0\n"),
        ("d1x5-0", b"d1\nd2\nd3\nd4\nd5\n"),
    ]


@pytest.mark.parametrize("bound", [{"messages": 4}, {"size": 12}])
async def test_a_post_keeps_its_bounds(bound: dict[str, int]) -> None:
    lines = [["01", "02"], ["03"], ["04", "05"], ["06", "07", "08", "09", "10", "11", "12", "13", "14"], ["15"]]
    async with receiving() as receiver, sending(receiver, **bound) as sink:
        receipts = await deliver(sink, *(delivery(f"d{number}", *some) for number, some in enumerate(lines)))
    assert [(receipt.decision, receipt.delivered) for receipt in receipts] == [(f"d{n}", True) for n in range(5)]
    assert [(posted.headers["idempotency-key"], posted.body.decode().split()) for posted in receiver.posted] == [
        ("d0x2-0", ["01", "02", "03"]),
        ("d2-0", ["04", "05"]),
        ("d3-0", ["06", "07", "08", "09"]),
        ("d3-1", ["10", "11", "12", "13"]),
        ("d3-2", ["14"]),
        ("d4-0", ["15"]),
    ]


async def test_a_message_over_the_size_of_a_post_goes_alone() -> None:
    async with receiving() as receiver, sending(receiver, size=4) as sink:
        assert (await deliver(sink, delivery("d1", "1", "a long message", "2")))[0].delivered
    assert [posted.body for posted in receiver.posted] == [b"1\n", b"a long message\n", b"2\n"]


async def test_a_delivery_is_confirmed_when_all_its_parts_are() -> None:
    answers = [answer(200), answer(500), answer(404)]
    async with receiving(*answers) as receiver, sending(receiver, messages=1) as sink:
        assert ending((await deliver(sink, delivery("d1", "1", "2", "3")))[0]) == (False, 2, None, "http_404")
    assert [posted.body for posted in receiver.posted] == [b"1\n", b"2\n", b"2\n"]


async def test_what_a_receiver_refuses_costs_its_neighbours_nothing() -> None:
    async def judge(posted: Posted, writer: asyncio.StreamWriter) -> None:
        await answer(400 if b"bad" in posted.body else 200)(posted, writer)

    async with receiving(*[judge] * 4) as receiver, sending(receiver) as sink:
        receipts = await deliver(sink, delivery("d1"), delivery("d2", "bad"), delivery("d3"))
    assert [ending(receipt) for receipt in receipts] == [
        (True, 1, "200", None),
        (False, 1, None, "http_400"),
        (True, 1, "200", None),
    ]
    assert [posted.headers["idempotency-key"] for posted in receiver.posted] == ["d1x3-0", "d1-0", "d2-0", "d3-0"]


async def test_a_lane_keeps_its_order_through_failures() -> None:
    answers = [answer(503), close, answer(429, retry_after="0")]
    async with receiving(*answers) as receiver, sending(receiver, messages=1) as sink:
        receipts = await deliver(sink, *(delivery(f"d{number}") for number in range(5)))
    assert [receipt.attempts for receipt in receipts] == [4, 1, 1, 1, 1]
    assert [posted.body for posted in receiver.posted] == [b"d0\n"] * 4 + [f"d{n}\n".encode() for n in range(1, 5)]


async def test_lanes_do_not_wait_for_each_other() -> None:
    gate, inbox = Gate(), Inbox()
    async with receiving(gate) as receiver, sending(receiver) as sink:
        sink.put([delivery("slow", lane="a/orders"), delivery("fast", lane="b/orders")], inbox.done)
        assert [receipt.decision for receipt in await inbox.receipts(1)] == ["fast"]
        gate.open.set()
        assert [receipt.decision for receipt in await inbox.receipts(2)] == ["fast", "slow"]


async def test_what_waits_is_bounded() -> None:
    gate, inbox = Gate(), Inbox()
    async with receiving(gate) as receiver, sending(receiver, waiting=10) as sink:
        sink.put([delivery("large", "more than ten bytes"), delivery("d1")], inbox.done)
        assert [ending(receipt) for receipt in await inbox.receipts(1)] == [(False, 0, None, "queue_full")]
        gate.open.set()
        assert ending((await inbox.receipts(2))[1]) == (True, 1, "200", None)
        assert (await deliver(sink, delivery("d2")))[0].delivered


async def test_one_that_fails_when_told_does_not_end_the_sink(caplog: pytest.LogCaptureFixture) -> None:
    def fail(receipts: list[Receipt]) -> None:
        raise LookupError("of the test")

    async with receiving() as receiver, sending(receiver) as sink:
        sink.put([delivery("d1")], fail)
        assert (await deliver(sink, delivery("d2")))[0].delivered
    assert "whoever waited for a delivery failed" in caplog.text


async def test_the_end_waits_for_what_is_under_way() -> None:
    gate, inbox = Gate(), Inbox()
    async with receiving(gate) as receiver, sending(receiver) as sink:
        sink.put([delivery("d1"), delivery("d2")], inbox.done)
        closing = asyncio.create_task(asyncio.to_thread(sink.close))
        await receiver.got(1)
        gate.open.set()
        await closing
        assert [receipt.delivered for receipt in await inbox.receipts(2)] == [True, True]
        assert not sink.probe()
        assert ending((await deliver(sink, delivery("late")))[0]) == (False, 0, None, "closed")


async def test_the_end_does_not_wait_for_ever() -> None:
    inbox = Inbox()
    async with receiving(hang) as receiver:
        async with sending(receiver, grace=0.05, messages=1) as sink:
            sink.put([delivery("d1"), delivery("d2")], inbox.done)
            await receiver.got(1)
        receipts = await inbox.receipts(2)
    assert [(receipt.decision, *ending(receipt)) for receipt in receipts] == [
        ("d1", False, 0, None, "closed"),
        ("d2", False, 0, None, "closed"),
    ]


def test_a_loop_that_has_ended() -> None:
    loop = asyncio.new_event_loop()
    sink = HttpSink(HttpTarget(url="http://127.0.0.1:9/", headers={}), loop)
    loop.close()
    told: list[Receipt] = []
    sink.put([delivery("d1")], told.extend)
    assert [ending(receipt) for receipt in told] == [(False, 0, None, "closed")]
