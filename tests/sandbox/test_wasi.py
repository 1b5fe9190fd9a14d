"""Each function of WASI preview 1, and each grant: with it, it works; without it, nothing happens and it is counted."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import GuestFailure
from gateway.sandbox import host, naming, room
from gateway.sandbox.engine import Engine
from gateway.sandbox.files import (
    BADF,
    CALL_LIMIT,
    EXIST,
    FBIG,
    INVAL,
    MFILE,
    NOENT,
    NOSPC,
    NOTCAPABLE,
    NOTEMPTY,
    OVERFLOW,
    SUCCESS,
)
from gateway.sandbox.frame import GuestError
from tests.sandbox.making import HASTY, batch, u32
from tests.sandbox.sequence import Call, Seen, guest_of, run

CREATE, DIRECTORY, EXCLUSIVE, TRUNCATE, APPEND = 1, 2, 4, 8, 1
ALL_RIGHTS, READ = (1 << 29) - 1, 1 << 1 | 1 << 14
NAME, OTHER, TEXT, VECTOR, OUT, FD = 100, 300, 500, 700, 1000, 800  # addresses
ROOT = 3  # descriptor of the preopened folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "granted"
    (made / "inner").mkdir(parents=True)
    (made / "file").write_bytes(b"content")
    (tmp_path / "secret").write_bytes(b"not for guests")
    (made / "link").symlink_to(tmp_path / "secret")
    (made / "away").symlink_to(tmp_path)
    (made / "dangling").symlink_to(tmp_path / "made by a guest")
    os.mkfifo(made / "pipe")
    return made


def opened(name: str, oflags: int = 0, rights: int = ALL_RIGHTS, fdflags: int = 0) -> Call:
    """Open `name`, which stands at NAME, into the descriptor at FD."""
    return ("path_open", ROOT, 0, NAME, len(name), oflags, rights, 0, fdflags, FD)


FILE: tuple[str, int] = ("at", FD)
WAIT: Call = ("poll_oneoff", 2000, OUT, 1, OUT + 100)
HOUR = bytes(24) + (3600 * 10**9).to_bytes(8, "little") + bytes(16)  # a subscription to a clock


def do(
    engine: Engine, folder: Path, *calls: Call, name: str = "file", other: str = "new", grant: str = "fs:write:"
) -> Seen:
    """Make the calls with `name` at NAME, `other` at OTHER, "hello" at TEXT and a vector of it at VECTOR."""
    data = {
        NAME: name.encode(),
        OTHER: other.encode(),
        TEXT: b"hello",
        VECTOR: TEXT.to_bytes(4, "little") + (5).to_bytes(4, "little"),
        VECTOR + 8: OUT.to_bytes(4, "little") + (100).to_bytes(4, "little"),
    }
    return run(engine, *calls, grants=[f"{grant}{folder}"] if grant else [], data=data)


# Each function of the table: calls that work with a grant (and the grants), the last of them the function itself.
OPEN = opened("file")
CASES: dict[str, tuple[str, tuple[Call, ...]]] = {
    "fd_advise": ("fs:read:", (opened("file", 0, READ), ("fd_advise", FILE, 0, 0, 0))),
    "fd_allocate": ("fs:write:", (OPEN, ("fd_allocate", FILE, 0, 100))),
    "fd_close": ("fs:read:", (opened("file", 0, READ), ("fd_close", FILE))),
    "fd_datasync": ("fs:write:", (OPEN, ("fd_datasync", FILE))),
    "fd_fdstat_get": ("fs:read:", (opened("file", 0, READ), ("fd_fdstat_get", FILE, OUT))),
    "fd_fdstat_set_flags": ("fs:write:", (OPEN, ("fd_fdstat_set_flags", FILE, APPEND))),
    "fd_filestat_get": ("fs:read:", (opened("file", 0, READ), ("fd_filestat_get", FILE, OUT))),
    "fd_filestat_set_size": ("fs:write:", (OPEN, ("fd_filestat_set_size", FILE, 3))),
    "fd_filestat_set_times": ("fs:write:", (OPEN, ("fd_filestat_set_times", FILE, 10**18, 10**18, 5))),
    "fd_pread": ("fs:read:", (opened("file", 0, READ), ("fd_pread", FILE, VECTOR + 8, 1, 3, OUT + 200))),
    "fd_prestat_dir_name": ("fs:read:", (("fd_prestat_dir_name", ROOT, OUT, 1000),)),
    "fd_pwrite": ("fs:write:", (OPEN, ("fd_pwrite", FILE, VECTOR, 1, 2, OUT))),
    "fd_read": ("fs:read:", (opened("file", 0, READ), ("fd_read", FILE, VECTOR + 8, 1, OUT + 200))),
    "fd_readdir": ("fs:read:", (("fd_readdir", ROOT, OUT, 4000, 0, FD),)),
    "fd_renumber": (
        "fs:read:",
        (
            ("path_open", ROOT, 0, NAME, 4, 0, READ, 0, 0, FD + 8), opened("file", 0, READ),
            ("fd_renumber", FILE, ("at", FD + 8)),
        ),
    ),
    "fd_seek": ("fs:read:", (opened("file", 0, READ), ("fd_seek", FILE, 2, 0, OUT))),
    "fd_sync": ("fs:write:", (OPEN, ("fd_sync", FILE))),
    "fd_tell": ("fs:read:", (opened("file", 0, READ), ("fd_tell", FILE, OUT))),
    "fd_write": ("fs:write:", (OPEN, ("fd_write", FILE, VECTOR, 1, OUT))),
    "path_create_directory": ("fs:write:", (("path_create_directory", ROOT, OTHER, 3),)),
    "path_filestat_get": ("fs:read:", (("path_filestat_get", ROOT, 0, NAME, 4, OUT),)),
    "path_filestat_set_times": ("fs:write:", (("path_filestat_set_times", ROOT, 0, NAME, 4, 10**18, 10**18, 5),)),
    "path_open": ("fs:read:", (opened("file", 0, READ),)),
    "path_remove_directory": (
        "fs:write:", (("path_create_directory", ROOT, OTHER, 3), ("path_remove_directory", ROOT, OTHER, 3)),
    ),
    "path_rename": ("fs:write:", (("path_rename", ROOT, NAME, 4, ROOT, OTHER, 3),)),
    "path_unlink_file": ("fs:write:", (("path_unlink_file", ROOT, NAME, 4),)),
}  # fmt: skip
# Functions of grants that aren't about files.
OTHERS: dict[str, tuple[str, Call]] = {
    "clock_res_get": ("clock", ("clock_res_get", 0, OUT)),
    "clock_time_get": ("clock", ("clock_time_get", 0, 0, OUT)),
    "poll_oneoff": ("clock", ("poll_oneoff", 2000, OUT, 1, OUT + 100)),
    "random_get": ("random", ("random_get", OUT, 8)),
}
# Nobody gets these, whatever is granted: links would lead out, sockets and signals are no business of a transform's.
NEVER: dict[str, Call] = {
    "fd_fdstat_set_rights": ("fd_fdstat_set_rights", ROOT, 0, 0),
    "path_link": ("path_link", ROOT, 0, NAME, 4, ROOT, OTHER, 3),
    "path_readlink": ("path_readlink", ROOT, NAME, 4, OUT, 100, OUT + 200),
    "path_symlink": ("path_symlink", NAME, 4, ROOT, OTHER, 3),
    "proc_raise": ("proc_raise", 9),
    "sock_accept": ("sock_accept", ROOT, 0, OUT),
    "sock_recv": ("sock_recv", ROOT, VECTOR, 1, 0, OUT, OUT + 8),
    "sock_send": ("sock_send", ROOT, VECTOR, 1, 0, OUT),
    "sock_shutdown": ("sock_shutdown", ROOT, 3),
}
# What says that there is nothing, and harms nobody; and what ends the guest (test_guest.py).
HARMLESS = {
    "args_get",
    "args_sizes_get",
    "environ_get",
    "environ_sizes_get",
    "fd_prestat_get",
    "sched_yield",
    "proc_exit",
}


def test_every_function_has_a_case() -> None:
    assert {*CASES, *OTHERS, *NEVER, *HARMLESS} == set(host._WASI)


@pytest.mark.parametrize("name", CASES)
def test_with_its_grant_it_works(engine: Engine, folder: Path, name: str) -> None:
    kind, calls = CASES[name]
    seen = do(engine, folder, *calls, grant=kind)
    assert calls[-1][0] == name
    assert (seen.answers, seen.denied) == ([SUCCESS] * len(calls), {})


@pytest.mark.parametrize("name", CASES)
def test_without_any_grant_it_is_counted_and_nothing_happens(engine: Engine, folder: Path, name: str) -> None:
    before = tree(folder)
    call = CASES[name][1][-1]
    seen = do(engine, folder, call, grant="")
    assert (seen.answers, seen.denied) == ([NOTCAPABLE], {name: 1})
    assert tree(folder) == before


@pytest.mark.parametrize("name", [name for name, (kind, _) in CASES.items() if kind == "fs:write:"])
def test_a_grant_to_read_changes_nothing(engine: Engine, folder: Path, name: str) -> None:
    before = tree(folder)
    _, calls = CASES[name]
    seen = do(engine, folder, *calls, grant="fs:read:")
    assert NOTCAPABLE in seen.answers
    assert sum(seen.denied.values()) >= 1
    assert tree(folder) == before


@pytest.mark.parametrize("name", OTHERS)
def test_clocks_and_random_numbers(engine: Engine, name: str) -> None:
    grant, call = OTHERS[name]
    granted = run(engine, call, grants=[grant])
    assert (granted.answers, granted.denied) == ([SUCCESS], {})
    assert any(granted.memory[OUT : OUT + 110])
    denied = run(engine, call, grants=["fs:read:/nowhere"])
    assert (denied.answers, denied.denied) == ([NOTCAPABLE], {name: 1})
    assert not any(denied.memory[OUT : OUT + 110])


@pytest.mark.parametrize("name", NEVER)
def test_what_nobody_gets(engine: Engine, folder: Path, name: str) -> None:
    before = tree(folder)
    data = {NAME: b"file", OTHER: b"new"}
    grants = [f"fs:write:{folder}", "clock", "random", "log"]
    seen = run(engine, NEVER[name], grants=grants, data=data)
    assert (seen.answers, seen.denied) == ([NOTCAPABLE], {name: 1})
    assert tree(folder) == before


def tree(folder: Path) -> dict[str, object]:
    """All that stands in the folder and beside it."""
    found: dict[str, object] = {}
    for path in sorted(folder.parent.rglob("*")):
        status = path.lstat()
        content = path.read_bytes() if path.is_file() and not path.is_symlink() else None
        found[str(path.relative_to(folder.parent))] = (status.st_mode, content, status.st_mtime_ns)
    return found


# ---------------------------------------------------------------- what is done is done


def test_what_is_written_is_there(engine: Engine, folder: Path) -> None:
    seen = do(
        engine, folder, opened("new", CREATE | EXCLUSIVE), ("fd_write", FILE, VECTOR, 1, OUT),
        ("fd_write", FILE, VECTOR, 1, OUT), ("fd_pwrite", FILE, VECTOR, 1, 20, OUT), ("fd_seek", FILE, 1, 0, OUT + 8),
        ("fd_read", FILE, VECTOR + 8, 1, OUT + 200), name="new",
    )  # fmt: skip
    assert seen.answers == [SUCCESS] * 6
    assert (folder / "new").read_bytes() == b"hellohello" + bytes(10) + b"hello"
    assert (folder / "new").stat().st_mode & 0o777 == 0o600
    assert seen.memory[OUT : OUT + 24] == b"ellohello" + bytes(10) + b"hello"
    assert int.from_bytes(seen.memory[OUT + 200 : OUT + 204], "little") == 24


def test_append_truncate_size_and_times(engine: Engine, folder: Path) -> None:
    seen = do(engine, folder, opened("file", 0, fdflags=APPEND), ("fd_write", FILE, VECTOR, 1, OUT))
    assert seen.answers == [SUCCESS] * 2
    assert (folder / "file").read_bytes() == b"contenthello"
    do(engine, folder, opened("file", TRUNCATE), ("fd_filestat_set_size", FILE, 3))
    assert (folder / "file").read_bytes() == bytes(3)
    do(engine, folder, opened("file"), ("fd_filestat_set_times", FILE, 5 * 10**9, 7 * 10**9, 5))
    assert ((folder / "file").stat().st_atime, (folder / "file").stat().st_mtime) == (5, 7)
    do(engine, folder, ("path_filestat_set_times", ROOT, 0, NAME, 4, 0, 0, 8))
    assert abs((folder / "file").stat().st_mtime - time.time()) < 60


def test_folders_are_made_renamed_and_removed(engine: Engine, folder: Path) -> None:
    made = do(engine, folder, ("path_create_directory", ROOT, OTHER, 3), ("path_create_directory", ROOT, OTHER, 3))
    assert made.answers == [SUCCESS, EXIST]
    assert (folder / "new").stat().st_mode & 0o777 == 0o700
    moved = do(engine, folder, ("path_rename", ROOT, NAME, 4, ROOT, OTHER, 8), other="new/file")
    assert moved.answers == [SUCCESS]
    assert (folder / "new" / "file").read_bytes() == b"content"
    removed = do(
        engine, folder, ("path_remove_directory", ROOT, NAME, 3), ("path_unlink_file", ROOT, OTHER, 8),
        ("path_remove_directory", ROOT, NAME, 3), name="new", other="new/file",
    )  # fmt: skip
    assert removed.answers == [NOTEMPTY, SUCCESS, SUCCESS]


def test_a_folder_is_listed_in_pieces(engine: Engine, folder: Path) -> None:
    whole = do(engine, folder, ("fd_readdir", ROOT, OUT, 4000, 0, FD), grant="fs:read:")
    used = int.from_bytes(whole.memory[FD : FD + 4], "little")
    assert names(whole.memory[OUT : OUT + used]) == ["away", "dangling", "file", "inner", "link", "pipe"]
    part = do(engine, folder, ("fd_readdir", ROOT, OUT, 60, 3, FD), grant="fs:read:")
    assert int.from_bytes(part.memory[FD : FD + 4], "little") == 60
    assert names(part.memory[OUT : OUT + 60]) == ["inner", "link"]


def names(entries: bytes) -> list[str]:
    found, at = [], 0
    while at + 24 <= len(entries):
        length = int.from_bytes(entries[at + 16 : at + 20], "little")
        found.append(entries[at + 24 : at + 24 + length].decode())
        at += 24 + length
    return found


# ---------------------------------------------------------------- no way out


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("../made", NOTCAPABLE), ("inner/../../made", NOTCAPABLE), ("inner/..", NOTCAPABLE), ("/tmp/made", NOTCAPABLE),
        ("link", NOTCAPABLE), ("away/made", NOTCAPABLE), ("dangling", NOTCAPABLE), ("made\0", NOTCAPABLE),
        ("pipe", INVAL), ("missing/made", NOENT), ("", INVAL), ("m" * 300, 37), ("/proc/self/environ", NOTCAPABLE),
        ("\ud800".encode("utf-8", "surrogatepass").decode("latin-1"), SUCCESS),
    ],
)  # fmt: skip
@pytest.mark.parametrize("oflags", [CREATE, CREATE | TRUNCATE])
def test_nothing_is_written_outside(engine: Engine, folder: Path, name: str, answer: int, oflags: int) -> None:
    before = tree(folder)
    seen = do(engine, folder, ("path_open", ROOT, 0, NAME, len(name.encode()), oflags, ALL_RIGHTS, 0, 0, FD), name=name)
    assert seen.answers == [answer]
    assert seen.denied == ({"path_open": 1} if answer == NOTCAPABLE else {})
    if answer != SUCCESS:
        assert tree(folder) == before


@pytest.mark.parametrize(
    "call",
    [
        ("path_unlink_file", ROOT, NAME, 9),
        ("path_remove_directory", ROOT, NAME, 9),
        ("path_create_directory", ROOT, NAME, 9),
        ("path_rename", ROOT, NAME, 9, ROOT, OTHER, 3),
        ("path_rename", ROOT, OTHER, 3, ROOT, NAME, 9),
        ("path_filestat_set_times", ROOT, 0, NAME, 9, 0, 0, 10),
        ("path_filestat_get", ROOT, 0, NAME, 9, OUT),
    ],
    ids=lambda call: call[0],
)
@pytest.mark.parametrize("name", ["../secret", "away/file", "/etc/host"])
def test_no_name_leads_out(engine: Engine, folder: Path, call: Call, name: str) -> None:
    before = tree(folder)
    seen = do(engine, folder, call, name=name)
    assert (seen.answers, sum(seen.denied.values())) == ([NOTCAPABLE], 1)
    assert tree(folder) == before


def test_a_grant_of_a_file_opens_that_file_alone(engine: Engine, folder: Path) -> None:
    file = folder / "file"
    assert do(engine, file, OPEN, ("fd_write", FILE, VECTOR, 1, OUT)).answers == [SUCCESS] * 2
    assert file.read_bytes() == b"hellont"
    before = tree(folder)
    for call in (
        ("path_open", ROOT, 0, OTHER, 3, CREATE, ALL_RIGHTS, 0, 0, FD),
        ("path_create_directory", ROOT, OTHER, 3),
        ("path_unlink_file", ROOT, NAME, 4),
        ("path_rename", ROOT, NAME, 4, ROOT, OTHER, 3),
    ):
        assert do(engine, file, call).answers == [NOTCAPABLE]
    assert do(engine, file, ("path_open", ROOT, 0, OTHER, 5, 0, READ, 0, 0, FD), other="inner").answers == [NOENT]
    assert tree(folder) == before


def test_a_file_that_is_granted_may_be_made(engine: Engine, folder: Path) -> None:
    seen = do(engine, folder / "new", opened("new", CREATE), ("fd_write", FILE, VECTOR, 1, OUT), name="new")
    assert seen.answers == [SUCCESS] * 2
    assert (folder / "new").read_bytes() == b"hello"


@pytest.mark.parametrize("descriptor", [0, 1, 2, 4, 5, 7, 20, 100, -1, 2**31 - 1])
@pytest.mark.parametrize("name", ["fd_write", "fd_pwrite", "fd_read", "fd_filestat_set_size", "fd_close", "fd_sync"])
def test_a_descriptor_of_the_gateway_is_nobodys(engine: Engine, folder: Path, name: str, descriptor: int) -> None:
    call = {
        "fd_write": ("fd_write", descriptor, VECTOR, 1, OUT),
        "fd_pwrite": ("fd_pwrite", descriptor, VECTOR, 1, 0, OUT),
        "fd_read": ("fd_read", descriptor, VECTOR + 8, 1, OUT + 200),
        "fd_filestat_set_size": ("fd_filestat_set_size", descriptor, 0),
        "fd_close": ("fd_close", descriptor),
        "fd_sync": ("fd_sync", descriptor),
    }[name]
    seen = do(engine, folder, call)
    assert seen.answers[0] in (BADF, NOTCAPABLE)
    assert not any(seen.memory[OUT : OUT + 300])


# ---------------------------------------------------------------- limits


def test_what_a_run_writes_is_bounded(engine: Engine, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "WRITE_LIMIT", 12)
    seen = do(
        engine, folder, OPEN, *[("fd_write", FILE, VECTOR, 1, OUT)] * 3, ("fd_allocate", FILE, 0, 13),
        ("fd_filestat_set_size", FILE, 13), ("fd_pwrite", FILE, VECTOR, 1, 10, OUT), ("fd_allocate", FILE, 0, 3),
    )  # fmt: skip
    assert seen.answers == [SUCCESS, SUCCESS, SUCCESS, FBIG, FBIG, FBIG, FBIG, NOSPC]
    assert (folder / "file").read_bytes() == b"hellohello"


def test_what_is_allocated_and_made_counts_as_written(
    engine: Engine, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who closes a file and makes the next must not fill the disk with 64 MiB of each."""
    monkeypatch.setattr(room, "WRITE_LIMIT", 3 * room.MADE)
    new = opened("new", CREATE)
    seen = do(engine, folder, new, ("fd_allocate", FILE, 0, 2 * room.MADE), ("fd_close", FILE), new, name="new")
    assert seen.answers == [SUCCESS, SUCCESS, SUCCESS, NOSPC]
    seen = do(engine, folder, *[("path_create_directory", ROOT, NAME + i, 1) for i in range(4)], name="abcd")
    assert seen.answers == [SUCCESS] * 3 + [NOSPC]
    assert not (folder / "d").exists()


def test_the_last_of_a_disk_is_nobodys(engine: Engine, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "_LEFT", 1 << 62)
    monkeypatch.setattr(room, "_LEFT_PART", 1)  # so all of it is to stay free
    before = tree(folder)
    seen = do(
        engine, folder, OPEN, ("fd_write", FILE, VECTOR, 1, OUT), ("fd_allocate", FILE, 0, 100),
        ("path_create_directory", ROOT, OTHER, 3), ("path_open", ROOT, 0, OTHER, 3, CREATE, ALL_RIGHTS, 0, 0, FD),
    )  # fmt: skip
    assert seen.answers == [SUCCESS] + [NOSPC] * 4
    assert tree(folder) == before


@pytest.mark.parametrize("grant", ["fs:read:", "fs:write:"])
def test_one_call_moves_a_mebibyte_at_most(engine: Engine, folder: Path, grant: str) -> None:
    """Sixty-four buffers, of which each takes what the memory has: the host would copy gigabytes in one call."""
    with (folder / "file").open("wb") as file:
        file.truncate(60 << 20)
    rights = READ if grant == "fs:read:" else ALL_RIGHTS
    calls: tuple[Call, ...] = (
        opened("file", 0, rights), ("fd_read", FILE, 2000, 64, OUT), ("fd_pread", FILE, 2000, 64, 0, OUT + 4),
        *([("fd_pwrite", FILE, 2000, 64, 0, OUT + 8)] if grant == "fs:write:" else []),
    )  # fmt: skip
    data = {NAME: b"file", 2000: u32(70_000, 190_000) * 64}
    seen = run(engine, *calls, grants=[f"{grant}{folder}"], data=data)
    assert set(seen.answers) == {SUCCESS}
    moved = [int.from_bytes(seen.memory[OUT + 4 * i : OUT + 4 * i + 4], "little") for i in range(len(calls) - 1)]
    assert moved == [CALL_LIMIT] * len(moved)


def test_a_folder_of_very_many_names_is_not_listed(
    engine: Engine, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(naming, "NAMES_LIMIT", 6)
    listing = ("fd_readdir", ROOT, OUT, 4000, 0, FD)
    assert do(engine, folder, listing).answers == [SUCCESS]
    (folder / "new").touch()
    assert do(engine, folder, listing).answers == [OVERFLOW]
    assert do(engine, folder / "file", listing).answers == [SUCCESS]  # who holds one file looks for that alone


def test_a_folder_that_changes_while_it_is_listed(engine: Engine, folder: Path) -> None:
    seen = do(
        engine, folder, ("fd_readdir", ROOT, OUT, 60, 0, FD), ("path_unlink_file", ROOT, NAME, 4),
        ("fd_readdir", ROOT, OUT, 4000, 2, FD),
    )  # fmt: skip
    used = int.from_bytes(seen.memory[FD : FD + 4], "little")
    assert names(seen.memory[OUT : OUT + used]) == ["file", "inner", "link", "pipe"]


def test_files_that_are_open_to_be_written_are_few_and_closed_with_the_run(engine: Engine, folder: Path) -> None:
    seen = do(engine, folder, *[OPEN] * 70)
    assert seen.answers.count(SUCCESS) == 16
    assert seen.answers.count(MFILE) == 54
    grants = ["clock", f"fs:write:{folder}"]
    guest = guest_of(engine, OPEN, WAIT, grants=grants, data={NAME: b"file", 2000: HOUR}, limits=HASTY)
    with pytest.raises(GuestError):
        guest.transform(batch(b"{}"))
    known = [Path("/proc/self/fd", descriptor) for descriptor in os.listdir("/proc/self/fd")]
    assert not [path for path in known if os.path.lexists(path) and str(folder) in os.readlink(path)]


def test_what_a_run_has_left_open_is_nothing_in_the_next(engine: Engine, folder: Path) -> None:
    grants, data = [f"fs:write:{folder}"], {NAME: b"file"}
    guest = guest_of(engine, ("fd_tell", FILE, OUT), OPEN, grants=grants, data=data)
    answers = []
    for _ in range(3):
        memory = guest.transform(batch(b"{}")).batch.body
        answers.append((memory[60000], memory[60004]))
    assert answers == [(BADF, SUCCESS)] * 3


def test_a_pipe_is_not_opened(engine: Engine, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """That would end the wait of who writes to it."""
    opening: list[object] = []
    open_ = os.open

    def noting(path: Any, *rest: Any, **more: Any) -> int:
        opening.append(path)
        return open_(path, *rest, **more)

    monkeypatch.setattr(os, "open", noting)
    seen = do(
        engine, folder, opened("pipe", 0, READ), opened("pipe"), opened("pipe", CREATE), opened("pipe", DIRECTORY),
        ("path_filestat_set_times", ROOT, 0, NAME, 4, 0, 0, 10), opened("pipe/x"), name="pipe/x",
    )  # fmt: skip
    assert seen.answers == [INVAL] * 6
    assert str(folder) in opening
    assert "pipe" not in opening


def test_a_link_that_is_put_in_a_folder_s_place_leads_nowhere(engine: Engine, folder: Path) -> None:
    """Somebody else exchanges a folder for a link, and back, while guests go through it."""
    (folder / "inner" / "file").write_bytes(b"granted")
    (folder.parent / "outside").mkdir()
    (folder.parent / "outside" / "file").write_bytes(b"outside")
    (folder / "turning").symlink_to(folder.parent / "outside")
    swap = (
        "import os, sys\nfor i in iter(int, 1): os.rename('inner', 'x'); os.rename('turning', 'inner'); "
        "os.rename('inner', 'turning'); os.rename('x', 'inner')"
    )
    swapping = subprocess.Popen([sys.executable, "-c", swap], cwd=folder)
    try:
        tries: list[Call] = []
        for _ in range(300):
            tries += [opened("inner/file", 0, READ), ("fd_read", FILE, VECTOR + 8, 1, OUT + 200), ("fd_close", FILE)]
            tries += [opened("inner/file", CREATE), ("fd_write", FILE, VECTOR, 1, OUT + 300), ("fd_close", FILE)]
            tries += [("path_create_directory", ROOT, OTHER, 10), ("path_rename", ROOT, NAME, 10, ROOT, OTHER, 10)]
        answers: set[int] = set()
        for _ in range(5):
            seen = do(engine, folder, *tries, name="inner/file", other="inner/made")
            answers |= set(seen.answers)
            assert b"outside" not in seen.memory
    finally:
        swapping.kill()
        swapping.wait()
    assert {SUCCESS, NOTCAPABLE} <= answers
    assert [path.name for path in (folder.parent / "outside").iterdir()] == ["file"]
    assert (folder.parent / "outside" / "file").read_bytes() == b"outside"


def test_a_place_behind_the_end_of_all_files(engine: Engine, folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    for grant, rights in (("fs:read:", READ), ("fs:write:", ALL_RIGHTS)):
        forward: Call = ("fd_seek", FILE, 2**63 - 1, 1, OUT)
        seen = do(engine, folder, opened("file", 0, rights), *[forward] * 3, ("fd_tell", FILE, OUT), grant=grant)
        assert seen.answers == [SUCCESS, INVAL, INVAL, INVAL, SUCCESS]
    assert caplog.text == ""


def test_a_wait_ends_with_the_run(engine: Engine) -> None:
    started = time.monotonic()
    with pytest.raises(GuestError) as raised:
        run(engine, WAIT, grants=["clock"], data={2000: HOUR}, limits=HASTY)
    assert raised.value.failure is GuestFailure.TIMEOUT
    assert time.monotonic() - started < 30
