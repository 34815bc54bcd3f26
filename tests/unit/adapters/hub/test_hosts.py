"""Whether people's servers have hosts of their own, and what is said where they have none."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from repo2docker_service.adapters.launchers.jupyterhub.launcher import JupyterHubServerLauncher
from repo2docker_service.domain.capabilities import Warns

Tell = Callable[[str, str], None]


@pytest.fixture
def tell(monkeypatch: pytest.MonkeyPatch) -> Tell:
    """Say in the environment where browsers reach the hub and this service."""

    def tell(hub: str, here: str) -> None:
        monkeypatch.setenv("JUPYTERHUB_PUBLIC_HUB_URL", hub)
        monkeypatch.setenv("JUPYTERHUB_PUBLIC_URL", here)

    return tell


def launcher(**traits: bool) -> JupyterHubServerLauncher:
    return JupyterHubServerLauncher(api_url="http://hub:8081/hub/api", api_token="t", **traits)


async def test_a_hub_with_a_host_for_each_person_is_as_it_should_be(tell: Tell) -> None:
    tell("https://hub.example.org/hub/", "https://repo2docker--service.hub.example.org/services/repo2docker/")

    assert await launcher().warnings() == []


@pytest.mark.parametrize(
    ("hub", "here"),
    [
        ("https://hub.example.org/hub/", "https://hub.example.org/services/repo2docker/"),
        ("", ""),
        ("https://hub.example.org/hub/", ""),
        ("https://[::/hub/", "https://hub.example.org/"),
    ],
    ids=["one host", "nothing told", "half of it", "no addresses"],
)
async def test_it_is_told_where_that_is_not_so_or_not_known(tell: Tell, hub: str, here: str) -> None:
    tell(hub, here)

    [warning] = await launcher().warnings()

    assert "c.JupyterHub.subdomain_host" in warning


async def test_what_the_administrator_says_goes_before_what_the_hub_tells(tell: Tell) -> None:
    tell("https://hub.example.org/hub/", "https://repo2docker--service.hub.example.org/services/repo2docker/")

    assert await launcher(subdomains=False).warnings() != []
    tell("", "")
    assert await launcher(subdomains=True).warnings() == []


def test_the_launcher_is_asked_for_warnings() -> None:
    assert isinstance(launcher(), Warns)
