"""Policy tests: cases in `tests/*.yaml`, run through the very plans that serve."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec
from msgspec import Struct

from gateway.documents.finding import Finding, Place
from gateway.documents.schema import schema
from gateway.documents.source import Document
from gateway.policy import files
from gateway.policy.decide import Decider
from gateway.policy.model import PolicySet


class Outcome(Struct, frozen=True, kw_only=True):
    """What a plan made of one body: the messages for the destination, or the code it was refused with."""

    messages: tuple[bytes, ...] = ()  # one JSON text each
    refused: str | None = None  # of the first message that was refused


# (producer, stream, destination, media type, body) → outcome
Apply = Callable[[str, str, str, str, bytes], Outcome]


class Case(Struct, frozen=True, kw_only=True):
    name: str
    producer: str
    stream: str
    place: Place
    destination: str | None = None  # None: each of the stream's
    client: str | None = None  # IP address
    media_type: str | None = None  # None: the first of JSON, NDJSON, CSV that the producer may send
    publish: str | None = None  # allow | deny
    message: Any = None  # text: the body; else a JSON value
    expect: Any = None  # for each message: pointer → released | masked | absent | {"equals": value}
    refused: str | None = None  # code


class Result(Struct, frozen=True, kw_only=True):
    """How one case ended. `reasons` say what was otherwise; empty: it passed. They quote values of the case alone."""

    case: Case
    reasons: tuple[str, ...]

    @property
    def passed(self) -> bool:
        return not self.reasons


_MISSING = object()


def cases(policy_set: PolicySet) -> list[Case]:
    """All cases of a policy set whose test files are right, by file and order."""
    return [case for file in _test_files(policy_set) for case in _cases(Document(file, policy_set.files[file]))]


def check(policy_set: PolicySet) -> list[Finding]:
    """Cases that name what the policy doesn't have, or that test nothing."""
    findings = []
    for file in _test_files(policy_set):
        document = Document(file, policy_set.files[file])
        if document.findings or schema("tests").check(document, document.data).findings:
            continue  # reported where files are read
        for index, case in enumerate(_cases(document)):
            fault = _fault(policy_set, case)
            if fault is not None:
                findings.append(Finding.at(document.place(("tests", index, fault[0])), "test", fault[1]))
    return findings


def run(policy_set: PolicySet, decider: Decider, apply: Apply) -> Iterator[Result]:
    """Run all cases, in order."""
    for case in cases(policy_set):
        yield Result(case=case, reasons=tuple(_reasons(policy_set, decider, apply, case)))


def _test_files(policy_set: PolicySet) -> list[str]:
    return [file for file in policy_set.files if files.kind(file) == "tests"]


def _cases(document: Document) -> list[Case]:
    return [Case(**given, place=document.place(("tests", index))) for index, given in enumerate(document.data["tests"])]


def _fault(policy_set: PolicySet, case: Case) -> tuple[str, str] | None:
    """The key that is wrong, and why."""
    producer = policy_set.producers.get(case.producer)
    if producer is None:
        return "producer", f"unknown producer {case.producer!r}"
    if case.stream not in producer.streams:
        return "stream", f"producer {case.producer} has no stream {case.stream!r}"
    stream = policy_set.streams.get(case.stream)
    if stream is not None and case.destination not in (None, *stream.destinations):
        return "destination", f"stream {case.stream} has no destination {case.destination!r}"
    if case.publish is None and case.expect is None and case.refused is None:
        return "name", "this case tests nothing: give it publish, expect or refused"
    if case.message is None and (case.expect is not None or case.refused is not None):
        return "name", "expect and refused need a message"
    if case.expect is not None and case.refused is not None:
        return "refused", "a message is either refused or delivered: leave expect out"
    return None


# ---------------------------------------------------------------- one case


def _reasons(policy_set: PolicySet, decider: Decider, apply: Apply, case: Case) -> Iterator[str]:
    accept = policy_set.producers[case.producer].streams[case.stream].accept  # sorted: JSON, NDJSON, CSV
    media_type = case.media_type or accept[0]
    if case.publish is not None:
        ruling = decider.publish(case.producer, case.stream, case.client, media_type)
        said = "allow" if ruling.allowed else "deny"
        if said != case.publish:
            by = f" by {', '.join(ruling.policies)}" if ruling.policies else ""
            yield f"publish: {said}{by}, not {case.publish}"
    if case.expect is None and case.refused is None:
        return
    body = case.message.encode() if isinstance(case.message, str) else msgspec.json.encode(case.message)
    wanted = (case.destination,) if case.destination else policy_set.streams[case.stream].destinations
    for destination in wanted:
        outcome = apply(case.producer, case.stream, destination, media_type, body)
        for reason in _compare(case, outcome):
            yield f"{destination}: {reason}"


def _compare(case: Case, outcome: Outcome) -> Iterator[str]:
    if case.refused is not None or outcome.refused is not None:
        if outcome.refused != case.refused:
            yield f"refused: {outcome.refused or 'not at all'}, not {case.refused or 'delivered'}"
        return
    expected = case.expect if isinstance(case.expect, list) else [case.expect]
    if len(outcome.messages) != len(expected):
        yield f"{len(outcome.messages)} messages, not {len(expected)}"
        return
    for number, (message, expectations) in enumerate(zip(outcome.messages, expected, strict=True)):
        value = msgspec.json.decode(message)
        for pointer, expectation in expectations.items():
            reason = _judge(case.message, value, pointer, expectation)
            if reason:
                where = pointer or "the whole message"
                yield f"message {number}, {where}: {reason}" if len(expected) > 1 else f"{where}: {reason}"


def _judge(given: Any, value: Any, pointer: str, expectation: Any) -> str | None:
    """What is otherwise than expected at a pointer (RFC 6901). What was masked is not quoted: it may not be."""
    found = at(value, pointer)
    if expectation == "absent":
        return None if found is _MISSING else "is there"
    if found is _MISSING:
        return "is not there"
    if isinstance(expectation, Mapping):
        return None if _same(found, expectation["equals"]) else "has another value"
    released = _released(given, found, pointer)
    if expectation == "released":
        return None if released else "is masked"
    return "is released" if released else None


def _released(given: Any, found: Any, pointer: str) -> bool:
    """Whether a value is what was sent: at this pointer, or of a body in another format, somewhere in it."""
    if isinstance(given, str):
        return (found if isinstance(found, str) else msgspec.json.encode(found).decode()) in given
    return _same(found, at(given, pointer))


def at(value: Any, pointer: str) -> Any:
    """The value at a JSON Pointer (RFC 6901); `_MISSING` where there is none."""
    for part in pointer.split("/")[1:]:
        part = part.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict) and part in value:
            value = value[part]
        elif isinstance(value, list) and part.isdecimal() and int(part) < len(value):
            value = value[int(part)]
        else:
            return _MISSING
    return value


def _same(one: Any, other: Any) -> bool:
    """Equal as JSON: `1` is not `true`."""
    if one is _MISSING or other is _MISSING:
        return one is other
    return msgspec.json.encode(one, order="sorted") == msgspec.json.encode(other, order="sorted")
