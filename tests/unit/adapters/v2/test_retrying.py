"""Calls are tried again when that may help, after a wait, and never when it may do harm."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from tests.unit.adapters.v2.asking import Clock

from repo2docker_service.adapters.registries.v2.errors import (
    BadAnswer,
    ConnectionFailed,
    NotFound,
    Refused,
    RegistryError,
    Unauthorized,
)
from repo2docker_service.adapters.registries.v2.transport.http import Answer, Headers
from repo2docker_service.adapters.registries.v2.transport.refusals import refusal
from repo2docker_service.adapters.registries.v2.transport.retrying import Retrying


def refused(status: int, **headers: str) -> RegistryError:
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return refusal(Answer(status, Headers(named), b"", "https://registry.example/v2/"))


class Failing:
    """Fails so and so, and then succeeds."""

    def __init__(self, *errors: RegistryError) -> None:
        self.errors = list(errors)
        self.calls = 0

    async def __call__(self) -> str:
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return "done"


MAY_PASS = [
    *(lambda status=status: refused(status) for status in (408, 429, 500, 502, 503, 504)),
    lambda: ConnectionFailed("broken", again=True, ambiguous=True),
]
WILL_NOT_PASS = [
    *(lambda status=status: refused(status) for status in (400, 401, 403, 404, 405, 409, 501)),
    lambda: ConnectionFailed("not trusted"),
    lambda: BadAnswer("nonsense"),
]


@pytest.mark.parametrize("error", MAY_PASS)
async def test_what_may_pass_is_tried_again(error: Callable[[], RegistryError]) -> None:
    """Case 55."""
    clock, call = Clock(), Failing(error(), error())

    assert await Retrying(clock.retries).call(call) == "done"
    assert call.calls == 3
    assert 0.125 <= clock.slept[0] <= 0.375
    assert 0.25 <= clock.slept[1] <= 0.75


@pytest.mark.parametrize("error", WILL_NOT_PASS)
async def test_what_will_not_pass_is_tried_once(error: Callable[[], RegistryError]) -> None:
    clock, call = Clock(), Failing(error())

    with pytest.raises(RegistryError):
        await Retrying(clock.retries).call(call)
    assert (call.calls, clock.slept) == (1, [])


async def test_four_tries_are_enough() -> None:
    clock, call = Clock(), Failing(*[refused(503) for _ in range(9)])

    with pytest.raises(Refused):
        await Retrying(clock.retries).call(call)
    assert (call.calls, len(clock.slept)) == (4, 3)


@pytest.mark.parametrize(
    ("error", "calls"),
    [
        (ConnectionFailed("broken", again=True, ambiguous=True), 1),
        (refused(500), 1),
        (refused(502), 1),
        (refused(504), 1),
        (ConnectionFailed("nothing answers", again=True), 2),
        (refused(429), 2),
        (refused(503), 2),
    ],
)
async def test_what_may_have_been_done_is_not_done_twice_unless_it_may_be(error: RegistryError, calls: int) -> None:
    call = Failing(error)

    await asyncio.gather(Retrying(Clock().retries).call(call, repeatable=False), return_exceptions=True)

    assert call.calls == calls


@pytest.mark.parametrize(
    ("said", "least", "most"),
    [
        ("7", 7, 7.5),
        ("0", 0.125, 0.375),
        (timedelta(seconds=40), 30, 41),
        (-timedelta(days=400), 0.125, 0.375),
        (timedelta(days=400), 60, 60.5),
        ("9" * 400, 60, 60.5),
        ("-5", 0.125, 0.375),
        ("soon", 0.125, 0.375),
        ("", 0.125, 0.375),
    ],
)
async def test_the_pause_that_a_registry_asks_for_is_made_within_reason(
    said: str | timedelta, least: float, most: float
) -> None:
    """Case 56: seconds, dates, and nonsense."""
    header = format_datetime(datetime.now(UTC) + said, usegmt=True) if isinstance(said, timedelta) else said
    clock, call = Clock(), Failing(refused(429, Retry_After=header))

    assert await Retrying(clock.retries).call(call) == "done"
    assert least <= sum(clock.slept) <= most


async def test_all_calls_share_a_pause() -> None:
    clock = Clock()
    retrying = Retrying(clock.retries)
    with pytest.raises(NotFound):
        await retrying.call(Failing(refused(503, Retry_After="20"), refused(404)))
    begun = clock.now = clock.now - 5

    await retrying.call(Failing())

    assert 4 < clock.now - begun < 6


async def test_patience_ends_before_the_tries_do() -> None:
    clock, call = Clock(), Failing(*[refused(503, Retry_After="60") for _ in range(9)])

    with pytest.raises(Refused):
        await Retrying(clock.retries).call(call)
    assert call.calls == 3


async def test_a_refusal_names_its_status_and_kind() -> None:
    for status, kind in ((401, Unauthorized), (403, Unauthorized), (404, NotFound), (405, Refused)):
        with pytest.raises(kind) as caught:
            await Retrying(Clock().retries).call(Failing(refused(status)))
        assert caught.value.status == status
