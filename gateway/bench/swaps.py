"""Hot swaps under load: `python -m gateway.bench.swaps`.

Two versions of a module take turns, by `POST /v1/modules/answers`, while batches flow through a gateway over HTTP; the
same load without swaps comes first. The module is signed, and its instances are kept (`--fresh`: they aren't). What is
looked at: requests that failed, batches that two versions made, the longest wait, and the memory of the gateway's
process.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import cycle
from pathlib import Path
from statistics import median

import httpx
import yaml
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.bench import answers, policies, server
from gateway.bench.load import Load
from gateway.bench.table import Row, print_rows
from gateway.media import NDJSON
from gateway.registry.envelope import public_of
from gateway.registry.signing import sign
from gateway.registry.store import ModuleStore

MODULES = Path(__file__).parent.parent.parent / "modules"
_VERSIONS = ("1.0.0", "2.0.0")
_OPERATOR = "mg_bench_operator"
_BATCH = 20  # messages
_WARM = 1000  # swaps before the memory is first looked at: by then the load itself takes no more
_SLICE = 10  # seconds of load at a time
_USUAL = 6  # slices without a swap, first: a disk that now and then takes its time does so in them too


def measure(folder: Path, swaps: int, connections: int, *, kept: bool) -> Row:
    """All of it, with its files in `folder`."""
    _place(folder, kept=kept)
    port = server.free_port()
    request = server.request(b'{"order_id":"?"}\n' * _BATCH, NDJSON)
    loads: list[Load] = []
    taken: list[float] = []
    memory: list[int] = []
    with (
        server.running(server.gateway(folder, folder / "modules", port), port) as gateway,
        ThreadPoolExecutor(1) as pool,
    ):
        server.load(port, request, connections, 2, folder)
        usual = [server.load(port, request, connections, _SLICE, folder) for _ in range(_USUAL)]
        swapping = _swaps(port)
        while len(taken) < swaps:
            load: Future[Load] = pool.submit(server.load, port, request, connections, _SLICE, folder)
            while not load.done():
                taken.append(next(swapping))
                if len(taken) == _WARM:
                    memory.append(gateway.memory())
            loads.append(load.result())
        memory.append(gateway.memory())
    batches, versions = _made(folder)
    middle, worst = median(load.p50 for load in loads), max(load.worst for load in loads)
    mixed = sum(count for versions, count in batches.items() if len(versions) > 1)
    growth = memory[-1] / memory[0] - 1
    return Row(
        measure=f"{len(taken)} hot swaps under {connections} connections with batches of {_BATCH}"
        + ("" if kept else ", fresh instances"),
        target="no request fails or mixes versions; longest wait ≤ 3 × the median; memory within 5 %",
        seen=f"{mixed} mixed, {worst / middle:.1f} ×, {growth:+.1%}",
        met=not mixed and worst <= 3 * middle and growth <= 0.05,
        figures={
            "swaps": len(taken), "swap_ms": median(taken) * 1e3, "worst_swap_ms": max(taken) * 1e3,
            "requests": sum(load.requests for load in loads), "mixed": mixed,
            "median_ms": middle * 1e3, "p99_ms": max(load.p99 for load in loads) * 1e3, "worst_ms": worst * 1e3,
            "unswapped_median_ms": median(load.p50 for load in usual) * 1e3,
            "unswapped_p99_ms": max(load.p99 for load in usual) * 1e3,
            "unswapped_worst_ms": max(load.worst for load in usual) * 1e3,
            "memory_before_mb": memory[0] / 1e6, "memory_after_mb": memory[-1] / 1e6,
        }
        | {f"messages_of_{version}": count for version, count in versions.items()},
    )  # fmt: skip


def _place(folder: Path, *, kept: bool) -> None:
    """The benchmarks' policy set with a module that has two versions, and an operator."""
    policies.write(folder / "policies", MODULES, sync=False)
    modules = folder / "modules"
    for name in ("manifest.yaml", "mask.wasm", "signatures.json"):
        (modules / "mask").mkdir(parents=True, exist_ok=True)
        if (MODULES / "mask" / name).exists():
            shutil.copy(MODULES / "mask" / name, modules / "mask" / name)
    key = Ed25519PrivateKey.generate()
    for version in _VERSIONS:
        place = modules / answers.NAME / version
        place.mkdir(parents=True)
        manifest = yaml.safe_dump({**answers.MANIFEST, "version": version}).encode()
        wasm = answers.wasm(answers.order(version))
        (place / "manifest.yaml").write_bytes(manifest)
        (place / f"{answers.NAME}.wasm").write_bytes(wasm)
        (place / "signatures.json").write_bytes(sign(answers.NAME, version, manifest, wasm, key))
    trust = folder / "policies" / "trust.yaml"
    trusted = yaml.safe_load(trust.read_text())
    public = base64.b64encode(public_of(key)).decode()
    trusted["keys"]["bench"] = {"ed25519": public, "modules": [answers.NAME]}
    trust.write_text(yaml.safe_dump(trusted))
    lock = folder / "policies" / "modules.lock"
    entries = yaml.safe_load(lock.read_text())
    entry = ModuleStore(modules).lock_entry(answers.NAME, _VERSIONS[0])
    entries["modules"][answers.NAME] = {**entry, "instances": "kept" if kept else "fresh"}
    lock.write_text(yaml.safe_dump(entries))
    producer = folder / "policies" / "producers" / "p0.yaml"
    described = yaml.safe_load(producer.read_text())
    described["streams"]["orders"]["steps"] = [{"module": answers.NAME}]
    producer.write_text(yaml.safe_dump(described))
    (folder / "policies" / "users").mkdir()
    digest = hashlib.sha256(_OPERATOR.encode()).hexdigest()
    operator = {"user": "operator", "roles": ["operator"], "credentials": [{"kind": "api_key", "sha256": digest}]}
    (folder / "policies" / "users" / "operator.yaml").write_text(yaml.safe_dump(operator))
    with (folder / "policies" / "access.cedar").open("a") as file:
        file.write('permit (principal in Role::"operator", action == Action::"manageModules", resource);\n')
    with (folder / "policies" / "capabilities.cedar").open("a") as file:
        file.write(f'permit (principal == Module::"{answers.NAME}", action == Action::"read", resource);\n')


def _swaps(port: int) -> Iterator[float]:
    """Swap to and fro; the seconds of each. Raises httpx.HTTPStatusError."""
    with httpx.Client(headers={"authorization": f"Bearer {_OPERATOR}"}, timeout=60) as client:
        for version in cycle(reversed(_VERSIONS)):
            start = time.perf_counter()
            asked = {"action": "upgrade", "version": version}
            client.post(f"http://127.0.0.1:{port}/v1/modules/{answers.NAME}", json=asked).raise_for_status()
            yield time.perf_counter() - start


def _made(folder: Path) -> tuple[Counter[frozenset[str]], Counter[str]]:
    """How many batches were made by which versions, and how many messages by each."""
    batches: Counter[frozenset[str]] = Counter()
    versions: Counter[str] = Counter()
    for path in sorted((folder / "data" / "destinations" / "analytics").iterdir()):
        with path.open("rb") as lines:
            while batch := [json.loads(line)["order_id"] for _, line in zip(range(_BATCH), lines, strict=False)]:
                batches[frozenset(batch)] += 1
                versions.update(batch)
    return batches, versions


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--swaps", type=int, default=10_000)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--fresh", action="store_true", help="a new instance for each request")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="maskgate-swaps-") as name:
        row = measure(Path(name), args.swaps, args.connections, kept=not args.fresh)
    print_rows([row])
    print(json.dumps(row.figures, indent=2))


if __name__ == "__main__":
    main()
