"""What the HTTP sink tells nobody, and whom it believes."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from tests.certificates import certificate
from tests.delivery.receiver import answer, close, receiving
from tests.delivery.sending import deliver, delivery, ending, sending

pytestmark = pytest.mark.anyio


async def test_neither_secrets_nor_what_a_receiver_says_are_told(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    refusal = answer(400, b"zoe@mail.example is no address", warning="zoe@mail.example")
    headers = {"authorization": "Bearer s3cret"}
    async with receiving(refusal, close) as receiver, sending(receiver, headers=headers, attempts=1) as sink:
        receipts = await deliver(sink, delivery("d1", "zoe@mail.example"))
        receipts += await deliver(sink, delivery("d2", "zoe@mail.example"))
        told = f"{receipts} {sink._target!r} {sink!r} {caplog.text}"
    assert [receipt.error for receipt in receipts] == ["http_400", "connection_lost"]
    assert "s3cret" not in told
    assert "zoe" not in told


async def test_a_header_that_cannot_be_sent_is_told(caplog: pytest.LogCaptureFixture) -> None:
    async with receiving() as receiver, sending(receiver, headers={"authorization": "a\r\nb: s3cret"}) as sink:
        [receipt] = await deliver(sink, delivery("d1"))
    assert not receipt.delivered
    assert receiver.posted == []
    assert "s3cret" not in caplog.text


async def test_who_a_receiver_is_is_verified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context, public = certificate(tmp_path, "127.0.0.1")
    async with receiving(tls=context) as receiver:
        async with sending(receiver, attempts=1) as sink:
            assert ending((await deliver(sink, delivery("d1")))[0]) == (False, 1, None, "connect_failed")
        assert receiver.posted == []
        monkeypatch.setenv("SSL_CERT_FILE", str(public))
        async with sending(receiver) as sink:
            assert ending((await deliver(sink, delivery("d1")))[0]) == (True, 1, "200", None)
