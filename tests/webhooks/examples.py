"""The example payloads of the npm package @octokit/webhooks-examples: fetched when testing, never committed."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import Any, NamedTuple

PACKAGE = "@octokit/webhooks-examples"
VERSION = "7.6.1"
# Of the tarball, base64.
SHA512 = "De6U3XB6O3DtCa7bKgCMzTHdeopqqZ6SNivMYJnK65ierKL1AnNIA0tkRYCRS7lwGT792d+Ps1WbfHlso6MynQ=="
CACHE = Path(__file__).parents[2] / ".cache" / f"webhooks-examples-{VERSION}"
VARIABLE = "MASKGATE_WEBHOOKS"
WAIT = 120  # seconds for npm


class Example(NamedTuple):
    name: str  # server/event/number
    event: str
    payload: dict[str, Any]


class Unavailable(Exception):
    """The payloads can't be had on this machine. The text says why."""


def examples() -> list[Example]:
    """Every payload: of an index.json, or all under a folder, that MASKGATE_WEBHOOKS names; else of the package.

    Raises Unavailable.
    """
    given = os.environ.get(VARIABLE)
    if given:
        path = Path(given)
        files = [path] if path.is_file() else sorted(path.glob("**/index.json"))
        if not files:
            raise Unavailable(f"{VARIABLE} is {given}, where there is no index.json")
    else:
        if not CACHE.is_dir():
            _fetch()
        files = sorted(CACHE.glob("*/index.json"))
    return [example for file in files for example in _read(file)]


def _read(file: Path) -> list[Example]:
    return [
        Example(f"{file.parent.name}/{event['name']}/{number}", event["name"], payload)
        for event in json.loads(file.read_text("utf-8"))
        for number, payload in enumerate(event["examples"])
    ]


def _fetch() -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise Unavailable(f"{PACKAGE} {VERSION} comes through npm, which isn't installed")
    loading = CACHE.with_name(f"{CACHE.name}.{os.getpid()}")
    loading.mkdir(parents=True)
    try:
        command = [npm, "pack", "--silent", f"{PACKAGE}@{VERSION}"]
        done = subprocess.run(command, cwd=loading, capture_output=True, text=True, timeout=WAIT, check=False)
        if done.returncode != 0:
            raise Unavailable(f"npm couldn't fetch {PACKAGE} {VERSION}: {done.stderr.strip()[-300:]}")
        (archive,) = loading.glob("*.tgz")
        found = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
        assert found == SHA512, f"{PACKAGE} {VERSION} isn't what it was: its SHA-512 is {found}"
        with tarfile.open(archive) as tar:
            for member in tar:
                parts = Path(member.name).parts
                content = tar.extractfile(member) if parts[-1] == "index.json" else None
                if content is not None:
                    (loading / parts[-2]).mkdir(exist_ok=True)
                    (loading / parts[-2] / "index.json").write_bytes(content.read())
        archive.unlink()
        with contextlib.suppress(OSError):  # another run was quicker
            loading.replace(CACHE)
    except subprocess.TimeoutExpired:
        raise Unavailable(f"npm took more than {WAIT} s to fetch {PACKAGE} {VERSION}") from None
    finally:
        shutil.rmtree(loading, ignore_errors=True)
