"""Looks at what everybody on a machine, and everybody with the engine's socket, sees while builds run."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tools.parts.docker_api import DockerApi, EngineError

from .engine_facts import Found, containers
from .replica import Replica
from .secret_search import Search

PROCESSES = "arguments and variables of all processes"
CONTAINERS = "containers at any time: description, labels and log"
AT_REST = "containers that wait or have ended: files too"
EVENTS = "the stream of events"
EVERY_PROCESS = 0.02
LOOKS = 5
SHOWN = ("cmdline", "environ")
EVERY_CONTAINER = 1.0
FOLDERS = ("/run", "/tmp")  # noqa: S108 - of containers: where programs leave files


def described(docker: DockerApi, container: str) -> bytes:
    """Give a container's description and log: quickly, unlike all files that its image lacks."""
    told = json.dumps(docker.ask("GET", f"/containers/{container}/json"), ensure_ascii=False).encode()
    return told + _read(docker, container, "logs", {"stdout": "1", "stderr": "1"})


def _read(docker: DockerApi, container: str, what: str, query: Mapping[str, str]) -> bytes:
    with docker.open("GET", f"/containers/{container}/{what}", query, timeout=60) as answer:
        return answer.read()


@dataclass
class Onlookers:
    """Those who look, each in a thread, for as long as the context is open."""

    search: Search
    docker: DockerApi
    instance: str
    leaving: threading.Event = field(default_factory=threading.Event)

    def at_processes(self) -> None:
        """Look at all processes of this machine, those of containers too."""
        looks: dict[str, int] = {}
        while not self.leaving.wait(EVERY_PROCESS):
            looks = {name: looks.get(name, 0) for name in os.listdir("/proc") if name.isdecimal()}  # noqa: PTH208 - much cheaper
            # One that is new may be about to run another program.
            for name in [name for name, times in looks.items() if times < LOOKS]:
                looks[name] += 1
                with suppress(OSError):
                    self.search.look(PROCESSES, *(Path("/proc", name, file).read_bytes() for file in SHOWN))

    def at_containers(self) -> None:
        """Look at the containers of the installation as they come, change and go."""
        seen: set[Found] = set()
        while not self.leaving.wait(EVERY_CONTAINER):
            with suppress(EngineError, OSError):  # one has just been removed, or the engine has no time
                for found in set(containers(self.docker, self.instance)) - seen:
                    self.search.look(CONTAINERS, described(self.docker, found.id))
                    seen.add(found)

    def look_at_rest(self) -> None:
        """Look into each container that does not run, at a time when nobody starts any."""
        for found in containers(self.docker, self.instance):
            if found.state != "running":
                files = (_read(self.docker, found.id, "archive", {"path": folder}) for folder in FOLDERS)
                self.search.look(AT_REST, described(self.docker, found.id), *files)

    def at_events(self, replica: Replica, token: str) -> None:
        """Follow what the service tells of builds and images, through all its lives."""
        while not self.leaving.wait(EVERY_PROCESS):
            with suppress(httpx.TransportError), replica.client(token) as client:
                self._follow(client)

    def _follow(self, client: httpx.Client) -> None:
        patience = httpx.Timeout(10, read=5)
        with client.stream("GET", "events", headers={"Accept": "text/event-stream"}, timeout=patience) as answer:
            for line in answer.iter_lines():
                self.search.look(EVENTS, line.encode())
                if self.leaving.is_set():
                    return


@contextmanager
def onlookers(search: Search, docker: DockerApi, instance: str, replica: Replica, token: str) -> Iterator[Onlookers]:
    """Let them look while the context is open."""
    here = Onlookers(search, docker, instance)
    ways = (here.at_processes, here.at_containers, lambda: here.at_events(replica, token))
    with ExitStack() as stack:
        for look in ways:
            stack.enter_context(_thread(look))
        stack.callback(here.leaving.set)
        yield here


@contextmanager
def _thread(look: Callable[[], None]) -> Iterator[None]:
    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield
    finally:
        thread.join(timeout=60)
