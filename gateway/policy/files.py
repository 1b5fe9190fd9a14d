"""The files of a policy set: which there may be, and their bytes. The one part of `policy` that touches the disk."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

from gateway.documents.finding import Finding

SCHEMA = "schema.cedarschema"
CEDAR = ("access.cedar", "capabilities.cedar", "release.cedar")
CLASSES = "classes.yaml"
KEYS = "keys.yaml"
LOCK = "modules.lock"
TRUST = "trust.yaml"
FOLDERS = {
    "producers": "producer",
    "streams": "stream",
    "destinations": "destination",
    "users": "user",
    "tests": "tests",
}

_SIZE_LIMIT = 8 << 20  # bytes of one file; YAML has a lower limit of its own
_DEPTH_LIMIT = 3  # folders in folders that are searched for policy files that have no place there
_POLICY_ENDINGS = (".yaml", ".yml", ".json", ".cedar", ".cedarschema", ".lock")


def kind(file: str) -> str | None:
    """What a file of the folder is: the name of its schema, `cedar`, or None for one that has no place in it."""
    if file == SCHEMA or file in CEDAR:
        return "cedar"
    if file == CLASSES:
        return "classes"
    if file == KEYS:
        return "keys"
    if file == LOCK:
        return "modules.lock"
    if file == TRUST:
        return "trust"
    folder, _, name = file.partition("/")
    return FOLDERS.get(folder) if name.endswith(".yaml") and "/" not in name else None


def gather(folder: Path) -> tuple[dict[str, bytes], list[Finding]]:
    """The bytes of all policy files by path (forward slashes, sorted), and what stands in the way of reading them.

    Names that begin with a dot are passed over (editors, git, Kubernetes' `..data`), and so is what no policy is
    written in, such as README.md.
    """
    files: dict[str, bytes] = {}
    findings: list[Finding] = []

    def report(file: str, code: str, message: str) -> None:
        findings.append(Finding(file=file, line=1, column=1, code=code, message=message))

    def unreadable(error: OSError) -> None:
        where = os.path.relpath(error.filename, folder) if error.filename else "."
        report(Path(where).as_posix(), "unreadable", f"can't be read ({error.strerror})")

    # Links are followed, as Kubernetes mounts folders by them; a link to a folder above ends at the depth limit.
    for root, folders, names in os.walk(folder, onerror=unreadable, followlinks=True):
        deep = len(Path(root).relative_to(folder).parts) >= _DEPTH_LIMIT
        folders[:] = [] if deep else sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(root, name)
            file = path.relative_to(folder).as_posix()
            if name.startswith("."):
                continue
            if kind(file) is None:
                if name.endswith(_POLICY_ENDINGS):
                    report(file, "unexpected_file", "a policy set has no such file; is it misspelt or misplaced?")
                continue
            try:
                files[file] = _read(path)
            except ValueError as error:
                report(file, "unreadable", str(error))
            except OSError as error:
                report(file, "unreadable", f"can't be read ({error.strerror})")
    for file in (SCHEMA, *CEDAR, CLASSES, LOCK):
        if file not in files and not any(finding.file == file for finding in findings):
            report(file, "missing_file", "this file is missing")
    return dict(sorted(files.items())), findings


def revision(files: dict[str, bytes]) -> str:
    """SHA-256 over the paths and bytes of the files, in the order of their paths, lowercase hex."""
    digest = hashlib.sha256()
    for file, content in sorted(files.items()):
        name = file.encode()
        digest.update(len(name).to_bytes(8, "big") + name + len(content).to_bytes(8, "big") + content)
    return digest.hexdigest()


def _read(path: Path) -> bytes:
    """Raises OSError, ValueError (not a file, too large)."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)  # a pipe mustn't hold the load up
    with open(descriptor, "rb") as stream:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ValueError("not a regular file")
        content = stream.read(_SIZE_LIMIT + 1)
    if len(content) > _SIZE_LIMIT:
        raise ValueError(f"the file has more than {_SIZE_LIMIT} bytes")
    return content
