"""Speed of the committed csv-to-json.wasm beside csv.DictReader and orjson, on the same documents.

    python modules/csv-to-json/bench.py [--rows N] [--json]

Needs wasmtime and orjson. MB/s are 10^6 bytes of CSV a second, on one core, best of the rounds.
"""

import argparse
import csv
import io
import json
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
from wasmtime import Config, Engine, Instance, Module, Store

WASM = Path(__file__).with_name("csv-to-json.wasm")
ROUNDS = 7


class Guest:
    """A configured instance; `transform` takes one document and returns the size of the frame that came back."""

    def __init__(self, configuration: bytes) -> None:
        self.store = Store(Engine(Config()))
        instance = Instance(self.store, Module.from_file(self.store.engine, WASM), [])
        exports: Any = instance.exports(self.store)
        self.exports = exports
        self.memory = exports["memory"]
        if self.exports["mg_configure"](self.store, self._give(configuration), len(configuration)):
            raise ValueError("the configuration was refused")

    def _give(self, data: bytes) -> int:
        pointer: int = self.exports["mg_alloc"](self.store, len(data))
        self.memory.write(self.store, data, pointer)
        return pointer

    def frame(self, document: bytes) -> bytes:
        return (1).to_bytes(4, "little") + len(document).to_bytes(4, "little") + document

    def transform(self, frame: bytes) -> tuple[int, float]:
        """Size of the result in bytes, and the seconds that the call took without copies in and out."""
        pointer = self._give(frame)
        start = time.perf_counter()
        result = self.exports["mg_transform"](self.store, pointer, len(frame))
        return result & 0xFFFFFFFF, time.perf_counter() - start


def orders(rows: int, chance: random.Random) -> str:
    """Shop orders: short fields, some quoted, a free text with quotes and line ends now and then."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["order", "name", "email", "street", "city", "total", "paid", "note"])
    notes = ["", "", "ring twice", 'she said "later"', "second floor, left", "leave it at\nthe neighbour's"]
    for row in range(rows):
        name = chance.choice(["Ada Lovelace", "Grace Hopper", "Zoë Quintana", "Søren Østergård", "Alan Turing"])
        writer.writerow([
            100_000 + row, name, f"{name.split()[0].lower()}{row}@example.org", f"{chance.randrange(200)} High Street",
            chance.choice(["Leeds", "York", "Århus", "Bath"]), f"{chance.uniform(1, 900):.2f}",
            chance.choice(["true", "false"]), chance.choice(notes),
        ])  # fmt: skip
    return out.getvalue()


def texts(rows: int, chance: random.Random) -> str:
    """Long quoted English texts."""
    words = ["parcel", "came", "late", "but", "whole", "and", "the", "neighbour", "kept", "it", "until", "we", "were"]
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(["id", "text"])
    writer.writerows([row, " ".join(chance.choices(words, k=60))] for row in range(rows // 4))
    return out.getvalue()


def scripts(rows: int, chance: random.Random) -> str:
    """Texts that are hardly ASCII at all: Cyrillic, Greek, Chinese."""
    words = ["посылка", "пришла", "поздно", "но", "целой", "το", "δέμα", "έφτασε", "αργά", "包裹来得晚", "但完好无损"]
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["id", "text"])
    writer.writerows([row, " ".join(chance.choices(words, k=20))] for row in range(rows // 2))
    return out.getvalue()


def with_python(document: bytes) -> int:
    rows = csv.DictReader(io.StringIO(document.decode("utf-8"), newline=""))
    return len(b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in rows))


def best(run: Callable[[], float]) -> float:
    return min(run() for _ in range(ROUNDS))


def timed(document: bytes) -> float:
    start = time.perf_counter()
    with_python(document)
    return time.perf_counter() - start


def measure(name: str, document: bytes) -> dict[str, object]:
    guest = Guest(b"{}")
    frame = guest.frame(document)
    module = best(lambda: guest.transform(frame)[1])
    python = best(lambda: timed(document))
    megabytes = len(document) / 1e6
    return {
        "document": name,
        "megabytes": round(megabytes, 2),
        "module_mb_s": round(megabytes / module, 1),
        "python_mb_s": round(megabytes / python, 1),
        "ratio": round(python / module, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Speed of csv-to-json.wasm beside csv.DictReader and orjson")
    parser.add_argument("--rows", type=int, default=40_000)
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    options = parser.parse_args()
    if not options.json:
        print(f"{'document':10} {'MB':>6} {'module MB/s':>12} {'csv+orjson MB/s':>16} {'ratio':>6}")
    for make in (orders, texts, scripts):
        row = measure(make.__name__, make(options.rows, random.Random(7)).encode())
        if options.json:
            print(json.dumps(row))
        else:
            print(
                f"{row['document']:10} {row['megabytes']:6} {row['module_mb_s']:12} {row['python_mb_s']:16}"
                f" {row['ratio']:6}"
            )


if __name__ == "__main__":
    main()
