from __future__ import annotations

import errno
import fcntl
import os
import re
import shutil
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import SimpleQueue

import pytest

from gateway.delivery.file import FileSink, FileTarget
from gateway.flow import Batch, Delivery, Receipt
from tests.delivery.programs import program

WAIT = 20  # seconds after which something that must happen has not
NAME = re.compile(r"crm-\d{8}T\d{6}Z-[0-9a-f]{8}-\d{4}\.ndjson")

Opened = Callable[..., FileSink]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "destinations" / "crm"


@pytest.fixture
def opened(folder: Path) -> Iterator[Opened]:
    """Opens sinks, which are closed at the end."""
    sinks: list[FileSink] = []

    def open_(**given: object) -> FileSink:
        sinks.append(FileSink(FileTarget(folder=folder, **given), "crm"))  # type: ignore[arg-type]
        return sinks[-1]

    yield open_
    for sink in sinks:
        sink.close()


def delivery(text: str, decision: str = "d") -> Delivery:
    return Delivery(decision=decision, destination="crm", batch=Batch.of([text.encode()]))


def deliver(sink: FileSink, *texts: str) -> list[Receipt]:
    told: SimpleQueue[list[Receipt]] = SimpleQueue()
    sink.put([delivery(text, f"d{number}") for number, text in enumerate(texts)], told.put)
    return told.get(timeout=WAIT)


def files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir(), key=lambda path: path.name[-11:])


def contents(folder: Path) -> list[str]:
    return [path.read_text() for path in files(folder)]


def locked(path: Path) -> bool:
    with path.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


def wait_until(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + WAIT
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.01)


@pytest.mark.parametrize("sync", [True, False])
def test_a_receipt_says_where_a_delivery_begins(folder: Path, opened: Opened, sync: bool) -> None:
    sink = opened(sync=sync)
    texts = ["1\n", '{"a": "é"}\n', "[]\n[]\n"]
    receipts = deliver(sink, *texts) + deliver(sink, "2\n")
    assert [(r.decision, r.destination, r.delivered, r.error) for r in receipts] == [
        (decision, "crm", True, None) for decision in ("d0", "d1", "d2", "d0")
    ]
    [file] = files(folder)
    content = file.read_bytes()
    assert content.decode() == "".join([*texts, "2\n"])
    for receipt, text in zip(receipts, [*texts, "2\n"], strict=True):
        assert receipt.receipt is not None
        name, offset = receipt.receipt.split(":")
        assert name == file.name
        assert content[int(offset) :].startswith(text.encode())


def test_files_are_the_owners_alone_and_locked_while_open(folder: Path, opened: Opened) -> None:
    sink = opened()
    deliver(sink, "1\n")
    [file] = files(folder)
    assert NAME.fullmatch(file.name)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert locked(file)
    sink.close()
    assert not locked(file)


def test_many_deliveries_are_written_in_order(folder: Path, opened: Opened) -> None:
    sink = opened()
    told: SimpleQueue[list[Receipt]] = SimpleQueue()
    texts = [[f"{number} {'x' * (number % 50)}\n" for number in range(at, at + 500)] for at in range(0, 5000, 500)]
    for some in texts:
        sink.put([delivery(text, text.split()[0]) for text in some], told.put)
    receipts = [told.get(timeout=WAIT) for _ in texts]
    assert [[r.decision for r in some] for some in receipts] == [[text.split()[0] for text in some] for some in texts]
    assert contents(folder) == ["".join(text for some in texts for text in some)]


def test_a_file_of_its_size_is_followed_by_another(folder: Path, opened: Opened) -> None:
    sink = opened(size=4)
    receipts = [deliver(sink, text)[0].receipt for text in ("1\n", "2\n", "3\n", "4444444\n", "5\n")]
    assert contents(folder) == ["1\n2\n", "3\n4444444\n", "5\n"]
    one, two, three = [path.name for path in files(folder)]
    assert receipts == [f"{one}:0", f"{one}:2", f"{two}:0", f"{two}:2", f"{three}:0"]
    assert [locked(path) for path in files(folder)] == [False, False, True]


def test_a_file_of_its_age_is_closed_though_nothing_comes(folder: Path, opened: Opened) -> None:
    sink = opened(age=0.05)
    deliver(sink, "1\n")
    wait_until(lambda: not locked(files(folder)[0]))
    deliver(sink, "2\n")
    assert contents(folder) == ["1\n", "2\n"]


def test_what_waits_is_delivered_at_the_end(folder: Path) -> None:
    sink = FileSink(FileTarget(folder=folder), "crm")
    told: list[bool] = []
    for number in range(200):
        sink.put([delivery(f"{number}\n")], lambda receipts: told.extend(r.delivered for r in receipts))
    sink.close()
    assert told == [True] * 200
    assert contents(folder) == ["".join(f"{number}\n" for number in range(200))]


def test_two_workers_share_a_folder_but_no_file(folder: Path, opened: Opened) -> None:
    one, two = opened(), opened()
    for number in range(20):
        deliver(one, f"1 {number}\n")
        deliver(two, f"2 {number}\n")
    assert {frozenset(line[0] for line in content.splitlines()) for content in contents(folder)} == {
        frozenset("1"),
        frozenset("2"),
    }


@pytest.mark.parametrize(
    ("left", "kept"),
    [
        ("", ""),
        ("1\n2\n", "1\n2\n"),
        ('1\n{"name": "Z', "1\n"),
        ("torn", ""),
        ("1\n" + "x" * 200_000, "1\n"),
        ("x" * (64 << 10), ""),
        ("1\n" + "x" * ((64 << 10) - 1), "1\n"),
        ("\n" + "x" * (64 << 10), "\n"),
    ],
    ids=range(8),
)
def test_a_torn_last_line_is_cut_off_at_the_start(folder: Path, opened: Opened, left: str, kept: str) -> None:
    folder.mkdir(parents=True)
    torn = folder / "crm-20250101T000000Z-0badcafe-0001.ndjson"
    torn.write_text(left)
    opened()
    if kept:
        assert torn.read_text() == kept
    else:
        assert not torn.exists()


def test_a_file_stands_ready_and_goes_if_it_stays_empty(folder: Path, opened: Opened) -> None:
    sink = opened(age=0.01)
    wait_until(lambda: len(files(folder)) == 1)
    [ready] = files(folder)
    time.sleep(0.05)  # longer than its age, which begins with the first message
    deliver(sink, "1\n")
    assert ready.read_text() == "1\n"
    wait_until(lambda: len(files(folder)) == 2)
    sink.close()
    assert files(folder) == [ready]


def test_an_empty_file_that_was_tidied_away_is_made_anew(folder: Path, opened: Opened) -> None:
    sink = opened()
    wait_until(lambda: len(files(folder)) == 1)
    files(folder)[0].unlink()
    assert deliver(sink, "1\n")[0].delivered
    assert contents(folder) == ["1\n"]


def test_a_file_that_another_has_open_is_left_alone(folder: Path, opened: Opened) -> None:
    folder.mkdir(parents=True)
    path = folder / "crm-20250101T000000Z-0badcafe-0001.ndjson"
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write("1\n2")
        file.flush()
        opened()
        assert path.read_text() == "1\n2"


def test_files_of_others_are_left_alone(folder: Path, opened: Opened) -> None:
    folder.mkdir(parents=True)
    others = [folder / name for name in ("lake-20250101T000000Z-0badcafe-0001.ndjson", "crm.txt", "crm-notes.md")]
    for path in others:
        path.write_text("torn")
    opened()
    assert [path.read_text() for path in others] == ["torn"] * 3


def test_a_full_disk_is_told_and_gone_on_from(folder: Path) -> None:
    process = program("full", folder)
    said = process.communicate()[0].splitlines()
    assert process.returncode == 0
    assert said == ["True None", "False file_efbig", "False file_efbig", "0 bytes more", "True None"]
    [file] = files(folder)
    assert file.read_text() == "first\n" * 100 + "last\n"


def test_what_was_confirmed_survives_a_kill(folder: Path, opened: Opened) -> None:
    process = program("confirm", folder)
    assert process.stdout is not None
    confirmed = [process.stdout.readline() for _ in range(300)]
    process.kill()
    confirmed += [line for line in process.communicate()[0].splitlines(keepends=True) if line.endswith("\n")]
    opened()  # mends
    lines = [line for content in contents(folder) for line in content.splitlines()]
    assert {line.strip() for line in confirmed} <= set(lines)
    assert all(re.fullmatch(r"\d+ x*\.", line) for line in lines)


def test_after_a_failed_sync_a_file_is_not_written_any_more(
    folder: Path, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    sink = opened()
    deliver(sink, "1\n")
    with monkeypatch.context() as patched:  # the one failure that can't be had from a real disk here
        patched.setattr(os, "fdatasync", fail)
        [receipt] = deliver(sink, "2\n")
    assert (receipt.delivered, receipt.error, receipt.receipt) == (False, "file_eio", None)
    deliver(sink, "3\n")
    assert contents(folder) == ["1\n", "3\n"]


def fail(descriptor: int) -> None:
    raise OSError(errno.EIO, "Input/output error")


def test_a_folder_that_is_gone_is_told(folder: Path, opened: Opened) -> None:
    sink = opened()
    assert sink.probe()
    wait_until(lambda: len(files(folder)) == 1)
    shutil.rmtree(folder)
    assert not sink.probe()
    [receipt] = deliver(sink, "1\n")
    assert (receipt.delivered, receipt.error) == (False, "file_enoent")
    folder.mkdir()
    assert deliver(sink, "2\n")[0].delivered
    assert contents(folder) == ["2\n"]


def test_one_that_fails_when_told_does_not_end_the_sink(
    folder: Path, opened: Opened, caplog: pytest.LogCaptureFixture
) -> None:
    sink = opened()

    def raise_(receipts: list[Receipt]) -> None:
        raise LookupError("of the test")

    sink.put([delivery("1\n")], raise_)
    assert deliver(sink, "2\n")[0].delivered
    assert "whoever waited for destination crm failed" in caplog.text
