"""`fs:read:` opens what it names and nothing else, however a guest asks."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gateway.sandbox import files, host
from gateway.sandbox.engine import Engine
from gateway.sandbox.files import BADF, FBIG, NOENT, NOTCAPABLE, NOTDIR, SUCCESS
from gateway.sandbox.guest import Guest
from tests.sandbox.making import batch, program, step, wat
from tests.sandbox.test_host import OUT, calls, stored

SECRET = b"not for guests"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """open/ may be granted; beside it is what mustn't be reached."""
    folder = tmp_path / "open"
    (folder / "inner").mkdir(parents=True)
    (folder / "table.csv").write_bytes(b"10.0.0.0/8,home\n")
    (folder / "other.csv").write_bytes(b"other\n")
    (folder / "inner" / "deep.csv").write_bytes(b"deep\n")
    (tmp_path / "secret").write_bytes(SECRET)
    (folder / "link").symlink_to(tmp_path / "secret")
    (folder / "away").symlink_to(tmp_path)
    os.link(tmp_path / "secret", folder / "inner" / "hard")
    os.mkfifo(folder / "pipe")
    return folder


def read(engine: Engine, path: str, *grants: Path, **holes: object) -> tuple[int, bytes, dict[str, int]]:
    """What a guest with grants gets: an errno, the content, and the attempts that were counted."""
    granted = step(grants=tuple(f"fs:read:{grant}" for grant in grants))
    guest = Guest(program(engine, wat("reads", **holes), module_step=granted))
    answer = guest.transform(batch(path.encode())).batch.body
    return int.from_bytes(answer[:4], "little"), answer[4:], dict(guest.denied)


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("table.csv", b"10.0.0.0/8,home\n"),
        ("./inner//deep.csv", b"deep\n"),
        ("inner/hard", SECRET),  # who makes a hard link in a granted folder grants it
    ],
)
def test_what_is_in_a_granted_folder_is_read(engine: Engine, tree: Path, path: str, content: bytes) -> None:
    assert read(engine, path, tree) == (SUCCESS, content, {})


@pytest.mark.parametrize(
    ("path", "errno"),
    [
        ("../secret", NOTCAPABLE),
        ("inner/../../secret", NOTCAPABLE),
        ("inner/..", NOTCAPABLE),
        ("/etc/passwd", NOTCAPABLE),
        ("link", NOTCAPABLE),
        ("away/secret", NOTCAPABLE),
        ("table.csv\0", NOTCAPABLE),
        ("missing", NOENT),
        ("table.csv/x", NOTDIR),
        ("pipe", files.INVAL),
        ("inner", BADF),  # opened, and then not a file to read
    ],
)
def test_no_path_leads_out(engine: Engine, tree: Path, path: str, errno: int) -> None:
    got, content, denied = read(engine, path, tree)
    assert (got, content) == (errno, b"")
    assert denied == ({"path_open": 1} if errno == NOTCAPABLE else {})


@pytest.mark.parametrize("holes", [{"oflags": 1}, {"oflags": 8}, {"oflags": 4}, {"rights": 64}], ids=str)
def test_nothing_is_written(engine: Engine, tree: Path, holes: dict[str, int]) -> None:
    assert read(engine, "table.csv", tree, **holes) == (NOTCAPABLE, b"", {"path_open": 1})
    assert read(engine, "new.csv", tree, **holes) == (NOTCAPABLE, b"", {"path_open": 1})
    assert not (tree / "new.csv").exists()
    assert (tree / "table.csv").read_bytes() == b"10.0.0.0/8,home\n"


def test_of_a_granted_file_only_it_is_seen(engine: Engine, tree: Path) -> None:
    assert read(engine, "table.csv", tree / "table.csv")[:2] == (SUCCESS, b"10.0.0.0/8,home\n")
    for path in ("other.csv", "inner/deep.csv", "inner", "missing"):
        assert read(engine, path, tree / "table.csv")[:2] == (NOENT, b"")
    assert read(engine, "../secret", tree / "table.csv") == (NOTCAPABLE, b"", {"path_open": 1})


def test_two_files_of_one_folder_are_seen_in_one_folder(engine: Engine, tree: Path) -> None:
    for name in ("table.csv", "other.csv"):
        assert read(engine, name, tree / "table.csv", tree / "other.csv")[0] == SUCCESS


def test_without_the_grant_nothing_is_opened(engine: Engine, tree: Path) -> None:
    assert read(engine, "table.csv") == (NOTCAPABLE, b"", {"path_open": 1})


def test_a_file_that_is_too_large_is_not_read(engine: Engine, tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "SIZE_LIMIT", 10)
    assert read(engine, "table.csv", tree)[0] == FBIG
    assert read(engine, "other.csv", tree)[:2] == (SUCCESS, b"other\n")


def test_what_an_instance_holds_open_is_bounded(tree: Path) -> None:
    held = files.Files({f"fs:read:{tree}"})
    (folder,) = held.preopened
    opened = [held.open(folder, ["table.csv"], directory=False) for _ in range(files.OPEN_LIMIT + 3)]
    assert opened.count(-files.MFILE) == 4
    assert held.close(opened[0])
    assert not held.close(opened[0])
    assert held.open(folder, ["table.csv"], directory=False) > 0
    assert held.open(folder, ["table.csv"], directory=True) < 0


def test_the_preopened_folder_has_its_own_name(engine: Engine, tree: Path) -> None:
    grant = (f"fs:read:{tree}",)
    name = str(tree).encode()
    seen = calls(engine, "fd_prestat_get", 3, OUT, grants=grant)
    assert (seen.answer, seen.memory[:8]) == (SUCCESS, b"\0\0\0\0" + len(name).to_bytes(4, "little"))
    seen = calls(engine, "fd_prestat_dir_name", 3, OUT, len(name), grants=grant)
    assert (seen.answer, seen.memory[: len(name)]) == (SUCCESS, name)
    assert calls(engine, "fd_prestat_dir_name", 3, OUT, 1, grants=grant).answer == files.INVAL
    assert calls(engine, "fd_prestat_get", 4, OUT, grants=grant).answer == BADF
    assert calls(engine, "fd_fdstat_get", 3, OUT, grants=grant).memory[0] == 3
    assert calls(engine, "fd_filestat_get", 3, OUT, grants=grant).memory[16] == 3


@pytest.mark.parametrize("name", ["fd_read", "fd_close", "fd_seek", "fd_tell", "fd_pread", "fd_fdstat_get"])
def test_a_descriptor_of_the_gateway_is_nobodys(engine: Engine, tree: Path, name: str) -> None:
    count = len(host._OFFERED["wasi_snapshot_preview1", name][0])
    for descriptor in (0, 1, 2, 4, 5, 100, -1):
        arguments = [descriptor, *[OUT + 8 * i for i in range(1, count)]]
        seen = calls(engine, name, *arguments, grants=(f"fs:read:{tree}",), data=stored(OUT, b""))
        assert seen.answer == BADF
