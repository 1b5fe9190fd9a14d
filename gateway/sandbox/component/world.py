"""The functions of the interface `host` of modules/sdk/wit/transform.wit."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from itertools import chain
from typing import Any

import msgspec

from gateway.sandbox import http
from gateway.sandbox.component import values
from gateway.sandbox.component.running import SAID_LIMIT, Context, Ends, Function, Running, Value
from gateway.sandbox.running import NAME_LIMIT

INTERFACE = "maskgate:transform/host@1.0.0"
TYPES = "maskgate:transform/types@1.0.0"
_HEADERS = 100  # of a request
_COUNTERS = 1000  # more names than any manifest has

_REQUEST = "record {url: string, method: string, headers: list<tuple<string, string>>, body: string}"
_ANSWER = "record {status: u16, body: string}"
_NO_ANSWER = {
    http.NOT_GRANTED: "not-granted",
    http.PENDING: "pending",
    http.FAILED: "failed",
    http.BAD_REQUEST: "bad-request",
}


def _secret(running: Running, context: Context, given: Any) -> Value:
    value = running.secret(_name(given[0]))
    if value is None:
        return values.none()
    if not values.is_text(value):
        raise Ends
    return values.some(values.string(value))


def _http(running: Running, context: Context, given: Any) -> Value:
    if running.exchange is None:
        running.deny("maskgate.http")
        return _no_answer(http.NOT_GRANTED)
    written = _written(given[0])
    outcome = running.exchange.ask(written) if written is not None else http.BAD_REQUEST
    if isinstance(outcome, int):
        if outcome == http.NOT_GRANTED:
            running.deny("maskgate.http")
        running.pending = running.pending or outcome == http.PENDING
        return _no_answer(outcome)
    if isinstance(outcome, http.Failure) or not values.is_text(outcome.body):
        return _no_answer(http.FAILED)
    return values.ok(values.record(status=values.u16(outcome.status), body=values.string(outcome.body)))


def _written(request: Value) -> bytes | None:
    """A request as gateway.sandbox.http reads it; None for one that is too large, or that names a header twice."""
    url, method, headers, body = (values.field(request, i) for i in range(4))
    if values.size(headers) > _HEADERS:
        return None
    pairs = [tuple(values.elements(pair)) for pair in values.elements(headers)]
    if sum(map(values.length, (url, method, body, *chain.from_iterable(pairs)))) > http.REQUEST_LIMIT:
        return None
    named = {_string(name): _string(content) for name, content in pairs}
    written = msgspec.json.encode(
        {"url": _string(url), "method": _string(method), "headers": named, "body": _string(body)}
    )
    return written if len(named) == len(pairs) and len(written) <= http.REQUEST_LIMIT else None


def _no_answer(reason: int) -> Value:
    return values.err(values.enum(_NO_ANSWER[reason]))


def _string(value: Value) -> str:
    return values.text(value).decode()


def _name(value: Value) -> str:
    """Nothing, if it is too long to be anybody's."""
    return _string(value) if values.length(value) <= NAME_LIMIT else ""


def _now(running: Running, context: Context, given: Any) -> Value:
    return _granted(running, "clock", "now", lambda: running.clock() & (1 << 64) - 1)


def _random(running: Running, context: Context, given: Any) -> Value:
    return _granted(running, "random", "random", lambda: secrets.randbits(64))


def _granted(running: Running, grant: str, name: str, number: Callable[[], int]) -> Value:
    if grant in running.grants:
        return values.some(values.u64(number()))
    running.deny(f"maskgate.{name}")
    return values.none()


def _log(running: Running, context: Context, given: Any) -> None:
    if "log" not in running.grants:
        running.deny("maskgate.log")
    running.say(values.text(given[0], SAID_LIMIT))


def _count(running: Running, context: Context, given: Any) -> None:
    if len(running.counts) < _COUNTERS:  # names that no manifest has end the run; until then they are few
        running.counts[_name(given[0])] += given[1].of.u64


# Name → type, and what it does.
FUNCTIONS: dict[str, tuple[str, Function]] = {
    "secret": ("(string) -> option<string>", _secret),
    "http": (
        f"({_REQUEST}) -> result<{_ANSWER}, enum {{pending, not-granted, failed, bad-request}}>",
        _http,
    ),
    "now": ("() -> option<u64>", _now),
    "random": ("() -> option<u64>", _random),
    "log": ("(string)", _log),
    "count": ("(string, u64)", _count),
}
