"""What a hub is asked when somebody starts a server, and what comes of it."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import Any

import httpx
import pytest
from tests.unit.adapters.hub.launching import (
    ADA,
    HUB_5,
    LAUNCHED,
    OPTIONS,
    REFERENCE,
    STARTING,
    STOPPED,
    STOPPING,
    TOKEN,
    made,
    refused,
    server,
    servers,
    taken,
    wish,
)
from tests.unit.adapters.hub.played_hub import PlayedHub, Said

from repo2docker_service.adapters.launchers.jupyterhub import launcher as launcher_module
from repo2docker_service.adapters.launchers.jupyterhub.launcher import JupyterHubServerLauncher
from repo2docker_service.domain.errors import (
    LauncherUnavailable,
    LaunchRefused,
    ServerBusy,
    ServerNotFound,
    Unauthenticated,
)
from repo2docker_service.domain.models import Identity, OwnerKind
from repo2docker_service.domain.naming import image_id
from repo2docker_service.domain.servers import ServerState


async def test_a_server_starts_with_all_that_is_asked_for(launcher: JupyterHubServerLauncher, hub: PlayedHub) -> None:
    options = {"image": REFERENCE, "profile": "small", "path": "a.ipynb"}
    hub.says = [servers(), taken(201), servers(server(user_options=options))]

    started = await launcher.start(
        ADA, TOKEN, wish(title="A \u202etitle \n of e\u0301", profile="small", path="a.ipynb")
    )

    body = {"user_options": options, "display_name": "A title of \u00e9"}
    assert hub.sent() == [("POST", "/users/ada/servers/one", body)]
    assert (started.image, started.state) == (REFERENCE, ServerState.READY)


@pytest.fixture
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a start be waited for hardly at all."""
    monkeypatch.setattr(launcher_module, "_AT_ONCE", 0.01)


@pytest.mark.usefixtures("_impatient")
async def test_a_start_is_shown_while_the_hub_still_holds_its_answer(
    launcher: JupyterHubServerLauncher, hub: PlayedHub
) -> None:
    begun = servers(server(**STARTING))
    hub.says = [servers(), replace(taken(201), takes=30), begun, begun]

    async with asyncio.timeout(5):
        started = await launcher.start(ADA, TOKEN, wish())

    assert started.state is ServerState.STARTING
    async with asyncio.timeout(5):
        await launcher.__aexit__()


@pytest.mark.usefixtures("_impatient")
async def test_a_refusal_that_comes_late_is_told_where_the_hub_has_begun_nothing(
    launcher: JupyterHubServerLauncher, hub: PlayedHub
) -> None:
    hub.says = [servers(), replace(refused(400, "Image is not in allowed list"), takes=0.2), servers(), servers()]

    with pytest.raises(LaunchRefused, match="does not start this image"):
        await launcher.start(ADA, TOKEN, wish())


async def test_a_hub_before_6_is_sent_the_options_alone(launcher: JupyterHubServerLauncher, hub: PlayedHub) -> None:
    hub.says = [servers(headers=HUB_5), taken(202, HUB_5), servers(server(**STARTING), headers=HUB_5)]

    await launcher.start(ADA, TOKEN, wish(title="A title"))

    assert hub.sent() == [("POST", "/users/ada/servers/one", OPTIONS)]


async def test_the_server_without_a_name_has_no_title(launcher: JupyterHubServerLauncher, hub: PlayedHub) -> None:
    hub.says = [servers(), taken(), servers(server("", **STARTING))]

    await launcher.start(ADA, TOKEN, wish("", title="A title"))

    assert hub.sent() == [("POST", "/users/ada/server", {"user_options": OPTIONS})]


async def test_for_kubernetes_the_image_is_a_choice_of_a_profile(hub: PlayedHub) -> None:
    chosen = {"image": image_id(str(wish().image.name)), "profile": "repo2docker-small"}
    launcher = made(hub, spawner_options="kubernetes")
    hub.says = [servers(), taken(), servers()]

    with pytest.raises(LaunchRefused):
        await launcher.start(ADA, TOKEN, wish(profile="small"))

    assert hub.sent() == [("POST", "/users/ada/servers/one", {"user_options": chosen})]

    hub.says = [servers(server(user_options=chosen))]
    [found] = await launcher.list(ADA, TOKEN)
    assert (found.profile, found.image) == ("small", chosen["image"])


async def test_one_that_starts_from_the_same_is_given_as_it_is(
    launcher: JupyterHubServerLauncher, hub: PlayedHub
) -> None:
    hub.says = [servers(server(**STARTING))]

    assert (await launcher.start(ADA, TOKEN, wish())).state is ServerState.STARTING
    assert hub.sent() == []


async def test_of_one_that_is_ready_the_hub_finds_out_whether_it_lives(
    launcher: JupyterHubServerLauncher, hub: PlayedHub
) -> None:
    hub.says = [servers(server()), refused(400, "ada:one is already running"), servers(server())]

    assert (await launcher.start(ADA, TOKEN, wish())).state is ServerState.READY
    assert hub.sent() == LAUNCHED


async def test_what_the_hub_tells_late_is_waited_for(launcher: JupyterHubServerLauncher, hub: PlayedHub) -> None:
    early = server(**STARTING, user_options={"image": "of-the-start-before"})
    hub.says = [servers(early), servers({**early, "user_options": {}}), servers(server(**STARTING))]

    assert (await launcher.start(ADA, TOKEN, wish())).image == REFERENCE


@pytest.mark.parametrize("state", [{}, STARTING, STOPPING])
async def test_one_from_something_else_or_that_stops_is_busy(
    launcher: JupyterHubServerLauncher, hub: PlayedHub, state: dict[str, Any]
) -> None:
    other: dict[str, Any] = {} if state is STOPPING else {"user_options": {"image": "other"}}
    hub.says = [servers(server(**state, **other)) for _ in range(20)]

    with pytest.raises(ServerBusy):
        await launcher.start(ADA, TOKEN, wish())

    assert hub.sent() == []


async def test_a_race_that_another_image_has_won_is_told(launcher: JupyterHubServerLauncher, hub: PlayedHub) -> None:
    other = server(user_options={"image": "other"})
    hub.says = [servers(), refused(400, "ada:one is already running"), servers(other)]

    with pytest.raises(ServerBusy):
        await launcher.start(ADA, TOKEN, wish())

    assert hub.sent() == LAUNCHED


async def test_one_that_ends_at_once_was_not_started(launcher: JupyterHubServerLauncher, hub: PlayedHub) -> None:
    hub.says = [servers(), taken(), servers(server(**STOPPED))]

    with pytest.raises(LaunchRefused, match="ended while it was starting"):
        await launcher.start(ADA, TOKEN, wish())


async def test_an_image_that_nothing_is_started_by_is_refused(
    launcher: JupyterHubServerLauncher, hub: PlayedHub
) -> None:
    nameless = replace(wish(), image=replace(wish().image, launch_reference=""))

    with pytest.raises(LaunchRefused, match="registry"):
        await launcher.start(ADA, TOKEN, nameless)

    assert hub.asked == []


async def test_services_have_no_servers(launcher: JupyterHubServerLauncher, hub: PlayedHub) -> None:
    service = Identity("ci", OwnerKind.SERVICE)

    assert list(await launcher.list(service, TOKEN)) == []
    with pytest.raises(LaunchRefused, match="person"):
        await launcher.start(service, TOKEN, wish())
    with pytest.raises(ServerNotFound):
        await launcher.stop(service, TOKEN, "one")
    with pytest.raises(ServerNotFound):
        await anext(launcher.progress(service, TOKEN, "one"))
    assert hub.asked == []


async def test_no_token_is_logged_or_told(
    launcher: JupyterHubServerLauncher, hub: PlayedHub, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    hub.says = [servers(), refused(500, "bad"), servers(), Said(raises=httpx.ReadError("x")), Said(500), Said(500)]

    told = []
    for asked in (launcher.start(ADA, TOKEN, wish()), launcher.list(ADA, TOKEN), launcher.stop(ADA, TOKEN, "one")):
        with pytest.raises((LaunchRefused, LauncherUnavailable)) as caught:
            await asked
        told.append(f"{caught.value!r} {caught.value} {caught.value.__cause__!r} {caught.value.__context__!r}")

    assert TOKEN not in caplog.text + "".join(told) + repr(launcher) + repr(vars(launcher))
    assert "secret-of-r2d" not in caplog.text + "".join(told) + repr(launcher)


@pytest.mark.parametrize("token", ["", "a b", "\n", "\udcff"])
async def test_what_cannot_be_a_token_is_not_even_sent(
    launcher: JupyterHubServerLauncher, hub: PlayedHub, token: str
) -> None:
    for asked in (launcher.start(ADA, token, wish()), launcher.list(ADA, token), launcher.stop(ADA, token, "one")):
        with pytest.raises(Unauthenticated):
            await asked

    assert hub.asked == []
