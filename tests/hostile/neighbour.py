"""`python -m tests.hostile.neighbour [--only 'loops*']`: what each hostile guest costs producers beside it.

One gateway, over HTTP. Two good producers send at a steady pace: one whose module is kept and runs in the event loop,
and one whose module gets a fresh instance in a sandbox thread each time. Each hostile guest that can be loaded is sent
messages for some seconds, without a pause, over several connections. Printed are the good producers' latencies beside
it and alone, the worst ratio first. A measurement, not a test: times are not asserted (docs/speed.md has what was
seen).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from fnmatch import fnmatch
from pathlib import Path
from statistics import median

from msgspec import Struct
from rich.console import Console
from rich.table import Table

from gateway.bench.load import Load
from tests.building import WEB_SHOP
from tests.hostile.guests import SERVED, Hostile
from tests.hostile.served import HostilePlace, body, key, stream
from tests.test_process import running

_GOOD_CONNECTIONS, _PAUSE = 2, 0.005  # seconds between an answer and the next request
_HOSTILE_CONNECTIONS = 4
_FRESH, _HARMLESS = SERVED["alloc_odd"], SERVED["result_at_an_odd_place"]  # which do no harm, and are good for load
_AGAIN = 20  # guests after which the good producers are measured alone again: the machine has other things to do


class Seen(Struct, frozen=True):
    """The good producers' latencies, and how many requests a hostile one had answered."""

    kept: Load
    fresh: Load
    hostile: float  # a second


def measure(port: int, folder: Path, seconds: float, guest: Hostile | None) -> Seen:
    """`guest`: who sends too."""
    hostile = _load(port, folder, "hostile", guest, seconds + 1) if guest else None
    kept = _load(port, folder, "kept", None, seconds)
    fresh = _load(port, folder, "fresh", _FRESH, seconds)
    good = [_seen(load) for load in (kept, fresh)]
    if any(load.errors for load in good):
        raise RuntimeError(f"good requests failed beside {guest.name if guest else 'nobody'}")
    return Seen(*good, _seen(hostile).rate if hostile else 0.0)


def _load(port: int, folder: Path, name: str, guest: Hostile | None, seconds: float) -> subprocess.Popen[bytes]:
    """A load from a process of its own; the hostile ones don't pause."""
    content, media_type = body(guest or _FRESH, 1)
    file = folder / name
    file.write_text(
        f"POST /v1/streams/{stream(guest or _FRESH)}/messages HTTP/1.1\r\nhost: bench\r\n"
        f"authorization: Bearer {key(guest) if guest else WEB_SHOP}\r\ncontent-type: {media_type}\r\n"
        f"content-length: {len(content.encode())}\r\n\r\n{content}"
    )
    pace = (_HOSTILE_CONNECTIONS, 0.0) if name == "hostile" else (_GOOD_CONNECTIONS, _PAUSE)
    options = ["--connections", str(pace[0]), "--interval", str(pace[1]), "--seconds", str(seconds)]
    command = [sys.executable, "-m", "gateway.bench.load", "--port", str(port), *options, str(file)]
    return subprocess.Popen(command, stdout=subprocess.PIPE)


def _seen(load: subprocess.Popen[bytes]) -> Load:
    output, _ = load.communicate(timeout=120)
    return Load(**json.loads(output))


def show(alone: Sequence[Seen], beside: dict[str, Seen]) -> None:
    """The ratios, the worst first. What a harmless guest costs that is sent as much says what load alone does."""
    usual = {(kind, part): median(getattr(getattr(seen, kind), part) for seen in alone) for kind, part in _COLUMNS}
    ratios = {
        name: {column: getattr(getattr(seen, column[0]), column[1]) / usual[column] for column in _COLUMNS}
        for name, seen in beside.items()
    }
    table = Table("guest", "answers/s", *(f"{kind} {part}" for kind, part in _COLUMNS))
    table.add_row("(alone, ms)", "", *(f"{usual[column] * 1e3:.1f}" for column in _COLUMNS))
    for name in sorted(ratios, key=lambda name: max(ratios[name].values()), reverse=True):
        rate = f"{beside[name].hostile:.0f}"
        table.add_row(name, rate, *(f"{ratios[name][column]:.1f} ×" for column in _COLUMNS))
    console = Console(width=120)
    console.print(table)
    for column in _COLUMNS:
        every = sorted(ratio[column] for ratio in ratios.values())
        worst = max(ratios, key=lambda name: ratios[name][column])
        kind, part = column
        console.print(f"{kind} {part}: median ratio {median(every):.2f}, worst {every[-1]:.1f} beside {worst}")
    worst = max(beside, key=lambda name: max(beside[name].kept.worst, beside[name].fresh.worst))
    console.print(f"longest wait: {max(beside[worst].kept.worst, beside[worst].fresh.worst):.3f} s beside {worst}")


_COLUMNS = [("kept", "p50"), ("kept", "p99"), ("fresh", "p50"), ("fresh", "p99")]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", default=["*"], help="patterns of guests' names")
    parser.add_argument("--seconds", type=float, default=2, help="for each guest")
    parser.add_argument(
        "--breaker-failures", type=int, default=20, help="as the gateway's setting; a billion: no breaker"
    )
    args = parser.parse_args()
    chosen = [guest for name, guest in SERVED.items() if any(fnmatch(name, only) for only in args.only)]
    guests = [_HARMLESS, *(guest for guest in chosen if guest is not _HARMLESS)]
    with tempfile.TemporaryDirectory(prefix="maskgate-hostile-") as name:
        folder = Path(name)
        binaries = folder / "binaries"
        binaries.mkdir()
        for guest in (_FRESH, *guests):
            (binaries / f"{guest.name}.wasm").write_bytes(guest.wasm())
        (folder / "place").mkdir()
        place = HostilePlace(folder / "place", binaries)
        place.add(_FRESH, *(guest for guest in guests if guest is not _FRESH))
        alone: list[Seen] = []
        beside: dict[str, Seen] = {}
        with (
            running(place, "--breaker-failures", str(args.breaker_failures)) as served,
            suppress(KeyboardInterrupt),  # what has been seen is shown
        ):
            port = int(served.url.rpartition(":")[2])
            measure(port, folder, 2, None)
            for number, guest in enumerate(guests):
                if number % _AGAIN == 0:
                    alone.append(measure(port, folder, args.seconds, None))
                beside[guest.name] = measure(port, folder, args.seconds, guest)
                print(f"\r{number + 1}/{len(guests)} {guest.name:60}", end="", file=sys.stderr, flush=True)
        print(file=sys.stderr)
        show(alone, beside)


if __name__ == "__main__":
    main()
