"""A module that asks a host, in the path that messages take: nothing is asked before a durable row says so."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from typer.testing import CliRunner

from gateway.cli.main import app
from gateway.documents.finding import PolicyError
from gateway.flow import Asked
from gateway.policy.load import load
from gateway.registry.store import ModuleStore
from tests.answering import Asked as Received
from tests.answering import Host, answering
from tests.building import AUDITOR, GUESTS, SECURITY, WEB_SHOP, Place
from tests.conftest import Client, serving
from tests.sandbox.making import wat
from tests.test_process import running

pytestmark = pytest.mark.anyio

ORDERS = [{"order_id": f"o-{n}", "customer": {"email": f"{n}@mail.example"}, "total": n % 3} for n in range(60)]
INSIDE = {"http_inside": "127.0.0.0/8"}


@pytest.fixture
def host() -> Iterator[Host]:
    with answering() as host:
        yield host


def lines(messages: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(message) + "\n" for message in messages)


def delivered(place: Place, destination: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in place.delivered(destination).splitlines()]


def enrich(place: Place, host: Host, path: str, *, granted: bool = True, **config: Any) -> None:
    """The destination `analytics` gets orders with what the host says of them."""
    place.add_module("http-enricher")
    if granted:
        permit(place, host)
    url = f"http://127.0.0.1:{host.port}{path}"
    given = {"url": url, "select": "/path", "into": "/known", **config}
    step(place, "analytics", "http-enricher", given)


def permit(place: Place, host: Host, module: str = "http-enricher") -> None:
    held = f'resource == Capability::"http:127.0.0.1:{host.port}"'
    place.permit(f'principal == Module::"{module}", action == Action::"hold", {held}')


def step(place: Place, destination: str, module: str, config: dict[str, Any]) -> None:
    given = place.read(f"destinations/{destination}.yaml")
    given["steps"] = [{"module": module, "with": config}]
    place.write(f"destinations/{destination}.yaml", given)


async def test_a_batch_is_enriched_with_one_request_for_what_is_equal(place: Place, host: Host) -> None:
    enrich(place, host, "/of/{/total}")
    async with serving(place, **INSIDE) as client:
        answer = await client.post("orders", lines(ORDERS), content_type="application/x-ndjson")
        assert (answer.status_code, answer.json()["delivered"]) == (200, len(ORDERS))
        (decision,) = await client.decisions()
    assert sorted(asked.path for asked in host.asked) == ["/of/0", "/of/1", "/of/2"]
    known = [(message["order_id"], message["known"]) for message in delivered(place, "analytics")]
    assert known == [(f"o-{n}", f"/of/{n % 3}") for n in range(60)]
    plan = next(plan for plan in decision["plans"] if plan["destination"] == "analytics")
    assert plan["steps"][-1]["grants"] == [f"http:127.0.0.1:{host.port}"]
    assert plan["counts"] == {"http-enricher.found": 60}


async def test_a_destination_s_step_tells_the_host_what_is_masked(place: Place, host: Host) -> None:
    enrich(place, host, "/of/{/customer/email}")
    async with serving(place, **INSIDE) as client:
        assert (await client.post("orders", json.dumps(ORDERS[7]))).status_code == 200
    (asked,) = host.asked
    assert asked.path.startswith("/of/")
    assert "mail.example" not in asked.path


async def test_without_an_answer_nothing_leaves(place: Place, host: Host) -> None:
    enrich(place, host, "/status/500")
    async with serving(place, **INSIDE) as client:
        answer = await client.post("orders", json.dumps(ORDERS[0]))
        assert (answer.status_code, answer.json()["code"]) == (422, "lookup_failed")
    assert place.delivered("analytics") == place.delivered("crm") == b""


async def test_the_network_is_closed_until_the_operator_opens_it(place: Place, host: Host) -> None:
    enrich(place, host, "/of/{/total}")
    async with serving(place) as client:
        answer = await client.post("orders", json.dumps(ORDERS[0]))
        assert (answer.status_code, answer.json()["code"]) == (422, "lookup_failed")
        (decision,) = await client.decisions()
    assert host.asked == []
    denied = [plan["denied"] for plan in decision["plans"] if "denied" in plan]
    assert denied == [{"http-enricher.maskgate.http": 1}]


async def test_a_host_that_no_policy_permits_is_a_finding(place: Place, host: Host) -> None:
    enrich(place, host, "/of/{/total}", granted=False)
    with pytest.raises(PolicyError) as raised:
        load(place.policies, ModuleStore(place.modules))
    (finding,) = raised.value.findings
    assert finding.message.startswith(f"module http-enricher needs http:127.0.0.1:{host.port} and may not hold it")


async def test_who_waits_for_a_host_holds_nobody_up(place: Place, host: Host) -> None:
    enrich(place, host, "/held?{/order_id}")
    key = place.add_producer("neighbour", "pos-sales")
    stream = place.read("streams/pos-sales.yaml")
    place.write("streams/pos-sales.yaml", {**stream, "destinations": ["crm"]})
    async with serving(place, sandbox_threads=1, http_time=30_000, **INSIDE) as client:
        waiting = [asyncio.create_task(client.post("orders", json.dumps(order))) for order in ORDERS[:4]]
        async with asyncio.timeout(20):
            while len(host.asked) < 4:  # of one producer, several wait at a time
                await asyncio.sleep(0.01)
        answer = await client.post("pos-sales", '{"mail": "a@mail.example", "sum": 1}', key=key)
        assert answer.status_code == 200
        assert not any(task.done() for task in waiting)
        host.gate.set()
        answers = await asyncio.gather(*waiting)
    assert [answer.status_code for answer in answers] == [200] * 4
    assert {message["known"] for message in delivered(place, "analytics")} == {f"/held?o-{n}" for n in range(4)}


def test_before_the_mask_nobody_is_asked(place: Place, host: Host) -> None:
    place.add_module("http-enricher")
    place.permit('principal == Module::"http-enricher", action == Action::"hold", resource')
    producer = place.read("producers/web-shop.yaml")
    config = {"url": f"http://127.0.0.1:{host.port}/{{/customer/email}}", "into": "/known"}
    producer["streams"]["orders"]["steps"] = [{"module": "http-enricher", "with": config}]
    place.write("producers/web-shop.yaml", producer)
    with pytest.raises(PolicyError) as raised:
        load(place.policies, ModuleStore(place.modules))
    assert [(finding.file, finding.code) for finding in raised.value.findings] == [
        ("producers/web-shop.yaml", "asks_before_mask")
    ]


# ---------------------------------------------------------------- what is written down before


def rows(place: Place, query: str = "SELECT detail FROM asked ORDER BY decision, number") -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(place.data / "decisions.db")) as db:
        return db.execute(query).fetchall()


def looking(host: Host, look: Callable[[Received], object]) -> list[Any]:
    """What `look` sees in the moment in which the host has a request, before it answers."""
    seen: list[Any] = []
    begin = host.begin

    def begins(asked: Received) -> None:
        seen.append(look(asked))
        begin(asked)

    host.begin = begins  # type: ignore[method-assign]
    return seen


def failing(client: Client, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """The log can't take the row of this number."""
    append = client.gateway.store.append

    def append_or_not(decisions: Any, receipts: Any, asked: Sequence[Asked] = ()) -> None:
        if any(row.number == number for row in asked):
            raise sqlite3.OperationalError("database or disk is full")
        append(decisions, receipts, asked)

    monkeypatch.setattr(client.gateway.store, "append", append_or_not)


async def test_when_the_host_is_asked_a_row_says_so_and_no_decision_is_there(place: Place, host: Host) -> None:
    enrich(place, host, "/of/{/customer/email}/{/total}", headers={"x-header": "of-the-policy"})
    seen = looking(host, lambda asked: (rows(place), rows(place, "SELECT id FROM decisions")))
    async with serving(place, **INSIDE) as client:
        headers = {"request_id": "r-1", "idempotency_key": "k-1"}
        named = {f"x_{name}" if name == "request_id" else name: value for name, value in headers.items()}
        answer = await client.post("orders", lines(ORDERS), content_type="application/x-ndjson", **named)
        assert answer.status_code == 200
        (decision,) = await client.decisions()
    assert len(seen) == len(host.asked) == 60
    assert seen == [seen[0]] * 60
    ((written,),), decided = seen[0]
    assert decided == []
    row = json.loads(written)
    analytics = next(plan for plan in decision["plans"] if plan["destination"] == "analytics")
    module = analytics["steps"][-1]
    size = sum(len(asked.path) + len("x-header") + len("of-the-policy") for asked in host.asked)
    asked_ = {
        "module": "http-enricher",
        "version": module["version"],
        "sha256": module["sha256"],
        "plans": [{"destination": "analytics", "plan": analytics["plan"]}],
        "hosts": [{"host": f"127.0.0.1:{host.port}", "requests": 60, "bytes": size}],
    }
    assert {name: row[name] for name in asked_} == asked_
    for name in ("policies", "revision", "messages", "input"):
        assert row[name] == decision[name]
    for name, value in row["arrival"].items():
        assert name == "time" or value == decision[name]
    assert (row["arrival"]["request_id"], row["arrival"]["producer"]) == ("r-1", "web-shop")
    (shown,) = decision["asked"]
    assert {name: shown[name] for name in asked_} == asked_
    assert decision["time"] < shown["time"]
    assert (shown["seq"], decision["seq"]) == (1, 2)


async def test_before_a_component_asks_a_row_says_so_too(place: Place, host: Host, tmp_path: Path) -> None:
    asks = tmp_path / "asks.wat"
    asks.write_text(wat("component_asks", url=f"http://127.0.0.1:{host.port}/of/all"))
    described = {
        "abi": "component",
        "refusals": {"not_utf8": {"status": 400, "title": "Not UTF-8"}},
        "capabilities": {"required": [], "optional": [f"http:127.0.0.1:{host.port}"]},
    }
    place.add_guest("asks", asks, manifest=described)
    permit(place, host, "asks")
    step(place, "analytics", "asks", {})
    seen = looking(host, lambda asked: rows(place))
    async with serving(place, **INSIDE) as client:
        answer = await client.post("orders", lines(ORDERS[:3]), content_type="application/x-ndjson")
        assert (answer.status_code, answer.json()["delivered"]) == (200, 3)
        (decision,) = await client.decisions()
    assert [asked.path for asked in host.asked] == ["/of/all"]  # equal requests are one
    assert [message["path"] for message in delivered(place, "analytics")] == ["/of/all"] * 3
    ((written,),) = seen[0]
    (shown,) = decision["asked"]
    assert json.loads(written)["module"] == shown["module"] == "asks"
    assert shown["hosts"][0]["requests"] == 1


async def test_a_row_holds_nothing_that_a_module_made_of_a_message(place: Place, host: Host) -> None:
    secret = "no-log-has-this"
    enrich(
        place, host, f"/{secret}/{{/order_id}}?{{/total}}", headers={"x-name": secret}, send={"v": "/customer/email"}
    )
    order = {"order_id": "o-in-the-path", "customer": {"email": "z@mail.example"}, "total": 4711815}
    async with serving(place, **INSIDE) as client:
        assert (await client.post("orders", json.dumps(order))).status_code == 200
    (asked,) = host.asked
    masked = json.loads(asked.body)["v"]
    assert (asked.method, asked.path, "mail.example" in masked) == ("POST", f"/{secret}/o-in-the-path?4711815", False)
    ((row,),) = rows(place)
    for value in (secret, "o-in-the-path", "4711815", "x-name", "mail.example", masked, "POST"):
        assert value not in row


async def test_what_cannot_be_written_is_not_asked(place: Place, host: Host) -> None:
    enrich(place, host, "/of/{/total}")
    async with serving(place, **INSIDE) as client:
        log = client.gateway.store._db
        log.execute("PRAGMA query_only = ON")
        answer = await client.post("orders", json.dumps(ORDERS[0]))
        log.execute("PRAGMA query_only = OFF")
        assert (answer.status_code, answer.json()["code"]) == (503, "not_recorded")
        assert answer.headers["retry-after"] == "1"
        assert host.asked == []
        assert (await client.post("orders", json.dumps(ORDERS[1]))).status_code == 200  # it has recovered
    assert [message["order_id"] for message in delivered(place, "analytics")] == ["o-1"]
    assert rows(place, "SELECT seq FROM asked UNION SELECT seq FROM decisions") == [(1,), (2,)]


def asking_twice(place: Place, host: Host) -> None:
    """The destination `analytics` has a module that asks once it has an answer."""
    wat = place.folder / "asks_twice.wat"
    wat.write_text((GUESTS / "asks_twice.wat").read_text(encoding="utf-8").replace("PORT", f"{host.port:05}"))
    asks = {"required": [f"http:127.0.0.1:{host.port}"], "optional": []}
    place.add_guest("asks_twice", wat, manifest={"capabilities": asks})
    permit(place, host, "asks-twice")
    step(place, "analytics", "asks-twice", {})


async def test_each_round_has_its_row(place: Place, host: Host) -> None:
    asking_twice(place, host)
    seen = looking(host, lambda asked: (asked.path, len(rows(place))))
    async with serving(place, **INSIDE) as client:
        assert (await client.post("orders", json.dumps(ORDERS[0]))).status_code == 200
        (decision,) = await client.decisions()
    assert seen == [("/first", 1), ("/second", 2)]
    assert [row["hosts"][0] for row in decision["asked"]] == [
        {"host": f"127.0.0.1:{host.port}", "requests": 1, "bytes": size}
        for size in (len("/first"), len("/second12345"))
    ]
    assert [row["seq"] for row in decision["asked"]] == [1, 2]


async def test_a_round_whose_row_cannot_be_written_ends_the_request(
    place: Place, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    asking_twice(place, host)
    async with serving(place, **INSIDE) as client:
        with monkeypatch.context() as patched:
            failing(client, patched, 2)
            answer = await client.post("orders", json.dumps(ORDERS[0]))
        assert (answer.status_code, answer.json()["code"]) == (503, "not_recorded")
        assert [asked.path for asked in host.asked] == ["/first"]
        (decision,) = await client.decisions()
        assert (decision["outcome"], decision["status"], decision["code"]) == ("failed", 503, "not_recorded")
        assert decision["id"] == answer.json()["decision"]
        assert len(decision["asked"]) == 1
        (plan,) = [plan for plan in decision["plans"] if plan["destination"] == "analytics"]
        assert plan["denied"] == {"asks-twice.clock_time_get": 2}
        assert "failed" not in plan
        assert place.delivered("crm") == place.delivered("analytics") == b""
        assert (await client.post("orders", json.dumps(ORDERS[1]))).status_code == 200


async def test_a_log_that_fails_is_neither_a_module_s_failure_nor_its_success(
    place: Place, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    asking_twice(place, host)
    traps = json.dumps({"order_id": "x" * 1000})
    async with serving(place, breaker_failures=2, **INSIDE) as client:

        async def code(order: str) -> str:
            answer = await client.post("orders", order)
            given: str = answer.json().get("code", "")
            return given

        seen = [await code(traps)]
        with monkeypatch.context() as patched:
            failing(client, patched, 1)
            seen.append(await code(json.dumps(ORDERS[0])))
        seen += [await code(traps), await code(json.dumps(ORDERS[0]))]
    assert seen == ["guest_trap", "not_recorded", "guest_trap", "module_open"]


async def test_a_row_names_all_destinations_that_it_is_for(place: Place, host: Host) -> None:
    """Equal plans are run once and ask once; another one asks for itself."""
    enrich(place, host, "/of/{/total}")
    given = place.read("destinations/analytics.yaml")
    place.write("destinations/archive.yaml", {**given, "destination": "archive", "sink": {"kind": "file", "path": "a"}})
    step(place, "crm", "http-enricher", {"url": f"http://127.0.0.1:{host.port}/crm/{{/total}}", "into": "/known"})
    stream = place.read("streams/orders.yaml")
    place.write("streams/orders.yaml", {**stream, "destinations": ["analytics", "crm", "archive"]})
    async with serving(place, **INSIDE) as client:
        assert (await client.post("orders", json.dumps(ORDERS[0]))).status_code == 200
        (decision,) = await client.decisions()
    assert len(host.asked) == 2
    names = [[plan["destination"] for plan in row["plans"]] for row in decision["asked"]]
    assert names == [["analytics", "archive"], ["crm"]]
    plans = {plan["destination"]: plan["plan"] for plan in decision["plans"]}
    for row in decision["asked"]:
        assert all(plans[plan["destination"]] == plan["plan"] for plan in row["plans"])


async def test_plans_that_are_run_again_ask_again_with_a_row(place: Place, host: Host) -> None:
    """Names change places at analytics, whose module refuses one message: so it is run once more without that."""
    classes = place.read("classes.yaml")
    classes["classes"]["pii.name"] = {"treatment": {"kind": "shuffle", "secret": "pseudonym", "least": 2}}
    place.write("classes.yaml", classes)
    enrich(place, host, "/status/{/total}", select="", failed="refuse")
    orders = [{"order_id": f"o-{n}", "customer": {"name": f"Person {n}"}, "total": 200} for n in range(4)]
    orders[2]["total"] = 500
    seen = looking(host, lambda asked: len(rows(place)))
    async with serving(place, **INSIDE) as client:
        answer = await client.post("orders", lines(orders), content_type="application/x-ndjson")
        assert [(one["index"], one["code"]) for one in answer.json()["results"]] == [(2, "lookup_failed")]
        (decision,) = await client.decisions()
    assert sorted(seen) == [1, 1, 2]
    assert [row["hosts"][0]["requests"] for row in decision["asked"]] == [2, 1]


def on_trial(place: Place) -> None:
    """Version 1.1.0 of the enricher beside 1.0.0; it is the same."""
    folder = place.modules / "http-enricher"
    (folder / "1.1.0").mkdir()
    shutil.copy(folder / "http-enricher.wasm", folder / "1.1.0")
    manifest = yaml.safe_load((folder / "manifest.yaml").read_text(encoding="utf-8"))
    (folder / "1.1.0" / "manifest.yaml").write_text(yaml.safe_dump({**manifest, "version": "1.1.0"}), encoding="utf-8")
    place.sign("http-enricher", "1.1.0")


async def begin_trial(client: Client) -> None:
    asked = {"action": "canary", "version": "1.1.0", "share": 100, "requests": 1000}
    headers = {"authorization": f"Bearer {SECURITY}"}
    answer = await client.http.post("/v1/modules/http-enricher", json=asked, headers=headers)
    assert answer.status_code == 200, answer.text


async def test_a_version_on_trial_asks_under_the_same_decision(place: Place, host: Host) -> None:
    enrich(place, host, "/of/{/total}")
    on_trial(place)
    seen = looking(host, lambda asked: len(rows(place)))
    async with serving(place, **INSIDE) as client:
        await begin_trial(client)
        assert (await client.post("orders", json.dumps(ORDERS[0]))).status_code == 200
        (decision,) = await client.decisions(producer="web-shop")
    assert seen == [1, 2]
    assert decision["trial"]["result"] == "same"
    assert [row["version"] for row in decision["asked"]] == ["1.0.0", "1.1.0"]


async def test_a_log_that_fails_is_no_verdict_on_a_version_on_trial(
    place: Place, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    enrich(place, host, "/of/{/total}")
    on_trial(place)
    async with serving(place, **INSIDE) as client:
        await begin_trial(client)
        for number, status, asked in ((1, 503, 0), (2, 200, 1)):
            with monkeypatch.context() as patched:
                failing(client, patched, number)
                assert (await client.post("orders", json.dumps(ORDERS[0]))).status_code == status
            assert len(host.asked) == asked
        decisions = await client.decisions(producer="web-shop")
        assert client.gateway.snapshot.canary is not None
        assert client.gateway.snapshot.canary.results.total() == 0
    assert ["trial" in decision for decision in decisions] == [False, False]
    assert len(delivered(place, "analytics")) == 1


async def test_who_still_asks_when_the_gateway_stops_is_recorded(place: Place, host: Host) -> None:
    """The producer has gone and the gateway stops: what its request does then has its rows and its decision."""
    enrich(place, host, "/held?{/total}")
    step(place, "crm", "http-enricher", {"url": f"http://127.0.0.1:{host.port}/crm/{{/total}}", "into": "/known"})
    seen = looking(host, lambda asked: (asked.path.partition("?")[0], len(rows(place))))
    async with serving(place, http_time=30_000, **INSIDE) as client:
        waiting = asyncio.create_task(client.post("orders", json.dumps(ORDERS[0])))
        async with asyncio.timeout(20):
            while not host.asked:
                await asyncio.sleep(0.01)
        waiting.cancel()
        with suppress(asyncio.CancelledError):
            await waiting
        asyncio.get_running_loop().call_later(0.2, host.gate.set)
    assert seen == [("/held", 1), ("/crm/0", 2)]
    assert rows(place, "SELECT outcome FROM decisions") == [("allowed",)]


def killed_while_asking(place: Place, host: Host) -> Received:
    """A gateway that was killed when a module had asked and waited for the answer."""
    with running(place, "--http-inside", INSIDE["http_inside"], "--http-time", "30000") as served:
        content, key = json.dumps(ORDERS[0]), {"authorization": f"Bearer {WEB_SHOP}", "x-request-id": "killed"}

        def killing(asked: Received) -> None:
            os.killpg(served.process.pid, signal.SIGKILL)
            served.process.wait()

        looking(host, killing)
        with suppress(httpx.TransportError):
            httpx.post(served.orders, content=content, headers={**key, "content-type": "application/json"}, timeout=30)
    (asked,) = host.asked
    return asked


def test_who_died_between_asking_and_deciding_is_found(place: Place, host: Host) -> None:
    enrich(place, host, "/of/{/customer/email}")
    path = killed_while_asking(place, host).path
    assert rows(place, "SELECT id FROM decisions") == []
    listing = ["decisions", "list", "--data", str(place.data)]
    page = json.loads(CliRunner().invoke(app, [*listing, "--json"]).stdout)
    (found,) = page["decisions"]
    assert (found["outcome"], found["producer"], found["request_id"]) == ("unknown", "web-shop", "killed")
    assert [row["hosts"] for row in found["asked"]] == [
        [{"host": f"127.0.0.1:{host.port}", "requests": 1, "bytes": len(path)}]
    ]
    table = CliRunner().invoke(app, [*listing, "--outcome", "unknown"], env={"COLUMNS": "200"}).stdout
    assert f"{found['id']}" in table
    assert "unknown" in table
    shown = CliRunner().invoke(app, ["decisions", "show", found["id"], "--data", str(place.data), "--json"]).stdout
    assert json.loads(shown) == found
    host.begin = host.__class__.begin.__get__(host)  # type: ignore[method-assign]
    with running(place, "--http-inside", INSIDE["http_inside"]) as served:
        auditor = {"authorization": f"Bearer {AUDITOR}"}
        again = httpx.post(
            served.orders,
            content=json.dumps(ORDERS[1]),
            headers={"authorization": f"Bearer {WEB_SHOP}", "content-type": "application/json"},
        )
        url = f"{served.url}/v1/decisions"
        all_ = [row["id"] for row in httpx.get(url, headers=auditor).json()["decisions"]]
        assert all_ == [again.json()["id"], found["id"]]
        lost = httpx.get(url, params={"outcome": "unknown"}, headers=auditor).json()["decisions"]
        assert lost == [found]
        assert httpx.get(f"{url}/{found['id']}", headers=auditor).json() == found
        csv = httpx.get(url, params={"outcome": "unknown"}, headers={**auditor, "accept": "text/csv"}).text
        assert found["id"] in csv
