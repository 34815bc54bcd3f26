"""Servers that stop, and starts that are followed to their end, whatever becomes of the stream."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from tests.unit.adapters.hub.launching import (
    ADA,
    STARTING,
    STOPPED,
    STOPPING,
    TOKEN,
    refused,
    server,
    servers,
    stream,
    taken,
)
from tests.unit.adapters.hub.played_hub import PlayedHub, Said

from repo2docker_service.adapters.launchers.jupyterhub.launcher import JupyterHubServerLauncher
from repo2docker_service.domain.errors import (
    Forbidden,
    LauncherUnavailable,
    ServerBusy,
    ServerNotFound,
    ServiceError,
    Unauthenticated,
)
from repo2docker_service.domain.servers import ServerProgress


async def steps(launcher: JupyterHubServerLauncher) -> list[ServerProgress]:
    return [step async for step in launcher.progress(ADA, TOKEN, "one")]


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("one", ("DELETE", "/users/ada/servers/one", {"remove": True})),
        ("", ("DELETE", "/users/ada/server", {})),
    ],
)
@pytest.mark.parametrize("status", [202, 204])
async def test_one_with_a_name_is_removed_too(
    launcher: JupyterHubServerLauncher, hub: PlayedHub, name: str, sent: object, status: int
) -> None:
    hub.says = [servers(server(name)), taken(status)]

    await launcher.stop(ADA, TOKEN, name)

    assert hub.sent() == [sent]


async def test_one_that_stops_already_is_left_to_it(launcher: JupyterHubServerLauncher, hub: PlayedHub) -> None:
    hub.says = [servers(server(**STOPPING))]

    await launcher.stop(ADA, TOKEN, "one")

    assert hub.sent() == []


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (refused(400, "ada:one is pending spawn, please wait"), ServerBusy),
        (refused(500, "ada:one pending spawn"), ServerBusy),
        (refused(404, "ada has no server named 'one'"), ServerNotFound),
        (refused(404, "No access to resources or resources not found"), Forbidden),
        (refused(403, "Action is not authorized with current scopes"), Forbidden),
        (refused(403, "Missing or invalid credentials."), Unauthenticated),
        (Said(404, b"", {}), LauncherUnavailable),
        (Said(502), LauncherUnavailable),
    ],
)
async def test_why_one_is_not_stopped_is_told_apart(
    launcher: JupyterHubServerLauncher, hub: PlayedHub, answer: Said, error: type[ServiceError]
) -> None:
    hub.says = [servers(server()), answer]

    with pytest.raises(error) as caught:
        await launcher.stop(ADA, TOKEN, "one")

    assert not isinstance(caught.value, Forbidden) or caught.value.scope == "delete:servers!user"


async def test_messages_come_as_they_are_told_and_mislead_nobody(
    launcher: JupyterHubServerLauncher, hub: PlayedHub
) -> None:
    hub.says = [
        stream(
            {"progress": 0, "message": "Server requested"},
            {"progress": 50.9, "message": "a\u202e\x1b[31m\n" + "x" * 5000},
            {"progress": 101, "message": ["no", "text"]},
            {"progress": True},
            [],
            {"progress": 100, "ready": True, "message": "Server ready", "url": "/user/ada/one/"},
        )
    ]

    first, second, third, fourth, last = await steps(launcher)

    assert first == ServerProgress(0, "Server requested")
    assert second.percent == 50
    assert second.message.isprintable()
    assert len(second.message) == 300
    assert (third, fourth) == (ServerProgress(0), ServerProgress(0))
    assert last == ServerProgress(100, "Server ready", ready=True, url="/user/ada/one/")


async def test_a_failed_start_is_told_with_its_reason(launcher: JupyterHubServerLauncher, hub: PlayedHub) -> None:
    hub.says = [stream({"progress": 100, "failed": True, "message": "Spawn failed: no room"})]

    assert await steps(launcher) == [ServerProgress(100, "Spawn failed: no room", failed=True)]


@pytest.mark.parametrize("broken", [None, httpx.ReadError("x"), httpx.ReadTimeout("x")])
@pytest.mark.parametrize(
    ("state", "ready"),
    [({}, True), (STOPPED, False), (STOPPING, False), (None, False)],
)
async def test_after_a_broken_stream_the_server_itself_is_looked_at(
    launcher: JupyterHubServerLauncher,
    hub: PlayedHub,
    broken: Exception | None,
    state: dict[str, Any] | None,
    ready: bool,
) -> None:
    there = [] if state is None else [server(**state)]
    hub.says = [stream({"progress": 10}, breaks=broken), servers(*there)]

    *_, last = await steps(launcher)

    assert (last.ready, last.failed, last.percent) == (ready, not ready, 100)
    assert last.url == ("/user/ada/one/" if ready else "")


async def test_a_start_that_goes_on_is_followed_again(launcher: JupyterHubServerLauncher, hub: PlayedHub) -> None:
    broken = stream({"progress": 10}, breaks=httpx.ReadError("x"))
    ready = stream({"progress": 100, "ready": True, "url": "/user/ada/one/"})
    hub.says = [broken, servers(server(**STARTING)), Said(502), servers(server(**STARTING)), ready]

    assert [step.percent for step in await steps(launcher)] == [10, 100]


async def test_a_stream_that_breaks_again_and_again_is_given_up(
    launcher: JupyterHubServerLauncher, hub: PlayedHub
) -> None:
    hub.says = [stream(breaks=httpx.ReadError("x")), servers(server(**STARTING))] * 100

    with pytest.raises(LauncherUnavailable):
        await steps(launcher)

    assert hub.says


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ([refused(404, "Not Found")], ServerNotFound),
        ([refused(400, "ada:one is not starting...")], ServerNotFound),
        ([refused(404, "No access to resources or resources not found")], Forbidden),
        ([refused(403, "Action is not authorized with current scopes")], Forbidden),
        ([refused(403, "Missing or invalid credentials.")], Unauthenticated),
        ([Said(502), servers()], ServerNotFound),
        ([Said(502), Said(502)], LauncherUnavailable),
        ([Said(404, b"", {}), Said(502)], LauncherUnavailable),
    ],
)
async def test_why_nothing_can_be_followed_is_told_apart(
    launcher: JupyterHubServerLauncher, hub: PlayedHub, answers: list[Said], error: type[ServiceError]
) -> None:
    hub.says = answers

    with pytest.raises(error):
        await steps(launcher)
