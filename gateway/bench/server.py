"""Starts servers for the benchmarks, each in a process of its own on a free port of this machine, and loads them."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from gateway.bench.load import Load
from gateway.bench.policies import KEY


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


class Server:
    """A server that runs, and the seconds that it took to be ready."""

    def __init__(self, pid: int, ready: float) -> None:
        self._pid, self.ready = pid, ready

    def cpu(self) -> float:
        """Seconds of processor time that it has had, all threads; 0 where there is no /proc."""
        stat = Path(f"/proc/{self._pid}/stat")
        if not stat.exists():
            return 0.0
        user, system = stat.read_text().rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def memory(self) -> int:
        """Bytes of memory that it has; 0 where there is no /proc."""
        statm = Path(f"/proc/{self._pid}/statm")
        return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") if statm.exists() else 0


@contextmanager
def running(arguments: list[str], port: int) -> Iterator[Server]:
    """A Python process with `arguments` that serves on `port`."""
    began = time.perf_counter()
    with started(arguments) as process:
        _wait(process, port)
        yield Server(process.pid, time.perf_counter() - began)


@contextmanager
def started(arguments: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    """A Python process with `arguments`, which nobody has waited for."""
    process = subprocess.Popen([sys.executable, *arguments])  # noqa: S603 - our own modules
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError("a server ended before it was ready")
        try:
            if httpx.get(f"http://127.0.0.1:{port}/readyz").is_success:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise RuntimeError("a server didn't get ready")


def gateway(folder: Path, modules: Path, port: int) -> list[str]:
    """Arguments that serve `folder/policies` with the data in `folder/data`."""
    return [
        "-m", "gateway.cli", "serve", "--port", str(port), "--log-level", "warning", "--modules", str(modules),
        "--policies", str(folder / "policies"), "--data", str(folder / "data"), "--secrets", str(folder / "secrets"),
    ]  # fmt: skip


def request(body: bytes, media_type: str) -> bytes:
    """The bytes of one POST."""
    head = (
        "POST /v1/streams/orders/messages HTTP/1.1\r\nhost: bench\r\n"
        f"authorization: Bearer {KEY}\r\ncontent-type: {media_type}\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def load(port: int, content: bytes, connections: int, seconds: float, folder: Path) -> Load:
    """A load of `content` on a server, from a process of its own."""
    file = folder / "request"
    file.write_bytes(content)
    output = subprocess.run(  # noqa: S603 - our own module
        [
            sys.executable, "-m", "gateway.bench.load", "--port", str(port), "--connections", str(connections),
            "--seconds", str(seconds), str(file),
        ],
        check=True,
        capture_output=True,
    ).stdout  # fmt: skip
    seen = Load(**json.loads(output))
    if seen.errors:
        raise RuntimeError(f"{seen.errors} of {seen.requests} requests failed")
    return seen
