"""pii-redactor: hostile texts end in time, any message whatever has an answer, findings and message say the same.

What it does for its users is in `modules/pii-redactor/tests`; how well it finds things in `test_detection.py`.
"""

import json
from typing import Any

import pytest
from harness import PASS, REFUSE, Build, Guest
from hypothesis import given, settings
from hypothesis import strategies as st
from wasmtime import Config, Engine, Module

BUILD = Build("pii-redactor")
ENTITIES = BUILD.manifest["config"]["properties"]["find"]["additionalProperties"]["properties"]["detect"]["items"][
    "oneOf"
][0]["enum"]
OWN = {
    "find": {
        **{name: {} for name in ENTITIES},
        "pattern": {"detect": [{"pattern": "(x+x+)+y|a*b"}]},
        "words": {"detect": [{"words": ["a a a a a a a b", "1 1 1 1 2"]}]},
    }
}
MIB = 1 << 20
PIECES = [
    "@", "1", "1.", "a@", "a@a.", "1 ", "02 ", "020 7946 0958 ", "4111 ", "1-2-", "::", "a:", "://", "a://b@",
    "http://x?token=", "eyJ.", "SG.", "sk-", "password=", 'password="', "-----BEGIN RSA PRIVATE KEY-----",
    "dob 1.1.1980 ", "DE89 ", "AB12", "15070649C", "é@", "%40", "-", "_", "=", "xx", "a ", "aa", "+1", "(1", "1,",
    "born ", "\\", '"', "中", "2A", "20 Jan ", "x", " ", "a.", "1-", "eyJ", "DE89370400440532013", "password is ",
    "\u200b", "１", "＠a", "a\u00ad", "1\u00a0", "&#64;", "&", "%20", "%",
    "\\n", "\\u0040", "[at]", "(", "1+", "jane[at]example[.]org ",
]  # fmt: skip


@pytest.mark.parametrize("piece", PIECES)
def test_a_mebibyte_made_to_take_long_is_read(piece: str) -> None:
    text = piece * (MIB // len(piece))
    guest = Guest(BUILD, OWN)
    result = guest.one(json.dumps(text, ensure_ascii=False))
    assert isinstance(result, bytes)
    assert isinstance(json.loads(result), str)


class Fuelled(Guest):
    """Counts the work of each call in the engine's own unit: an instruction or so."""

    work = 0

    def call(self, export: str, data: bytes) -> int:
        self.store.set_fuel(1 << 60)
        result = super().call(export, data)
        self.work = (1 << 60) - self.store.get_fuel()
        return result


@pytest.fixture(scope="module")
def fuelled() -> Fuelled:
    config = Config()
    config.consume_fuel = True
    config.epoch_interruption = True
    build = Build("pii-redactor")
    build.engine = Engine(config)
    build.module = Module.from_file(build.engine, build.folder / "pii-redactor.wasm")
    return Fuelled(build, OWN)


@pytest.mark.parametrize("piece", PIECES)
def test_work_grows_as_the_text_does_and_no_faster(fuelled: Fuelled, piece: str) -> None:
    def work(size: int) -> int:
        message = json.dumps(piece * (size // len(piece)), ensure_ascii=False)
        fuelled.one(message)
        fuelled.one(message)  # what it allocates for a text as long is there now
        return fuelled.work

    assert work(1 << 16) < 4.4 * work(1 << 14)


def test_a_batch_gives_one_entry_a_message_and_counts_what_passed() -> None:
    guest = Guest(BUILD, {})
    outputs = guest.transform([b'"a@example.org"\n', b"nope", b'{"a@example.org":1,"b@example.org":2}\n', b"[1]\r\n"])
    assert [(output.status, output.data) for output in outputs] == [
        (PASS, b'"[EMAIL]"\n'), (REFUSE, b"invalid_json 0"), (REFUSE, b"duplicate_key 19"), (PASS, b"[1]\n"),
    ]  # fmt: skip
    assert guest.report == {"email": 1}
    assert guest.transform([]) == []


def test_memory_is_a_high_water_mark() -> None:
    guest = Guest(BUILD, OWN)
    sizes = []
    for _ in range(20):
        guest.transform([b'{"a":"' + b"jane@example.org 4111 1111 1111 1111 " * 90 + b'","b":[1]}\n'] * 100)
        sizes.append(guest.size)
    assert sizes[2] == sizes[-1]


def test_a_result_that_does_not_fit_refuses_its_message_alone() -> None:
    configuration = {"find": {"a": {"detect": [{"words": ["a"]}], "replace": {"kind": "text", "text": "x" * 10_000}}}}
    guest = Guest(BUILD, configuration, memory=4 << 20)
    outputs = guest.transform([b'"a b"', json.dumps("a " * 2000).encode(), b'"c"'])
    assert [output.status for output in outputs] == [PASS, REFUSE, PASS]
    assert outputs[1].data == b"too_large"


@pytest.mark.parametrize("piece", ["::1 ", "a\u200b"])
def test_findings_and_a_second_reading_that_do_not_fit_refuse_their_message_alone(piece: str) -> None:
    guest = Guest(BUILD, {}, memory=8 << 20)
    text = piece * (2 * MIB // len(piece.encode()))
    outputs = guest.transform([b'"::1"', json.dumps(text, ensure_ascii=False).encode(), b'"b"'])
    assert [output.status for output in outputs] == [PASS, REFUSE, PASS]
    assert outputs[1].data == b"too_large"


def test_every_entity_of_the_manifest_is_known_and_counted() -> None:
    assert set(BUILD.manifest["counters"]) == {*ENTITIES, "other"}
    for name in ENTITIES:
        Guest(BUILD, {"find": {"x": {"detect": [name]}}})
        Guest(BUILD, {"find": {name: {}}})


texts = st.lists(
    st.sampled_from([*PIECES, "jane@example.org", "4111 1111 1111 1111", "+49 30 1234567", "203.0.113.7"])
    | st.text(max_size=4),
    max_size=8,
).map("".join)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
redacting, listing = Guest(BUILD, OWN), Guest(BUILD, {**OWN, "write": "findings"})


def tokens(value: Any) -> list[Any]:
    """Keys, strings and numbers in their order."""
    if isinstance(value, dict):
        return [token for key, inner in value.items() for token in [key, *tokens(inner)]]
    if isinstance(value, list):
        return [token for inner in value for token in tokens(inner)]
    return [value] if isinstance(value, str | int | float) and not isinstance(value, bool) else []


@settings(max_examples=300, deadline=None)
@given(values, st.booleans())
def test_what_is_listed_is_what_is_replaced(value: Any, ascii_only: bool) -> None:
    raw = json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", "replace")
    listed = listing.one(raw)
    written = redacting.one(raw)
    if isinstance(written, str):
        assert written.startswith("duplicate_key ")
        return
    assert isinstance(listed, bytes)
    expected = [token if isinstance(token, str) else None for token in tokens(json.loads(raw))]
    replaced: dict[int, bytes] = {}
    originals = tokens(json.loads(raw, parse_int=str, parse_float=str))
    for hit in reversed(json.loads(listed)["findings"]):
        at = hit["token"]
        text = replaced.get(at, originals[at].encode())
        replaced[at] = text[: hit["start"]] + f"[{hit['find'].upper()}]".encode() + text[hit["end"] :]
    after = tokens(json.loads(written))
    assert len(after) == len(expected)
    for at, original in enumerate(originals):
        now = after[at] if at in replaced or expected[at] is not None else original
        assert now == replaced.get(at, original.encode()).decode()


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=40))
def test_any_bytes_whatever_have_an_answer(message: bytes) -> None:
    for guest in (redacting, listing):
        (output,) = guest.transform([message])
        assert output.status in (PASS, REFUSE)
