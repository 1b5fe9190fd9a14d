"""modules.lock as a file that commands and canaries write: one writer at a time, whole or not at all.

What stands in it is checked where the policy set is read (gateway/policy); here it is names and their entries.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from gateway.documents.finding import PolicyError
from gateway.documents.schema import schema
from gateway.documents.source import Document

Entries = dict[str, dict[str, Any]]  # by module name, as the schema modules.lock says

_HEAD = (
    "# Every module that this policy set uses, by version and digest. `maskgate modules lock NAME` renews an entry.\n"
)


def read(path: Path) -> Entries:
    """The entries; none where there is no such file. Raises PolicyError, OSError."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return {}
    document = Document(path.name, content)
    checked = schema("modules.lock").check(document, document.data)
    if findings := [*document.findings, *checked.findings]:
        raise PolicyError(findings)
    entries: Entries = document.data["modules"]
    return entries


@contextmanager
def editing(path: Path, ready: Callable[[], None] = lambda: None) -> Iterator[Entries]:
    """The entries, to be changed in place; they are written when the block ends without an exception.

    `ready` is called once they are on disk, before they take the file's place; if it raises, nothing has changed.
    Others wait meanwhile, in this process and in others. Raises PolicyError, OSError.
    """
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        before = read(path)
        entries = {name: dict(entry) for name, entry in before.items()}
        yield entries
        if entries != before:
            _write(path, encode(entries), ready)
    finally:
        os.close(folder)


def encode(entries: Mapping[str, Mapping[str, Any]]) -> bytes:
    """The file that holds these entries."""
    return (_HEAD + yaml.dump({"modules": dict(entries)}, Dumper=yaml.CSafeDumper, width=120)).encode()


def _write(path: Path, content: bytes, ready: Callable[[], None]) -> None:
    # A name with a dot in front is no policy file: nobody loads what is half written.
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".modules.lock.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        ready()
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
