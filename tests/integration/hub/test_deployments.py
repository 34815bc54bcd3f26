"""Wherever the Hub and the service are, people log in, build, read along, and log out."""

from __future__ import annotations

import json
import secrets
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from tests.integration.hub.conftest import CONFIGURE, Behind, managed, service_config
from tools.parts import certificates
from tools.parts.hub import RunningHub, running_hub
from tools.parts.hub_login import browser, log_in, page_headers
from tools.reliability.proxy import proxy
from tools.reliability.replica import free_port
from tools.service import events, running_service

from repo2docker_service.entrypoints.cli.configuration import CONFIG_VARIABLE

STOPS_WITHIN = 8.0
"""Seconds; the Hub itself takes two or three."""
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
def at_the_root(folder: Path) -> Iterator[Deployed]:
    with running_hub(folder, managed(folder)) as hub:
        yield Deployed(hub, hub.url, hub.wait_for_service("repo2docker"))


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
    at_the_root,
    with_a_public_address,
    on_hosts_of_their_own,
    behind_tls,
    on_hosts_of_their_own_behind_tls,
    beside_the_proxy,
)


@pytest.mark.slow
@pytest.mark.parametrize("deploy", DEPLOYMENTS, ids=lambda deploy: deploy.__name__.replace("_", "-"))
def test_people_log_in_build_read_along_and_log_out(deploy: Deploy, tmp_path: Path) -> None:
    with deploy(tmp_path) as here, browser(here.trusted) as client:
        shown = log_in(client, f"{here.url}login?next={httpx.URL(here.url).path}builds", "alice")
        way = [*shown.history, shown]
        kept = [
            each for each in client.cookies.jar if not each.path.endswith("/hub/") and "jupyterhub" not in each.name
        ]
        lines = build_and_read_along(client, here.url)
        without_slash = client.get(here.url.rstrip("/"))
        left = client.get(f"{here.url}logout")
        after = client.get(f"{here.url}api/v1/me", headers=page_headers(client))

    path, secure = httpx.URL(here.url).path, here.url.startswith("https:")
    session = {f"__Host-{COOKIE}": ("/", True)} if here.host_cookies else {COOKIE: (path, secure)}
    assert {each.name: (each.path, each.secure) for each in kept} == {
        **session,
        "_xsrf": (path, secure),
    }
    assert str(shown.url) == f"{here.url}builds"
    assert f'<base href="{path}">' in shown.text
    assert origins(way) <= {origin(here.url), origin(here.hub_url)}
    assert len(lines) >= 20
    assert without_slash.is_success
    assert str(left.url).startswith(f"{here.hub_url}hub/log")
    assert after.status_code == 401


def build_and_read_along(client: httpx.Client, url: str) -> list[str]:
    """Build as the page does, and give the lines of the log once it is complete."""
    headers = page_headers(client)
    wish = {"repo": f"https://example.org/{secrets.token_hex(8)}.git"}
    build = client.post(f"{url}api/v1/builds", json=wish, headers=headers).raise_for_status().json()
    log = f"{url}api/v1/builds/{build['id']}/log"
    with client.stream("GET", log, headers={**headers, "Accept": "text/event-stream"}) as stream:
        told = list(events(stream.raise_for_status().iter_lines()))
    assert told[-1]["event"] == "end"
    return [line for event in told if event["event"] == "log" for line in json.loads(event["data"])["lines"]]


def origin(url: str) -> tuple[str, str]:
    """Give the scheme and the host with its port."""
    parsed = httpx.URL(url)
    return parsed.scheme, parsed.netloc.decode()


def origins(way: list[httpx.Response]) -> set[tuple[str, str]]:
    """Give all places to which a browser was led."""
    return {origin(str(answer.url)) for answer in way}


@pytest.mark.parametrize("command", [None, "uvicorn"])
def test_a_hub_stops_within_seconds_while_somebody_follows_a_log(command: str | None, tmp_path: Path) -> None:
    address = f"http://127.0.0.1:{free_port()}"
    config = service_config(tmp_path, {"InMemoryImageBuilder.pace": 1.0})
    lines = f"{CONFIGURE}configure(c, url={address!r}, config_file={str(config)!r}, **groups)\n"
    if command:
        entry = {"name": "repo2docker", "command": uvicorn(address), "environment": {CONFIG_VARIABLE: str(config)}}
        lines = f"c.JupyterHub.services.append({entry})\n{lines}"
    with running_hub(tmp_path, lines) as hub:
        here = Behind(hub, hub.wait_for_service("repo2docker"))
        with here.client_of("alice") as alice:
            build = alice.post("builds", json={"repo": "https://example.org/slow.git"}).raise_for_status().json()
            headers = {"Accept": "text/event-stream"}
            with alice.stream("GET", f"builds/{build['id']}/log", headers=headers) as stream:
                told = events(stream.raise_for_status().iter_lines())
                next(told)
                begun = time.monotonic()
                hub.stop()
                took = time.monotonic() - begun
                last = [*told][-1:]

    assert took < STOPS_WITHIN
    # The Hub's proxy may go before it has passed the word on.
    assert [event["event"] for event in last] in (["reconnect"], [])


def uvicorn(address: str) -> list[str]:
    """Give the words that serve there, as the documentation has them."""
    program = Path(sys.executable).with_name("uvicorn")
    where = httpx.URL(address)
    options = [f"--host={where.host}", f"--port={where.port}", "--timeout-graceful-shutdown=5"]
    return [str(program), "--factory", "repo2docker_service:create_app", *options]
