"""The control API on the real application: who may ask, and what is answered."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from gateway.web import openapi
from tests.conftest import Client

pytestmark = pytest.mark.anyio

AUDITOR = {"authorization": "Bearer mg_example_auditor"}
SECURITY = {"authorization": "Bearer mg_example_security"}
ORDER = json.dumps({"order_id": "o-1", "customer": {"email": "zoe@mail.example"}})


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/v1/decisions", {}, 401),
        ("/v1/decisions", {"authorization": "Bearer mg_example_web_shop"}, 401),
        ("/v1/decisions", AUDITOR, 200),
        ("/v1/policies", AUDITOR, 403),
        ("/v1/policies", SECURITY, 200),
        ("/v1/modules", AUDITOR, 403),
        ("/v1/modules", SECURITY, 200),
        ("/v1/decisions/0197f2a0-0000-7000-8000-000000000000", AUDITOR, 404),
        ("/v1/decisions/nonsense", AUDITOR, 404),
        ("/v1/decisions?limit=0", AUDITOR, 400),
        ("/v1/decisions?limit=x", AUDITOR, 400),
        ("/v1/decisions?nonsense=1", AUDITOR, 400),
        ("/v1/decisions?cursor=abc", AUDITOR, 400),
        ("/v1/decisions?since=yesterday", AUDITOR, 400),
        ("/nowhere", {}, 404),
        ("/v1/streams/orders/messages", {}, 405),
        ("/healthz", {}, 200),
        ("/readyz", {}, 200),
        ("/metrics", {}, 200),
        ("/openapi.json", {}, 200),
        ("/problems/invalid", {}, 404),
        ("/problems/body_too_large", {}, 200),
        ("/problems/guest_timeout", {}, 200),
        ("/problems/invalid_json", {}, 200),
    ],
)
async def test_who_may_ask_what(client: Client, path: str, headers: dict[str, str], status: int) -> None:
    answer = await client.http.get(path, headers=headers)
    assert answer.status_code == status, answer.text
    if status >= 400:
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["status"] == status


async def test_pages_of_decisions_and_other_formats(client: Client) -> None:
    sent = [(await client.post("orders", ORDER)).json()["id"] for _ in range(5)]
    await client.post("orders", "{")
    assert len(await client.decisions()) == 6
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = (
            await client.http.get(
                "/v1/decisions", params={"outcome": "allowed", "limit": "2", **cursor}, headers=AUDITOR
            )
        ).json()
        seen += [decision["id"] for decision in page["decisions"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert seen == sent[::-1]
    lines = await client.http.get("/v1/decisions", headers=AUDITOR | {"accept": "application/x-ndjson"})
    assert [json.loads(line)["id"] for line in lines.text.splitlines()][1:] == sent[::-1]
    table = await client.http.get("/v1/decisions?code=invalid_json", headers=AUDITOR | {"accept": "text/csv"})
    head, row = table.text.splitlines()
    assert dict(zip(head.split(","), row.split(","), strict=True))["code"] == "invalid_json"
    one = await client.http.get(f"/v1/decisions/{sent[0]}", headers=AUDITOR)
    assert one.json()["id"] == sent[0]


async def test_explain(client: Client) -> None:
    async def ask(content: Any) -> httpx.Response:
        return await client.http.post("/v1/policies/explain", json=content, headers=SECURITY)

    told = (await ask({"producer": "web-shop", "stream": "orders"})).json()
    fields = {shown["destination"]: {f["path"]: f for f in shown["fields"]} for shown in told["destinations"]}
    assert fields["crm"]["/customer/email"]["released"] is True
    assert fields["crm"]["/customer/email"]["policies"] == ["crm-sees-email"]
    assert fields["analytics"]["/customer/email"]["treatment"]["kind"] == "hmac"
    assert (await ask({"producer": "web-shop"})).status_code == 400
    assert (await ask({"producer": "web-shop", "stream": "nowhere"})).status_code == 404


async def test_modules_show_what_they_ask_for_and_hold(client: Client) -> None:
    told = (await client.http.get("/v1/modules", headers=SECURITY)).json()["modules"]
    by_name = {module["module"]: module for module in told}
    assert by_name["mask"]["granted"] == ["secret:pseudonym"]
    assert by_name["mask"]["asks"]["optional"] == ["secret:*"]
    assert by_name["csv-to-json"]["granted"] == []
    assert len(by_name["mask"]["sha256"]) == 64


async def test_metrics_count_and_never_hold_a_name_that_a_caller_made_up(client: Client) -> None:
    await client.post("orders", ORDER)
    await client.post("orders", "{")
    await client.post("made-up-by-a-caller", ORDER)
    await client.post("made-up-by-nobody", ORDER, None)
    text = (await client.http.get("/metrics")).text
    assert 'maskgate_requests_total{code="",outcome="allowed",producer="web-shop",stream="orders"}' in text
    assert 'maskgate_messages_refused_total{code="invalid_json",stream="orders"}' in text
    assert 'code="unknown_stream",outcome="denied",producer="web-shop",stream=""' in text
    assert "made-up" not in text


async def test_openapi_describes_the_paths_that_are_served(client: Client) -> None:
    described = (await client.http.get("/openapi.json")).json()
    assert described == json.loads(json.dumps(openapi.description()))
    for path, methods in described["paths"].items():
        concrete = path.replace("{stream}", "orders").replace("{id}", "x")
        for method in methods:
            answer = await client.http.request(method, concrete)
            assert answer.status_code not in (405, 500), path
            if answer.status_code == 404:
                assert answer.json()["code"] == "not_found"
