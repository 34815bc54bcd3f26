"""How often one may ask, and how much one may read at once."""

from contextlib import ExitStack

import pytest
from tests.unit.domain.people import ADA, BOB

from repo2docker_service.domain import rates
from repo2docker_service.domain.errors import TooManyRequests
from repo2docker_service.domain.models import Owner, OwnerKind
from repo2docker_service.domain.rates import Rates, Readers


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def asked(counted: Rates, owner: Owner, times: int) -> int:
    """Ask so many times, and give how many were allowed."""
    allowed = 0
    for _ in range(times):
        try:
            counted.count(owner)
        except TooManyRequests:
            continue
        allowed += 1
    return allowed


def test_so_many_may_come_at_once_and_as_many_again_within_a_minute() -> None:
    clock = Clock()
    counted = Rates(60, clock)

    assert asked(counted, ADA, 100) == 60
    clock.now += 10
    assert asked(counted, ADA, 100) == 10
    clock.now += 3600
    assert asked(counted, ADA, 100) == 60


def test_who_is_refused_is_told_when_to_ask_again_and_then_is_answered() -> None:
    clock = Clock()
    counted = Rates(2, clock)
    asked(counted, ADA, 2)
    with pytest.raises(TooManyRequests) as refused:
        counted.count(ADA)
    clock.now += refused.value.retry_after

    assert refused.value.retry_after == 30
    assert str(refused.value) == "user:ada may send 2 requests in a minute. Try again in 30 seconds."
    assert asked(counted, ADA, 1) == 1


def test_to_ask_in_vain_costs_nothing_more() -> None:
    clock = Clock()
    counted = Rates(60, clock)
    asked(counted, ADA, 1000)
    clock.now += 1

    assert asked(counted, ADA, 10) == 1


def test_nobody_asks_at_the_cost_of_another() -> None:
    counted = Rates(60, Clock())
    asked(counted, ADA, 100)

    assert asked(counted, BOB, 100) == 60


def test_no_limit_is_none() -> None:
    assert asked(Rates(0, Clock()), ADA, 10_000) == 10_000


def test_however_many_ask_only_the_latest_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "_MOST_KNOWN", 3)
    counted = Rates(1, Clock())
    for number in range(50):
        assert asked(counted, Owner(OwnerKind.USER, str(number)), 1) == 1

    assert len(counted._left) == 3
    assert asked(counted, Owner(OwnerKind.USER, "49"), 1) == 0


def test_who_goes_on_asking_is_not_forgotten_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "_MOST_KNOWN", 3)
    counted = Rates(1, Clock())
    asked(counted, ADA, 1)

    for number in range(50):
        asked(counted, Owner(OwnerKind.USER, str(number)), 1)
        assert asked(counted, ADA, 1) == 0


def test_a_place_is_free_again_when_its_reader_leaves() -> None:
    readers = Readers(2)
    with ExitStack() as stack:
        stack.enter_context(readers.place(ADA))
        stack.enter_context(readers.place(ADA))
        with pytest.raises(TooManyRequests, match="user:ada may read 2 logs"), readers.place(ADA):
            pass
        stack.enter_context(readers.place(BOB))

    with readers.place(ADA), readers.place(ADA):
        pass
    assert not readers._reading


def test_a_reader_who_fails_leaves_its_place() -> None:
    readers = Readers(1)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), readers.place(ADA):
            raise ZeroDivisionError


def test_without_a_limit_there_is_always_a_place() -> None:
    readers = Readers(0)
    with ExitStack() as stack:
        for _ in range(1000):
            stack.enter_context(readers.place(ADA))
