"""The conformance module does the same in every language of the SDKs: the shared vectors, and what they can't say."""

import logging

import pytest
from sandboxed import MODULES, Sandboxed

from gateway.errors import GuestFailure
from gateway.flow import Batch, Limits
from gateway.sandbox.frame import GuestError
from gateway.sandbox.guest import Guest

FOLDER = MODULES / "sdk" / "conformance"
BUILT = {path.parent.name: Sandboxed(path.parent) for path in sorted(FOLDER.glob("*/conformance-*.wasm"))}

in_each_language = pytest.mark.parametrize("module", BUILT.values(), ids=BUILT.keys())


def test_there_is_one_in_every_language_that_has_an_sdk() -> None:
    assert set(BUILT) == {path.name for path in (MODULES / "sdk").iterdir()} & {"assemblyscript", "c", "go", "rust"}
    assert {module.manifest["module"] for module in BUILT.values()} == {f"conformance-{name}" for name in BUILT}


def test_the_manifests_promise_the_same() -> None:
    promises = [
        (
            module.manifest["accepts"], module.manifest["produces"], module.manifest["splits"],
            sorted(module.manifest["counters"]), sorted(module.manifest["refusals"]),
            sorted(module.manifest["config"]["properties"]),
        )
        for module in BUILT.values()
    ]  # fmt: skip
    assert promises == promises[:1] * len(promises)


@in_each_language
def test_a_question_mark_alone_traps(module: Sandboxed) -> None:
    run = module.run({})
    assert run.one(b"fine") == b"fine"
    with pytest.raises(GuestError) as raised:
        module.run({}).guest.transform(Batch.of([b"fine", b"?"]))
    assert raised.value.failure is GuestFailure.TRAP
    assert run.one(b"still fine") == b"still fine"


def test_a_panic_in_go_says_file_and_line_in_the_log_if_that_is_granted(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="maskgate.module")
    module = BUILT["go"]
    for grants, logged in (([], 0), (["log"], 1)):
        with pytest.raises(GuestError) as raised:
            module.run({}, grants=grants).guest.transform(Batch.of([b"?"]))
        assert raised.value.failure is GuestFailure.TRAP
        assert len(caplog.records) == logged
    text = caplog.records[0].getMessage()
    line = next(i for i, text in enumerate((FOLDER / "go" / "main.go").read_text().splitlines(), 1) if "panic(" in text)
    assert f"maskgate/conformance/main.go:{line}" in text
    assert "asked to" not in text  # the panic's own text: it might have been a value of the message


@in_each_language
def test_outputs_are_exact_to_the_last_byte(module: Sandboxed) -> None:
    run = module.run({"prefix": "p"})
    assert run.transform([b"a\n\n", b"\n\n", b"*2:b\n\n"]) == [b"pa\n", b"p\n", [b"pb\n", b"pb\n"]]
    assert run.report == {"passed": 4, "bytes": 11}


@in_each_language
def test_a_batch_of_ten_thousand_messages_of_a_kilobyte(module: Sandboxed) -> None:
    run = module.run({"upper": True})
    messages = [b"%05d" % i + b"x" * 1000 for i in range(10_000)]
    for _ in range(2):
        assert run.transform(messages) == [message.upper() for message in messages]


@in_each_language
def test_memory_is_a_high_water_mark(module: Sandboxed) -> None:
    run = module.run({"prefix": "> "})
    sizes = []
    for _ in range(400):
        run.transform([b"line", b"*5:times", b"#counted", b"!no", b""] * 20)
        sizes.append(run.guest.memory_size)
    assert sizes[-1] == sizes[200]
    assert sizes[-1] <= 8 << 20  # what an instance may have that is kept between requests


@in_each_language
def test_what_does_not_fit_costs_its_own_message(module: Sandboxed) -> None:
    limits = Limits(time=30_000, memory=64 << 20, messages=100)
    run = module.run({"prefix": "p" * 1000}, limits=limits)
    large = b"*9:" + b"x" * (9 << 20)
    assert run.transform([b"a", large, b"b"]) == [b"p" * 1000 + b"a", ("too_large", None), b"p" * 1000 + b"b"]


@in_each_language
@pytest.mark.parametrize(
    "configuration",
    [b"", b"{", b"[]", b"null", b'"text"', b"{}}", b'{"upper":tru}', b'{"prefix":"\\ud800"}', b'{"prefix":"\xff"}',
     b'{"prefix":"a",}', b"[" * 1000, b'{"prefix":' + b"[" * 1000, b'{"upper":01}', b"\xef\xbb\xbf{}"],
)  # fmt: skip
def test_a_configuration_that_is_not_a_json_object_is_refused(module: Sandboxed, configuration: bytes) -> None:
    program = module.program(configuration)
    with pytest.raises(GuestError) as raised:
        Guest(program)
    assert raised.value.failure is GuestFailure.REFUSED_CONFIG
    assert "configuration" in str(raised.value) or "prefix" in str(raised.value) or "upper" in str(raised.value)
