"""Public test suites that come as npm packages: fetched when testing, checked by digest, never committed."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

CACHE = Path(__file__).parents[1] / ".cache" / "npm"
WAIT = 120  # seconds for npm


class Unavailable(Exception):
    """The package can't be had on this machine. The text says why."""


def fetch(package: str, version: str, sha512: str) -> Path:
    """The folder with the package's files, from the cache or from npm. `sha512`: of the tarball, base64.

    Raises Unavailable.
    """
    folder = CACHE / f"{package.rpartition('/')[2]}-{version}"
    if not folder.is_dir():
        _fetch(package, version, sha512, folder)
    return folder / "package"


def suite(what: str, package: str, version: str, sha512: str) -> Path:
    """`fetch` for a test: CI insists on it; a machine that can't get it says that it left the test out."""
    try:
        return fetch(package, version, sha512)
    except Unavailable as error:
        if os.environ.get("CI"):
            pytest.fail(f"{what} is needed here: {error}")
        pytest.skip(f"left out, for want of {what}: {error}")


def _fetch(package: str, version: str, sha512: str, folder: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise Unavailable(f"{package} {version} comes through npm, which isn't installed")
    loading = folder.with_name(f"{folder.name}.{os.getpid()}")
    loading.mkdir(parents=True)
    try:
        command = [npm, "pack", "--silent", f"{package}@{version}"]
        done = subprocess.run(command, cwd=loading, capture_output=True, text=True, timeout=WAIT, check=False)
        if done.returncode != 0:
            raise Unavailable(f"npm couldn't fetch {package} {version}: {done.stderr.strip()[-300:]}")
        (archive,) = loading.glob("*.tgz")
        found = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
        assert found == sha512, f"{package} {version} isn't what it was: its SHA-512 is {found}"
        with tarfile.open(archive) as tar:
            # Python before 3.11.4 has no filters, and passes over this one; the digest above has the say.
            tar.extraction_filter = getattr(tarfile, "data_filter", None)
            tar.extractall(loading)
        archive.unlink()
        with contextlib.suppress(OSError):  # another run was quicker
            loading.replace(folder)
    except subprocess.TimeoutExpired:
        raise Unavailable(f"npm took more than {WAIT} s to fetch {package} {version}") from None
    finally:
        shutil.rmtree(loading, ignore_errors=True)
