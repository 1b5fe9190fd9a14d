from __future__ import annotations

import os
from pathlib import Path

import pytest

from gateway.policy import files


def messages(folder: Path) -> list[str]:
    return [str(finding) for finding in files.gather(folder)[1]]


def test_all_policy_files_are_read_in_order(folder: Path) -> None:
    contents, findings = files.gather(folder)
    assert findings == []
    assert list(contents) == sorted(contents)
    assert "README.md" not in contents
    assert contents["classes.yaml"] == (folder / "classes.yaml").read_bytes()


@pytest.mark.parametrize("file", ["releas.cedar", "producers/shop.yml", "producers/eu/shop.yaml", "notes/x.yaml"])
def test_a_policy_file_that_has_no_place_is_an_error(folder: Path, file: str) -> None:
    (folder / file).parent.mkdir(parents=True, exist_ok=True)
    (folder / file).write_text("x")
    assert messages(folder) == [f"{file}:1:1: a policy set has no such file; is it misspelt or misplaced?"]


@pytest.mark.parametrize("file", ["notes.md", ".hidden.yaml", ".git/config.yaml", "producers/README"])
def test_what_no_policy_is_written_in_is_passed_over(folder: Path, file: str) -> None:
    (folder / file).parent.mkdir(parents=True, exist_ok=True)
    (folder / file).write_text("x")
    assert messages(folder) == []


def test_a_file_that_is_missing_is_named(folder: Path) -> None:
    (folder / "release.cedar").unlink()
    assert messages(folder) == ["release.cedar:1:1: this file is missing"]


def test_a_folder_that_is_missing_is_a_finding(tmp_path: Path) -> None:
    assert any("can't be read" in message for message in messages(tmp_path / "nowhere"))


def test_a_pipe_does_not_hold_up_the_load(folder: Path) -> None:
    os.mkfifo(folder / "producers" / "pipe.yaml")
    assert messages(folder) == ["producers/pipe.yaml:1:1: not a regular file"]


def test_a_link_that_leads_nowhere_is_a_finding(folder: Path) -> None:
    (folder / "users" / "gone.yaml").symlink_to(folder / "nothing")
    assert messages(folder) == ["users/gone.yaml:1:1: can't be read (No such file or directory)"]


def test_folders_may_be_links(folder: Path) -> None:
    (folder / "producers").rename(folder / "..data")
    (folder / "producers").symlink_to("..data")
    contents, findings = files.gather(folder)
    assert findings == []
    assert "producers/shop.yaml" in contents


def test_a_folder_within_itself_ends(folder: Path) -> None:
    (folder / "producers" / "again").symlink_to(folder)
    assert all("again" in message for message in messages(folder))


def test_the_revision_covers_paths_and_bytes() -> None:
    first = files.revision({"a": b"xy", "b": b""})
    assert first == files.revision({"b": b"", "a": b"xy"})
    assert len({first, files.revision({"a": b"x", "b": b"y"}), files.revision({"ax": b"y", "b": b""})}) == 3
