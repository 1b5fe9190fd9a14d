"""The gateway as a process: killed, stopped, with several workers, under a bomb."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from tests.building import ROOT, WEB_SHOP, Place

HEADERS = {"authorization": f"Bearer {WEB_SHOP}", "content-type": "application/x-ndjson"}


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


class Process:
    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self.process, self.url = process, f"http://127.0.0.1:{port}"
        self.orders = f"{self.url}/v1/streams/orders/messages"


@contextmanager
def running(place: Place, *options: str) -> Iterator[Process]:
    port = free_port()
    arguments = [
        *("--policies", str(place.policies), "--modules", str(place.modules), "--data", str(place.data)),
        *("--secrets", str(place.secrets), "--port", str(port), "--log-level", "warning", *options),
    ]
    process = subprocess.Popen(
        [sys.executable, "-m", "gateway.cli", "serve", *arguments], cwd=ROOT, start_new_session=True
    )
    try:
        served = Process(process, port)
        for _ in range(600):
            assert process.poll() is None, "the gateway ended before it was ready"
            try:
                if httpx.get(f"{served.url}/readyz").status_code == 200:
                    break
            except httpx.TransportError:
                time.sleep(0.05)
        yield served
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # its workers too
        process.wait()


def line(number: int) -> bytes:
    return json.dumps({"order_id": f"o-{number}", "customer": {"email": f"{number}@mail.example"}}).encode() + b"\n"


def ids(content: bytes) -> list[str]:
    return [json.loads(line)["order_id"] for line in content.splitlines()]


async def _produce(url: str, answered: list[tuple[int, str]], stop: asyncio.Event) -> None:
    async with httpx.AsyncClient(headers=HEADERS, timeout=10) as client:
        while not stop.is_set():
            number = len(_sent)
            _sent.append(number)
            try:
                answer = await client.post(url, content=line(number))
            except httpx.TransportError:
                return
            if answer.status_code == 200:
                answered.append((number, answer.json()["id"]))


_sent: list[int] = []


@pytest.mark.parametrize("workers", ["1", "2"])
def test_killed_under_load_all_that_was_answered_200_is_there_with_its_decision(place: Place, workers: str) -> None:
    answered: list[tuple[int, str]] = []
    _sent.clear()

    async def load(url: str, pids: list[int]) -> None:
        stop = asyncio.Event()
        producing = [asyncio.create_task(_produce(url, answered, stop)) for _ in range(16)]
        while len(answered) < 500:
            await asyncio.sleep(0.01)
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        await asyncio.sleep(0.2)
        stop.set()
        await asyncio.gather(*producing)

    with running(place, "--workers", workers) as served:
        children = subprocess.run(
            ["pgrep", "-P", str(served.process.pid)], capture_output=True, text=True
        ).stdout.split()
        asyncio.run(load(served.orders, [served.process.pid, *map(int, children)]))
    assert len(answered) >= 500
    for destination in ("analytics", "crm"):
        content = b"".join(path.read_bytes() for path in (place.data / "destinations" / destination).glob("*.ndjson"))
        whole = content[: content.rfind(b"\n") + 1] if workers == "1" else content
        delivered = set(ids(whole))
        assert {f"o-{number}" for number, _ in answered} <= delivered
    with sqlite3.connect(place.data / "decisions.db") as log:
        recorded = {row[0] for row in log.execute("SELECT id FROM decisions WHERE outcome = 'allowed'")}
    assert {id for _, id in answered} <= recorded
    with running(place) as served:  # and it starts again over what was left
        assert httpx.post(served.orders, content=line(0), headers=HEADERS).status_code == 200


def test_sigterm_ends_it_with_nothing_left_undone(place: Place) -> None:
    with running(place) as served:
        answer = httpx.post(served.orders, content=line(1), headers=HEADERS)
        served.process.terminate()
        assert served.process.wait(20) in (0, -signal.SIGTERM)
    assert answer.status_code == 200
    assert ids(place.delivered("crm")) == ["o-1"]
    with sqlite3.connect(place.data / "decisions.db") as log:
        assert log.execute("SELECT count(*) FROM deliveries WHERE delivered = 1").fetchone() == (2,)


def test_several_workers_share_the_port_the_log_and_the_metrics(place: Place) -> None:
    with running(place, "--workers", "2") as served:
        for number in range(40):
            with httpx.Client() as client:  # a connection of its own, so that both workers get some
                assert client.post(served.orders, content=line(number), headers=HEADERS).status_code == 200
        metrics = httpx.get(f"{served.url}/metrics").text
    assert "maskgate_requests_total" in metrics
    total = sum(
        float(sample.rsplit(" ", 1)[1])
        for sample in metrics.splitlines()
        if sample.startswith("maskgate_messages_total{")
    )
    assert total == 40
    with sqlite3.connect(place.data / "decisions.db") as log:
        rows = log.execute("SELECT writer, count(*), min(seq), max(seq) FROM decisions GROUP BY writer").fetchall()
    assert sum(count for _, count, _, _ in rows) == 40
    assert all((first, last) == (1, count) for _, count, first, last in rows)
    assert sorted(ids(place.delivered("crm"))) == sorted(f"o-{number}" for number in range(40))


def test_a_gzip_bomb_leaves_the_memory_flat(place: Place) -> None:
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(bytes(1 << 20)) for _ in range(1024)) + packer.flush()

    def resident() -> int:
        with open(f"/proc/{served.process.pid}/status") as status:
            return next(int(entry.split()[1]) << 10 for entry in status if entry.startswith("VmHWM"))

    with running(place) as served:
        assert httpx.post(served.orders, content=line(0), headers=HEADERS).status_code == 200
        before = resident()
        for _ in range(5):
            answer = httpx.post(served.orders, content=bomb, headers=HEADERS | {"content-encoding": "gzip"})
            assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
        assert resident() - before < 64 << 20  # of a gibibyte, five times


def test_a_policy_set_that_cannot_be_served_is_not_started(place: Place) -> None:
    place.edit("classes.yaml", "classes:", "klasses:")
    arguments = ["--policies", str(place.policies), "--modules", str(place.modules), "--data", str(place.data)]
    ended = subprocess.run(
        [sys.executable, "-m", "gateway.cli", "serve", *arguments, "--port", str(free_port())],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode != 0
    assert "classes.yaml:" in ended.stderr


def test_workers_end_with_their_supervisor(place: Place) -> None:
    with running(place, "--workers", "2") as served:
        workers = subprocess.run(
            ["pgrep", "-P", str(served.process.pid)], capture_output=True, text=True
        ).stdout.split()
        assert len(workers) >= 2
        served.process.kill()
        served.process.wait()
        for _ in range(200):
            if not any(os.path.exists(f"/proc/{pid}") for pid in workers):
                return
            time.sleep(0.05)
    pytest.fail("workers outlived their supervisor")


_ORPHAN = """
import multiprocessing, os, pathlib, sys, time
from gateway import app

def worker(started, told):
    supervisor = os.getppid()
    started.set()
    while os.getppid() == supervisor:
        time.sleep(0.01)
    try:
        app._end_with_supervisor()
        pathlib.Path(told).write_text("goes on")
    except SystemExit as ended:
        pathlib.Path(told).write_text(str(ended))

if __name__ == "__main__":
    spawning = multiprocessing.get_context("spawn")
    started = spawning.Event()
    spawning.Process(target=worker, args=(started, sys.argv[1])).start()
    started.wait()
    os._exit(0)
"""


def test_a_worker_whose_supervisor_ended_before_it_began_ends(tmp_path: Path) -> None:
    script, told = tmp_path / "orphan.py", tmp_path / "told"
    script.write_text(_ORPHAN)
    subprocess.run(
        [sys.executable, str(script), str(told)], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=True
    )
    for _ in range(200):
        if told.exists() and told.read_text():
            break
        time.sleep(0.05)
    assert told.read_text() == "the supervisor has ended"
