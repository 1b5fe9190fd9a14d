"""`python -m tests.neighbour [--seconds 60]`: what hostile guests of six producers cost a seventh.

Measures the seventh's latencies alone, then while the others send without a pause; prints both and the ratio of the
99th percentiles. A measurement, not a test: times are not asserted (docs/speed.md has what was seen).
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import httpx

from tests.building import GUESTS, WEB_SHOP, Place
from tests.test_pipeline import HOSTILE, ORDER
from tests.test_process import running

PAUSE = 0.02  # seconds between an answer and the next request


async def send(url: str, key: str, until: float, pause: float, times: list[float], codes: Counter[str]) -> None:
    headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
    async with httpx.AsyncClient(headers=headers, timeout=60) as client:
        while time.perf_counter() < until:
            start = time.perf_counter()
            answer = await client.post(url, content=ORDER)
            times.append(time.perf_counter() - start)
            codes[answer.json().get("code", "200")] += 1
            await asyncio.sleep(pause)


async def send_all(url: str, seconds: float, keys: list[str], pause: float) -> tuple[list[float], Counter[str]]:
    """One connection for each key; the latencies, sorted, and the codes of the answers."""
    times: list[float] = []
    codes: Counter[str] = Counter()
    until = time.perf_counter() + seconds
    await asyncio.gather(*(send(url, key, until, pause, times, codes) for key in keys))
    return sorted(times), codes


def measure(url: str, seconds: float, hostile: list[str]) -> tuple[list[float], Counter[str]]:
    """The seventh's latencies, and the answers to the others, who send from a process of their own."""
    with ProcessPoolExecutor(1) as others:
        attack = others.submit(_attack, url, seconds, hostile)
        times, _ = asyncio.run(send_all(url, seconds, [WEB_SHOP] * 4, PAUSE))
        return times, attack.result()


def _attack(url: str, seconds: float, hostile: list[str]) -> Counter[str]:
    return asyncio.run(send_all(url, seconds, hostile, PAUSE))[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = Place(Path(folder))
        keys = {}
        for name in HOSTILE:
            place.add_guest(name, GUESTS / f"{name}.wat")
            keys[name] = place.add_producer(f"bad-{name.replace('_', '-')}", "orders", name)
        with running(place) as served:
            measure(served.orders, 2, [])
            alone, _ = measure(served.orders, args.seconds / 3, [])
            beside, codes = measure(served.orders, args.seconds, list(keys.values()))
    for what, times in (("alone", alone), ("beside", beside)):
        p50, p99 = times[len(times) // 2] * 1e3, times[int(len(times) * 0.99)] * 1e3
        print(f"{what:7} {len(times):6} requests, p50 {p50:6.2f} ms, p99 {p99:6.2f} ms")
    print(f"p99 beside / alone: {beside[int(len(beside) * 0.99)] / alone[int(len(alone) * 0.99)]:.2f}")
    print("answers:", ", ".join(f"{count} × {code}" for code, count in sorted(codes.items())))


if __name__ == "__main__":
    main()
