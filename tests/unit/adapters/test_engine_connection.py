"""An engine's errors come in our words, and its connections are given back."""

import asyncio
from collections.abc import AsyncIterator
from http import HTTPStatus
from pathlib import Path

import aiohttp
import pytest
from aiodocker.exceptions import DockerError
from tests.unit.adapters.docker.raw_engine import LoggingEngine, Written

from repo2docker_service.adapters.engine.connection import DEFAULT_URL, EngineConnection, default_url
from repo2docker_service.domain.errors import BuilderUnavailable, RegistryUnavailable, Unavailable

LOGS = "containers/x/logs"


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[LoggingEngine]:
    async with LoggingEngine(str(tmp_path / "engine")).listening() as engine:
        yield engine


@pytest.fixture
async def connection(tmp_path: Path) -> AsyncIterator[EngineConnection]:
    connection = EngineConnection(f"unix://{tmp_path / 'engine'}")
    yield connection
    await connection.close()


async def test_answers_are_read_as_json(engine: LoggingEngine, connection: EngineConnection) -> None:
    assert await connection.json("version") == {"ApiVersion": "1.41"}


@pytest.mark.parametrize("status", [HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT, HTTPStatus.INTERNAL_SERVER_ERROR])
async def test_a_refusal_keeps_its_status_and_words(
    engine: LoggingEngine, connection: EngineConnection, status: int
) -> None:
    engine.status = status

    for ask in (connection.json, connection.head):
        with pytest.raises(DockerError) as refused, connection.errors():
            await ask("containers/y/json")
        assert refused.value.status == status
    with pytest.raises(DockerError, match="in its own words"):
        await connection.json("containers/y/json")


async def test_a_refusal_where_none_should_be_is_told_in_the_engines_words(
    engine: LoggingEngine, connection: EngineConnection
) -> None:
    with pytest.raises(BuilderUnavailable, match=r"it refuses: .*in its own words"), connection.refusals():
        await connection.json("containers/y/json")


@pytest.mark.parametrize("kind", [BuilderUnavailable, RegistryUnavailable])
async def test_an_engine_that_is_not_there_is_unavailable(tmp_path: Path, kind: type[Unavailable]) -> None:
    connection = EngineConnection(f"unix://{tmp_path / 'nobody'}", kind)

    with pytest.raises(kind, match="nothing listens"), connection.errors():
        await connection.json("containers/json")
    with pytest.raises(kind), connection.errors("registry"):
        await connection.docker.containers.list()

    await connection.close()


async def test_an_engine_that_went_away_is_unavailable_and_found_again(
    tmp_path: Path, connection: EngineConnection
) -> None:
    engine = LoggingEngine(str(tmp_path / "engine"))
    async with engine.listening():
        await connection.json("version")

    with pytest.raises(BuilderUnavailable), connection.errors():
        await connection.json("version")
    (tmp_path / "engine").unlink(missing_ok=True)
    async with engine.listening():
        assert await connection.json("version") == {"ApiVersion": "1.41"}


@pytest.mark.parametrize("error", [aiohttp.ClientPayloadError(), TimeoutError(), ConnectionResetError()])
def test_a_connection_that_breaks_is_unavailable(error: Exception) -> None:
    with pytest.raises(BuilderUnavailable, match="the connection broke") as told, EngineConnection("x").errors():
        raise error

    assert told.value.__cause__ is error


def test_errors_of_our_own_pass() -> None:
    with pytest.raises(ValueError, match="ours"), EngineConnection("x").errors():
        raise ValueError("ours")


async def test_a_stream_that_is_left_early_gives_its_connection_back(
    engine: LoggingEngine, connection: EngineConnection
) -> None:
    engine.write(Written(0, "line\n"))
    flags = {"tail": "all", "follow": "1"}
    for _ in range(3):
        async with connection.get(LOGS, **flags) as response:
            await response.content.readany()
            assert engine.open >= 1

    await engine.until(lambda: engine.open <= 1)


async def test_a_stream_whose_reader_is_cancelled_gives_its_connection_back(
    engine: LoggingEngine, connection: EngineConnection
) -> None:
    async def follow() -> None:
        async with connection.get(LOGS, tail="all", follow="1") as response:
            await response.content.readany()

    await connection.json("version")  # else each asks for it first, by a connection that is kept
    followers = [asyncio.create_task(follow()) for _ in range(5)]
    await engine.until(lambda: len(engine.asked) == 5)

    for follower in followers:
        follower.cancel()
    await asyncio.gather(*followers, return_exceptions=True)

    await engine.until(lambda: engine.open <= 1)
    await connection.close()
    await engine.until(lambda: engine.open <= 0)


async def test_many_followers_block_nobody_else(engine: LoggingEngine, connection: EngineConnection) -> None:
    async def follow() -> None:
        async with connection.get(LOGS, tail="all", follow="1") as response:
            await response.content.readany()

    await connection.json("version")  # else each asks for it first, by a connection that is kept
    followers = [asyncio.create_task(follow()) for _ in range(120)]
    await engine.until(lambda: len(engine.asked) == 120)

    assert await connection.json("version") == {"ApiVersion": "1.41"}

    engine.write(Written(0, "line\n"))
    await asyncio.gather(*followers)


async def test_a_connection_opens_again_after_it_was_closed(
    engine: LoggingEngine, connection: EngineConnection
) -> None:
    await connection.json("version")
    await connection.close()
    await connection.close()

    assert await connection.json("version") == {"ApiVersion": "1.41"}


@pytest.mark.parametrize(("variable", "url"), [(None, DEFAULT_URL), ("", DEFAULT_URL), ("tcp://a:1", "tcp://a:1")])
def test_the_engine_of_other_docker_programs_is_used(
    monkeypatch: pytest.MonkeyPatch, variable: str | None, url: str
) -> None:
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    if variable is not None:
        monkeypatch.setenv("DOCKER_HOST", variable)

    assert default_url() == url
