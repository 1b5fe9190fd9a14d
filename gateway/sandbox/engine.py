"""Compiles modules, once and not on the request path, and keeps the machine code on disk.

Deserialising compiled code is executing it: the cache folder is the gateway's own (0700), each entry carries an
HMAC-SHA-256 under a key that is kept beside the data, and the bytes that were checked are the bytes that are
loaded. An entry that doesn't check is compiled anew.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import os
import secrets
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
        self._cache = cache
        self._key = b""
        if cache is not None:
            _take(cache)
            self._key = _own_key(cache / "key")

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
            content = entry.read_bytes()
        except FileNotFoundError:
            return None
        code = content[_MAC:]
        if not hmac.compare_digest(self._mac(entry.name, code), content):
            log.warning("compiled module %s was altered; compiling it anew", entry.name)
            return None
        return code


def _take(folder: Path) -> None:
    """Make the folder this user's alone. Where others could write, what is in it may be theirs: key and entries."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    open_to_others = folder.stat().st_mode & 0o022
    folder.chmod(0o700)
    if open_to_others:
        log.warning("others could write to %s; all modules are compiled anew", folder)
        for path in (folder / "key", *folder.glob("*.cwasm")):
            path.unlink(missing_ok=True)


def _own_key(path: Path) -> bytes:
    if not path.exists():
        _write(path, secrets.token_bytes(32), replace=False)
    return path.read_bytes()


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
