"""Speed of the committed mask.wasm beside a bare loop of orjson, on the same messages, in one run.

    python modules/mask/bench.py [--messages N] [--rounds N] [--json]

Needs wasmtime and orjson. The messages are of 444 bytes each, with three fields that are masked: an email (redact), a
phone number (partial), a card (text). The loop of orjson is `loads`, three assignments, `dumps`: it validates, and does
no policy. `orjson` lets each result go, `orjson kept` has all of them in the end, as the module does. Microseconds a
message, best of the rounds; `module` is the call alone, `with copies` also the frame's way in and out.
"""

import argparse
import ctypes
import json
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
from wasmtime import Config, Engine, FuncType, Linker, Module, Store, ValType

WASM = Path(__file__).with_name("mask.wasm")
SIZE = 444
PATHS = ["/customer/email", "/customer/phone", "/payment/card"]
TREATMENTS: list[dict[str, object]] = [
    {"kind": "redact"},
    {"kind": "partial", "keep_last": 4},
    {"kind": "text", "text": "****"},
]


class Guest:
    """A configured instance, called through wasmtime's public API."""

    def __init__(self, configuration: object) -> None:
        config = Config()
        config.epoch_interruption = True
        self.store = Store(Engine(config))
        self.store.set_epoch_deadline(1 << 40)
        linker = Linker(self.store.engine)
        i32 = ValType.i32()
        linker.define_func("maskgate", "secret", FuncType([i32] * 4, [i32]), lambda *_: -1)
        instance = linker.instantiate(self.store, Module.from_file(self.store.engine, WASM))
        self.exports: Any = instance.exports(self.store)
        self.memory: Any = self.exports["memory"]
        raw = json.dumps(configuration).encode()
        if self.exports["mg_configure"](self.store, self.give(raw), len(raw)):
            raise ValueError("the configuration was refused")

    def give(self, data: bytes) -> int:
        pointer: int = self.exports["mg_alloc"](self.store, len(data))
        ctypes.memmove(self._address() + pointer, data, len(data))
        return pointer

    def _address(self) -> int:
        return ctypes.addressof(self.memory.data_ptr(self.store).contents)

    def transform(self, frame: bytes) -> tuple[bytes, float]:
        """The frame that comes back, and the seconds that the call took without the copies in and out."""
        pointer = self.give(frame)
        start = time.perf_counter()
        packed = self.exports["mg_transform"](self.store, pointer, len(frame))
        seconds = time.perf_counter() - start
        return ctypes.string_at(self._address() + (packed >> 32 & 0xFFFFFFFF), packed & 0xFFFFFFFF), seconds


def message(number: int, chance: random.Random, separators: tuple[str, str]) -> bytes:
    """An order of SIZE bytes, its line end with it."""
    name = chance.choice(["Ada Lovelace", "Grace Hopper", "Zelda Quintana", "Soren Ostergard", "Alan Turing"])
    document = {
        "order": f"o-{100_000 + number}",
        "time": f"2026-03-{chance.randrange(1, 29):02}T{chance.randrange(24):02}:15:09Z",
        "customer": {
            "id": 7_000 + number,
            "name": name,
            "email": f"{name.split()[0].lower()}.{number}@example.org",
            "phone": f"+44 20 7946 {chance.randrange(1000, 9999)}",
        },
        "payment": {"method": "card", "card": f"4111 1111 1111 {chance.randrange(1000, 9999)}", "paid": True},
        "items": [
            {"sku": f"A-{chance.randrange(10_000)}", "count": chance.randrange(1, 9), "price": 12.5},
            {"sku": f"B-{chance.randrange(10_000)}", "count": 1, "price": round(chance.uniform(1, 500), 2)},
        ],
        "total": round(chance.uniform(10, 900), 2),
        "note": "",
    }
    bare = len(json.dumps(document, separators=separators)) + 1
    document["note"] = ("ring twice, second floor on the left, leave it with the neighbour " * 4)[: SIZE - bare]
    raw = json.dumps(document, separators=separators).encode() + b"\n"
    assert len(raw) == SIZE
    return raw


def frame(messages: list[bytes]) -> bytes:
    ends = b"".join((SIZE * (i + 1)).to_bytes(4, "little") for i in range(len(messages)))
    return len(messages).to_bytes(4, "little") + ends + b"".join(messages)


def with_orjson(lines: list[bytes], *, keep: bool) -> list[bytes]:
    loads, dumps, kept = orjson.loads, orjson.dumps, []
    for line in lines:
        document = loads(line)
        document["customer"]["email"] = "[REDACTED]"
        document["customer"]["phone"] = "***********4321"
        document["payment"]["card"] = "****"
        result = dumps(document)
        if keep:
            kept.append(result)
    return kept


def timed(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def policy(unlisted: str) -> dict[str, object]:
    rules: list[dict[str, object]] = [
        {"name": path, "paths": [path], "treatment": how} for path, how in zip(PATHS, TREATMENTS, strict=True)
    ]
    if unlisted != "keep":
        kept = ["/order", "/time", "/customer/id", "/items/*/*", "/total", "/payment/*", "/customer/name", "/note"]
        rules.append({"name": "kept", "paths": kept, "treatment": {"kind": "keep"}})
    return {"unlisted": unlisted, "rules": rules}


def measure(name: str, separators: tuple[str, str], count: int, rounds: int, unlisted: str) -> dict[str, object]:
    chance = random.Random(7)
    lines = [message(i, chance, separators) for i in range(count)]
    guest = Guest(policy(unlisted))
    framed, single = frame(lines), frame(lines[:1])
    result, _ = guest.transform(framed)
    assert result.count(b"[REDACTED]") == count
    call, copies, alone, python, kept = [], [], [], [], []
    for _ in range(rounds):  # by turns, so that a busy moment of the machine hits all
        call.append(guest.transform(framed)[1])
        copies.append(timed(lambda: guest.transform(framed)))
        alone.extend(guest.transform(single)[1] for _ in range(20))
        python.append(timed(lambda: with_orjson(lines, keep=False)))
        kept.append(timed(lambda: with_orjson(lines, keep=True)))
    each = {
        "module": min(call) / count,
        "with copies": min(copies) / count,
        "one a call": min(alone),
        "orjson": min(python) / count,
        "orjson kept": min(kept) / count,
    }
    row: dict[str, object] = {"messages": name, "unlisted": unlisted, "count": count, "bytes": SIZE}
    row |= {f"{key} us": round(seconds * 1e6, 3) for key, seconds in each.items()}
    row |= {f"{key} ratio": round(each[key] / each["module"], 2) for key in ("orjson", "orjson kept")}
    row["MB/s"] = round(SIZE / each["module"] / 1e6)
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description="Speed of mask beside a bare loop of orjson")
    parser.add_argument("--messages", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    options = parser.parse_args()
    shapes = {"compact": (",", ":"), "spaced": (", ", ": ")}
    rows = (
        measure(name, separators, options.messages, options.rounds, unlisted)
        for name, separators in shapes.items()
        for unlisted in ("keep", "drop")
    )
    for number, row in enumerate(rows):
        if options.json:
            print(json.dumps(row))
            continue
        if number == 0:
            print("  ".join(f"{name:>8}" for name in row))
        print("  ".join(f"{value!s:>{max(8, len(name))}}" for name, value in row.items()), flush=True)


if __name__ == "__main__":
    main()
