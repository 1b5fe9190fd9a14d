from __future__ import annotations

import os
import stat
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gateway.decisions.record import digest_key, new_id


def test_an_id_is_a_uuid_of_version_7_that_holds_the_time() -> None:
    before = time.time_ns() // 1_000_000
    text = new_id()
    after = time.time_ns() // 1_000_000
    id = uuid.UUID(text)
    assert (id.version, id.variant, str(id)) == (7, uuid.RFC_4122, text)
    assert before <= id.int >> 80 <= after


def test_later_ids_sort_behind_earlier_ones() -> None:
    ids = [new_id() for _ in range(5000)]
    assert ids == sorted(set(ids))


def test_ids_go_on_when_the_clock_is_set_back(monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time_ns()
    first = new_id()
    monkeypatch.setattr(time, "time_ns", lambda: now - 3_600_000_000_000)
    assert first < new_id() < new_id()


def test_ids_of_several_threads_differ() -> None:
    with ThreadPoolExecutor(8) as threads:
        ids = [id for some in threads.map(lambda _: [new_id() for _ in range(2000)], range(8)) for id in some]
    assert len(set(ids)) == 16_000


def test_a_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "data" / "digest.key"
    key = digest_key(path)
    assert len(key) == 32
    assert digest_key(path) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(path.parent) == ["digest.key"]


def test_workers_that_start_at_once_get_one_key(tmp_path: Path) -> None:
    at_once = threading.Barrier(8)

    def start(_: int) -> bytes:
        at_once.wait()
        return digest_key(tmp_path / "digest.key")

    with ThreadPoolExecutor(8) as threads:
        keys = set(threads.map(start, range(8)))
    assert [len(key) for key in keys] == [32]
    assert os.listdir(tmp_path) == ["digest.key"]


@pytest.mark.parametrize("content", [b"", b"short", b"x" * 33])
def test_a_key_of_another_length_is_not_used(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "digest.key"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="32 bytes"):
        digest_key(path)
    assert path.read_bytes() == content
