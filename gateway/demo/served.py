"""The real gateway in a process of its own, and a client for it."""

from __future__ import annotations

import contextlib
import gzip
import hmac
import json
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

import httpx
from msgspec import Struct

ROOT = Path(__file__).parents[2]  # of the repository: policies/ and modules/ are there
SHOP_KEY, AUDITOR_KEY, SECURITY_KEY = "mg_example_web_shop", "mg_example_auditor", "mg_example_security"
_START, _STOP, _ANSWER = 60, 20, 60  # seconds


class NotServed(Exception):
    """The gateway didn't start, or didn't take what it was sent. The text says why."""


class Answer(Struct, frozen=True, kw_only=True):
    """What a POST was answered, and how long that took in seconds."""

    decision: str
    messages: int
    delivered: int
    seconds: float


class Served:
    """A gateway that runs. Its folder holds `data`, `secrets` and the `log` of its process."""

    def __init__(self, folder: Path, address: str, hook_secret: bytes) -> None:
        self.folder, self.address = folder, address
        self._hook_secret = hook_secret
        self._client = httpx.Client(base_url=address, timeout=_ANSWER, trust_env=False)
        self._idle: SimpleQueue[HTTPConnection] = SimpleQueue()  # whoever posts takes one, or makes one

    def close(self) -> None:
        self._client.close()
        while not self._idle.empty():
            self._idle.get().close()

    def send(self, stream: str, content: bytes, media_type: str, *, compressed: bool = False) -> Answer:
        """Messages of the web shop's. Raises NotServed unless they are answered 200."""
        headers = {"Authorization": f"Bearer {SHOP_KEY}", "Content-Type": media_type}
        if compressed:
            headers["Content-Encoding"] = "gzip"
            content = gzip.compress(content, 5)
        return self._post(stream, content, headers)

    def hook(self, event: str, payload: Any) -> Answer:
        """A webhook, signed as GitHub signs: X-Hub-Signature-256 is the HMAC-SHA-256 of the body. Raises NotServed."""
        content = json.dumps(payload).encode()
        signature = hmac.digest(self._hook_secret, content, "sha256").hex()
        headers = {
            "Content-Type": "application/json",
            "X-GitHub-Event": event,
            "X-Hub-Signature-256": f"sha256={signature}",
        }
        return self._post("github-events", content, headers)

    def decision(self, decision: str) -> dict[str, Any]:
        """The record, as an auditor gets it. Raises NotServed."""
        try:
            answer = self._client.get(f"/v1/decisions/{decision}", headers={"Authorization": f"Bearer {AUDITOR_KEY}"})
        except httpx.HTTPError as error:
            raise NotServed(f"decision {decision}: {error!r}") from error
        if answer.status_code != 200:
            raise NotServed(f"decision {decision}: {answer.status_code} {answer.text}")
        found: dict[str, Any] = answer.json()
        return found

    def delivered(self, decision: dict[str, Any]) -> dict[str, list[Any]]:
        """By destination, what a decision's receipts say is in the files: read from there."""
        found = {}
        for plan in decision["plans"]:
            receipt = decision["deliveries"].get(plan["destination"], {})
            if receipt.get("state") != "delivered":
                continue  # no message was left for it
            name, _, offset = receipt["receipt"].rpartition(":")
            (path,) = (self.folder / "data" / "destinations").rglob(name)
            with path.open("rb") as file:
                file.seek(int(offset))
                found[plan["destination"]] = [json.loads(line) for line in file.read(plan["bytes"]).splitlines()]
        return found

    def _post(self, stream: str, content: bytes, headers: dict[str, str]) -> Answer:
        """With the standard library's client: of those at hand it takes least from the pace that is shown."""
        try:
            connection = self._idle.get_nowait()
        except Empty:
            connection = HTTPConnection(self.address.removeprefix("http://"), timeout=_ANSWER)
        began = time.perf_counter()
        try:
            connection.request("POST", f"/v1/streams/{stream}/messages", content, headers)
            answer = connection.getresponse()
            text = answer.read()
        except (OSError, HTTPException) as error:
            raise NotServed(f"stream {stream}: {error!r}") from error
        seconds = time.perf_counter() - began
        self._idle.put(connection)
        if answer.status != 200:
            raise NotServed(f"stream {stream}: {answer.status} {text.decode()}")
        told = json.loads(text)
        return Answer(decision=told["id"], messages=told["messages"], delivered=told["delivered"], seconds=seconds)


@contextmanager
def serving(folder: Path) -> Iterator[Served]:
    """The gateway with the example policies and new secrets, all it keeps in `folder`. Raises NotServed."""
    secrets_folder = folder / "secrets"
    secrets_folder.mkdir(mode=0o700)
    hook_secret = secrets.token_hex(32).encode()
    (secrets_folder / "github-webhook").write_bytes(hook_secret)
    (secrets_folder / "pseudonym").write_text(secrets.token_hex(32), "ascii")
    port = _free_port()
    command = [
        sys.executable, "-m", "gateway.cli", "serve", "--host", "127.0.0.1", "--port", str(port),
        "--policies", str(ROOT / "policies"), "--modules", str(ROOT / "modules"),
        "--data", str(folder / "data"), "--secrets", str(secrets_folder), "--log-level", "warning",
    ]  # fmt: skip
    with (folder / "log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        served = Served(folder, f"http://127.0.0.1:{port}", hook_secret)
        try:
            _wait(served, process)
            yield served
        finally:
            served.close()
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_STOP)
            process.kill()


def _wait(served: Served, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _START
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(f"{served.address}/readyz", trust_env=False).status_code == 200:
                return
        time.sleep(0.05)
    log = (served.folder / "log").read_text("utf-8", "replace")
    raise NotServed(f"The gateway isn't ready. It says:\n{log[-4000:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
