"""A service that a Hub starts, used with a real browser of which everything is noted that it asks for."""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import httpx
from playwright.sync_api import Browser, BrowserContext, Page, Request, Response
from tests.integration.hub.conftest import CONFIGURE, Behind, service_config
from tools.parts.hub import running_hub
from tools.parts.ports import free_port
from tools.trust import TRUST

from repo2docker_service.domain.signing import Signer
from repo2docker_service.entrypoints.http.login_flow import LIFETIME as LOGIN_LIFETIME
from repo2docker_service.entrypoints.http.sessions import LIFETIME
from repo2docker_service.sealing import Sealer

SECRET: Final = "what-the-replicas-of-the-watched-service-share"
SERVICE_TOKEN: Final = "the-token-by-which-the-hub-knows-the-watched-service"
HOSTILE_SERVER: Final = Path(__file__).with_name("hostile_server.py")
PATIENCE: Final = 30_000
"""Milliseconds."""


@contextmanager
def watched_service(folder: Path) -> Iterator[Behind]:
    """Run a Hub whose users' servers do what somebody hostile wants, and which starts this service."""
    settings = {
        "Repo2DockerService.secret": [SECRET],
        "Repo2DockerService.instance": "watched",
        "Repo2DockerService.log_level": "DEBUG",
    }
    address, config = f"http://127.0.0.1:{free_port()}", str(service_config(folder, settings))
    lines = f"""{CONFIGURE}
import os
configure(c, url={address!r}, config_file={config!r}, **groups)
[ours] = [each for each in c.JupyterHub.services if each["name"] == "repo2docker"]
ours["api_token"] = {SERVICE_TOKEN!r}
c.Spawner.cmd = [{sys.executable!r}, {str(HOSTILE_SERVER)!r}]
# There the Hub's own helper ends what a Hub leaves behind.
c.SimpleLocalProcessSpawner.home_dir_template = os.getcwd()
"""
    with running_hub(folder, lines) as hub:
        yield Behind(hub, hub.wait_for_service("repo2docker"))


@dataclass
class Watched:
    """A browser in which nobody has logged in, and what it asked for since."""

    behind: Behind
    context: BrowserContext
    requests: list[Request] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    """Lines of all consoles."""
    broken: list[str] = field(default_factory=list)
    """Addresses that were answered with an error of a server."""

    def __post_init__(self) -> None:
        self.context.set_default_timeout(PATIENCE)
        self.context.on("request", lambda request: self.requests.append(request))  # noqa: PLW0108  # it marks it
        self.context.on("response", self._note)
        self.context.on("console", lambda message: self.said.append(message.text))

    def _note(self, response: Response) -> None:
        if response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            self.broken.append(response.url)

    @property
    def addresses(self) -> list[str]:
        """All addresses that were asked for."""
        return [request.url for request in self.requests]

    @property
    def origins(self) -> set[str]:
        """Where something was asked for."""
        return {f"{parts.scheme}://{parts.netloc}" for parts in map(urlsplit, self.addresses) if parts.netloc}

    @property
    def page(self) -> Page:
        """The page that was opened first."""
        return self.context.pages[0] if self.context.pages else self.context.new_page()

    def log_in(self, address: str, user: str) -> Page:
        """Open an address, log in at the Hub where that leads to, and wait for the page that is shown at last."""
        page = self.page
        page.goto(address)
        page.wait_for_url(re.compile(r"/hub/login"))
        page.fill("input[name=username]", user)
        with page.expect_navigation():
            page.click("input[type=submit]")
        return page

    def cookie(self, name: str) -> str:
        """Give the value of a cookie of this service; empty when there is none."""
        path = urlsplit(self.behind.url).path
        found = (each["value"] for each in self.context.cookies() if each["name"] == name and each["path"] == path)
        return next(found, "")

    @property
    def session(self) -> str:
        """The sealed session."""
        return self.cookie("repo2docker-service-watched")

    def settled(self, query: str) -> str:
        """Give where a login leads that begins with this query, which only the service can read."""
        answer = httpx.get(f"{self.behind.url}login?{query}", verify=TRUST)
        [sealed] = (value for name, value in answer.cookies.items() if "-login-" in name)
        opened = Sealer(Signer([SECRET.encode()]), "login/watched").open(sealed, time.time(), LOGIN_LIFETIME)
        assert opened is not None
        return str(json.loads(opened)[-1])

    def token(self) -> str:
        """Give the token that the session is for, which only the service can read."""
        opened = Sealer(Signer([SECRET.encode()]), "session/watched").open(self.session, time.time(), LIFETIME)
        assert opened is not None
        return opened


@contextmanager
def watching(behind: Behind, chromium: Browser, *, scripts: bool = True) -> Iterator[Watched]:
    """Open a new browser; without scripts it goes faster, and only where servers lead it."""
    with chromium.new_context(java_script_enabled=scripts) as context:
        yield Watched(behind, context)
