"""A registry in a folder, and those who publish into it at once."""

from __future__ import annotations

import fcntl
import json
import multiprocessing
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gateway.registry import files, layout
from gateway.registry.folder import FolderRegistry, NotPublished
from gateway.registry.layout import BadName
from tests.registry.published import REGISTRY, published


def test_publishers_of_several_modules_all_get_into_the_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One at a time makes it and puts it there."""
    replace, names = files.replace, FolderRegistry.names
    held: list[bool] = []

    def note() -> None:
        descriptor = os.open(tmp_path, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            held.append(True)
        finally:
            os.close(descriptor)

    def replaced(path: Path, content: bytes) -> None:
        if path == tmp_path / "index.json":
            note()
        replace(path, content)

    def listed(registry: FolderRegistry) -> list[str]:
        note()
        return names(registry)

    monkeypatch.setattr(files, "replace", replaced)
    monkeypatch.setattr(FolderRegistry, "names", listed)
    assert FolderRegistry(tmp_path).publish(published(), REGISTRY)
    assert held == [True, True]
    assert json.loads((tmp_path / "index.json").read_bytes()) == {"modules": ["mask"]}


def _publish_and_die(root: Path, at: int) -> None:
    replace, calls = os.replace, iter(range(at + 1))

    def killed(old: Path, new: Path) -> None:
        if next(calls) == at:
            os._exit(9)
        replace(old, new)

    os.replace = killed  # type: ignore[assignment]
    FolderRegistry(root).publish(published(), REGISTRY)


@pytest.mark.parametrize("at", [0, 1], ids=["index", "list"])
def test_a_publisher_who_was_killed_leaves_nothing_behind(tmp_path: Path, at: int) -> None:
    process = multiprocessing.get_context("fork").Process(target=_publish_and_die, args=(tmp_path, at))
    process.start()
    process.join()
    assert process.exitcode == 9
    assert len(list(tmp_path.rglob(".*"))) == 1
    FolderRegistry(tmp_path).publish(published(), REGISTRY)
    assert list(tmp_path.rglob(".*")) == []
    assert json.loads((tmp_path / "index.json").read_bytes()) == {"modules": ["mask"]}


def test_a_module_in_the_place_of_the_list_is_refused(tmp_path: Path) -> None:
    registry = FolderRegistry(tmp_path)
    with pytest.raises(NotPublished, match="not a name"):
        registry.publish(published("index.json"), REGISTRY)
    assert registry.publish(published(), REGISTRY)


def test_withdrawing_what_isnt_there_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(NotPublished, match="has no version"):
        FolderRegistry(tmp_path).yank("mask", "1.0.0", "why not", REGISTRY)
    assert list(tmp_path.iterdir()) == []


def test_a_version_is_removed_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    FolderRegistry(tmp_path).publish(published(), None)
    with monkeypatch.context() as patched:
        patched.setattr("shutil.rmtree", lambda *given, **options: None)  # killed before it got there
        with layout.held(tmp_path, "mask") as folder:
            layout.remove(folder, "1.2.0")
    assert layout.versions(tmp_path, "mask") == []
    assert len(list((tmp_path / "mask").iterdir())) == 1
    with layout.held(tmp_path, "mask") as folder, pytest.raises(BadName):
        layout.remove(folder, "../mask")
    assert not (tmp_path / "mask").exists()


def test_a_folder_that_was_removed_meanwhile_is_made_again(tmp_path: Path) -> None:
    """One who waits for a folder isn't left with one that has no name any more."""

    def come_and_go(number: int) -> bool:
        with layout.held(tmp_path, "mask") as folder:
            if number % 2:
                layout.add(folder, published(version=f"1.{number}.0"))
                layout.remove(folder, f"1.{number}.0")
            return folder.is_dir()

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(come_and_go, range(200)))
    assert list(tmp_path.iterdir()) == []
