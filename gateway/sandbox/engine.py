"""Compiles modules, once and not on the request path, and keeps the machine code on disk.

Deserialising compiled code is executing it: the cache folder is the gateway's own (0700), each entry carries an
HMAC-SHA-256 under a key that is kept beside the data, and the bytes that were checked are the bytes that are
loaded. An entry that doesn't check is compiled anew.
"""

from __future__ import annotations

import errno
import hashlib
import hmac
import logging
import os
import secrets
import stat
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import TypeAlias

import wasmtime
from wasmtime import component

from gateway.errors import LoadFailure
from gateway.sandbox import capi
from gateway.sandbox.compile import CompileError, machine_code, tracing
from gateway.sandbox.compiler import FEATURES, configuration, is_component
from gateway.sandbox.ticker import Ticker

log = logging.getLogger("maskgate.sandbox")

MODULE_LIMIT = 64 << 20  # bytes of .wasm; a component that brings an interpreter has some 40 MB
_MAC = 32  # bytes before the code in a cache entry

Code: TypeAlias = wasmtime.Module | component.Component


class Engine:
    """One engine and its clock for a process."""

    def __init__(self, cache: Path | None, tick: int = 5, *, traces: bool = False) -> None:
        """`cache`: a folder for compiled code (made with mode 0700), None: keep nothing. `tick` in milliseconds.
        Raises OSError where the folder or its key can't be had.

        `traces`: a trap comes with a backtrace, which costs what traps cost, and machine code that knows its source.
        """
        self._traces = traces
        with tracing(traces):
            self.wasmtime = wasmtime.Engine(configuration())
        capi.self_test(self.wasmtime)
        self.address = capi.address(self.wasmtime)
        self.ticker = Ticker(self.wasmtime, tick)
        settings = repr((version("wasmtime"), os.uname().machine, sorted(FEATURES.items()), traces))
        self._settings = hashlib.sha256(settings.encode()).hexdigest()[:16]
        self._cache: Path | None = None
        self._key = b""
        if cache is not None and _take(cache):
            self._cache, self._key = cache, _own_key(cache / "key")

    def close(self) -> None:
        self.ticker.close()

    def compile(self, wasm: bytes) -> Code:
        """A module's machine code, from the cache if it is there.

        Raises CompileError for what isn't a valid module or component, is too large, or takes too much to compile.
        """
        if len(wasm) > MODULE_LIMIT:
            raise CompileError(LoadFailure.TOO_LARGE, f"it has {len(wasm)} bytes; at most {MODULE_LIMIT} are taken")
        if self._cache is None:
            return self._load(wasm, machine_code(wasm, traces=self._traces))
        entry = self._cache / f"{hashlib.sha256(wasm).hexdigest()}-{self._settings}.cwasm"
        code = self._checked(entry)
        if code is not None:
            try:
                return self._load(wasm, code)
            except wasmtime.WasmtimeError:
                log.warning("compiled module %s is of another engine; compiling it anew", entry.name)
        code = machine_code(wasm, traces=self._traces)
        try:
            _write(entry, self._mac(entry.name, code))
        except OSError as error:
            log.warning("compiled module %s can't be kept: %s", entry.name, error.strerror)
        return self._load(wasm, code)

    def _load(self, wasm: bytes, code: bytes) -> Code:
        kind = component.Component if is_component(wasm) else wasmtime.Module
        return kind.deserialize(self.wasmtime, code)

    def _mac(self, name: str, code: bytes) -> bytes:
        return hmac.digest(self._key, name.encode() + b"\0" + code, "sha256") + code

    def _checked(self, entry: Path) -> bytes | None:
        try:
            content = _content(entry)
        except FileNotFoundError:
            return None
        except OSError as error:
            log.warning("compiled module %s can't be read (%s); compiling it anew", entry.name, error.strerror)
            return None
        code = content[_MAC:]
        if not hmac.compare_digest(self._mac(entry.name, code), content):
            log.warning("compiled module %s was altered; compiling it anew", entry.name)
            return None
        return code


def _take(folder: Path) -> bool:
    """Make the folder this user's alone. Where others could write, what is in it may be theirs: key and entries.

    False: it is another user's, who may do there what he likes.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = folder.stat()
    if status.st_uid != os.geteuid():
        log.warning("%s is somebody else's; compiled modules aren't kept", folder)
        return False
    open_to_others = status.st_mode & 0o022
    folder.chmod(0o700)
    if open_to_others:
        log.warning("others could write to %s; all modules are compiled anew", folder)
        for path in (folder / "key", *folder.glob("*.cwasm")):
            path.unlink(missing_ok=True)
    return True


def _own_key(path: Path) -> bytes:
    """32 bytes. Raises OSError."""
    if os.path.lexists(path) and len(key := _content(path)) == _MAC:
        return key
    if os.path.lexists(path):  # two processes that see it may each make one; the other's entries are compiled anew
        log.warning("the key of %s isn't one; all modules are compiled anew", path.parent)
        path.unlink(missing_ok=True)
    _write(path, secrets.token_bytes(_MAC), replace=False)
    return _content(path)


def _content(path: Path) -> bytes:
    """All of a file that is one, and no link, pipe or folder. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "not a file", str(path))
    with open(descriptor, "rb") as file:
        return file.read()


def _write(path: Path, content: bytes, *, replace: bool = True) -> None:
    """Write a file whole or not at all; several processes may do so at once."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent)  # mode 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        if replace:
            os.replace(temporary, path)
            return
        try:
            os.link(temporary, path)  # fails where another process was first
        except FileExistsError:
            log.debug("%s is there already", path.name)
        os.unlink(temporary)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
