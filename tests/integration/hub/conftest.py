"""A real Hub, and this service as the Hub starts it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from tools.parts.hub import RunningHub, running_hub
from tools.parts.ports import free_port
from tools.trust import TRUST

CONFIGURE = """
from repo2docker_service.entrypoints.jupyterhub import configure
groups = dict(builder_groups=['builders'], viewer_groups=['viewers'], admin_groups=['r2d-admins'])
"""
OPEN_TOKEN = "the-token-of-a-second-service"
SPAWNER_TOKEN = "the-token-of-what-starts-servers"
TLJH_TOKEN = "the-token-of-tljh-repo2docker"
OTHERS = f"""
c.JupyterHub.oauth_require_pkce = True
configure(c, name="open", everyone_views=True)
c.JupyterHub.services.append({{"name": "spawner", "api_token": {SPAWNER_TOKEN!r}}})
scopes = ["access:services!service=repo2docker", "custom:repo2docker:images:read-for-user"]
c.JupyterHub.load_roles.append({{"name": "spawner", "services": ["spawner"], "scopes": scopes}})
c.JupyterHub.services.append({{"name": "tljh_repo2docker", "api_token": {TLJH_TOKEN!r}}})
scopes = ["access:services!service=binder", "custom:repo2docker:builds:create", "custom:repo2docker:images:read"]
c.JupyterHub.load_roles.append({{"name": "tljh-builds", "services": ["tljh_repo2docker"], "scopes": scopes}})
own = ["custom:repo2docker:builds:cancel!user", "custom:repo2docker:images:delete!user"]
scopes = ["access:services!service=repo2docker", "custom:repo2docker:builds:create!group=course-a", *own]
c.JupyterHub.load_roles.append({{"name": "course-a-builders", "groups": ["course-a"], "scopes": scopes}})
"""


def outside(name: str, token: str) -> str:
    """Give the line for a service of which a Hub knows that it is not reached through its proxy."""
    entry = {"name": name, "api_token": token, "url": "", "oauth_redirect_uri": "http://127.0.0.1:9/oauth_callback"}
    return f"c.JupyterHub.services.append({entry})\n"


@dataclass(frozen=True)
class Behind:
    """A Hub, and the address of this service behind it."""

    hub: RunningHub
    url: str

    def client(self, token: str) -> httpx.Client:
        """Give a client of the service's API that sends a token."""
        headers = {"Authorization": f"token {token}"}
        return httpx.Client(base_url=f"{self.url}api/v1/", headers=headers, timeout=60, verify=TRUST)

    def client_of(self, user: str, *scopes: str) -> httpx.Client:
        """Give a client with a new token of somebody, for all that one may do unless scopes are named."""
        return self.client(self.hub.token(user, *scopes))


def service_config(folder: Path, settings: Mapping[str, object] | None = None) -> Path:
    """Write the configuration of a service that keeps builds and images in memory."""
    chosen: dict[str, object] = {
        "Repo2DockerService.image_builder": "memory",
        "Repo2DockerService.registry": "memory",
        "Repo2DockerService.source_resolver": "memory",
        "Repo2DockerService.data_dir": str(folder / "data"),
        "JupyterHubAuthorizer.timeout": 2,
        **(settings or {}),
    }
    file = folder / "repo2docker_service_config.py"
    file.write_text("".join(f"c.{name} = {value!r}\n" for name, value in chosen.items()))
    return file


def managed(folder: Path) -> str:
    """Give the lines by which a Hub starts this service."""
    return CONFIGURE + started_by_hub(service_config(folder))


def started_by_hub(config: Path, name: str = "repo2docker") -> str:
    """Give the line by which a Hub starts this service, once more for a second name."""
    address = f"http://127.0.0.1:{free_port()}"
    return f"configure(c, name={name!r}, url={address!r}, config_file={str(config)!r}, **groups)\n"


@pytest.fixture(scope="session")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Behind]:
    """Run a Hub under a path of its own that starts this service by two names, and knows another one."""
    folder, second = tmp_path_factory.mktemp("hub"), tmp_path_factory.mktemp("binder")
    config = service_config(second, {"Repo2DockerService.instance": "binder"})
    lines = managed(folder) + started_by_hub(config, "binder") + outside("open", OPEN_TOKEN) + OTHERS
    with running_hub(folder, lines, base_url="/jhub/") as hub:
        yield Behind(hub, hub.wait_for_service("repo2docker"))


def scopes_of(hub: RunningHub, token: str) -> set[str]:
    """Give the scopes of a token that matter to this service, without their prefix."""
    scopes: list[Any] = hub.ask("GET", "/user", token=token).body["scopes"]
    return {
        scope.removeprefix("custom:repo2docker:")
        for scope in scopes
        if scope.startswith(("custom:repo2docker:", "access:services"))
    }
