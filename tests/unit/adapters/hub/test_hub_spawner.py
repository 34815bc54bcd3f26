"""Whether a hub starts images, and how its spawner wants to be told which."""

from __future__ import annotations

import asyncio
import logging

import pytest
from tests.unit.adapters.hub import launching
from tests.unit.adapters.hub.launching import ADA, refused, servers, taken, wish
from tests.unit.adapters.hub.played_hub import API, PlayedHub, Said, said

from repo2docker_service.adapters.launchers.jupyterhub.launcher import JupyterHubServerLauncher
from repo2docker_service.adapters.launchers.jupyterhub.spawner import (
    ASK_AGAIN_AFTER,
    KNOWN_FOR,
    HubSpawner,
    starts_images,
)
from repo2docker_service.domain.errors import LauncherUnavailable, LaunchRefused

DOCKER = "dockerspawner.dockerspawner.DockerSpawner"
NO_SCOPE = refused(403, "Action is not authorized with current scopes; requires any of [read:hub]")


def uses(name: object) -> Said:
    """Let the hub tell what it starts servers with."""
    return said({"version": "6.1.1", "spawner": {"class": name, "version": "14.0.0"}})


def made(hub: PlayedHub, **settings: object) -> JupyterHubServerLauncher:
    """Make a launcher that has to find out what options the hub's spawner understands, unless it is set."""
    return launching.made(hub, **({"spawner_options": ""} | settings))


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (DOCKER, True),
        ("dockerspawner.swarmspawner.SwarmSpawner", True),
        ("kubespawner.spawner.KubeSpawner", True),
        ("repo2docker_service.entrypoints.jupyterhub.docker.SomethingOfOurs", True),
        ("builtins.OwnSpawner", True),
        ("jupyterhub.spawner.LocalProcessSpawner", False),
        ("jupyterhub.spawner.SimpleLocalProcessSpawner", False),
        ("systemdspawner.systemdspawner.SystemdSpawner", False),
        ("sudospawner.spawner.SudoSpawner", False),
        ("sshspawner.sshspawner.SSHSpawner", False),
        ("batchspawner.batchspawner.SlurmSpawner", False),
        ("tljh.user_creating_spawner.UserCreatingSpawner", False),
        ("", False),
    ],
)
def test_what_is_known_to_start_no_images_offers_nothing(name: str, expected: bool) -> None:
    assert starts_images(name) is expected


async def test_the_hub_is_asked_once_with_the_token_of_the_service(hub: PlayedHub) -> None:
    hub.says, hub.hold = [uses(DOCKER)], asyncio.Event()
    launcher = made(hub)

    waiting = [asyncio.create_task(launcher.offered()) for _ in range(5)]
    await asyncio.sleep(0.01)
    hub.hold.set()

    assert await asyncio.gather(*waiting) == [True] * 5
    [asked] = hub.asked
    assert str(asked.url) == f"{API}/info"
    assert asked.headers["authorization"] == "token secret-of-r2d"


@pytest.mark.parametrize(
    ("answer", "offered"),
    [
        (uses("jupyterhub.spawner.SimpleLocalProcessSpawner"), False),
        (uses(None), False),
        (said({}), False),
        (NO_SCOPE, False),
        (refused(404, "Not Found"), False),
        # Nothing is known then: who wants to start something is told that the hub is away.
        (Said(502), True),
        (Said(403, b"<h1>no</h1>", {}), True),
        (Said(200, b"<h1>hello</h1>"), True),
    ],
)
async def test_servers_are_offered_by_what_the_hub_tells(hub: PlayedHub, answer: Said, offered: bool) -> None:
    hub.says = [answer]

    assert await made(hub).offered() is offered


@pytest.mark.parametrize("enabled", [True, False])
async def test_what_is_configured_goes_before_what_the_hub_tells(hub: PlayedHub, enabled: bool) -> None:
    assert await made(hub, enabled=enabled).offered() is enabled
    assert hub.asked == []


async def test_a_hub_that_does_not_tell_is_logged_once_with_what_to_do(
    hub: PlayedHub, caplog: pytest.LogCaptureFixture
) -> None:
    hub.says = [NO_SCOPE]
    launcher = made(hub)

    for _ in range(3):
        assert not await launcher.offered()

    [record] = [each for each in caplog.records if each.levelno == logging.WARNING]
    assert "read:hub" in record.message


async def test_what_is_known_is_asked_again_after_a_while_and_kept_while_the_hub_is_away() -> None:
    clock, names = Clock(), [DOCKER, "", "other.Spawner"]
    away, asked = False, 0

    async def ask() -> str:
        nonlocal asked
        asked += 1
        if away:
            raise LauncherUnavailable("hub", "gone")
        return names.pop(0)

    spawner = HubSpawner(ask, clock=clock)
    found = [await spawner.name()]
    clock.now += KNOWN_FOR - 1
    found.append(await spawner.name())
    clock.now, away = KNOWN_FOR + 1, True
    found += [await spawner.name(), await spawner.name()]
    clock.now, away = clock.now + ASK_AGAIN_AFTER, False
    found.append(await spawner.name())

    assert found == [DOCKER, DOCKER, DOCKER, DOCKER, ""]
    assert asked == 3


@pytest.mark.parametrize(
    ("name", "setting", "profile"),
    [
        ("kubespawner.spawner.KubeSpawner", "", "repo2docker"),
        ("builtins.MyKubeSpawner", "", "repo2docker"),
        (DOCKER, "", None),
        (DOCKER, "kubernetes", "repo2docker"),
        ("kubespawner.spawner.KubeSpawner", "docker", None),
    ],
)
async def test_a_spawner_is_told_in_the_way_it_understands(
    hub: PlayedHub, name: str, setting: str, profile: str | None
) -> None:
    asked = [] if setting else [uses(name)]
    hub.says = [*asked, servers(), taken(), servers()]

    with pytest.raises(LaunchRefused):
        await made(hub, spawner_options=setting).start(ADA, "a-token", wish())

    [(_, _, body)] = hub.sent()
    assert body["user_options"].get("profile") == profile
