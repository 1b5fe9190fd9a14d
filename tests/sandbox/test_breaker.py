"""Circuit breakers, with a clock of the test's."""

from __future__ import annotations

import pytest

from gateway.sandbox.breaker import Breakers

KEY, OTHER = ("shop", "orders"), ("till", "orders")
STEPS = {"digest", "mask"}


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breakers(clock: Clock) -> Breakers:
    return Breakers(3, 1.0, clock)


def fail(breakers: Breakers, times: int = 1) -> None:
    for _ in range(times):
        breakers.failed(KEY, "poor", "digest")


def refused(breakers: Breakers) -> tuple[str, float] | None:
    return breakers.refused(KEY, lambda: STEPS)


def test_it_opens_after_failures_in_a_row_and_for_its_own_route(breakers: Breakers) -> None:
    fail(breakers, 2)
    assert refused(breakers) is None
    fail(breakers)
    assert refused(breakers) == ("poor", 1.0)
    assert breakers.refused(OTHER, lambda: STEPS) is None
    assert breakers.open() == [("shop", "orders", "poor", 1.0)]


def test_a_success_in_between_starts_the_count_anew(breakers: Breakers) -> None:
    fail(breakers, 2)
    breakers.succeeded(KEY)
    fail(breakers, 2)
    assert refused(breakers) is None


def test_failures_of_another_step_start_the_count_anew(breakers: Breakers) -> None:
    fail(breakers, 2)
    breakers.failed(KEY, "other", "mask")
    assert refused(breakers) is None


def test_one_tries_when_the_time_is_up_and_the_others_wait(breakers: Breakers, clock: Clock) -> None:
    fail(breakers, 3)
    clock.now += 1.0
    assert refused(breakers) is None
    assert refused(breakers) == ("poor", 1.0)
    breakers.succeeded(KEY)
    assert refused(breakers) is None
    assert breakers.open() == []


def test_each_failed_try_doubles_the_time_up_to_a_minute(breakers: Breakers, clock: Clock) -> None:
    fail(breakers, 3)
    waits = []
    for _ in range(8):
        waits.append(breakers.open()[0][3])
        clock.now += waits[-1]
        assert refused(breakers) is None
        fail(breakers)
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]


def test_requests_that_were_under_way_dont_count_as_tries(breakers: Breakers) -> None:
    fail(breakers, 100)
    assert breakers.open()[0][3] == 1.0


def test_a_try_that_nothing_became_of_is_followed_by_another(breakers: Breakers, clock: Clock) -> None:
    fail(breakers, 3)
    for _ in range(3):
        clock.now += 1.0
        assert refused(breakers) is None
        assert refused(breakers) == ("poor", 1.0)


def test_another_version_of_the_module_is_tried_at_once(breakers: Breakers) -> None:
    fail(breakers, 3)
    assert breakers.refused(KEY, lambda: {"digest of the new one", "mask"}) is None
    assert breakers.open() == []
