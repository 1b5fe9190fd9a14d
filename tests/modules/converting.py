"""Random values and hostile bytes for the modules that convert between formats."""

import json
import random
import struct
from collections.abc import Iterator, Sequence
from typing import Any

from sandboxed import Entry, Run

EDGES = [0, 1, -1, 23, 24, -24, -25, 31, 32, -32, -33, 127, 128, -128, -129, 255, 256, 2**15, -(2**15), -(2**15) - 1]
EDGES += [2**16 - 1, 2**16, 2**31, -(2**31), -(2**31) - 1, 2**32 - 1, 2**32, 2**53 + 1, 2**63 - 1, -(2**63), 2**64 - 1]
TEXTS = [
    "",
    "a",
    "é",
    "€",
    "😀",
    '"',
    "\\",
    "\n",
    "\x00",
    "\x1f",
    "\x7f",
    "\u2028",
    "x" * 31,
    "x" * 32,
    "é" * 140,
    "y" * 300,
]


def scalar(chance: random.Random) -> Any:
    kind = chance.randrange(9)
    if kind < 2:
        return chance.choice([None, True, False])
    if kind < 4:
        return chance.choice(EDGES)
    if kind == 4:
        return chance.randrange(-(2**63), 2**64)
    if kind == 5:
        return double(chance)
    if kind == 6:
        return chance.choice([0.0, -0.0, 1.5, 1.1, 65504.0, 5e-324, 1e300, 5.960464477539063e-8, 3.4028234663852886e38])
    return text(chance)


def double(chance: random.Random) -> float:
    """A finite one, of any bits."""
    while True:
        (number,) = struct.unpack("<d", chance.randbytes(8))
        if number - number == 0:
            return float(number)


def text(chance: random.Random) -> str:
    return "".join(chance.choice(TEXTS) for _ in range(chance.randrange(3)))


def value(chance: random.Random, depth: int = 4) -> Any:
    """What JSON can say: no key twice, numbers of 64 bits and finite doubles."""
    kind = chance.randrange(3) if depth else 2
    if kind == 0:
        return [value(chance, depth - 1) for _ in range(chance.choice([0, 1, 3, 17]))]
    if kind == 1:
        return {text(chance) + str(i % 3): value(chance, depth - 1) for i in range(chance.choice([0, 1, 3, 17]))}
    return scalar(chance)


def compact(given: Any) -> bytes:
    return json.dumps(given, ensure_ascii=False, separators=(",", ":")).encode()


def same(one: Any, other: Any) -> bool:
    """Equal, each number of the same type and sign."""
    return repr(one) == repr(other)


def passed(results: Sequence[Any]) -> list[bytes]:
    """All messages as they passed."""
    for result in results:
        assert isinstance(result, bytes), result
    return list(results)


def truncations(message: bytes) -> list[bytes]:
    return [message[:end] for end in range(len(message))]


def mutations(valid: Sequence[bytes], chance: random.Random, count: int) -> Iterator[bytes]:
    """Valid messages with bytes changed, taken out, put in; and bytes of no meaning."""
    for _ in range(count):
        changed = bytearray(chance.choice(valid) if chance.random() < 0.8 else chance.randbytes(chance.randrange(24)))
        for _ in range(chance.randrange(4)):
            at = chance.randrange(len(changed) + 1)
            match chance.randrange(4):
                case 0:
                    changed[at : at + 1] = bytes([chance.choice([0, 0x7F, 0x80, 0xC0, 0xFF, chance.randrange(256)])])
                case 1:
                    changed[at : at + chance.randrange(1, 9)] = b""
                case 2:
                    changed[at:at] = b"\xff" * chance.choice([1, 2, 4, 8])
                case 3:
                    changed[at:at] = chance.randbytes(chance.randrange(1, 5))
        yield bytes(changed)


def survives(run: Run, messages: Sequence[bytes], of: str = "json") -> tuple[int, int]:
    """Gives a module hostile messages: each passes or is refused, and what passes as JSON is JSON without a key twice.

    Returns how many passed, and how many were refused. A refusal has a code of the manifest, or the sandbox would have
    stopped the module.
    """
    entries: list[Entry] = []
    for result in run.transform(messages):
        entries += result if isinstance(result, list) else [] if result is None else [result]
    good = [entry for entry in entries if isinstance(entry, bytes)]
    for entry in good if of == "json" else ():
        json.loads(entry, object_pairs_hook=_once, parse_constant=_never)
    return len(good), len(entries) - len(good)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    assert len(found) == len(pairs), "a key came twice"
    return found


def _never(name: str) -> None:
    raise AssertionError(f"{name} is not JSON")
