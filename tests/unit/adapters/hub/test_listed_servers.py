"""What a hub tells of the servers of somebody, in our words; nothing in it is believed that its owner made up."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from tests.unit.adapters.hub.launching import (
    ADA,
    STARTING,
    STOPPED,
    STOPPING,
    TOKEN,
    made,
    refused,
    server,
    servers,
)
from tests.unit.adapters.hub.played_hub import API, PlayedHub, Said, said

from repo2docker_service.adapters.launchers.jupyterhub.launcher import JupyterHubServerLauncher
from repo2docker_service.domain.errors import (
    Forbidden,
    LauncherUnavailable,
    ServiceError,
    Unauthenticated,
)
from repo2docker_service.domain.models import Identity
from repo2docker_service.domain.servers import Server, ServerState


async def test_the_hub_is_asked_for_stopped_ones_too_with_the_token_of_the_caller(
    launcher: JupyterHubServerLauncher, hub: PlayedHub
) -> None:
    hub.says = [servers()]

    await launcher.list(Identity("ada/@ü"), TOKEN)

    [asked] = hub.asked
    assert str(asked.url) == f"{API}/users/ada%2F%40%C3%BC?include_stopped_servers=1"
    assert asked.headers["authorization"] == f"token {TOKEN}"


async def test_a_server_is_told_in_our_words(launcher: JupyterHubServerLauncher, hub: PlayedHub) -> None:
    options = {"image": "localhost/r2d/y@sha256:1", "profile": "small", "path": "a/b.ipynb"}
    hub.says = [servers(server(display_name="A title", user_options=options))]

    assert await launcher.list(ADA, TOKEN) == [
        Server(
            name="one",
            state=ServerState.READY,
            url="/user/ada/one/",
            title="A title",
            image="localhost/r2d/y@sha256:1",
            profile="small",
            path="a/b.ipynb",
            started_at=datetime(2026, 1, 31, 12, 5, 0, 500_000, tzinfo=UTC),
            last_activity=datetime(2026, 1, 31, 12, 6, tzinfo=UTC),
        )
    ]


@pytest.mark.parametrize(
    ("model", "state"),
    [
        ({}, ServerState.READY),
        ({"ready": False, "pending": "check"}, ServerState.READY),
        (STARTING, ServerState.STARTING),
        (STOPPING, ServerState.STOPPING),
        (STOPPED, ServerState.STOPPED),
        ({"ready": False, "pending": "rename"}, ServerState.STOPPED),
    ],
)
async def test_where_a_server_is_follows_from_what_is_pending(
    launcher: JupyterHubServerLauncher, hub: PlayedHub, model: dict[str, Any], state: ServerState
) -> None:
    hub.says = [servers(server(**model))]

    [found] = await launcher.list(ADA, TOKEN)

    assert found.state is state
    assert (found.started_at is None) == (state is ServerState.STOPPED)


async def test_the_one_without_a_name_is_left_out_when_it_has_stopped(
    launcher: JupyterHubServerLauncher, hub: PlayedHub
) -> None:
    hub.says = [servers(server("", **STOPPED), server("one", **STOPPED)), servers(server(""))]

    assert [each.name for each in await launcher.list(ADA, TOKEN)] == ["one"]
    assert [each.name for each in await launcher.list(ADA, TOKEN)] == [""]


@pytest.mark.parametrize(
    "model",
    [
        {"user_options": None},
        {"user_options": ["image"]},
        {"user_options": {"image": 7, "profile": {}, "path": []}},
        {"user_options": {"image": "a\u202eb", "profile": "x" * 5000, "path": "../../etc"}},
        {"user_options": {"image": "a\nb", "path": "//evil.example"}},
        {"user_options": {"path": "https://evil.example"}},
    ],
)
async def test_options_that_its_owner_made_up_are_not_believed(
    launcher: JupyterHubServerLauncher, hub: PlayedHub, model: dict[str, Any]
) -> None:
    hub.says = [servers(server(**model))]

    [found] = await launcher.list(ADA, TOKEN)

    assert (found.image, found.profile, found.path) == ("", "", "")


async def test_a_model_that_makes_no_sense_hurts_nobody(launcher: JupyterHubServerLauncher, hub: PlayedHub) -> None:
    wrong = {"name": "one", "url": "javascript:alert(1)", "started": "soon", "last_activity": 7, "display_name": []}
    hub.says = [said({"servers": {"one": wrong, "two": "text", "x" * 256: wrong}})]

    assert await launcher.list(ADA, TOKEN) == [Server("one", ServerState.STOPPED)]


@pytest.mark.parametrize(
    ("host", "url", "found"),
    [
        ("https://hub.example", "/jhub/user/ada/one/", "https://hub.example/jhub/user/ada/one/"),
        ("https://hub.example", "https://ada.hub.example/user/ada/one/", "https://ada.hub.example/user/ada/one/"),
        ("", "/user/ada/one/", "/user/ada/one/"),
        ("", "//evil.example/", ""),
        ("", "/\\evil.example/", ""),
        ("", "user/ada", ""),
        ("", None, ""),
    ],
)
async def test_browsers_reach_a_server_at_the_hub_or_at_a_domain_of_its_own(
    hub: PlayedHub, host: str, url: str | None, found: str
) -> None:
    hub.says = [servers(server(url=url))]

    [one] = await made(hub, hub_host=host).list(ADA, TOKEN)

    assert one.url == found


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (refused(403, "Missing or invalid credentials."), Unauthenticated),
        (refused(403, "Action is not authorized with current scopes; requires any of [read:servers]"), Forbidden),
        (refused(404, "No access to resources or resources not found"), Forbidden),
        (said({"kind": "user", "name": "ada"}), Forbidden),
        (Said(403, b"<h1>no</h1>", {}), LauncherUnavailable),
        (Said(404, b"", {}), LauncherUnavailable),
        (Said(200, b"<h1>hello</h1>"), LauncherUnavailable),
        (Said(502, b""), LauncherUnavailable),
        (Said(raises=httpx.ConnectError("x")), LauncherUnavailable),
    ],
)
async def test_why_nothing_is_listed_is_told_apart(
    launcher: JupyterHubServerLauncher, hub: PlayedHub, answer: Said, error: type[ServiceError]
) -> None:
    hub.says = [answer]

    with pytest.raises(error) as caught:
        await launcher.list(ADA, TOKEN)

    assert not isinstance(caught.value, Forbidden) or caught.value.scope == "read:servers!user"
