"""Hubs with this service at the places that they can have: paths, hosts of their own, behind proxies.

The one at the root of its host is what the tests with a browser are about.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.integration.hub.conftest import CONFIGURE, managed, service_config
from tools.parts import certificates
from tools.parts.hub import RunningHub, running_hub
from tools.parts.ports import free_port
from tools.reliability.proxy import proxy
from tools.service import running_service

COOKIE = "repo2docker-service-default"
SERVICE = "services/repo2docker/"


@dataclass(frozen=True)
class Deployed:
    """A Hub with this service, as browsers see them."""

    hub: RunningHub
    hub_url: str
    url: str
    trusted: Path | None = None
    host_cookies: bool = False


@contextmanager
def with_a_public_address(folder: Path) -> Iterator[Deployed]:
    """The Hub is told under which name browsers know it, which it does not know by itself."""
    lines = "c.JupyterHub.public_url = c.JupyterHub.bind_url.replace('127.0.0.1', 'hub.localhost')\n"
    with running_hub(folder, lines + managed(folder), "/jhub/") as hub:
        hub.wait_for_service("repo2docker")
        url = f"http://hub.localhost:{hub.port}/jhub/"
        yield Deployed(hub, url, f"{url}{SERVICE}")


@contextmanager
def on_hosts_of_their_own(folder: Path) -> Iterator[Deployed]:
    lines = "c.JupyterHub.subdomain_host = c.JupyterHub.bind_url.replace('127.0.0.1', 'hub.localhost').rstrip('/')\n"
    with running_hub(folder, lines + managed(folder)) as hub:
        hub.wait_for_service("repo2docker")
        host = f"hub.localhost:{hub.port}/"
        yield Deployed(hub, f"http://{host}", f"http://repo2docker--service.{host}{SERVICE}")


@contextmanager
def behind_tls(folder: Path) -> Iterator[Deployed]:
    """A proxy speaks https with browsers, and says so; the Hub's own adds that it was asked without."""
    with ExitStack() as stack:
        hub = stack.enter_context(running_hub(folder, managed(folder), "/jhub/"))
        hub.wait_for_service("repo2docker")
        trusted, shown = certificate(folder, "DNS:hub.localhost")
        address = stack.enter_context(proxy(folder, [hub.port], check="/jhub/hub/health", certificate=shown))
        url = f"{address.replace('127.0.0.1', 'hub.localhost')}jhub/"
        yield Deployed(hub, url, f"{url}{SERVICE}", trusted)


@contextmanager
def on_hosts_of_their_own_behind_tls(folder: Path) -> Iterator[Deployed]:
    """As it is recommended where people choose what their servers run; cookies are for one host alone."""
    port = free_port()
    lines = (
        f"c.JupyterHub.subdomain_host = 'https://hub.localhost:{port}'\n"
        "c.JupyterHub.cookie_host_prefix_enabled = True\n"
    )
    with ExitStack() as stack:
        hub = stack.enter_context(running_hub(folder, lines + managed(folder)))
        hub.wait_for_service("repo2docker")
        trusted, shown = certificate(folder, "DNS:hub.localhost", "DNS:repo2docker--service.hub.localhost")
        check = "/hub/health HTTP/1.1\\r\\nHost:\\ hub.localhost"
        stack.enter_context(proxy(folder, [hub.port], port=port, check=check, certificate=shown))
        host = f"hub.localhost:{port}/"
        url = f"https://repo2docker--service.{host}{SERVICE}"
        yield Deployed(hub, f"https://{host}", url, trusted, host_cookies=True)


@contextmanager
def beside_the_proxy(folder: Path) -> Iterator[Deployed]:
    """Browsers reach the service at an address of its own, past the Hub and its proxy."""
    port, token = free_port(), secrets.token_hex(16)
    url = f"http://envs.localhost:{port}/environments/"
    entry = {"name": "repo2docker", "api_token": token, "url": "", "oauth_redirect_uri": f"{url}oauth_callback"}
    lines = f"c.JupyterHub.services.append({entry})\n{CONFIGURE}configure(c, **groups)\n"
    with ExitStack() as stack:
        hub = stack.enter_context(running_hub(folder, lines, "/jhub/"))
        told = {
            "Repo2DockerService.port": port,
            "Repo2DockerService.base_url": "/environments/",
            "Repo2DockerService.authorizer": "jupyterhub",
            "JupyterHubAuthorizer.api_url": hub.api_url,
            "JupyterHubAuthorizer.api_token": token,
            "JupyterHubAuthorizer.service_name": "repo2docker",
            "JupyterHubAuthorizer.hub_host": f"http://hub.localhost:{hub.port}",
            "JupyterHubAuthorizer.hub_base_url": "/jhub/",
            "JupyterHubAuthorizer.oauth_callback_url": f"{url}oauth_callback",
        }
        stack.enter_context(running_service(folder / "service", service_config(folder, told).read_text()))
        yield Deployed(hub, f"http://hub.localhost:{hub.port}/jhub/", url)


def certificate(folder: Path, *names: str) -> tuple[Path, certificates.Certificate]:
    """Give the file of an authority, and what it says of these names."""
    authority = certificates.authority(folder)
    return authority.file, certificates.issue(authority, folder, "shown", *names)


Deploy = Callable[[Path], AbstractContextManager[Deployed]]
DEPLOYMENTS = (
    with_a_public_address,
    on_hosts_of_their_own,
    behind_tls,
    on_hosts_of_their_own_behind_tls,
    beside_the_proxy,
)
