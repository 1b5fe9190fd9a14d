"""Components: a call for each message, in the world of modules/sdk/wit/transform.wit."""

from __future__ import annotations

import logging
import threading
import tracemalloc
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
import wasmtime

from gateway.errors import GuestFailure, LoadFailure
from gateway.flow import AskedHost, Limits, RefusalKind
from gateway.sandbox.component.program import Guest, Program
from gateway.sandbox.engine import Engine
from gateway.sandbox.frame import GuestError, Refused
from gateway.sandbox.http import Answer, Outcome, Request
from gateway.sandbox.kind import LoadError
from gateway.sandbox.kinds import program as program_of
from tests.building import Place
from tests.conftest import serving
from tests.sandbox.making import GUESTS, LIMITS, batch, step, wasm

TEXT = (GUESTS / "component.wat").read_text(encoding="utf-8")
REFUSALS = {code: RefusalKind(status=422, title=code) for code in ("too_deep", "not_utf8")}


@pytest.fixture(scope="module")
def code(engine: Engine) -> Any:
    return engine.compile(bytes(wasmtime.wat2wasm(TEXT)))


def guest(engine: Engine, code: Any, *, secrets: dict[str, bytes] | None = None, **given: Any) -> Guest:
    made = step(**{"abi": "component", "refusals": REFUSALS, "counters": frozenset({"seen"}), **given})
    return Program(engine, code, made, secrets or {}).guest()


def test_what_becomes_of_messages(engine: Engine, code: Any) -> None:
    messages = ("pzwei Bücher".encode(), b"d", b"R3too_deep", b"p", b"p\xff", b"rtoo_deep")
    output = guest(engine, code).transform(batch(*messages))
    assert list(output.batch) == ["zwei Bücher".encode(), b""]
    assert (list(output.sources), list(output.positions or ())) == ([0, 3], [0, 3])
    refused = (Refused(2, 2, "too_deep", 3), Refused(4, 4, "not_utf8", 1), Refused(5, 5, "too_deep", None))
    assert output.refused == refused
    assert output.dropped == 1


def test_several_of_one(engine: Engine, code: Any) -> None:
    output = guest(engine, code, splits=True).transform(batch(b"2a", b"d", b"pb"))
    assert (list(output.batch), list(output.sources)) == ([b"a", b"a", b"b"], [0, 0, 2])
    assert list(output.positions or ()) == [0, 1, 3]
    with pytest.raises(GuestError) as raised:
        guest(engine, code).transform(batch(b"2a"))
    assert raised.value.failure is GuestFailure.BAD_FRAME


@pytest.mark.parametrize(
    ("message", "failure"),
    [
        (b"t", GuestFailure.TRAP),
        (b"l", GuestFailure.TIMEOUT),
        (b"g", GuestFailure.TRAP),
        (b"x", GuestFailure.TRAP),
        (b"u", GuestFailure.TRAP),
        (b"e", GuestFailure.EXIT),
        (b"2", GuestFailure.BAD_FRAME),
        (b"z", GuestFailure.TRAP),
        (b"rnever_declared", GuestFailure.BAD_REASON),
        (b"R~too_deep", GuestFailure.BAD_REASON),
        (b"kunknown", GuestFailure.BAD_REPORT),
    ],
)
def test_what_fails_fails_its_batch_alone(engine: Engine, code: Any, message: bytes, failure: GuestFailure) -> None:
    limits = Limits(time=200, memory=LIMITS.memory)
    with pytest.raises(GuestError) as raised:
        guest(engine, code, limits=limits).transform(batch(b"pone", message, b"ptwo"))
    assert raised.value.failure is failure
    assert list(guest(engine, code).transform(batch(b"pthree")).batch) == [b"three"]


def test_an_instance_goes_on_from_run_to_run(engine: Engine, code: Any) -> None:
    one, other = guest(engine, code), guest(engine, code)
    assert [list(one.transform(batch(b"c", b"c")).batch) for _ in range(2)] == [[b"1", b"2"], [b"3", b"4"]]
    assert list(other.transform(batch(b"c")).batch) == [b"1"]


def test_grants(engine: Engine, code: Any, caplog: pytest.LogCaptureFixture) -> None:
    held = guest(engine, code, grants=("clock", "log", "random", "secret:s"), secrets={"s": b"hidden"})
    with caplog.at_level(logging.INFO):
        output = held.transform(batch(b"ss", b"none", b"otwo", b"wthree", b"kseen", b"kseen"))
    assert list(output.batch) == [b"hidden", b"one", b"two", b"three", b"seen", b"seen"]
    assert (dict(output.report), held.denied) == ({"seen": 2}, {})
    assert "'three'" in caplog.text


def test_without_grants_each_attempt_is_counted(engine: Engine, code: Any, caplog: pytest.LogCaptureFixture) -> None:
    bare = guest(engine, code, secrets={"s": b"hidden"})
    with caplog.at_level(logging.INFO):
        output = bare.transform(batch(b"ss", b"none", b"otwo", b"wthree", b"wfour"))
    assert list(output.batch) == [b"one", b"two", b"three", b"four"]
    assert bare.denied == {"maskgate.secret": 1, "maskgate.now": 1, "maskgate.random": 1, "maskgate.log": 2}
    assert "three" not in caplog.text
    assert not any(record.levelno > logging.INFO for record in caplog.records)
    bare.transform(batch(b"pone"))
    assert bare.denied == {}


def test_what_wasi_has_no_word_for_ends_the_call_and_is_counted(engine: Engine, code: Any) -> None:
    bare = guest(engine, code)
    with pytest.raises(GuestError) as raised:
        bare.transform(batch(b"pone", b"x"))
    assert (raised.value.failure, bare.denied) == (GuestFailure.TRAP, {"wasi:random/random.get-random-u64": 1})
    held = guest(engine, code, grants=("random",))
    assert list(held.transform(batch(b"xone")).batch) == [b"one"]
    assert held.denied == {}


def test_where_wasi_has_a_word_for_it_the_component_is_told(engine: Engine, code: Any) -> None:
    bare = guest(engine, code)
    assert list(bare.transform(batch(b"yone", b"yone")).batch) == [b"one", b"one"]
    assert bare.denied == {"wasi:sockets/tcp-create-socket.create-tcp-socket": 2}


def test_standard_output(engine: Engine, code: Any, caplog: pytest.LogCaptureFixture) -> None:
    bare, held = guest(engine, code), guest(engine, code, grants=("log",))
    with caplog.at_level(logging.INFO):
        assert list(bare.transform(batch(b"vnever seen", b"vnor this")).batch) == [b"1", b"1"]
        assert list(held.transform(batch(b"vseen", b"v" + b"more " * 2000)).batch) == [b"0", b"0"]
    assert (bare.denied, held.denied) == ({"wasi:io/streams.output-stream.write": 2}, {})
    assert "'seen'" in caplog.text
    assert "never" not in caplog.text
    assert caplog.text.count("more") <= 4096 // 5  # 4 KiB a run, of all its messages


def test_what_it_logs_is_few_records_too(engine: Engine, code: Any, caplog: pytest.LogCaptureFixture) -> None:
    held = guest(engine, code, grants=("log",))
    with caplog.at_level(logging.INFO):
        held.transform(batch(*[b"w."] * 300))
    assert len(caplog.records) == 4096 // 16


def test_a_secret_that_is_no_text_ends_the_call(engine: Engine, code: Any, caplog: pytest.LogCaptureFixture) -> None:
    held = guest(engine, code, grants=("secret:s",), secrets={"s": b"\xff"})
    with pytest.raises(GuestError) as raised:
        held.transform(batch(b"ss"))
    assert (raised.value.failure, held.denied) == (GuestFailure.TRAP, {})
    assert caplog.text == ""


def test_its_environment_is_what_is_granted_and_text(
    engine: Engine, code: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("A", "\udcff")
    monkeypatch.setenv("B", "seen")
    assert list(guest(engine, code, grants=("env:B",)).transform(batch(b"i")).batch) == [b"seen"]
    assert list(guest(engine, code, grants=("env:A", "env:B")).transform(batch(b"i")).batch) == [b"seen"]
    assert guest(engine, code).transform(batch(b"i")).dropped == 1


@pytest.mark.parametrize(
    ("letter", "denied", "failure"),
    [
        (b"s", {"maskgate.secret": 1}, None),
        (b"w", {}, None),
        (b"k", {}, GuestFailure.BAD_REPORT),
        (b"b", {}, None),
        (b"e", {}, None),
    ],
)
def test_what_is_too_long_for_an_import_is_not_read(
    engine: Engine, letter: bytes, denied: dict[str, int], failure: GuestFailure | None
) -> None:
    held = guest(
        engine, engine.compile(wasm("component_of_30_mb")), grants=("secret:s", "log", "http:crm.example"),
        secrets={"s": b"hidden"}, limits=Limits(time=LIMITS.time, memory=64 << 20),
    )  # fmt: skip
    tracemalloc.start()
    try:
        if failure is None:
            assert list(held.transform(batch(letter)).batch) == [letter]
        else:
            with pytest.raises(GuestError) as raised:
                held.transform(batch(letter))
            assert raised.value.failure is failure
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()
    assert held.denied == denied


def test_waits_end_when_they_should_and_with_the_run(engine: Engine, code: Any) -> None:
    bare = guest(engine, code)
    with pytest.raises(GuestError) as raised:
        bare.transform(batch(b"q1"))
    assert (raised.value.failure, bare.denied) == (
        GuestFailure.TRAP,
        {"wasi:clocks/monotonic-clock.subscribe-duration": 1},
    )
    held = guest(engine, code, grants=("clock",))
    assert list(held.transform(batch(b"q1", b"q2")).batch) == [b"1", b"2"]
    assert held._running.pollables == {}
    short = guest(engine, code, grants=("clock",), limits=Limits(time=250, memory=LIMITS.memory))
    with pytest.raises(GuestError) as raised:
        short.transform(batch(b"qz"))
    assert raised.value.failure is GuestFailure.TIMEOUT


class Hosts:
    """What a host says, and what it was asked."""

    def __init__(self, body: bytes) -> None:
        self.body, self.asked, self.written = body, [], []  # type: ignore[var-annotated]

    def fetch(self, requests: Mapping[bytes, Request]) -> Mapping[bytes, Outcome]:
        self.asked += [request.target for request in requests.values()]
        return dict.fromkeys(requests, Answer(200, self.body))

    def asking(self, hosts: Sequence[AskedHost]) -> bool:
        self.written += [(host.host, host.requests) for host in hosts]
        return True


def test_hosts_are_asked_together_and_only_who_waits_runs_again(engine: Engine, code: Any) -> None:
    hosts = Hosts("été".encode())
    asks = guest(engine, code, grants=("http:crm.example",))
    asks.program.fetch = hosts.fetch
    messages = (b"hhttps://crm.example/1", b"c", b"hhttps://crm.example/2", b"hhttps://crm.example/1", b"d", b"kseen")
    output = asks.transform(batch(*messages), asking=hosts.asking)
    assert list(output.batch) == ["été".encode(), b"2", "été".encode(), "été".encode(), b"seen"]
    assert (list(output.sources), output.dropped, dict(output.report)) == ([0, 1, 2, 3, 5], 1, {"seen": 1})
    assert hosts.asked == ["/1", "/2"]
    assert hosts.written == [("crm.example", 2)]
    asks.transform(batch(messages[0]), asking=hosts.asking)
    assert hosts.asked == ["/1", "/2", "/1"]  # no answer serves two batches


def test_what_it_gives_until_there_is_an_answer_is_thrown_away(engine: Engine, code: Any) -> None:
    hosts = Hosts(b"")
    asks = guest(engine, code, grants=("http:crm.example",))
    asks.program.fetch = hosts.fetch
    output = asks.transform(batch(b"Hhttps://crm.example/1"), asking=hosts.asking)
    assert list(output.batch) == [b"https://crm.example/1"]


def test_what_its_messages_become_is_limited_over_all_rounds(engine: Engine, code: Any) -> None:
    hosts = Hosts(b"")
    limits = Limits(time=LIMITS.time, memory=LIMITS.memory, messages=1)
    asks = guest(engine, code, grants=("http:crm.example",), splits=True, limits=limits)
    asks.program.fetch = hosts.fetch
    messages = [b"2a", b"2b", b"2c", b"pd", b"Hhttps://crm.example/"]
    assert len(asks.transform(batch(*messages), asking=hosts.asking).batch) == 8
    with pytest.raises(GuestError) as raised:
        asks.transform(batch(b"pe", *messages), asking=hosts.asking)
    assert raised.value.failure is GuestFailure.OUTPUT_TOO_LARGE


def test_hosts_that_no_grant_names_are_not_asked(engine: Engine, code: Any) -> None:
    hosts = Hosts(b"")
    for grants in ((), ("http:crm.example",)):
        asks = guest(engine, code, grants=grants)
        asks.program.fetch = hosts.fetch
        output = asks.transform(batch(b"hhttps://other.example/"), asking=hosts.asking)
        assert (list(output.batch), output.dropped) == ([], 1)
        assert asks.denied == {"maskgate.http": 1}
    assert hosts.asked == hosts.written == []


def test_an_answer_that_is_no_text_is_none(engine: Engine, code: Any) -> None:
    hosts = Hosts(b"\xff")
    asks = guest(engine, code, grants=("http:crm.example",))
    asks.program.fetch = hosts.fetch
    assert asks.transform(batch(b"hhttps://crm.example/"), asking=hosts.asking).dropped == 1
    assert hosts.asked == ["/"]


def test_a_configuration_that_it_refuses(engine: Engine, code: Any) -> None:
    with pytest.raises(GuestError, match="no such configuration") as raised:
        guest(engine, code, config=b'{"a":1}')
    assert raised.value.failure is GuestFailure.REFUSED_CONFIG


@pytest.mark.parametrize("grant", ["fs:read:/etc", "fs:write:/tmp"])
def test_grants_that_a_component_cant_use(engine: Engine, code: Any, grant: str) -> None:
    with pytest.raises(LoadError, match="can't use") as raised:
        guest(engine, code, grants=(grant,))
    assert raised.value.failure is LoadFailure.IMPORT


def _instance(name: str, *functions: str) -> str:
    return f'(import "{name}" (instance {" ".join(functions)}))'


_RANDOM, _HOST = "wasi:random/random@0.2.0", "maskgate:transform/host@1.0.0"
_DOUBLING = " ".join(f"(type $t{number + 1} (tuple $t{number} $t{number}))" for number in range(12))


@pytest.mark.parametrize(
    ("imports", "told"),
    [
        (
            _instance(_RANDOM, '(export "get-random-u64" (func (result u32)))'),
            "get-random-u64 with another type",
        ),
        (_instance("wasi:random/random@0.3.0"), "imports wasi:random/random@0.3.0"),
        (_instance(_HOST, '(export "secret" (func (result string)))'), "host@1.0.0.secret with another type"),
        (_instance(_HOST, '(export "secrets" (func (result string)))'), "host@1.0.0.secrets, which"),
        (_instance("maskgate:transform/host@2.0.0"), "imports maskgate:transform/host@2.0.0"),
        (_instance("their:own/thing@0.2.0", '(export "do" (func))'), "imports their:own/thing@0.2.0"),
        ('(import "do" (func))', "imports do, which"),
        ('(import "m" (core module))', "imports m, which"),
        (_instance("wasi:a/b@0.2.0", *(f'(export "f{number}" (func))' for number in range(1001))), "more than 1000"),
        (
            "".join(_instance(f"wasi:a/b@0.2.{number}") for number in range(1001)),
            "more than 1000",
        ),
        (_instance("wasi:a/b@0.2.0", f'(export "{"a" * 100}" (func))'), "imports wasi:a/b.aaa"),
        (
            _instance(_RANDOM, f'(type $t0 (tuple u8 u8)) {_DOUBLING} (export "get-random-u64" (func (result $t12)))'),
            "too large",
        ),
    ],
)
def test_imports_that_are_not_offered(engine: Engine, imports: str, told: str) -> None:
    with pytest.raises(LoadError, match=told) as raised:
        guest(engine, engine.compile(bytes(wasmtime.wat2wasm(f"(component {imports})"))))
    assert raised.value.failure is LoadFailure.IMPORT


def test_what_is_no_transform(engine: Engine, code: Any) -> None:
    with pytest.raises(LoadError, match="not_utf8"):
        guest(engine, code, refusals={})
    empty = engine.compile(bytes(wasmtime.wat2wasm("(component)")))
    with pytest.raises(LoadError, match="exports no function configure") as raised:
        guest(engine, empty)
    assert raised.value.failure is LoadFailure.EXPORT
    with pytest.raises(LoadError, match="it is a component, and its manifest says maskgate/1"):
        program_of(engine, code, step(), {})


def test_more_exports_than_anybody_has(engine: Engine) -> None:
    exports = "".join(f'(export "i{number}" (instance $i))' for number in range(1001))
    with pytest.raises(LoadError, match="exports more than 1000 names") as raised:
        guest(engine, engine.compile(bytes(wasmtime.wat2wasm(f"(component (instance $i) {exports})"))))
    assert raised.value.failure is LoadFailure.EXPORT


def test_traps_of_many_threads_stay_where_they_are(engine: Engine, code: Any) -> None:
    wrong: list[str] = []

    def run(number: int) -> None:
        for round_ in range(40):
            mine = f"{number}-{round_}"
            bad = (number + round_) % 2 == 0
            try:
                made = guest(engine, code).transform(batch(f"p{mine}".encode(), b"t" if bad else b"none"))
                if bad or made.batch.body != f"{mine}one".encode():
                    wrong.append(mine)
            except GuestError as error:
                if not bad or error.failure is not GuestFailure.TRAP:
                    wrong.append(f"{mine} {error}")

    threads = [threading.Thread(target=run, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.mark.anyio
@pytest.mark.parametrize("kept", [False, True], ids=["fresh", "kept"])
async def test_a_message_goes_through_a_gateway(place: Place, kept: bool) -> None:
    refusals = {code: {"status": 422, "title": code} for code in ("too_deep", "not_utf8")}
    described = {"abi": "component", "refusals": refusals, "counters": ["seen"]}
    place.add_guest("component", GUESTS / "component.wat", kept=kept, manifest=described)
    key = place.add_producer("typed", "orders", "component", accept=("application/x-ndjson",))
    async with serving(place) as client:
        body = 'p{"order_id":"one"}\nd\nn{"order_id":"two"}\nrtoo_deep'
        answer = await client.post("orders", body, key, content_type="application/x-ndjson")
        assert answer.status_code == 200, answer.text
        assert (answer.json()["delivered"], answer.json()["dropped"]) == (2, 1)
        assert answer.json()["results"] == [{"index": 3, "status": "refused", "code": "too_deep"}]
        (decision,) = await client.decisions(producer="typed")
        assert decision["plans"][0]["steps"][0]["module"] == "component"
        assert decision["plans"][0]["denied"] == {"component.maskgate.now": 1}
        assert client.place.delivered("crm").count(b"order_id") == 2
        failed = await client.post("orders", "t", key, content_type="application/x-ndjson")
        assert (failed.status_code, failed.json()["code"]) == (422, "guest_trap")
