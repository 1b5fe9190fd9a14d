"""A gateway with the example policies, to which webhooks are sent as GitHub sends them."""

from __future__ import annotations

import asyncio
import hmac
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx
from examples import Example

from gateway.app import App
from gateway.config import Settings

ROOT = Path(__file__).parents[2]
SECRET = b"It's a secret to everybody, or was in 1987"


class Passed(NamedTuple):
    """One example and what the data lake got of it."""

    example: Example
    line: str  # JSON, as it is in the destination's file
    value: Any


class Lake:
    """A gateway with the example policies, and the file that its destination `lake` writes."""

    def __init__(self, folder: Path) -> None:
        secrets = folder / "secrets"
        secrets.mkdir()
        (secrets / "pseudonym").write_bytes(b"of the tests, and of no use elsewhere")
        (secrets / "github-webhook").write_bytes(SECRET)
        self.settings = Settings(
            policies=ROOT / "policies", modules=ROOT / "modules", data=folder / "data", secrets=secrets, watch=False
        )

    def send(self, payloads: Iterable[Any]) -> list[httpx.Response]:
        """Posts each as GitHub does, one after the other."""
        return asyncio.run(self._send([json.dumps(payload).encode() for payload in payloads]))

    def lines(self) -> list[str]:
        """What has been delivered, in order."""
        files = sorted((self.settings.data / "destinations" / "lake").rglob("*"))
        return [line for file in files if file.is_file() for line in file.read_text("utf-8").splitlines()]

    async def _send(self, bodies: list[bytes]) -> list[httpx.Response]:
        app = App(self.settings)
        async with _running(app), httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app), base_url="http://gateway.example"
        ) as client:  # fmt: skip
            return [
                await client.post(
                    "/v1/streams/github-events/messages",
                    content=body,
                    headers={
                        "Content-Type": "application/json",
                        "X-Hub-Signature-256": f"sha256={hmac.digest(SECRET, body, 'sha256').hex()}",
                    },
                )
                for body in bodies
            ]


@asynccontextmanager
async def _running(app: App) -> AsyncIterator[None]:
    """The lifespan of an ASGI application (asgi.readthedocs.io, Lifespan Protocol)."""
    incoming: asyncio.Queue[Any] = asyncio.Queue()
    outgoing: asyncio.Queue[Any] = asyncio.Queue()
    task = asyncio.create_task(app({"type": "lifespan", "asgi": {"version": "3.0"}}, incoming.get, outgoing.put))
    await incoming.put({"type": "lifespan.startup"})
    assert (await outgoing.get())["type"] == "lifespan.startup.complete"
    try:
        yield
    finally:
        await incoming.put({"type": "lifespan.shutdown"})
        assert (await outgoing.get())["type"] == "lifespan.shutdown.complete"
        await task
