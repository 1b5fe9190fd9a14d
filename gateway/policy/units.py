"""Sizes and durations as people write them."""

from __future__ import annotations

import re

_SIZES = {
    "B": 1, "kB": 10**3, "KB": 10**3, "MB": 10**6, "GB": 10**9, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30,
}  # fmt: skip
_DURATIONS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_QUANTITY = re.compile(r"([0-9]+)([A-Za-z]+)")


def size(text: int | str) -> int:
    """Bytes of `1048576`, `"64KiB"` or `"1MB"` (IEC 80000-13: KiB is 1024, kB is 1000). Raises ValueError."""
    return text if isinstance(text, int) else _quantity(text, _SIZES)


def duration(text: str) -> int:
    """Milliseconds of `50ms`, `2s`, `15m`, `1h` or `7d`. Raises ValueError."""
    return _quantity(text, _DURATIONS)


def _quantity(text: str, units: dict[str, int]) -> int:
    match = _QUANTITY.fullmatch(text)
    if match is None or match[2] not in units:
        raise ValueError(f"not a number and one of {', '.join(units)}")
    return int(match[1]) * units[match[2]]
