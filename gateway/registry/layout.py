"""Versions in a folder: `NAME/VERSION/` with manifest.yaml, NAME.wasm and signatures.json.

A version is there whole or not at all. The layout is the same in a registry and in a gateway's module folder.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from gateway.registry import files, manifest, signing
from gateway.registry.published import Published
from gateway.registry.versions import NotAVersion, Version

MANIFEST, SIGNATURES = "manifest.yaml", "signatures.json"
WASM_LIMIT = 64 << 20  # bytes of one .wasm
MANIFEST_LIMIT = manifest.SIZE_LIMIT

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}", re.ASCII)  # no slash, and no dot in front: it can't leave a folder
_TAKEN = "index.json"  # a registry's list of modules stands where their folders do
_REPLACING = re.compile(r"\.index(?:-[0-9a-f]{16})?\.json\.[0-9a-f]{12}")  # as gateway.registry.files names it
_ADDING, _REMOVING = ".adding-", ".removing-"


class BadName(ValueError):
    """Not a name of a module, or not a version: it is used for no path."""


class Overwritten(Exception):
    """A version is there already, with other bytes or not all of them."""


def check(name: str, version: str | None = None) -> None:
    """Raises BadName."""
    if not _NAME.fullmatch(name) or name == _TAKEN:
        raise BadName("not a name for a module")
    try:
        if version is not None:
            Version(version)
    except NotAVersion as error:
        raise BadName(f"module {name}: {error}") from None


def names(root: Path) -> list[str]:
    """The folders that may hold modules, sorted. Raises OSError."""
    with os.scandir(root) as entries:
        return sorted(one.name for one in entries if _NAME.fullmatch(one.name) and one.is_dir(follow_symlinks=False))


def versions(root: Path, name: str) -> list[str]:
    """The versions of a module that are there, the lowest first. Raises BadName, OSError."""
    check(name)
    found = []
    with os.scandir(root / name) as entries:
        for one in entries:
            try:
                if one.is_dir(follow_symlinks=False):
                    found.append(Version(one.name))
            except NotAVersion:
                continue
    return [one.text for one in sorted(found)]


def read(folder: Path, name: str, version: str, *, links: bool = False) -> Published:
    """What stands in the folder of one version. `links`: files may be links, as where a cluster mounts them.

    Raises OSError, ValueError (not files, or too large).
    """
    return Published(
        module=name,
        version=version,
        manifest=files.read(folder / MANIFEST, MANIFEST_LIMIT, links=links),
        wasm=files.read(folder / f"{name}.wasm", WASM_LIMIT, links=links),
        signatures=_signatures(folder, links),
    )


def _signatures(folder: Path, links: bool) -> bytes:
    try:
        return files.read(folder / SIGNATURES, signing.LIMIT, links=links)
    except FileNotFoundError:
        return b""


@contextmanager
def held(root: Path, name: str) -> Iterator[Path]:
    """The folder of a module; others who want it wait. One that there wasn't is made, and goes if nothing comes of it.

    Raises BadName, OSError.
    """
    check(name)
    folder = root / name
    descriptor = _taken(folder)
    try:
        _clear(folder)
        yield folder
    finally:
        with suppress(OSError):  # what isn't empty stays
            folder.rmdir()
        os.close(descriptor)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Others who want the folder wait. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        _clear(folder)
        yield
    finally:
        os.close(descriptor)


def _clear(folder: Path) -> None:
    """Take away what processes that were killed have left in a folder that is ours alone."""
    for left in folder.iterdir():
        if left.name.startswith((_ADDING, _REMOVING)):
            shutil.rmtree(left, ignore_errors=True)
        elif _REPLACING.fullmatch(left.name):
            left.unlink(missing_ok=True)


def _taken(folder: Path) -> int:
    while True:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | os.O_NOFOLLOW)
        except (FileExistsError, FileNotFoundError):
            if os.path.lexists(folder) and not folder.is_dir():
                raise
            continue  # who held it has just removed it
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if os.path.samestat(os.fstat(descriptor), folder.stat()):
                return descriptor
        except FileNotFoundError:
            pass  # it was removed while we waited
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def remove(folder: Path, version: str) -> None:
    """Take a version out of the folder of its module, which is `held`, whole. Raises BadName, OSError."""
    check(folder.name, version)
    temporary = folder / f"{_REMOVING}{version}"
    os.rename(folder / version, temporary)
    shutil.rmtree(temporary)


def add(folder: Path, published: Published, *, verified: bool = False) -> bool:
    """Put a version into the folder of its module, which is `held`. False: it is there, and the same.

    Signatures may be added to a version that is there; `verified`: those that come are right, whatever is there.
    Raises Overwritten, SignatureRefused, BadName, OSError, ValueError.
    """
    check(published.module, published.version)
    target = folder / published.version
    if target.is_symlink() or target.exists():
        try:
            known = read(target, published.module, published.version)
        except FileNotFoundError:
            what = f"module {published.module}: version {published.version}"
            raise Overwritten(f"{what} is there, and is not whole: remove {target}") from None
        if (known.manifest, known.wasm) != (published.manifest, published.wasm):
            raise Overwritten(f"module {published.module}: version {published.version} is there, and is another one")
        signatures = signing.joined(known.signatures, published.signatures, verified=verified)
        if signatures == known.signatures:
            return False
        files.replace(target / SIGNATURES, signatures)
        return True
    temporary = Path(tempfile.mkdtemp(dir=folder, prefix=_ADDING))
    try:
        files.write(temporary / MANIFEST, published.manifest)
        files.write(temporary / f"{published.module}.wasm", published.wasm)
        if published.signatures:
            files.write(temporary / SIGNATURES, published.signatures)
        files.sync_names(temporary)
        temporary.chmod(0o755)
        os.rename(temporary, target)
        files.sync_names(folder)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    return True
