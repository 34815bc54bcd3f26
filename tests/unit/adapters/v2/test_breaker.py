"""A registry that is down is left alone, and used again soon after it is back."""

import pytest
from tests.unit.adapters.v2.asking import Clock, client_of
from tests.unit.adapters.v2.scripted import Reply, in_turn, json_of, refusing, serving

from repo2docker_service.adapters.registries.v2.errors import BadAnswer, CircuitOpen, ConnectionFailed, RegistryError
from repo2docker_service.adapters.registries.v2.transport.breaker import Breaker


def fail(breaker: Breaker, *, again: bool = True) -> None:
    with pytest.raises(RegistryError, match="down"), breaker.call():
        raise ConnectionFailed("down", again=again)


def succeed(breaker: Breaker) -> None:
    with breaker.call():
        pass


def test_after_five_failures_in_a_row_no_call_passes_for_ten_seconds() -> None:
    clock = Clock()
    breaker = Breaker(clock.time)
    for _ in range(5):
        fail(breaker)

    for seconds in (0, 9.9):
        clock.now = 1000 + seconds
        with pytest.raises(CircuitOpen) as caught, breaker.call():
            pytest.fail("it passed")
        assert caught.value.again


def test_one_call_passes_then_and_decides_for_all() -> None:
    clock = Clock()
    breaker = Breaker(clock.time)
    for _ in range(5):
        fail(breaker)

    clock.now += 10
    trying = breaker.call()
    trying.__enter__()
    with pytest.raises(CircuitOpen):
        succeed(breaker)
    down = ConnectionFailed("down", again=True)
    assert not trying.__exit__(type(down), down, None)
    with pytest.raises(CircuitOpen):
        succeed(breaker)

    clock.now += 10
    succeed(breaker)
    for _ in range(4):
        fail(breaker)
    succeed(breaker)


def test_a_call_that_never_ends_does_not_keep_others_out_for_ever() -> None:
    clock = Clock()
    breaker = Breaker(clock.time)
    for _ in range(5):
        fail(breaker)

    clock.now += 10
    with pytest.raises(KeyboardInterrupt), breaker.call():
        raise KeyboardInterrupt
    clock.now += 10

    succeed(breaker)


def test_successes_and_clear_refusals_begin_the_count_anew() -> None:
    breaker = Breaker(Clock().time)
    for _ in range(3):
        for _ in range(4):
            fail(breaker)
        succeed(breaker)
        for _ in range(4):
            fail(breaker)
        fail(breaker, again=False)

    with pytest.raises(BadAnswer), breaker.call():
        raise BadAnswer("nonsense")


@pytest.mark.served
async def test_a_registry_that_fails_for_ever_is_not_asked_for_ever() -> None:
    """Case 61, as far as the client goes."""
    clock = Clock()
    async with serving(in_turn(refusing(500))) as server, client_of(server.url, clock=clock) as client:
        for _ in range(9):
            with pytest.raises(RegistryError):
                await client.tags("r")
        assert len(server.requests) == 5 * 4

        server.play = in_turn(json_of({"tags": ["a"]}))
        with pytest.raises(CircuitOpen):
            await client.tags("r")
        clock.now += 10

        assert await client.tags("r") == ["a"]


@pytest.mark.served
async def test_a_registry_that_has_nothing_for_us_is_well() -> None:
    async with serving(in_turn(refusing(404))) as server, client_of(server.url) as client:
        for _ in range(9):
            assert await client.digest("r", "a") is None

        server.play = in_turn(Reply(403))
        for _ in range(9):
            with pytest.raises(RegistryError, match="not allow"):
                await client.digest("r", "a")
