"""Two replicas behind a proxy, which a real Hub knows as one service and does not start itself."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import httpx

from tools.parts.hub import RunningHub, running_hub
from tools.parts.hub_login import page_headers
from tools.parts.ports import free_port

from .installed import Installed, installed
from .proxy import proxy
from .replica import Replica
from .rig import Rig

NAME = "repo2docker"
CONFIGURE = """
import os
from repo2docker_service.entrypoints.jupyterhub import configure
os.environ["REPO2DOCKER_API_TOKEN"] = {token!r}
configure(c, name={name!r}, url="http://127.0.0.1:{port}", builder_groups=["builders"], viewer_groups=["viewers"],
          admin_groups=["r2d-admins"])
# The Hub is up before the service, and would wait for it in vain.
for each in c.JupyterHub.services:
    if each["name"] == {name!r}:
        each["timeout"] = 1
"""


@dataclass(frozen=True)
class BehindHub:
    """A Hub and the replicas of a service behind it."""

    hub: RunningHub
    here: Installed
    prefix: str
    """The path under which the service is, everywhere."""
    url: str
    """The service where browsers find it: through the Hub's proxy, and through the one before the replicas."""
    direct: str
    """The service past the Hub's proxy, which ends with the Hub."""

    def api_of(self, replica: Replica) -> str:
        """Give the address of the API at one of the replicas."""
        return f"{replica.url.rstrip('/')}{self.prefix}api/v1/"

    def as_page(self, browser: httpx.Client) -> Mapping[str, str]:
        """Give the headers that the service's page in this browser sends, cookies too."""
        cookies = [f"{each.name}={each.value}" for each in browser.cookies.jar if each.path == self.prefix]
        return {"Cookie": "; ".join(cookies), **page_headers(browser)}


@contextmanager
def behind_hub(rig: Rig, *settings: str, base_url: str = "/", lines: str = "") -> Iterator[BehindHub]:
    """Start all of it, with these settings of the service and these lines of the Hub's configuration."""
    port, token, prefix = free_port(), secrets.token_hex(16), f"{base_url}services/{NAME}/"
    folder = rig.folder / f"hub-{port}"
    folder.mkdir(parents=True)
    with running_hub(folder, CONFIGURE.format(token=token, name=NAME, port=port) + lines, base_url) as hub:
        told = {
            "JUPYTERHUB_API_URL": hub.api_url,
            "JUPYTERHUB_API_TOKEN": token,
            "JUPYTERHUB_SERVICE_NAME": NAME,
            "JUPYTERHUB_SERVICE_PREFIX": prefix,
            "JUPYTERHUB_BASE_URL": base_url,
        }
        with installed(rig, *settings, replicas=2, environment=told) as here:
            ports = [replica.port for replica in here.replicas]
            with proxy(folder, ports, port=port, check=f"{prefix}health/live") as address:
                yield BehindHub(hub, here, prefix, hub.wait_for_service(NAME), f"{address}{prefix.lstrip('/')}")
