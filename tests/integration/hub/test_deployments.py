"""Wherever the Hub and the service are, people log in, build, read along, and log out."""

from __future__ import annotations

import json
import secrets
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest
from tests.integration.hub.conftest import CONFIGURE, Behind, service_config
from tests.integration.hub.deployments import COOKIE, DEPLOYMENTS, Deploy
from tools.parts.hub import running_hub
from tools.parts.hub_login import browser, log_in, page_headers
from tools.parts.ports import free_port
from tools.service import events

from repo2docker_service.entrypoints.cli.configuration import CONFIG_VARIABLE

STOPS_WITHIN = 15.0
"""Seconds on a machine that does other things too; by itself it takes two or three."""


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
    # To its own pages it leads without a word of scheme and host, which only the proxies know.
    assert shown.history[-1].headers["Location"] == f"{path}builds"
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


def test_a_hub_stops_within_seconds_while_people_follow_logs_whichever_way_it_starts_the_service(
    tmp_path: Path,
) -> None:
    names = ("by-command", "by-uvicorn")
    lines = CONFIGURE
    for name in names:
        address, folder = f"http://127.0.0.1:{free_port()}", tmp_path / name
        folder.mkdir()
        config = service_config(folder, {"InMemoryImageBuilder.pace": 1.0})
        if name == "by-uvicorn":
            entry = {"name": name, "command": uvicorn(address), "environment": {CONFIG_VARIABLE: str(config)}}
            lines += f"c.JupyterHub.services.append({entry})\n"
        lines += f"configure(c, name={name!r}, url={address!r}, config_file={str(config)!r}, **groups)\n"
    with running_hub(tmp_path, lines) as hub, ExitStack() as stack:
        told = [stack.enter_context(followed(Behind(hub, hub.wait_for_service(name)))) for name in names]
        begun = time.monotonic()
        hub.stop()
        took = time.monotonic() - begun
        last = [[event["event"] for event in each][-1:] for each in told]

    assert took < STOPS_WITHIN
    # The Hub's proxy may go before it has passed the word on.
    assert all(each in (["reconnect"], []) for each in last)


@contextmanager
def followed(here: Behind) -> Iterator[Iterator[dict[str, str]]]:
    """Begin a slow build as Alice, and give the events of its log from the second one on."""
    with here.client_of("alice") as alice:
        build = alice.post("builds", json={"repo": "https://example.org/slow.git"}).raise_for_status().json()
        with alice.stream("GET", f"builds/{build['id']}/log", headers={"Accept": "text/event-stream"}) as stream:
            told = events(stream.raise_for_status().iter_lines())
            next(told)
            yield told


def uvicorn(address: str) -> list[str]:
    """Give the words that serve there, as the documentation has them."""
    program = Path(sys.executable).with_name("uvicorn")
    where = httpx.URL(address)
    options = [f"--host={where.host}", f"--port={where.port}", "--timeout-graceful-shutdown=5"]
    options += ["--http=repo2docker_service.entrypoints.http.connections:BoundedConnection"]
    return [str(program), "--factory", "repo2docker_service:create_app", *options]
