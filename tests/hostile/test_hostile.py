"""Every hostile guest through the real gateway: each costs its own request, or a reload, and nobody else anything."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from pathlib import Path

import httpx
import pytest

from gateway.errors import GuestFailure, LoadFailure
from gateway.sandbox import host
from tests.conftest import Client, serving
from tests.hostile.guests import GUESTS, REFUSED, SERVED, Hostile
from tests.hostile.served import VALUE, HostilePlace, Left, body, key, stream

pytestmark = pytest.mark.anyio

ORDER = json.dumps({"order_id": "o-1", "customer": {"email": "good@mail.example"}})
ENOUGH = 3 * 64 << 20  # bytes: what the three sandbox threads may give their guests at a time
_VALUE = re.compile(VALUE.split("{}")[0].replace(".", r"\.") + r"\d")
# What answers a guest without a grant as if there were nothing, and so is no attempt.
HARMLESS = {"args_get", "args_sizes_get", "environ_get", "environ_sizes_get", "fd_prestat_get", "sched_yield"}
GRANTED = HARMLESS | {"clock_time_get", "clock_res_get", "poll_oneoff", "random_get", "fd_write"}


async def ask(gateway: Client, guest: Hostile, number: int) -> httpx.Response:
    content, media_type = body(guest, number)
    return await gateway.post(stream(guest), content, key(guest), content_type=media_type)


def expected_denials(guest: Hostile) -> dict[str, int | None]:
    """By the import's name. `everything`: a call of each, without a grant; `rest`: with all grants but for files."""
    every = {name if module != "maskgate" else f"maskgate.{name}": 1 for module, name in host._OFFERED}
    del every["proc_exit"], every["abort"]
    if guest.denied == {"everything": None}:
        return {name: 1 for name in every if name not in HARMLESS}
    if guest.denied == {"rest": None}:
        return {name: 1 for name in every if name not in GRANTED}
    return guest.denied


@pytest.mark.parametrize("name", SERVED)
async def test_a_guest_costs_its_own_request(
    gateway: Client, at_first: Left, name: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    guest = SERVED[name]
    caplog.set_level(logging.DEBUG)
    revision = gateway.gateway.snapshot.revision
    if guest.then:
        monkeypatch.setenv(*guest.then.split("="))
    for number in range(guest.asks):
        answer = await ask(gateway, guest, number)
        said = answer.json()
        assert (answer.status_code, said.get("code")) == (guest.status, guest.code), answer.text
        if guest.delivers is not None:
            assert gateway.place.delivered("crm").splitlines()[-1].decode() == guest.delivers

        (decision,) = [
            decision
            for decision in await gateway.decisions(producer=guest.module)
            if decision["id"] == said.get("decision", said.get("id"))
        ]
        assert (decision["status"], decision["code"]) == (guest.status, guest.code)
        blamed = guest.blames or guest.module
        failed = guest.code if guest.code in {*GuestFailure} else None
        assert decision["outcome"] == ("failed" if failed else "refused" if guest.code else "allowed")
        assert decision["plans"][0].get("failed") == (blamed if failed else None)
        denied = decision["plans"][0].get("denied", {})
        expected = {f"{guest.module}.{tried}": count for tried, count in expected_denials(guest).items()}
        assert denied.keys() == expected.keys()
        assert all(count is None or denied[tried] == count for tried, count in expected.items()), denied

        good = await gateway.post("orders", ORDER)
        assert good.status_code == 200
        metrics = (await gateway.http.get("/metrics")).text
        for text in (answer.text, json.dumps(decision), metrics, caplog.text):
            assert not _VALUE.search(text)
    for tried in expected_denials(guest):
        assert f'maskgate_denied_attempts_total{{module="{guest.module}",name="{tried}"}}' in metrics
    if failed:
        assert f'maskgate_guest_failures_total{{failure="{failed}",module="{blamed}"}}' in metrics
    assert "an import failed" not in caplog.text  # what the host says of a mistake of its own
    assert gateway.gateway.snapshot.revision == revision


@pytest.mark.parametrize("name", REFUSED)
async def test_a_guest_that_is_refused_changes_nothing(
    reloading: Client, at_first: Left, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    guest, place = REFUSED[name], reloading.place
    assert isinstance(place, HostilePlace)
    revision = reloading.gateway.snapshot.revision
    place.add(guest)
    try:
        assert not await reloading.gateway.reload()
    finally:
        place.withdraw(guest)
    assert reloading.gateway.snapshot.revision == revision
    told = (await reloading.http.get("/v1/policies", headers={"authorization": "Bearer mg_example_security"})).json()
    reason = told["last_refused"]["reason"]
    assert told["revision"] == revision
    assert re.search(rf"\bmodule {guest.module}: .", reason)
    assert reason.isprintable()
    assert len(reason) < 5000
    assert reason in caplog.text
    if guest.code in {*LoadFailure}:
        metrics = (await reloading.http.get("/metrics")).text
        assert f'maskgate_module_load_failures_total{{failure="{guest.code}",module="{guest.module}"}} 1.0' in metrics
    good = await reloading.post("orders", ORDER)
    assert good.status_code == 200
    stranger = await reloading.post("orders", ORDER, key(guest))
    assert stranger.status_code == 401


@pytest.mark.parametrize("served", ["gateway", "keeping"])
async def test_all_of_them_at_once(gateway: Client, keeping: Client, at_first: Left, served: str) -> None:
    """… and again, while a good producer's requests go on: with fresh instances, and with kept ones."""
    client: Client = {"gateway": gateway, "keeping": keeping}[served]
    guests = [guest for guest in SERVED.values() if not guest.then]
    if client is keeping:  # a module that somebody answers for may remember, within one producer
        guests = [guest for guest in guests if not guest.name.startswith("remembers")]
    done = asyncio.Event()
    good: list[int] = []

    async def produce() -> None:
        while not done.is_set():
            good.append((await client.post("orders", ORDER)).status_code)

    producing = [asyncio.create_task(produce()) for _ in range(2)]
    try:
        for _ in range(2):
            answers = await asyncio.gather(*(ask(client, guest, 1) for guest in guests))
            seen = {guest.name: (a.status_code, a.json().get("code")) for guest, a in zip(guests, answers, strict=True)}
            # Limits are of wall clock: whoever works hard may be late in a crowd, and is no other code for that.
            late = {name: answer for name, answer in seen.items() if answer == (422, "guest_timeout")}
            assert seen == {guest.name: (guest.status, guest.code) for guest in guests} | late
    finally:
        done.set()
        await asyncio.gather(*producing)
    assert set(good) == {200}


async def test_who_is_nearly_too_slow_takes_turns(binaries: Path, tmp_path: Path) -> None:
    """Work that ends in time, however much of it waits, doesn't keep the threads from a producer with little."""
    slow, quick = SERVED["waits_a_little_less"], SERVED["alloc_odd"]
    ended: list[str] = []
    place = HostilePlace(tmp_path, binaries)
    place.add(slow, quick)
    async with serving(place, sandbox_threads=1) as client:

        async def post(guest: Hostile) -> None:
            assert (await ask(client, guest, 1)).status_code == 200
            ended.append(guest.name)

        asking = [asyncio.create_task(post(slow)) for _ in range(60)]
        await asking[0]
        await post(quick)
        assert ended.count(slow.name) < 50
        await asyncio.gather(*asking)


def test_every_failure_of_a_guest_is_tried() -> None:
    codes = {guest.code for guest in GUESTS.values()}
    # the store's limit is lower than the engine's; whether the last step's messages are lines is the mask's business
    assert {*GuestFailure, *LoadFailure} - codes == {
        LoadFailure.TOO_LARGE,
        GuestFailure.BAD_OUTPUT,
        GuestFailure.INSTANTIATION,
    }


def test_every_guest_says_what_it_tries() -> None:
    assert len({guest.tries for guest in GUESTS.values()}) == len(GUESTS) >= 50
    assert all(guest.tries.endswith(".") for guest in GUESTS.values())
