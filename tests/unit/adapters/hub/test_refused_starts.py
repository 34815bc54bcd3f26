"""A hub that does not start a server: what people are told, and what is tidied up."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.adapters.hub.launching import (
    ADA,
    LAUNCHED,
    STARTING,
    STOPPED,
    TOKEN,
    refused,
    server,
    servers,
    taken,
    wish,
)
from tests.unit.adapters.hub.played_hub import PlayedHub, Said

from repo2docker_service.adapters.launchers.jupyterhub.launcher import JupyterHubServerLauncher
from repo2docker_service.domain.errors import (
    Forbidden,
    InvalidInput,
    LauncherUnavailable,
    LaunchRefused,
    ServiceError,
    TooManyServers,
    Unauthenticated,
)


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (refused(400, "Image x not in allowed list: a, b"), LaunchRefused, "does not start this image for you"),
        (refused(400, "Specifying image to launch is not allowed"), LaunchRefused, "choose what to start"),
        (refused(400, "Named servers are not enabled."), LaunchRefused, "allow_named_servers"),
        (refused(400, "Not \u202etoday\n."), LaunchRefused, "start the server: Not today ."),
        (refused(400, "Invalid server_name: x"), InvalidInput, "lower case letters"),
        (
            refused(400, "User ada already has the maximum of 3 named servers.  One must be deleted before"),
            TooManyServers,
            "You have 3 servers",
        ),
        (refused(403, "Missing or invalid credentials."), Unauthenticated, "log in"),
        (refused(403, "auth has expired for ada, login again"), Unauthenticated, "log in"),
        (
            refused(403, "Action is not authorized with current scopes; requires any of [start:servers]"),
            Forbidden,
            "start:servers!user",
        ),
        (refused(404, "No access to resources or resources not found"), Forbidden, "start:servers!user"),
        (refused(403, "Only on weekdays"), LaunchRefused, "Only on weekdays"),
        (refused(500, "Spawner failed to start [status=1]."), LaunchRefused, "The log of the hub may say more"),
        (refused(429, "Too many users", **{"Retry-After": "45"}), TooManyServers, "few minutes"),
    ],
)
async def test_a_refusal_says_what_to_do_and_what_it_left_is_removed(
    launcher: JupyterHubServerLauncher,
    hub: PlayedHub,
    answer: Said,
    error: type[ServiceError],
    words: str,
) -> None:
    hub.says = [servers(), answer, servers(server(**STOPPED)), taken(204)]

    with pytest.raises(error, match=words.replace("[", r"\[")) as caught:
        await launcher.start(ADA, TOKEN, wish())

    assert type(caught.value) is error
    assert "a, b" not in str(caught.value)
    assert hub.sent()[1:] == [("DELETE", "/users/ada/servers/one", {"remove": True})]


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [({"Retry-After": "45"}, 45), ({"Retry-After": "999999"}, 120), ({"Retry-After": "x"}, 120), ({}, 120)],
)
async def test_when_to_try_again_is_what_the_hub_says_or_soon(
    launcher: JupyterHubServerLauncher, hub: PlayedHub, headers: dict[str, str], seconds: int
) -> None:
    hub.says = [servers(), refused(429, "Active user limit exceeded.", **headers), servers()]

    with pytest.raises(TooManyServers) as caught:
        await launcher.start(ADA, TOKEN, wish())

    assert caught.value.retry_after == seconds


@pytest.mark.parametrize("left", [server(), server(**STARTING)])
async def test_what_somebody_else_has_started_meanwhile_is_not_removed(
    launcher: JupyterHubServerLauncher, hub: PlayedHub, left: dict[str, Any]
) -> None:
    hub.says = [servers(), refused(400, "No."), servers(left)]

    with pytest.raises(LaunchRefused):
        await launcher.start(ADA, TOKEN, wish())

    assert hub.sent() == LAUNCHED


async def test_what_was_there_before_a_refused_start_is_not_removed(
    launcher: JupyterHubServerLauncher, hub: PlayedHub
) -> None:
    hub.says = [servers(server(**STOPPED)), refused(400, "No."), servers(server(**STOPPED)), taken(204)]

    with pytest.raises(LaunchRefused):
        await launcher.start(ADA, TOKEN, wish())

    assert hub.sent() == LAUNCHED


async def test_what_cannot_be_removed_hides_no_refusal(launcher: JupyterHubServerLauncher, hub: PlayedHub) -> None:
    hub.says = [servers(), refused(400, "No."), servers(server(**STOPPED)), refused(403, "scopes")]

    with pytest.raises(LaunchRefused):
        await launcher.start(ADA, TOKEN, wish())


@pytest.mark.parametrize("answer", [Said(502), Said(503, b"busy"), Said(400, b"<h1>no</h1>", {}), Said(302)])
async def test_what_is_no_answer_of_the_api_is_an_outage(
    launcher: JupyterHubServerLauncher, hub: PlayedHub, answer: Said
) -> None:
    hub.says = [servers(), answer]

    with pytest.raises(LauncherUnavailable):
        await launcher.start(ADA, TOKEN, wish())
