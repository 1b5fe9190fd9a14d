"""The functions of WASI 0.2 that a component may have, each asking the grants first.

Standard input is empty, there are no arguments, no folder and no network. Any other function of WASI is there to be
linked, and denied: see `gateway.sandbox.component.linking`.
"""

from __future__ import annotations

import os
import time
from typing import Any

from gateway.sandbox.component import calls, values
from gateway.sandbox.component.running import Context, Ends, Function, Running, Value

_RANDOM_LIMIT = 64 << 10  # bytes a call: each is a value of its own on the way to the component
_POLLED = 64  # pollables a call
_WRITE_LIMIT = 4 << 10  # bytes that an output stream takes at a time
_READY = 0  # handle of a pollable that needs no waiting
_STDIN, _STDOUT, _STDERR = 0, 1, 2

# Resources are of one kind if they have one name: an interface that uses another's has the same name for it.
INPUT, OUTPUT, POLLABLE = "input-stream", "output-stream", "pollable"
KINDS = {INPUT: 1, OUTPUT: 2, POLLABLE: 3}

_ERROR = "variant {last-operation-failed(own), closed}"
_TIME = "record {seconds: u64, nanoseconds: u32}"


# ---------------------------------------------------------------- standard streams


def _stream(kind: str, number: int) -> Function:
    return lambda running, context, given: calls.own(context, KINDS[kind], number)


def _read(running: Running, context: Context, given: Any) -> Value:
    return values.err(values.variant("closed"))


def _check_write(running: Running, context: Context, given: Any) -> Value:
    return values.ok(values.u64(_WRITE_LIMIT))


def _write(running: Running, context: Context, given: Any) -> Value:
    calls.handle(context, KINDS[OUTPUT], given[0])
    running.say(values.octets(given[1], _WRITE_LIMIT))
    if "log" not in running.grants:
        running.deny("wasi:io/streams.output-stream.write")
        if not running.traced:  # its author reads what it says of its end, to the last line
            return values.err(values.variant("closed"))
    return values.ok()


def _flush(running: Running, context: Context, given: Any) -> Value:
    return values.ok()


def _nothing(running: Running, context: Context, given: Any) -> Value:
    return values.none()


# ---------------------------------------------------------------- waiting


def _subscribe(running: Running, context: Context, given: Any) -> Value:
    return calls.own(context, KINDS[POLLABLE], _READY)


def _subscribe_clock(name: str, *, instant: bool) -> Function:
    def subscribe(running: Running, context: Context, given: Any) -> Value:
        if "clock" not in running.grants:
            raise running.ends(f"wasi:clocks/monotonic-clock.{name}")
        now = time.monotonic_ns()
        wait = given[0].of.u64 - (now if instant else 0)
        return calls.own(context, KINDS[POLLABLE], running.pollable((now + wait) / 1e9))

    return subscribe


def _until(running: Running, context: Context, value: Value) -> float:
    """When a pollable is ready, in seconds of time.monotonic()."""
    return running.pollables.get(calls.handle(context, KINDS[POLLABLE], value), 0.0)


def _ready(running: Running, context: Context, given: Any) -> Value:
    return values.boolean(_until(running, context, given[0]) <= time.monotonic())


def _block(running: Running, context: Context, given: Any) -> None:
    running.wait(_until(running, context, given[0]))


def _poll(running: Running, context: Context, given: Any) -> Value:
    if not 0 < values.size(given[0]) <= _POLLED:
        raise Ends
    times = [_until(running, context, value) for value in values.elements(given[0])]
    running.wait(min(times))
    now = max(time.monotonic(), min(times))
    return values.listed([values.u32(i) for i, ready in enumerate(times) if ready <= now])


# ---------------------------------------------------------------- clocks, random numbers, the environment


def _granted(running: Running, grant: str, name: str) -> None:
    """Raises Ends: these functions have no way to say no."""
    if grant not in running.grants:
        raise running.ends(name)


def _monotonic(running: Running, context: Context, given: Any) -> Value:
    _granted(running, "clock", "wasi:clocks/monotonic-clock.now")
    return values.u64(time.monotonic_ns())


def _monotonic_resolution(running: Running, context: Context, given: Any) -> Value:
    _granted(running, "clock", "wasi:clocks/monotonic-clock.resolution")
    return values.u64(1)


def _wall(running: Running, context: Context, given: Any) -> Value:
    _granted(running, "clock", "wasi:clocks/wall-clock.now")
    return _datetime(running.clock())


def _wall_resolution(running: Running, context: Context, given: Any) -> Value:
    _granted(running, "clock", "wasi:clocks/wall-clock.resolution")
    return _datetime(1)


def _datetime(nanoseconds: int) -> Value:
    seconds, rest = divmod(nanoseconds, 1_000_000_000)
    return values.record(seconds=values.u64(seconds), nanoseconds=values.u32(rest))


def _random_bytes(name: str) -> Function:
    def random(running: Running, context: Context, given: Any) -> Value:
        _granted(running, "random", name)
        length = given[0].of.u64
        if length > _RANDOM_LIMIT:
            raise Ends
        return values.octet_list(os.urandom(length))

    return random


def _random_u64(name: str) -> Function:
    def random(running: Running, context: Context, given: Any) -> Value:
        _granted(running, "random", name)
        return values.u64(int.from_bytes(os.urandom(8)))

    return random


def _seed(running: Running, context: Context, given: Any) -> Value:
    _granted(running, "random", "wasi:random/insecure-seed.insecure-seed")
    return values.tupled(*(values.u64(int.from_bytes(os.urandom(8))) for _ in range(2)))


def _environment(running: Running, context: Context, given: Any) -> Value:
    pairs = (entry.partition(b"=") for entry in running.environment if values.is_text(entry))
    return values.listed([values.tupled(values.string(name), values.string(value)) for name, _, value in pairs])


def _empty(running: Running, context: Context, given: Any) -> Value:
    return values.listed([])


def _exit(running: Running, context: Context, given: Any) -> None:
    running.exited = True
    raise Ends


_INSECURE, _SECURE = "wasi:random/insecure", "wasi:random/random"
_CHANGE = f"(borrow) -> result<_, {_ERROR}>"
_WRITING = f"(borrow, list<u8>) -> result<_, {_ERROR}>"
_READING = f"(borrow, u64) -> result<list<u8>, {_ERROR}>"

# Interface, without its version → name → type, and what it does.
FUNCTIONS: dict[str, dict[str, tuple[str, Function]]] = {
    "wasi:cli/environment": {
        "get-environment": ("() -> list<tuple<string, string>>", _environment),
        "get-arguments": ("() -> list<string>", _empty),
        "initial-cwd": ("() -> option<string>", _nothing),
    },
    "wasi:cli/exit": {"exit": ("(result<_, _>)", _exit), "exit-with-code": ("(u8)", _exit)},
    "wasi:cli/stdin": {"get-stdin": ("() -> own", _stream(INPUT, _STDIN))},
    "wasi:cli/stdout": {"get-stdout": ("() -> own", _stream(OUTPUT, _STDOUT))},
    "wasi:cli/stderr": {"get-stderr": ("() -> own", _stream(OUTPUT, _STDERR))},
    "wasi:cli/terminal-stdin": {"get-terminal-stdin": ("() -> option<own>", _nothing)},
    "wasi:cli/terminal-stdout": {"get-terminal-stdout": ("() -> option<own>", _nothing)},
    "wasi:cli/terminal-stderr": {"get-terminal-stderr": ("() -> option<own>", _nothing)},
    "wasi:filesystem/preopens": {"get-directories": ("() -> list<tuple<own, string>>", _empty)},
    "wasi:io/streams": {
        "[method]input-stream.read": (_READING, _read),
        "[method]input-stream.blocking-read": (_READING, _read),
        "[method]input-stream.subscribe": ("(borrow) -> own", _subscribe),
        "[method]output-stream.check-write": (f"(borrow) -> result<u64, {_ERROR}>", _check_write),
        "[method]output-stream.write": (_WRITING, _write),
        "[method]output-stream.blocking-write-and-flush": (_WRITING, _write),
        "[method]output-stream.flush": (_CHANGE, _flush),
        "[method]output-stream.blocking-flush": (_CHANGE, _flush),
        "[method]output-stream.subscribe": ("(borrow) -> own", _subscribe),
    },
    "wasi:io/poll": {
        "[method]pollable.ready": ("(borrow) -> bool", _ready),
        "[method]pollable.block": ("(borrow)", _block),
        "poll": ("(list<borrow>) -> list<u32>", _poll),
    },
    "wasi:clocks/monotonic-clock": {
        "now": ("() -> u64", _monotonic),
        "resolution": ("() -> u64", _monotonic_resolution),
        "subscribe-instant": ("(u64) -> own", _subscribe_clock("subscribe-instant", instant=True)),
        "subscribe-duration": ("(u64) -> own", _subscribe_clock("subscribe-duration", instant=False)),
    },
    "wasi:clocks/wall-clock": {"now": (f"() -> {_TIME}", _wall), "resolution": (f"() -> {_TIME}", _wall_resolution)},
    _SECURE: {
        "get-random-bytes": ("(u64) -> list<u8>", _random_bytes(f"{_SECURE}.get-random-bytes")),
        "get-random-u64": ("() -> u64", _random_u64(f"{_SECURE}.get-random-u64")),
    },
    _INSECURE: {
        "get-insecure-random-bytes": ("(u64) -> list<u8>", _random_bytes(f"{_INSECURE}.get-insecure-random-bytes")),
        "get-insecure-random-u64": ("() -> u64", _random_u64(f"{_INSECURE}.get-insecure-random-u64")),
    },
    "wasi:random/insecure-seed": {"insecure-seed": ("() -> tuple<u64, u64>", _seed)},
}
