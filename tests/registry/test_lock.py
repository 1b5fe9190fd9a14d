"""modules.lock as a file that several write."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from gateway.documents.finding import PolicyError
from gateway.registry import lock

ENTRY = {"version": "1.0.0", "sha256": "a" * 64, "manifest": "b" * 64}


def add(path: Path, name: str) -> None:
    with lock.editing(path) as entries:
        entries[name] = dict(ENTRY)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "modules.lock"
    assert lock.read(path) == {}
    add(path, "mask")
    assert lock.read(path) == {"mask": ENTRY}
    assert path.read_text().startswith("# Every module")


def test_writers_wait_for_one_another(tmp_path: Path) -> None:
    path = tmp_path / "modules.lock"
    threads = [threading.Thread(target=add, args=(path, f"module-{number}")) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(lock.read(path)) == 16
    assert [entry.name for entry in tmp_path.iterdir()] == ["modules.lock"]


def test_an_exception_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "modules.lock"
    add(path, "mask")
    before = path.read_bytes()

    def change_and_fail() -> None:
        with lock.editing(path) as entries:
            entries["mask"]["version"] = "2.0.0"
            raise RuntimeError

    with pytest.raises(RuntimeError):
        change_and_fail()
    assert path.read_bytes() == before


def test_a_file_that_isnt_a_lock_is_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "modules.lock"
    path.write_text("modules: {mask: {version: 1}}")
    with pytest.raises(PolicyError, match=r"modules\.lock:1:"):
        add(path, "extract")
    assert path.read_text() == "modules: {mask: {version: 1}}"
