"""A real JupyterHub on this machine, behind its real proxy, with people of every kind."""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from . import hub_proxy
from .errors import PartMissing
from .ports import free_ports
from .processes import running_in, send

COMMAND = Path(sys.executable).with_name("jupyterhub")
LEFT_OUT = Path(__file__).with_name("left_out")
"""Modules here keep what a Hub does without from being imported."""
STARTS_WITHIN = 60.0
STOPS_WITHIN = 20.0
GROUPS: Mapping[str, Sequence[str]] = {
    "builders": ["alice", "ben"],
    "viewers": ["vera"],
    "r2d-admins": ["carol"],
    "course-a": ["dora", "dan"],
}
OTHERS = ("bob", "hub-admin")
"""People in no group; the second administers the Hub."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the Hub's API said."""

    status: int
    body: Any
    """What its JSON says; None when there was none."""


class RunningHub:
    """A Hub with ports and a database of its own, which outlive its process."""

    def __init__(self, folder: Path, lines: str, base_url: str, api_ip: str) -> None:
        self.base_url = base_url
        self._api_ip = api_ip
        self._port, self._hub_port, self._proxy_port = free_ports(3)
        self.url = f"http://127.0.0.1:{self._port}{base_url}"
        """Where browsers reach it, and services behind it; ends in a slash."""
        self.api_url = f"http://{api_ip}:{self._hub_port}{base_url}hub/api"
        """Where services reach it, past its proxy."""
        # Nothing else runs in a new folder, so that what runs in it may be ended.
        self._folder = Path(tempfile.mkdtemp(prefix="hub-", dir=folder)).resolve()
        self._token = secrets.token_hex(16)
        self._process: subprocess.Popen[bytes] | None = None
        self._log = self._folder / "hub.log"
        self._config = self._folder / "jupyterhub_config.py"
        self._proxy = hub_proxy.command()
        self.configure(lines)

    @property
    def port(self) -> int:
        """Where its proxy listens on this machine."""
        return self._port

    @property
    def log(self) -> str:
        """What it, its proxy and the services it started printed so far."""
        return self._log.read_text(errors="replace")

    def configure(self, lines: str) -> None:
        """Write its configuration, for the next start, with these lines at the end."""
        self._config.write_text(self._settings() + lines)

    def start(self) -> None:
        """Start it, with what its database knows from before; done when it says that it runs.

        Raises:
            RuntimeError: it ends, or does not answer in time.
        """
        with self._log.open("ab") as log:
            said_before = log.tell()
            self._process = subprocess.Popen(
                [COMMAND, f"--config={self._config}"],
                cwd=self._folder,
                env=_environment(),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            # Whoever asks the proxy before makes it fill the log with complaints.
            self._until(lambda: b"is now running at" in self._log.read_bytes()[said_before:])
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End it, if it runs, with its proxy and the services it started."""
        if self._process is not None:
            self._process.terminate()
            self.thaw()
            try:
                self._process.wait(timeout=STOPS_WITHIN)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None
        # A Hub that ended by itself leaves its proxy and services behind.
        while left := running_in(self._folder):
            for pid in left:
                send(pid, signal.SIGKILL)
            time.sleep(0.02)

    def wait(self) -> None:
        """Wait until it ends by itself."""
        if self._process is not None:
            self._process.wait()

    def freeze(self) -> None:
        """Let it answer nobody, while its proxy and the services it started go on."""
        self._send(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._send(signal.SIGCONT)

    def wait_for_service(self, name: str) -> str:
        """Wait until the proxy leads to a service, and give its address there, if it has no host of its own."""
        route = f"{self.base_url}services/{name}/"
        # Where services have hosts of their own, the host goes before the path.
        self._until(lambda: any(each.endswith(route) for each in self.ask("GET", "/proxy").body or {}))
        return f"{self.url}services/{name}/"

    def wait_until_ready(self, user: str, server: str, within: float = 120) -> None:
        """Wait until a server of somebody that was asked for has started.

        Raises:
            RuntimeError: it does not start, or not in time.
        """
        path = f"/users/{user}/servers/{server}"
        self._until(lambda: _has_started(self.ask("GET", path)), within)

    def ask(self, method: str, path: str, body: object = None, *, token: str | None = None) -> Answer:
        """Ask the Hub's API, as one that may do everything unless there is a token."""
        text = None if body is None else json.dumps(body)
        headers = {"Authorization": f"token {token or self._token}"}
        with closing(HTTPConnection(self._api_ip, self._hub_port, timeout=30)) as connection:
            connection.request(method, f"{self.base_url}hub/api{path}", text, headers)
            response = connection.getresponse()
            content = response.read()
        return Answer(response.status, json.loads(content) if content else None)

    def token(self, user: str, *scopes: str) -> str:
        """Make a token for somebody, for all that person may do unless scopes are named.

        Raises:
            RuntimeError: the Hub does not make one.
        """
        answer = self.ask("POST", f"/users/{user}/tokens", {"scopes": list(scopes)} if scopes else {})
        if answer.status != HTTPStatus.CREATED:
            raise RuntimeError(f"The Hub gives {user} no token: {answer.status} {answer.body}")
        return str(answer.body["token"])

    def _settings(self) -> str:
        chosen: dict[str, object] = {
            "JupyterHub.bind_url": self.url,
            "JupyterHub.hub_bind_url": f"http://{self._api_ip}:{self._hub_port}",
            "JupyterHub.db_url": f"sqlite:///{self._folder}/hub.sqlite",
            "JupyterHub.cookie_secret_file": str(self._folder / "cookie_secret"),
            "JupyterHub.authenticator_class": "dummy",
            "JupyterHub.spawner_class": "simple",
            "JupyterHub.load_groups": {group: {"users": list(people)} for group, people in GROUPS.items()},
            "JupyterHub.services": [{"name": "tests", "api_token": self._token, "admin": True}],
            "ConfigurableHTTPProxy.command": self._proxy,
            "ConfigurableHTTPProxy.api_url": f"http://127.0.0.1:{self._proxy_port}",
            "ConfigurableHTTPProxy.pid_file": str(self._folder / "proxy.pid"),
            "Authenticator.admin_users": {"hub-admin"},
            "Authenticator.allowed_users": {*OTHERS, *(person for people in GROUPS.values() for person in people)},
        }
        return "".join(f"c.{name} = {value!r}\n" for name, value in chosen.items())

    def _until(self, reached: Callable[[], bool], within: float = STARTS_WITHIN) -> None:
        deadline = time.monotonic() + within
        while time.monotonic() < deadline and self._process is not None and self._process.poll() is None:
            # While it starts, connections are refused.
            with suppress(OSError, HTTPException):
                if reached():
                    return
            time.sleep(0.05)
        raise RuntimeError(f"The Hub does not do what is waited for:\n{self.log[-4000:]}")

    def _send(self, number: signal.Signals) -> None:
        if self._process is None:
            raise RuntimeError("The Hub does not run.")
        self._process.send_signal(number)


def _has_started(server: Answer) -> bool:
    if server.status != HTTPStatus.OK or not (server.body["ready"] or server.body["pending"]):
        raise RuntimeError(f"The server does not start: {server}")
    return bool(server.body["ready"])


@contextmanager
def running_hub(
    folder: Path, lines: str = "", base_url: str = "/", *, api_ip: str = "127.0.0.1"
) -> Iterator[RunningHub]:
    """Run a Hub with these lines added to its configuration, until the end; its files go into a new folder there.

    Its API listens at an address of this machine which those reach that are to ask it.

    Raises:
        PartMissing: JupyterHub or its proxy is not here.
        RuntimeError: it does not start.
    """
    if not COMMAND.is_file():
        raise PartMissing("Install the Python package jupyterhub.")
    hub = RunningHub(folder, lines, base_url, api_ip)
    hub.start()
    try:
        yield hub
    finally:
        hub.stop()


def _environment() -> dict[str, str]:
    """Variables of these names would change its configuration."""
    ours = ("JUPYTERHUB_", "JPY_", "CONFIGPROXY_", "REPO2DOCKER_")
    others = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    searched = (str(LEFT_OUT), others.get("PYTHONPATH", ""))
    return {**others, "PYTHONPATH": os.pathsep.join(filter(None, searched))}
