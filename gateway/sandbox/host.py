"""What a guest may import, and what it gets: everything asks the running guest's grants first.

A module links against these functions alone, never against wasmtime's own WASI, which hands every module clocks,
random numbers and blocking waits. WASI preview 1 functions that no grant covers answer ENOTCAPABLE, do nothing and
count the attempt for the decision record. No function here raises or blocks (docs/architecture.md, Threads).
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from typing import Any, TypeAlias

import wasmtime

from gateway.sandbox import capi, files, http, reading, streams, writing
from gateway.sandbox.running import LOG_LIMIT, NAME_LIMIT, Running, current

log = logging.getLogger("maskgate.module")

SUCCESS, BADF, FAULT, IO = files.SUCCESS, files.BADF, files.FAULT, files.IO
_NOT_GRANTED, _TOO_SMALL = -1, -2  # maskgate.secret
_RANDOM_LIMIT = 64 << 10  # bytes a call
_SUBSCRIPTION, _SUBSCRIPTIONS = 48, 64  # bytes of one, of poll_oneoff, and how many

Raw: TypeAlias = Any  # pointer to wasmtime_val_raw_t, 16 bytes a value


# ---------------------------------------------------------------- the imports; each gets (running, raw arguments)


def _secret(running: Running, raw: Raw) -> int:
    length = raw[1].i32 & 0xFFFFFFFF
    name = running.read(raw[0].i32, length if length <= NAME_LIMIT else 0) or b""
    value = running.secret(name.decode(errors="replace"))
    if value is None:
        return _NOT_GRANTED
    if len(value) > raw[3].i32:
        return _TOO_SMALL
    return len(value) if running.write(raw[2].i32, value) == SUCCESS else _NOT_GRANTED


def _arguments(running: Running) -> list[bytes]:
    return running.streams.arguments if running.streams is not None else []


def _list_sizes(entries: Callable[[Running], list[bytes]]) -> Callable[[Running, Raw], int]:
    def sizes(running: Running, raw: Raw) -> int:
        given = entries(running)
        total = sum(len(entry) + 1 for entry in given)
        return running.write(raw[0].i32, _u32(len(given))) or running.write(raw[1].i32, _u32(total))

    return sizes


def _list_get(entries: Callable[[Running], list[bytes]]) -> Callable[[Running, Raw], int]:
    def get(running: Running, raw: Raw) -> int:
        pointers, at = b"", raw[1].i32 & 0xFFFFFFFF
        content = b""
        for entry in entries(running):
            pointers += _u32(at + len(content) & 0xFFFFFFFF)  # past the end of all memory `write` says no
            content += entry + b"\0"
        return running.write(raw[0].i32, pointers) or running.write(at, content)

    return get


def _clock_time(running: Running, raw: Raw) -> int:
    if "clock" not in running.grants:
        return running.deny("clock_time_get")
    now = running.clock() if raw[0].i32 == 0 else time.monotonic_ns()
    return running.write(raw[2].i32, now.to_bytes(8, "little"))


def _clock_resolution(running: Running, raw: Raw) -> int:
    if "clock" not in running.grants:
        return running.deny("clock_res_get")
    return running.write(raw[1].i32, (1).to_bytes(8, "little"))


def _random(running: Running, raw: Raw) -> int:
    if "random" not in running.grants:
        return running.deny("random_get")
    length = raw[1].i32 & 0xFFFFFFFF
    return running.write(raw[0].i32, os.urandom(length)) if length <= _RANDOM_LIMIT else FAULT


def _fd_write(running: Running, raw: Raw) -> int:
    if running.traced:
        _overhear(running, raw)
    if "log" not in running.grants:
        return running.deny("fd_write")
    if raw[0].i32 not in (1, 2):
        return BADF
    vectors = running.read(raw[1].i32, 8 * min(raw[2].i32 & 0xFFFFFFFF, 64))
    if vectors is None:
        return FAULT
    written = 0
    for at in range(0, len(vectors), 8):
        start, length = (int.from_bytes(vectors[i : i + 4], "little") for i in (at, at + 4))
        text = running.read(start, min(length, running.log_left))
        if text is None:
            return FAULT
        written += length
        running.log(text)
    return running.write(raw[3].i32, _u32(written & 0xFFFFFFFF))


def _overhear(running: Running, raw: Raw) -> None:
    vectors = running.read(raw[1].i32, 8 * min(raw[2].i32 & 0xFFFFFFFF, 64)) or b""
    for at in range(0, len(vectors), 8):
        start, length = (int.from_bytes(vectors[i : i + 4], "little") for i in (at, at + 4))
        text = running.read(start, min(length, LOG_LIMIT - len(running.said))) or b""
        running.said += text.decode(errors="replace")


def _or_stream(name: str, function: Callable[[Running, Raw], int]) -> Callable[[Running, Raw], int]:
    """The import `name` for the standard descriptors of a command, and `function` for all others."""
    of_stream = streams.IMPORTS.get(name)
    if of_stream is None:
        return function

    def either(running: Running, raw: Raw) -> int:
        if running.streams is None or not 0 <= raw[0].i32 <= 2:
            return function(running, raw)
        if name == "fd_write" and raw[0].i32 == 2:
            if "log" in running.grants:
                function(running, raw)
            elif running.traced:
                _overhear(running, raw)
        return of_stream(running, running.streams, raw)

    return either


def _poll(running: Running, raw: Raw) -> int:
    """Waits for clocks as long as the run may last; descriptors are ready at once."""
    if "clock" not in running.grants:
        return running.deny("poll_oneoff")
    count = raw[2].i32 & 0xFFFFFFFF
    asked = running.read(raw[0].i32, _SUBSCRIPTION * count) if 0 < count <= _SUBSCRIPTIONS else None
    if asked is None:
        return files.INVAL if not 0 < count <= _SUBSCRIPTIONS else FAULT
    waits: list[tuple[float, bytes]] = []
    for at in range(0, len(asked), _SUBSCRIPTION):
        one = asked[at : at + _SUBSCRIPTION]
        wait = _until(running, one) if one[8] == 0 else 0.0
        waits.append((wait, one[:8] + bytes(2) + one[8:9] + bytes(21)))
    least = min(wait for wait, _ in waits)
    running.wait(time.monotonic() + least)
    events = [event for wait, event in waits if wait <= least]
    return running.write(raw[1].i32, b"".join(events)) or running.write(raw[3].i32, _u32(len(events)))


def _until(running: Running, one: bytes) -> float:
    """Seconds that a subscription to a clock waits."""
    nanoseconds = int.from_bytes(one[24:32], "little")
    if int.from_bytes(one[40:42], "little") & 1:  # a point in time
        realtime = int.from_bytes(one[16:20], "little") == 0
        nanoseconds -= running.clock() if realtime else time.monotonic_ns()
    return max(0.0, nanoseconds / 1e9)


def _nothing(running: Running, raw: Raw) -> int:
    return SUCCESS


def _denied(name: str) -> Callable[[Running, Raw], int]:
    return lambda running, raw: running.deny(name)


def _u32(number: int) -> bytes:
    return number.to_bytes(4, "little")


# Name → parameters (i: i32, I: i64) of WASI snapshot_preview1; each returns an errno, but proc_exit nothing.
_WASI = {
    "args_get": "ii", "args_sizes_get": "ii", "environ_get": "ii", "environ_sizes_get": "ii",
    "clock_res_get": "ii", "clock_time_get": "iIi",
    "fd_advise": "iIIi", "fd_allocate": "iII", "fd_close": "i", "fd_datasync": "i", "fd_fdstat_get": "ii",
    "fd_fdstat_set_flags": "ii", "fd_fdstat_set_rights": "iII", "fd_filestat_get": "ii",
    "fd_filestat_set_size": "iI", "fd_filestat_set_times": "iIIi", "fd_pread": "iiiIi", "fd_prestat_get": "ii",
    "fd_prestat_dir_name": "iii", "fd_pwrite": "iiiIi", "fd_read": "iiii", "fd_readdir": "iiiIi",
    "fd_renumber": "ii", "fd_seek": "iIii", "fd_sync": "i", "fd_tell": "ii", "fd_write": "iiii",
    "path_create_directory": "iii", "path_filestat_get": "iiiii", "path_filestat_set_times": "iiiiIIi",
    "path_link": "iiiiiii", "path_open": "iiiiiIIii", "path_readlink": "iiiiii", "path_remove_directory": "iii",
    "path_rename": "iiiiii", "path_symlink": "iiiii", "path_unlink_file": "iii", "poll_oneoff": "iiii",
    "proc_exit": "i", "proc_raise": "i", "sched_yield": "", "random_get": "ii", "sock_accept": "iii",
    "sock_recv": "iiiiii", "sock_send": "iiiii", "sock_shutdown": "ii",
}  # fmt: skip

_GRANTED: dict[str, Callable[[Running, Raw], int]] = {
    "args_get": _list_get(_arguments),
    "args_sizes_get": _list_sizes(_arguments),
    "environ_get": _list_get(lambda running: running.environment),
    "environ_sizes_get": _list_sizes(lambda running: running.environment),
    "clock_time_get": _clock_time,
    "clock_res_get": _clock_resolution,
    "random_get": _random,
    "fd_write": _fd_write,
    **reading.IMPORTS,
    **writing.imports({"fd_write": _fd_write, **reading.IMPORTS}),
    "poll_oneoff": _poll,
    "sched_yield": _nothing,
}


def _callback(function: Callable[[Running, Raw], int], failed: int = IO) -> Any:
    """`failed`: what the guest gets where the host makes a mistake."""

    def call(env: object, caller: object, raw: Raw, count: int) -> int | None:
        running, result = current(), failed
        try:
            if running is not None:
                result = function(running, raw)
        except Exception as error:  # must not raise: it would surface in another thread's call
            log.error("an import failed: %s", type(error).__name__)
        raw[0].i32 = result
        # The epoch is looked at in loops and where a function of the guest's own begins: thousands of imports called
        # in a straight line would take as long as they like.
        return capi.interrupt() if running is not None and time.monotonic() > running.until else None

    return capi.HostCallback(call)


def _exit_callback() -> Any:
    def call(env: object, caller: object, raw: Raw, count: int) -> int | None:
        running = current()
        if running is not None:
            running.exited, running.exit_code = True, raw[0].i32
        return capi.new_trap(b"exit")

    return capi.HostCallback(call)


def _abort(env: object, caller: object, raw: Raw, count: int) -> int | None:
    """AssemblyScript's `env.abort(message, file, line, column)`; before a text (UTF-16) stands its length in bytes."""
    running = current()
    if running is not None and running.traced:
        message, file = (_utf16(running, raw[i].i32) for i in (0, 1))
        running.said += f"abort: {message} at {file}:{raw[2].i32}:{raw[3].i32}"
    return capi.new_trap(b"abort")


def _utf16(running: Running, at: int) -> str:
    length = int.from_bytes(running.read(at - 4, 4) or b"", "little") if at else 0
    return (running.read(at, min(length, LOG_LIMIT)) or b"").decode("utf-16-le", errors="replace")


def _offered() -> dict[tuple[str, str], tuple[str, str, Any]]:
    table = {
        ("maskgate", "secret"): ("iiii", "i", _callback(_secret, _NOT_GRANTED)),
        ("maskgate", "http"): ("iiii", "i", _callback(http.request, http.FAILED)),
        ("env", "abort"): ("iiii", "", capi.HostCallback(_abort)),
    }
    for name, parameters in _WASI.items():
        if name == "proc_exit":
            entry = (parameters, "", _exit_callback())
        else:
            entry = (parameters, "i", _callback(_or_stream(name, _GRANTED.get(name) or _denied(name))))
        table["wasi_snapshot_preview1", name] = entry
    return table


_OFFERED = _offered()  # (module, name) → parameters, results, callback; the callbacks live as long as the process
_LETTERS = {"i32": "i", "i64": "I", "f32": "f", "f64": "F"}


def signature(kind: wasmtime.FuncType) -> tuple[str, str]:
    """Parameters and results as letters: i (i32), I (i64), f (f32), F (f64), ? (anything else)."""
    return tuple(  # type: ignore[return-value]
        "".join(_LETTERS.get(str(value), "?") for value in values) for values in (kind.params, kind.results)
    )


def link(engine: wasmtime.Engine, module: wasmtime.Module) -> wasmtime.Linker:
    """A linker with all that `module` imports. Raises ValueError naming an import that isn't offered."""
    linker = wasmtime.Linker(engine)
    seen = set()
    for wanted in module.imports:
        name = (wanted.module, wanted.name or "")
        offered = _OFFERED.get(name)
        if offered is None or not isinstance(wanted.type, wasmtime.FuncType):
            raise ValueError(f"imports {'.'.join(name)}, which the sandbox doesn't offer")
        if signature(wanted.type) != offered[:2]:
            raise ValueError(f"imports {'.'.join(name)} with another type than the sandbox offers")
        if name not in seen:
            capi.define(linker, *name, wanted.type, offered[2])
            seen.add(name)
    return linker
