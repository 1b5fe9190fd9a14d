"""What a hostile input costs: calls and memory in proportion to its size, counted, not timed."""

from __future__ import annotations

import sys
import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Any

import pytest

from gateway.documents.finding import PolicyError
from gateway.flow import Batch
from gateway.registry import manifest
from gateway.sandbox.frame import GuestError, decode
from tests.fuzz.frames import Case, case
from tests.fuzz.test_corpus import inputs
from tests.sandbox.making import frame, u32

KIB = 1 << 10
PASS, DROP, REFUSE = 0, 1, 2
MANY = 64 * KIB // 12 - 10
REPORT = b'{"a":' + b"1" * 4_000 + b"}"


def calls(work: Callable[[], object]) -> int:
    """How many functions it calls, those in C with them."""
    count = 0

    def counted(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(counted)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


def peak(work: Callable[[], object]) -> int:
    """The bytes that it holds at once, at most."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def decoding(made: Case) -> Callable[[], None]:
    def work() -> None:
        with suppress(GuestError):
            decode(memoryview(made.frame), made.messages, made.counters, made.refusals, made.most)

    return work


def large(entries: list[tuple[int, int, int]], body: bytes, report: bytes = b"") -> Case:
    content = frame(entries, body, report)
    return Case(Batch.of([b""] * (len(entries) or 1)), frozenset({"a"}), {"x": None}, 1 << 20, content)


LARGE = {
    "passed": large([(i, PASS, i) for i in range(MANY)], b"x" * (MANY - 1)),
    "dropped": large([(i, DROP, 0) for i in range(MANY)], b""),
    "refused": large([(i, REFUSE, i + 1) for i in range(MANY)], b"x" * MANY),
    "split": large([(0, PASS, 0)] * MANY, b""),
    "long report": large([(0, PASS, 0)], b"", b"{" + b" " * (64 * KIB - 2) + b"}"),
    "a long number": large([(0, PASS, 0)], b"", REPORT),
    "nested": large([(0, PASS, 0)], b"", b'{"a":' + b"[" * 60_000 + b"}"),
    "names": large([(0, PASS, 0)], b"", b"{" + b",".join(b'"%d":1' % i for i in range(6_000)) + b"}"),
    "a long reason": large([(0, REFUSE, 64 * KIB)], b"x" * 64 * KIB),
    "a great count": large([], b"")._replace(frame=u32(0xFFFFFFFF) + bytes(64 * KIB)),
}


@pytest.mark.parametrize("made", [*LARGE.values(), *(case(path.read_bytes()) for path in inputs("frame"))])
def test_a_frame_costs_what_it_is_long(made: Case) -> None:
    entries = len(made.frame) // 12
    assert calls(decoding(made)) <= 100 + 20 * entries
    assert peak(decoding(made)) <= 64 * KIB + 40 * len(made.frame)


HEAD = """\
{module: demo, version: 1.2.3, abi: maskgate/1, scope: batch, language: c, description: d,
accepts: [a/b], produces: a/b, refusals: {}, config: {}}
"""
MANIFESTS = {
    "keys": ("{module", "{" + "".join(f"modul{i}: 1," for i in range(2_000)) + "module"),
    "the same key": ("{module", "{" + "a: 1," * 3_000 + "module"),
    "a list": ("[a/b]", "[" + "a," * 8_000 + "]"),
    "the same item": ("[a/b]", "[" + "a/b," * 4_000 + "]"),
    "items": ("[a/b]", "[" + ",".join(f"a/{i}" for i in range(2_500)) + "]"),
    "mappings": ("[a/b]", "[" + ",".join(f"{{a: {i}}}" for i in range(2_000)) + "]"),
    "a capability": ("{module", "{capabilities: {required: ['http:" + "a." * 8_000 + "']}, module"),
    "refusals": ("refusals: {}", "refusals: {" + "".join(f"r{i}: {{}}," for i in range(2_000)) + "}"),
    "schemas": ("config: {}", "config: {allOf: [" + "{}," * 5_000 + "]}"),
    "patterns": ("config: {}", "config: {allOf: [" + "{pattern: 'a{1,999}'}," * 700 + "]}"),
    "wrong patterns": ("config: {}", "config: {allOf: [" + "{pattern: '(((('}," * 250 + "]}"),
    "references": ("config: {}", "config: {allOf: [" + "{$ref: '#'}," * 1_400 + "]}"),
    "references to nowhere": ("config: {}", "config: {allOf: [" + "{$ref: '#/$defs/a'}," * 1_000 + "]}"),
    "enum": ("config: {}", "config: {enum: [" + "a," * 8_000 + "]}"),
    "names": ("config: {}", "config: {required: [" + ",".join(f"a{i}" for i in range(2_500)) + "]}"),
    "types": ("config: {}", "config: {allOf: [" + "{type: [a]}," * 1_400 + "]}"),
    "schemas in schemas": ("config: {}", "config: " + "{not: " * 60 + "{}" + "}" * 60),
    "brackets": ("config: {}", "config: " + "[" * 16_000),
    "anchors": ("[a/b]", "[" + "&a !!b c," * 1_700 + "]"),
    "a number": ("1.2.3", "9" * 16_000),
    "a key": ("{module", "{" + "a" * 1_000 + ": 1, module"),
    "escapes": ("description: d", 'description: "' + "\\u00e9" * 2_500 + '"'),
}


@pytest.mark.parametrize(("old", "new"), MANIFESTS.values(), ids=MANIFESTS)
def test_a_manifest_costs_what_it_is_long(old: str, new: str) -> None:
    content = HEAD.replace(old, new).encode()
    assert len(content) > len(new)

    def work() -> None:
        with suppress(PolicyError):
            manifest.parse.__wrapped__("manifest.yaml", content)

    assert calls(work) <= 50_000 + 100 * len(content)
    assert peak(work) <= 512 * KIB + 400 * len(content)
