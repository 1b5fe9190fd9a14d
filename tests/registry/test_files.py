"""Reading what others may have put there."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.registry import files


@pytest.mark.parametrize("made", [os.mkdir, os.mkfifo], ids=["folder", "pipe"])
def test_what_isnt_a_file_is_refused_and_nothing_stays_open(tmp_path: Path, made: Callable[[Path], None]) -> None:
    made(tmp_path / "manifest.yaml")
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        with pytest.raises(ValueError, match="not a regular file"):
            files.read(tmp_path / "manifest.yaml", 10)
    assert len(os.listdir("/proc/self/fd")) == before


def test_no_more_is_read_than_may_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x" * 11)
    assert files.read(tmp_path / "file", 11) == b"x" * 11
    with pytest.raises(ValueError, match="more than 10 bytes"):
        files.read(tmp_path / "file", 10)
