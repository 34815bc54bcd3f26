"""Lines by which a Hub starts its servers in containers of a Docker engine, of which nothing is left at the end."""

from __future__ import annotations

import fcntl
import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus

from .cache import alone, cache_folder
from .docker_api import DockerApi, EngineError
from .errors import PartMissing

STARTS_WITHIN = 120


@dataclass(frozen=True, slots=True)
class Containers:
    """Containers of one Hub on a network of its own, told from those of others by how their names begin."""

    engine_url: str
    prefix: str
    """Also for the names of volumes, and the name of the network."""
    gateway: str
    """The address of this machine at which containers reach the Hub; nobody from outside does."""

    def place(self) -> str:
        """Give the configuration that says where containers are, and nothing of how they are."""
        return _lines(
            {
                "DockerSpawner.client_kwargs": {"base_url": self.engine_url},
                "DockerSpawner.network_name": self.prefix,
                "DockerSpawner.prefix": self.prefix,
                # What is left is removed here, which takes less time.
                "JupyterHub.cleanup_servers": False,
            }
        )

    def lines(self, **settings: object) -> str:
        """Give the configuration of a Hub at the gateway, with further settings of DockerSpawner."""
        chosen: dict[str, object] = {
            "JupyterHub.spawner_class": "docker",
            "JupyterHub.allow_named_servers": True,
            "Spawner.start_timeout": STARTS_WITHIN,
            "Spawner.http_timeout": STARTS_WITHIN,
            "DockerSpawner.cmd": ["jupyterhub-singleuser"],
            "DockerSpawner.pull_policy": "never",
            "DockerSpawner.remove": True,
            **{f"DockerSpawner.{name}": value for name, value in settings.items()},
        }
        return _lines(chosen) + self.place()

    def running(self) -> list[str]:
        """Give the names of all that there are, running or not."""
        query = {"all": "1", "filters": json.dumps({"name": [f"^/{self.prefix}-"]})}
        found = DockerApi(self.engine_url).ask("GET", "/containers/json", query)
        return [str(name).removeprefix("/") for each in found for name in each["Names"]]

    def volumes(self) -> list[str]:
        """Give the names of all volumes that there are."""
        query = {"filters": json.dumps({"name": [f"{self.prefix}-"]})}
        found = DockerApi(self.engine_url).ask("GET", "/volumes", query)["Volumes"] or ()
        return [str(each["Name"]) for each in found]

    def remove(self) -> None:
        """Remove them all, with their volumes and their network."""
        docker = DockerApi(self.engine_url)
        containers = [f"/containers/{name}" for name in self.running()]
        volumes = [f"/volumes/{name}" for name in self.volumes()]
        for path in (*containers, *volumes, f"/networks/{self.prefix}"):
            with _unless_gone():
                docker.ask("DELETE", path, {"force": "1"})


@contextmanager
def hub_containers(engine_url: str) -> Iterator[Containers]:
    """Give a Hub a network of an engine to start containers on; what it leaves there is removed at the end.

    Whose end did not come, because it was killed, is tidied up after by the next one.

    Raises:
        PartMissing: containers of this engine do not reach this machine.
    """
    docker, name = DockerApi(engine_url), f"r2dhub-{secrets.token_hex(4)}"
    with _presence(engine_url, name):
        docker.ask("POST", "/networks/create", None, {"Name": name})
        network = docker.ask("GET", f"/networks/{name}")
        gateway = next((str(each["Gateway"]) for each in network["IPAM"]["Config"] or () if "Gateway" in each), "")
        if not gateway:
            raise PartMissing("Give the engine networks with a gateway, by which containers reach the Hub.")
        yield Containers(engine_url, name, gateway)


@contextmanager
def _presence(engine_url: str, name: str) -> Iterator[None]:
    """Hold a lock on a file of this name, so that others know that somebody is there who will remove everything."""
    file = cache_folder() / f"{name}.hub"
    with alone("hubs"):
        _remove_orphans(engine_url)
        presence = file.open("w")
        presence.write(engine_url)
        presence.flush()
        fcntl.flock(presence, fcntl.LOCK_EX)
    with presence:
        try:
            yield
        finally:
            Containers(engine_url, name, "").remove()
            file.unlink()


def _remove_orphans(engine_url: str) -> None:
    for file in cache_folder().glob("*.hub"):
        with file.open() as presence, suppress(BlockingIOError):
            fcntl.flock(presence, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if presence.read() == engine_url:
                Containers(engine_url, file.stem, "").remove()
                file.unlink()


def _lines(settings: Mapping[str, object]) -> str:
    return "".join(f"c.{name} = {value!r}\n" for name, value in settings.items())


@contextmanager
def _unless_gone() -> Iterator[None]:
    """Let the engine say that something is gone already, or going."""
    try:
        yield
    except EngineError as error:
        if error.status not in (HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT):
            raise
