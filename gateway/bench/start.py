"""How long a gateway takes to its first answer: `python -m gateway.bench.start`.

Twenty modules of the library are in force, each for a producer of its own. The gateway is started with nothing
compiled, and again with what that left on disk; its first request is put beside the median of those that follow.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

import httpx
import yaml

from gateway.authoring import cases
from gateway.bench import policies, server
from gateway.bench.messages import messages
from gateway.bench.table import Row, print_rows
from gateway.documents.finding import PolicyError
from gateway.media import JSON
from gateway.policy import load
from gateway.policy.steps import named_in
from gateway.registry.store import ModuleStore

MODULES = Path(__file__).parent.parent.parent / "modules"
_COUNT = 20
_RUNS = 5
_DEADLINE = 300  # seconds


def measure(folder: Path) -> Iterator[Row]:
    used = _place(folder)
    cold, first, usual = _start(folder)
    warm, firsts, medians = zip(*(_start(folder) for _ in range(_RUNS)), strict=True)
    yield Row(
        measure=f"start to first answer, {len(used)} modules compiled before, against nothing compiled",
        target="no module is compiled",
        seen=f"{median(warm):.2f} s / {cold:.2f} s: {cold / median(warm):.1f} ×",
        met=median(warm) < cold,
        figures={"warm_s": median(warm), "cold_s": cold, "modules": len(used)},
    )
    yield Row(
        measure="first request against the median",
        target="≤ 3 ×",
        seen=f"{median(firsts) / median(medians):.1f} × ({first / usual:.1f} × after the cold start)",
        met=median(firsts) <= 3 * median(medians),
        figures={"first_ms": median(firsts) * 1e3, "median_ms": median(medians) * 1e3, "first_cold_ms": first * 1e3},
    )


def _start(folder: Path) -> tuple[float, float, float]:
    """Seconds from the start of the process to its first answer, of its first request, and of the median one."""
    port = server.free_port()
    headers = {"authorization": f"Bearer {policies.KEY}", "content-type": JSON}
    url, body = f"http://127.0.0.1:{port}/v1/streams/orders/messages", messages(1)[0]
    started = time.perf_counter()
    with server.started(server.gateway(folder, MODULES, port)), httpx.Client(headers=headers) as client:

        def post() -> float:
            start = time.perf_counter()
            client.post(url, content=body).raise_for_status()
            return time.perf_counter() - start

        _wait(lambda: client.get(f"http://127.0.0.1:{port}/healthz"))  # the connection isn't what is measured
        first = post()
        return time.perf_counter() - started, first, median(post() for _ in range(300))


def _wait(ask: Callable[[], object]) -> None:
    deadline = time.monotonic() + _DEADLINE
    while time.monotonic() < deadline:
        try:
            ask()
        except httpx.TransportError:
            time.sleep(0.005)
        else:
            return
    raise RuntimeError("the gateway didn't start")


def _place(folder: Path) -> list[str]:
    """The benchmarks' policy set, and producers for as many modules of the library as can be had; their names."""
    place = folder / "policies"
    policies.write(place, MODULES)
    with (place / "capabilities.cedar").open("a") as file:
        file.write('permit (principal, action in [Action::"hold", Action::"read"], resource);\n')
    store, lock = ModuleStore(MODULES), place / "modules.lock"
    used = ["mask"]
    for manifest in store.available():
        known = cases.read(MODULES / manifest.module)
        config: dict[str, Any] = dict(known[0].given.get("with", {})) if known else {}
        grants = named_in(config)
        if len(used) == _COUNT or manifest.produces != JSON or any(not one.startswith("secret:") for one in grants):
            continue
        for grant in grants:
            (folder / "secrets" / grant.removeprefix("secret:")).write_text("0123456789abcdef" * 4)
        producer = place / "producers" / f"{manifest.module}.yaml"
        before = lock.read_text()
        entries = yaml.safe_load(before)
        entries["modules"][manifest.module] = {**store.lock_entry(manifest.module), "instances": "kept"}
        lock.write_text(yaml.safe_dump(entries))
        steps = [{"module": manifest.module, "with": config}]
        stream = {"orders": {"accept": sorted(manifest.accepts), "steps": steps}}
        producer.write_text(
            yaml.safe_dump(
                {
                    "producer": manifest.module,
                    "team": "bench",
                    "credentials": [],
                    "attributes": {"region": "eu"},
                    "streams": stream,
                }
            )
        )
        try:
            load.load(place, store)
        except PolicyError:  # it isn't one that stands alone before the mask
            producer.unlink()
            lock.write_text(before)
        else:
            used.append(manifest.module)
    return used


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="maskgate-start-") as name:
        rows = list(measure(Path(name)))
    print_rows(rows)
    print(json.dumps({row.measure: row.figures for row in rows}, indent=2))


if __name__ == "__main__":
    main()
