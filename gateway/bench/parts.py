"""`python -m gateway.bench.parts`: what the parts of a message's way cost the event loop, without HTTP and threads."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from gateway import media, metrics
from gateway.bench import policies
from gateway.bench.__main__ import MODULES
from gateway.bench.messages import messages
from gateway.job import Job, acknowledgement, decision_of
from gateway.policy.load import load
from gateway.registry.store import ModuleStore
from gateway.run import Runner
from gateway.sandbox.engine import Engine
from gateway.sandbox.pool import Pool
from gateway.secrets import Secrets
from gateway.snapshot import Snapshot, programs
from gateway.web import authenticate, body
from gateway.web.ingest import HttpCall

_ROUNDS = 20_000


def _time(name: str, work: Callable[[], object]) -> None:
    for _ in range(500):
        work()
    start = time.perf_counter()
    for _ in range(_ROUNDS):
        work()
    print(f"{name:45} {(time.perf_counter() - start) / _ROUNDS * 1e6:6.2f} µs")


async def _measure(folder: Path) -> None:
    policies.write(folder / "policies", MODULES)
    loaded = load(folder / "policies", ModuleStore(MODULES))
    engine = Engine(None)
    pool = Pool(engine, 8)
    runner = Runner(pool, programs(loaded, pool, Secrets(folder / "secrets")), bytes(32))
    snapshot = Snapshot(loaded, runner, {}, {})
    route = loaded.routes["p0", "orders"]
    line = messages(1)[0]
    headers = [(b"authorization", f"Bearer {policies.KEY}".encode()), (b"content-type", b"application/json")]
    scope = {"headers": headers, "client": ("127.0.0.1", 1)}
    reader = body.Reader(15, 1 << 20)

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": line}

    call = HttpCall(scope, receive, "orders", reader)
    batch = body.split(line, media.JSON, route.limits)
    job = Job(snapshot, asyncio.get_running_loop().create_future())
    job.route, job.batch, job.arrival = route, batch, call.arrival("p0", "api_key-1")
    job.ruling = snapshot.publish("p0", "orders", "127.0.0.1", media.JSON)
    job.ran = runner.run(route, batch, hold=True, ticks=3)
    job.decision = decision_of(job)
    _time("read the headers", lambda: HttpCall(scope, receive, "orders", reader))
    _time("authenticate", lambda: authenticate.by_key(policies.KEY.encode(), snapshot.producer_keys))
    _time("decide", lambda: snapshot.publish("p0", "orders", "127.0.0.1", media.JSON))
    _time("split the body", lambda: body.split(line, media.JSON, route.limits))
    _time("run: the sandbox call, checks, digest, counts", lambda: runner.run(route, batch, hold=True, ticks=3))
    _time("make the decision, with its digest", lambda: decision_of(job))
    _time("encode the decision (recorder's thread)", lambda: msgspec.json.encode(job.decision))
    _time("count the metrics", lambda: metrics.observe(job.decision, None, route))
    _time("acknowledge", lambda: acknowledgement(job))
    engine.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="maskgate-parts-") as name:
        asyncio.run(_measure(Path(name)))
