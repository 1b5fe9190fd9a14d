from __future__ import annotations

import pytest

from gateway.policy.units import duration, size


@pytest.mark.parametrize(
    ("text", "expected"),
    [(7, 7), ("7B", 7), ("64KiB", 65_536), ("1MiB", 1 << 20), ("1MB", 10**6), ("2kB", 2000), ("1GiB", 1 << 30)],
)
def test_sizes_are_bytes(text: int | str, expected: int) -> None:
    assert size(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"), [("50ms", 50), ("2s", 2000), ("15m", 900_000), ("1h", 3_600_000), ("1d", 86_400_000)]
)
def test_durations_are_milliseconds(text: str, expected: int) -> None:
    assert duration(text) == expected


@pytest.mark.parametrize("text", ["", "1", "MiB", "1 MiB", "-1MiB", "1.5MiB", "1mib", "1Mib\n"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a number"):
        size(text)
