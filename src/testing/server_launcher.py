# ruff: noqa: D102  # a test's name is its sentence
"""What every server launcher must do, as tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence

import pytest

from repo2docker_service.domain.errors import Forbidden, ServerBusy, ServerNotFound, Unauthenticated
from repo2docker_service.domain.models import Identity, Image
from repo2docker_service.domain.ports import ServerLauncher
from repo2docker_service.domain.servers import Launch, Server, ServerProgress, ServerState

_AT_WORK = (ServerState.STARTING, ServerState.READY)


@pytest.mark.asyncio
class ServerLauncherContract:
    """Subclass this, and define these fixtures.

    Required:
        launcher: a :class:`~repo2docker_service.domain.ports.ServerLauncher` where servers have names.
        who: an :class:`~repo2docker_service.domain.models.Identity` that has no servers yet.
        token: a token of it.
        images: two images that this person may start.
        settle: seconds within which a server has started, and within which one has stopped.

    Optional:
        wrong_token: a token of nobody; without one, what becomes of those is not looked at.
        other: an identity and its token, for whom the same is true as for ``who``.
    """

    @pytest.fixture
    def wrong_token(self) -> str:
        pytest.skip("this launcher does not look at tokens")

    @pytest.fixture
    def other(self) -> tuple[Identity, str] | None:
        return None

    async def test_servers_are_offered(self, launcher: ServerLauncher) -> None:
        assert await launcher.offered()
        assert await launcher.offered()

    async def test_who_started_nothing_has_no_servers(
        self, launcher: ServerLauncher, who: Identity, token: str
    ) -> None:
        assert list(await launcher.list(who, token)) == []

    async def test_a_server_is_started_from_what_is_asked_for(
        self, launcher: ServerLauncher, who: Identity, token: str, images: Sequence[Image]
    ) -> None:
        wanted = Launch(images[0], "one", "A title", "small", "a folder/first.ipynb")

        started = await launcher.start(who, token, wanted)

        assert started.name == "one"
        assert started.state in _AT_WORK
        assert started.image == images[0].launch_reference
        assert (started.title, started.profile, started.path) == ("A title", "small", "a folder/first.ipynb")

    async def test_a_start_goes_on_until_the_server_is_ready(
        self, launcher: ServerLauncher, who: Identity, token: str, images: Sequence[Image], settle: float
    ) -> None:
        await launcher.start(who, token, Launch(images[0], "one"))

        steps = await _steps(launcher.progress(who, token, "one"), settle)
        [server] = await launcher.list(who, token)

        assert [step for step in steps if step.ready or step.failed] == steps[-1:]
        assert steps[-1].ready
        assert all(0 <= step.percent <= 100 for step in steps)
        assert server.state is ServerState.READY
        assert server.url.endswith("/one/")
        assert steps[-1].url == server.url

    async def test_of_a_server_that_is_ready_only_this_is_told(
        self, launcher: ServerLauncher, who: Identity, token: str, images: Sequence[Image], settle: float
    ) -> None:
        await _ready(launcher, who, token, Launch(images[0], "one"), settle)

        [step] = await _steps(launcher.progress(who, token, "one"), settle)

        assert step.ready

    async def test_several_follow_one_start_and_who_leaves_stops_nothing(
        self, launcher: ServerLauncher, who: Identity, token: str, images: Sequence[Image], settle: float
    ) -> None:
        await launcher.start(who, token, Launch(images[0], "one"))
        leaving = launcher.progress(who, token, "one")
        await anext(leaving)
        assert isinstance(leaving, AsyncGenerator), "it must be possible to close it"
        await leaving.aclose()

        followers = [_steps(launcher.progress(who, token, "one"), settle) for _ in range(3)]

        assert all(steps[-1].ready for steps in await asyncio.gather(*followers))

    async def test_the_same_start_again_gives_the_same_server(
        self, launcher: ServerLauncher, who: Identity, token: str, images: Sequence[Image], settle: float
    ) -> None:
        wanted = Launch(images[0], "one")
        first = await launcher.start(who, token, wanted)
        again = await launcher.start(who, token, wanted)
        await _ready(launcher, who, token, wanted, settle)
        ready = await launcher.start(who, token, wanted)

        assert again.started_at == ready.started_at == first.started_at
        assert again.image == ready.image == first.image
        assert ready.state is ServerState.READY
        assert len(await launcher.list(who, token)) == 1

    async def test_many_who_start_the_same_at_once_get_one_server(
        self, launcher: ServerLauncher, who: Identity, token: str, images: Sequence[Image]
    ) -> None:
        wanted = Launch(images[0], "one")

        started = await asyncio.gather(*(launcher.start(who, token, wanted) for _ in range(5)))

        assert {server.image for server in started} == {images[0].launch_reference}
        assert len(await launcher.list(who, token)) == 1

    async def test_a_name_that_is_taken_by_another_image_is_busy(
        self, launcher: ServerLauncher, who: Identity, token: str, images: Sequence[Image], settle: float
    ) -> None:
        await launcher.start(who, token, Launch(images[0], "one"))
        with pytest.raises(ServerBusy):
            await launcher.start(who, token, Launch(images[1], "one"))
        await _ready(launcher, who, token, Launch(images[0], "one"), settle)
        with pytest.raises(ServerBusy) as caught:
            await launcher.start(who, token, Launch(images[1], "one"))

        assert caught.value.server == "one"
        assert [server.image for server in await launcher.list(who, token)] == [images[0].launch_reference]

    async def test_each_name_has_a_server_of_its_own(
        self, launcher: ServerLauncher, who: Identity, token: str, images: Sequence[Image]
    ) -> None:
        await launcher.start(who, token, Launch(images[0], "one"))
        await launcher.start(who, token, Launch(images[1], "two"))
        await launcher.start(who, token, Launch(images[1]))

        servers = {server.name: server.image for server in await launcher.list(who, token)}

        first, second = (image.launch_reference for image in images[:2])
        assert servers == {"one": first, "two": second, "": second}

    @pytest.mark.parametrize("name", ["one", ""])
    async def test_a_server_that_was_stopped_is_gone_and_can_be_started_from_another_image(
        self, launcher: ServerLauncher, who: Identity, token: str, images: Sequence[Image], settle: float, name: str
    ) -> None:
        await _ready(launcher, who, token, Launch(images[0], name, path="old"), settle)

        await launcher.stop(who, token, name)
        await _gone(launcher, who, token, settle)
        with pytest.raises(ServerNotFound):
            await _steps(launcher.progress(who, token, name), settle)
        anew = await launcher.start(who, token, Launch(images[1], name))

        assert (anew.image, anew.path) == (images[1].launch_reference, "")

    @pytest.mark.parametrize("name", ["one", ""])
    async def test_what_is_not_there_is_not_found(
        self, launcher: ServerLauncher, who: Identity, token: str, settle: float, name: str
    ) -> None:
        with pytest.raises(ServerNotFound):
            await launcher.stop(who, token, name)
        with pytest.raises(ServerNotFound):
            await _steps(launcher.progress(who, token, name), settle)

    async def test_servers_of_others_are_not_seen_and_not_stopped(
        self,
        launcher: ServerLauncher,
        who: Identity,
        token: str,
        other: tuple[Identity, str] | None,
        images: Sequence[Image],
    ) -> None:
        if other is None:
            pytest.skip("there is nobody else")
        await launcher.start(who, token, Launch(images[0], "one"))

        assert list(await launcher.list(*other)) == []
        with pytest.raises(ServerNotFound):
            await launcher.stop(*other, "one")
        assert len(await launcher.list(who, token)) == 1

    async def test_a_token_of_nobody_or_of_somebody_else_is_good_for_nothing(
        self,
        launcher: ServerLauncher,
        who: Identity,
        wrong_token: str,
        other: tuple[Identity, str] | None,
        images: Sequence[Image],
        settle: float,
    ) -> None:
        wrong = [wrong_token, "\udcff"] if other is None else [wrong_token, "\udcff", other[1]]
        for each in wrong:
            for call in (
                lambda used=each: launcher.list(who, used),
                lambda used=each: launcher.start(who, used, Launch(images[0], "one")),
                lambda used=each: launcher.stop(who, used, "one"),
                lambda used=each: _steps(launcher.progress(who, used, "one"), settle),
            ):
                with pytest.raises((Unauthenticated, Forbidden)):
                    await call()


async def _steps(progress: AsyncIterator[ServerProgress], settle: float) -> list[ServerProgress]:
    async with asyncio.timeout(settle):
        return [step async for step in progress]


async def _ready(launcher: ServerLauncher, who: Identity, token: str, wanted: Launch, settle: float) -> Server:
    await launcher.start(who, token, wanted)
    await _steps(launcher.progress(who, token, wanted.server_name), settle)
    [server] = [each for each in await launcher.list(who, token) if each.name == wanted.server_name]
    return server


async def _gone(launcher: ServerLauncher, who: Identity, token: str, settle: float) -> None:
    async with asyncio.timeout(settle):
        while True:
            if not await launcher.list(who, token):
                return
            await asyncio.sleep(0.1)
