"""The launcher and a real Hub: starts that take long, are refused, fail, and a Hub that does not answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from tests.integration.hub.conftest import OPEN_TOKEN, Behind
from tests.integration.hub.launching_hub import (
    ACTIVE_LIMIT,
    NAMED_LIMIT,
    QUIET_TOKEN,
    TOKEN,
    clear,
    image,
    launching_hub,
    person,
)
from tools.parts.hub import RunningHub

from repo2docker_service.adapters.launchers.jupyterhub.launcher import JupyterHubServerLauncher
from repo2docker_service.domain.errors import (
    Forbidden,
    InvalidInput,
    LauncherUnavailable,
    LaunchRefused,
    ServerNotFound,
    TooManyServers,
)
from repo2docker_service.domain.models import Identity, Image
from repo2docker_service.domain.servers import Launch, ServerProgress, ServerState
from repo2docker_service.testing.server_launcher import ServerLauncherContract

ALICE = person("alice")
PEOPLE = ("alice", "ben")


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHub]:
    with launching_hub(tmp_path_factory.mktemp("launching")) as hub:
        yield hub


@pytest.fixture(scope="module")
def tokens(hub: RunningHub) -> dict[str, str]:
    return {name: hub.token(name) for name in PEOPLE}


@pytest.fixture(autouse=True)
def _no_servers(hub: RunningHub) -> Iterator[None]:
    yield
    clear(hub, *PEOPLE)


def launcher_for(url: str, token: str, **settings: object) -> JupyterHubServerLauncher:
    return JupyterHubServerLauncher(api_url=url, api_token=token, **settings)


@pytest.fixture
async def launcher(hub: RunningHub) -> AsyncIterator[JupyterHubServerLauncher]:
    async with launcher_for(hub.api_url, TOKEN) as launcher:
        yield launcher


@pytest.fixture
def token(tokens: dict[str, str]) -> str:
    return tokens["alice"]


class TestJupyterHubServerLauncher(ServerLauncherContract):
    @pytest.fixture
    def who(self) -> Identity:
        return ALICE

    @pytest.fixture
    def other(self, tokens: dict[str, str]) -> tuple[Identity, str]:
        return person("ben"), tokens["ben"]

    @pytest.fixture
    def wrong_token(self) -> str:
        return "no-token-of-anybody"

    @pytest.fixture
    def images(self) -> list[Image]:
        return [image("plain"), image("slow")]

    @pytest.fixture
    def settle(self) -> float:
        return 60.0


async def steps_of(launcher: JupyterHubServerLauncher, token: str, name: str = "one") -> list[ServerProgress]:
    async with asyncio.timeout(60):
        return [step async for step in launcher.progress(ALICE, token, name)]


def names(hub: RunningHub, user: str = "alice") -> set[str]:
    """Give the servers that the Hub keeps of somebody, running or not."""
    return set(hub.ask("GET", f"/users/{user}?include_stopped_servers=1").body["servers"]) - {""}


async def test_a_slow_start_is_answered_before_its_end_and_told_as_it_goes_on(
    launcher: JupyterHubServerLauncher, token: str
) -> None:
    started = await launcher.start(ALICE, token, Launch(image("slow"), "one"))
    steps = await steps_of(launcher, token)

    assert started.state is ServerState.STARTING
    assert "Looking for <b>room</b>" in [step.message for step in steps]
    assert [step.percent for step in steps if not step.ready] == sorted(step.percent for step in steps[:-1])
    assert all(len(step.message) <= 300 and step.message.isprintable() for step in steps)
    assert steps[-1] == ServerProgress(100, steps[-1].message, ready=True, url="/jhub/user/alice/one/")


@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        ("refused", "The hub does not start this image for you"),
        ("hooked", "No servers on Sundays"),
        ("failing", "The hub did not start the server"),
    ],
)
async def test_a_refused_start_says_what_to_do_and_leaves_nothing(
    launcher: JupyterHubServerLauncher, hub: RunningHub, token: str, word: str, sentence: str
) -> None:
    with pytest.raises(LaunchRefused, match=sentence) as caught:
        await launcher.start(ALICE, token, Launch(image(word), "one"))

    assert "secret-" not in str(caught.value)
    assert names(hub) == set()


async def test_a_refused_start_leaves_a_server_that_was_there_before(
    launcher: JupyterHubServerLauncher, hub: RunningHub, token: str
) -> None:
    assert hub.ask("PUT", "/users/alice/servers/one", {}).status == 201

    with pytest.raises(LaunchRefused):
        await launcher.start(ALICE, token, Launch(image("refused"), "one"))

    assert names(hub) == {"one"}
    assert [(each.name, each.state) for each in await launcher.list(ALICE, token)] == [("one", ServerState.STOPPED)]


async def test_a_start_that_fails_later_is_told_by_its_progress(launcher: JupyterHubServerLauncher, token: str) -> None:
    await launcher.start(ALICE, token, Launch(image("slow-and-late"), "one"))
    first = await steps_of(launcher, token)
    again = await steps_of(launcher, token)

    assert first[-1].failed
    assert again[-1].failed
    await launcher.start(ALICE, token, Launch(image("plain"), "one"))
    assert (await steps_of(launcher, token))[-1].ready


async def test_a_server_that_ends_at_once_was_not_started(launcher: JupyterHubServerLauncher, token: str) -> None:
    try:
        await launcher.start(ALICE, token, Launch(image("ending"), "one"))
    except LaunchRefused:
        return
    assert (await steps_of(launcher, token))[-1].failed


async def test_a_name_that_the_hub_does_not_take_is_refused(
    launcher: JupyterHubServerLauncher, hub: RunningHub, token: str
) -> None:
    for name in ("Upper", "-", "a--b", "a" * 31, "a/b", "ä"):
        with pytest.raises(InvalidInput) as caught:
            await launcher.start(ALICE, token, Launch(image("plain"), name))
        assert caught.value.field == "server_name"

    assert names(hub) == set()


async def test_a_stopped_server_starts_with_the_options_of_now(
    launcher: JupyterHubServerLauncher, hub: RunningHub, token: str
) -> None:
    old = {"image": "old", "path": "old", "profile": "old"}
    assert hub.ask("PUT", "/users/alice/servers/one", {"user_options": old}).status == 201

    started = await launcher.start(ALICE, token, Launch(image("plain"), "one"))

    assert (started.image, started.path, started.profile) == (image("plain").launch_reference, "", "")


async def test_one_person_has_as_many_named_servers_as_the_hub_allows_and_all_as_many_as_it_can(
    launcher: JupyterHubServerLauncher, tokens: dict[str, str], hub: RunningHub
) -> None:
    for number in range(NAMED_LIMIT):
        await launcher.start(ALICE, tokens["alice"], Launch(image("plain"), f"number-{number}"))
    with pytest.raises(TooManyServers, match=str(NAMED_LIMIT)) as own:
        await launcher.start(ALICE, tokens["alice"], Launch(image("plain"), "another"))
    for _ in range(ACTIVE_LIMIT - NAMED_LIMIT):
        await launcher.start(ALICE, tokens["alice"], Launch(image("plain")))
    with pytest.raises(TooManyServers) as everybody:
        await launcher.start(person("ben"), tokens["ben"], Launch(image("plain"), "one"))

    assert own.value.retry_after is None
    assert everybody.value.retry_after
    assert names(hub, "ben") == set()


async def test_a_start_can_be_stopped_before_it_has_ended(launcher: JupyterHubServerLauncher, token: str) -> None:
    await launcher.start(ALICE, token, Launch(image("slow"), "one"))
    following = asyncio.create_task(steps_of(launcher, token))
    await asyncio.sleep(0.2)
    await launcher.stop(ALICE, token, "one")

    # The Hub takes it for ready for a moment, when it has given up starting it and not yet stopped it.
    assert (await following)[-1].percent == 100
    async with asyncio.timeout(30):
        while await launcher.list(ALICE, token):  # noqa: ASYNC110  # nothing tells of it
            await asyncio.sleep(0.1)


async def test_a_name_of_another_time_can_be_stopped(
    launcher: JupyterHubServerLauncher, hub: RunningHub, token: str
) -> None:
    assert hub.ask("PUT", "/users/alice/servers/one", {}).status == 201

    with pytest.raises(ServerNotFound):
        await steps_of(launcher, token)
    await launcher.stop(ALICE, token, "one")

    assert names(hub) == set()


@pytest.mark.parametrize(
    ("scopes", "missing"),
    [
        (["read:servers!user"], "start:servers!user"),
        (["start:servers!user"], "read:servers!user"),
        (["access:servers!user"], "read:servers!user"),
        (["read:users:name!user"], "read:servers!user"),
    ],
)
async def test_a_scope_that_the_token_lacks_is_named(
    launcher: JupyterHubServerLauncher, hub: RunningHub, scopes: list[str], missing: str
) -> None:
    narrow = hub.token("alice", *scopes)

    with pytest.raises(Forbidden) as caught:
        await launcher.start(ALICE, narrow, Launch(image("plain"), "one"))

    assert caught.value.scope == missing
    assert names(hub) == set()


async def test_who_may_only_start_stops_nothing(
    launcher: JupyterHubServerLauncher, hub: RunningHub, token: str
) -> None:
    narrow = hub.token("alice", "read:servers!user", "start:servers!user")
    await launcher.start(ALICE, narrow, Launch(image("plain"), "one"))

    with pytest.raises(Forbidden) as caught:
        await launcher.stop(ALICE, narrow, "one")

    assert caught.value.scope == "delete:servers!user"
    assert names(hub) == {"one"}


async def test_a_hub_that_does_not_answer_is_told(hub: RunningHub, token: str) -> None:
    async with launcher_for(hub.api_url, TOKEN, timeout=1.0) as launcher:
        await launcher.start(ALICE, token, Launch(image("plain"), "one"))
        hub.freeze()
        try:
            for asked in (
                launcher.list(ALICE, token),
                launcher.start(ALICE, token, Launch(image("plain"), "two")),
                launcher.stop(ALICE, token, "one"),
                steps_of(launcher, token),
            ):
                with pytest.raises(LauncherUnavailable):
                    await asked
            unknown = await launcher.offered()
        finally:
            hub.thaw()
        assert unknown
        assert [each.name for each in await launcher.list(ALICE, token)] == ["one"]


async def test_what_the_hub_starts_servers_with_is_found_out(hub: RunningHub, behind: Behind) -> None:
    offered = []
    for url, token in ((hub.api_url, TOKEN), (hub.api_url, QUIET_TOKEN), (behind.hub.api_url, OPEN_TOKEN)):
        async with launcher_for(url, token) as launcher:
            offered.append(await launcher.offered())

    # The second is not to launch; the third is at a Hub that starts no images.
    assert offered == [True, False, False]


async def test_a_hub_without_named_servers_is_told_apart(tmp_path_factory: pytest.TempPathFactory) -> None:
    lines = "c.JupyterHub.allow_named_servers = False\nc.JupyterHub.subdomain_host = 'http://hub.example'\n"
    with launching_hub(tmp_path_factory.mktemp("nameless"), lines, base_url="/") as hub:
        token = hub.token("alice")
        async with launcher_for(hub.api_url, TOKEN) as launcher:
            with pytest.raises(LaunchRefused, match="Servers have no names"):
                await launcher.start(ALICE, token, Launch(image("plain"), "one"))
            await launcher.start(ALICE, token, Launch(image("plain")))
            [*_, last] = await steps_of(launcher, token, "")
            [server] = await launcher.list(ALICE, token)

    assert last.url == server.url == "http://alice.hub.example/user/alice/"
