"""A hub that is played, and what one needs to ask it."""

import os
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from tests.unit.adapters.hub.launching import made
from tests.unit.adapters.hub.played_hub import ADA, API, CI, PlayedHub

from repo2docker_service.adapters.authorizers.jupyterhub.authorizer import JupyterHubAuthorizer
from repo2docker_service.adapters.hub.http import HubHttp
from repo2docker_service.adapters.launchers.jupyterhub import launcher as launcher_module
from repo2docker_service.adapters.launchers.jupyterhub.launcher import JupyterHubServerLauncher

Make = Callable[..., JupyterHubAuthorizer]


@pytest.fixture(autouse=True)
def _no_hub_around(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith(("JUPYTERHUB_", "JPY_")):
            monkeypatch.delenv(name)


@pytest.fixture
def hub() -> PlayedHub:
    return PlayedHub({"ada's-token": ADA, "ci's-token": CI})


@pytest.fixture
def make(hub: PlayedHub) -> Make:
    """Make an authorizer that asks the played hub."""

    def make(**settings: Any) -> JupyterHubAuthorizer:
        known = {
            "api_url": API,
            "api_token": "secret of r2d",
            "client_id": "service-r2d",
            "service_prefix": "/services/r2d/",
        }
        return JupyterHubAuthorizer(http=HubHttp(transport=hub), **(known | settings))

    return make


@pytest.fixture
def authorizer(make: Make) -> JupyterHubAuthorizer:
    return make()


@pytest.fixture
async def launcher(hub: PlayedHub, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[JupyterHubServerLauncher]:
    """Give a launcher that asks the played hub, and makes no pauses."""
    for name in ("_PAUSE", "_BETWEEN_LOOKS"):
        monkeypatch.setattr(launcher_module, name, 0.0)
    async with made(hub) as launcher:
        yield launcher
    assert hub.closed
