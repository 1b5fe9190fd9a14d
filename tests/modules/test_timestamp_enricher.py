"""The committed timestamp-enricher.wasm, in the gateway's sandbox under a clock that stands still."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sandboxed import MODULES, ConfigurationRefused, Sandboxed

MODULE = Sandboxed(MODULES / "timestamp-enricher")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Clock:
    """What the host takes its time from: nanoseconds since 1970."""

    now = 0
    asked = 0

    def __call__(self) -> int:
        self.asked += 1
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_the_module_asks_the_host_for_the_clock_alone() -> None:
    imports = {(wanted.module, wanted.name) for wanted in MODULE.module.imports}
    assert imports == {("wasi_snapshot_preview1", "clock_time_get")}


def test_any_time_up_to_the_last_that_a_clock_can_say(clock: Clock) -> None:
    run = MODULE.run({"into": "/at", "precision": "us"}, clock=clock)

    @settings(max_examples=300, deadline=None)
    @given(st.integers(0, 2**64 - 1) | st.integers(0, 253_402_300_799).map(lambda seconds: seconds * 10**9))
    def holds(now: int) -> None:
        clock.now = now % 2**64
        result = run.one("{}")
        assert isinstance(result, bytes)
        expected = EPOCH + timedelta(microseconds=clock.now // 1000)
        assert json.loads(result) == {"at": expected.strftime("%Y-%m-%dT%H:%M:%S.%fZ")}

    holds()


def test_a_batch_has_one_time_and_the_next_batch_another(clock: Clock) -> None:
    run = MODULE.run({"into": "/at", "precision": "s"}, clock=clock)
    clock.asked = 0
    results = run.transform([b"{}"] * 100)
    assert results == [b'{"at":"1970-01-01T00:00:00Z"}\n'] * 100
    assert clock.asked == 1
    clock.now = 10**9
    assert run.one("{}") == b'{"at":"1970-01-01T00:00:01Z"}\n'


def test_without_the_grant_the_configuration_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(MODULE.manifest["capabilities"], "required", [])
    with pytest.raises(ConfigurationRefused, match=r"^configuration: the grant `clock` is needed$"):
        MODULE.run({"into": "/at"})


@pytest.mark.parametrize(
    ("configuration", "error"),
    [
        ({}, "configuration: needs the key `into`"),
        ({"into": ""}, "into: must name a member, at most 64 levels deep"),
        ({"into": "/a", "zone": "UTC"}, "configuration: has no key `zone`; it has into, precision, existing"),
        ({"into": "/a", "existing": 1}, "existing: must be one of refuse, keep, replace"),
    ],
)
def test_a_configuration_that_cannot_be_used_is_refused(configuration: dict[str, Any], error: str) -> None:
    with pytest.raises(ConfigurationRefused) as refused:
        MODULE.run(configuration)
    assert str(refused.value) == error


@settings(max_examples=100, deadline=None)
@given(st.lists(st.binary(max_size=40) | st.text('{}[]",:a\\u0 1e.-', max_size=40).map(str.encode), max_size=5))
def test_any_bytes_pass_or_are_refused(batch: list[bytes]) -> None:
    for result in MODULE.run({"into": "/at"}).transform(batch):
        assert isinstance(result, tuple) or "at" in json.loads(result)  # type: ignore[arg-type]
