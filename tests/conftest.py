"""The real application over ASGI, with real wasm, SQLite and files."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.app import App
from tests.building import Place


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


class Client:
    """Speaks to an application, whose gateway can be looked at."""

    def __init__(self, app: App, http: httpx.AsyncClient, place: Place) -> None:
        self.app, self.http, self.place = app, http, place
        self.gateway = app.gateway

    async def post(
        self, stream: str, content: bytes | str, key: str | None = "mg_example_web_shop", **headers: str
    ) -> httpx.Response:
        """POST messages. Header names with underscores; JSON unless `content_type` says otherwise."""
        named = {"content-type": "application/json"}
        named |= {name.replace("_", "-"): value for name, value in headers.items()}
        if key is not None:
            named["authorization"] = f"Bearer {key}"
        return await self.http.post(f"/v1/streams/{stream}/messages", content=content, headers=named)

    async def decisions(self, **filters: str) -> list[dict[str, Any]]:
        """What the log says, once the receipts of what was answered are in it too (they follow the answer)."""
        for _ in range(100):
            if not await self._decisions(delivered="unknown"):
                break
            await asyncio.sleep(0.02)
        return await self._decisions(**filters)

    async def _decisions(self, **filters: str) -> list[dict[str, Any]]:
        answer = await self.http.get(
            "/v1/decisions", params=filters, headers={"authorization": "Bearer mg_example_auditor"}
        )
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["decisions"]
        return found


@asynccontextmanager
async def serving(place: Place, **settings: Any) -> AsyncIterator[Client]:
    """The application over ASGI, from its start to its end."""
    app = App(place.settings(**settings))
    to_app: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    from_app: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    lifespan = asyncio.create_task(
        app({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, to_app.get, from_app.put)
    )
    await to_app.put({"type": "lifespan.startup"})
    started = await from_app.get()
    assert started["type"] == "lifespan.startup.complete", started
    transport = httpx.ASGITransport(app, client=("203.0.113.7", 4711))
    try:
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as http:
            yield Client(app, http, place)
    finally:
        await to_app.put({"type": "lifespan.shutdown"})
        ended = await from_app.get()
        await lifespan
        assert ended["type"] == "lifespan.shutdown.complete", ended


@pytest.fixture
async def client(place: Place) -> AsyncIterator[Client]:
    async with serving(place) as client:
        yield client
