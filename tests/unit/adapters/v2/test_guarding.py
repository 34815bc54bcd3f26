"""Whether everybody can read what is kept in a repository: it is asked for as everybody would."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from tests.unit.adapters.v2.asking import PASSWORD, SOMEBODY, Clock, Known, client_of
from tests.unit.adapters.v2.scripted import Asked, Play, Reply, Server, in_turn, json_of, refusing, serving
from tests.unit.adapters.v2.token_server import Guarded
from tests.unit.adapters.v2.told_registry import name_of

from repo2docker_service.adapters.registries.v2.errors import RegistryError
from repo2docker_service.adapters.registries.v2.inventory.guarding import Guarding

pytestmark = pytest.mark.served

PASSWORD_WANTED = refusing(401, "UNAUTHORIZED", WWW_Authenticate='Basic realm="r"')
ABSENT = refusing(404, "NAME_UNKNOWN")


@asynccontextmanager
async def asking(
    play: Play, *, made_open: bool = False, clock: Clock | None = None
) -> AsyncIterator[tuple[Guarding, Server]]:
    clock = clock or Clock()
    async with (
        serving(play) as server,
        client_of(server.url, clock=clock) as nobody,
        client_of(server.url, Known(SOMEBODY), clock=clock) as ours,
    ):
        yield Guarding(nobody, ours, made_open=made_open, log=logging.getLogger("guard"), clock=clock.time), server


def by_path(manifests: Reply, tags: Reply) -> Play:
    return lambda asked: tags if asked.path.endswith("/tags/list") else manifests


def for_who_shows_a_password(shown: Reply) -> Play:
    return lambda asked: shown if asked.authorization == PASSWORD else PASSWORD_WANTED


@pytest.mark.parametrize(
    ("play", "guarded"),
    [
        (in_turn(json_of({"tags": []})), False),
        (in_turn(ABSENT), False),
        (in_turn(PASSWORD_WANTED), True),
        (in_turn(refusing(403, "DENIED")), True),
        (by_path(PASSWORD_WANTED, ABSENT), False),
        (by_path(ABSENT, PASSWORD_WANTED), False),
    ],
    ids=["all is told", "there is none", "a password is wanted", "denied", "only tags are told", "tags are not told"],
)
async def test_who_is_told_anything_without_credentials_can_read_all(play: Play, guarded: bool) -> None:
    async with asking(play) as (guarding, server):
        assert await guarding.guards(name_of()) is guarded

        assert not any(asked.authorization for asked in server.requests)


@pytest.mark.parametrize(
    ("tokens", "guarded"),
    [
        (Guarded(), False),
        (Guarded(grants=lambda _: []), True),
        (Guarded(admits=lambda asked: bool(asked.authorization)), True),
    ],
    ids=["everybody gets a token that pulls", "or one that does not", "or none"],
)
async def test_what_a_token_for_nobody_opens_is_open(tokens: Guarded, guarded: bool) -> None:
    async with asking(tokens) as (guarding, _):
        assert await guarding.guards(name_of()) is guarded

        assert tokens.token_requests
        assert not any(asked.authorization for asked in tokens.token_requests)


async def test_a_registry_that_does_not_say_is_asked_again() -> None:
    answers = [refusing(500)] * 4 + [PASSWORD_WANTED]
    async with asking(in_turn(*answers)) as (guarding, _):
        with pytest.raises(RegistryError):
            await guarding.guards(name_of())
        assert await guarding.guards(name_of())


async def test_the_answer_is_remembered_for_a_minute_and_for_its_repository_only() -> None:
    clock, opened = Clock(), False

    def play(_: Asked) -> Reply:
        return ABSENT if opened else PASSWORD_WANTED

    async with asking(play, clock=clock) as (guarding, _):
        assert await guarding.guards(name_of())
        opened = True
        clock.now += 59
        assert await guarding.guards(name_of("b" * 40))
        assert not await guarding.guards(name_of(repository="r2d/other"))
        clock.now += 2
        assert not await guarding.guards(name_of())


async def test_a_repository_that_may_be_open_once_it_is_there_has_to_be_there_first(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with asking(for_who_shows_a_password(ABSENT), made_open=True) as (guarding, _):
        assert not await guarding.guards(name_of())
    assert "has no repository r2d/example yet" in caplog.text

    async with asking(for_who_shows_a_password(json_of({"tags": ["one"]})), made_open=True) as (guarding, _):
        assert await guarding.guards(name_of())
    async with asking(for_who_shows_a_password(ABSENT)) as (guarding, _):
        assert await guarding.guards(name_of())
