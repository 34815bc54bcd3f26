"""What BinderHub's clients are told when a build cannot be followed to its end: always something, and what it is."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest
from tests.unit.entrypoints.http.conftest import Make, World, until
from tests.unit.entrypoints.http.test_binder import ASKED, built, events

from repo2docker_service.adapters.registries.memory import InMemoryRegistry
from repo2docker_service.domain.errors import BuilderUnavailable, BuildNotFound, LogCollected
from repo2docker_service.domain.models import Reason
from repo2docker_service.entrypoints.http.event_stream import Pace


@pytest.fixture
def binder(make_world: Make) -> World:
    return make_world(binder_api=True)


def failing(error: Exception) -> Callable[..., Awaitable[object]]:
    async def fail(*_: object, **__: object) -> None:
        raise error

    return fail


def unreadable(world: World, error: Exception) -> None:
    """Let no log be read."""

    async def read_log(*_: object, **__: object) -> AsyncIterator[object]:
        yield await failing(error)()

    world.builder.read_log = read_log


async def asked(world: World) -> httpx.Response:
    return await world.client("ada").get(ASKED)


async def test_who_may_not_read_on_is_told_so_and_not_that_the_service_stops(make_world: Make) -> None:
    world = make_world(binder_api=True, pace=Pace(flush=0.01, recheck=0.01))
    asking = asyncio.create_task(asked(world))
    await until(lambda: bool(world.app.state.streams.stopping._streams))
    world.services.authorizer.tokens = {}  # type: ignore[attr-defined]

    answer = await asyncio.wait_for(asking, 5)
    told = events(answer)

    assert (told[-1]["phase"], told[-1]["status_code"]) == ("failed", 403)
    assert "token" in told[-1]["message"]
    assert "id:" not in answer.text  # the build goes on


async def test_what_nobody_foresaw_while_a_build_is_followed_is_the_last_that_is_told(
    binder: World, caplog: pytest.LogCaptureFixture
) -> None:
    unreadable(binder, RuntimeError("hidden"))

    answer = await asked(binder)
    told = events(answer)

    assert [each["phase"] for each in told] == ["waiting", "failed"]
    assert told[-1]["status_code"] == 500
    assert "hidden" in caplog.text
    assert "hidden" not in answer.text


async def test_what_nobody_foresaw_before_a_build_begins_is_told(
    binder: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(InMemoryRegistry, "find", failing(RuntimeError("hidden")))

    (told,) = events(await asked(binder))

    assert (told["phase"], told["status_code"]) == ("failed", 500)
    assert "hidden" in caplog.text
    assert "hidden" not in told["message"]


@pytest.mark.parametrize(
    ("error", "status", "ends"), [(BuilderUnavailable("builder", "gone"), 503, False), (BuildNotFound("x"), 404, True)]
)
async def test_only_what_ends_a_build_is_told_with_the_id_of_an_end(
    binder: World, error: Exception, status: int, ends: bool
) -> None:
    unreadable(binder, error)

    answer = await asked(binder)
    told = events(answer)

    assert [each["phase"] for each in told] == ["waiting", "failed"]
    assert told[-1]["status_code"] == status
    assert ("id: end" in answer.text) is ends


@pytest.mark.parametrize("error", [BuilderUnavailable("builder", "gone"), LogCollected("x"), RuntimeError()])
async def test_of_a_build_that_has_ended_it_is_told_how_even_where_its_log_cannot_be_read(
    binder: World, error: Exception
) -> None:
    ended = (await built(binder, reason=Reason.BUILD_FAILED))[-1]
    unreadable(binder, error)

    answer = await asked(binder)

    assert events(answer) == [ended]
    assert answer.text.endswith("id: end\n\n")
