"""Short-lived containers, for making images from."""

from __future__ import annotations

import http.client
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from .docker_api import DockerApi, EngineError


class ContainerFailed(Exception):
    """What ran in a container ended badly; the message has the end of what it printed."""

    def __init__(self, status: int, printed: str) -> None:
        super().__init__(f"status {status}: {printed[-2000:]}")
        self.printed = printed


class Container:
    """A container of an engine, stopped until `run`."""

    def __init__(self, api: DockerApi, identifier: str) -> None:
        self._api = api
        self.path = f"/containers/{identifier}"
        self._id = identifier

    def run(self, limit: float = 900) -> str:
        """Run its command to the end and give what it printed."""
        self._api.ask("POST", f"{self.path}/start")
        status = self._api.ask("POST", f"{self.path}/wait", timeout=limit)["StatusCode"]
        printed = self.log()
        if status != 0:
            raise ContainerFailed(status, printed)
        return printed

    def log(self) -> str:
        """Give what it printed; the terminal it has mixes both streams into one plain text."""
        with self._api.open("GET", f"{self.path}/logs", {"stdout": "1", "stderr": "1"}) as answer:
            return answer.read().decode(errors="replace").replace("\r\n", "\n")

    @contextmanager
    def reading(self, path: str) -> Iterator[http.client.HTTPResponse]:
        """Give a folder of the container as a tar."""
        with self._api.open("GET", f"{self.path}/archive", {"path": path}) as tar:
            yield tar

    def write(self, folder: str, tar: Iterable[bytes]) -> None:
        """Unpack a tar, which comes in pieces, into a folder of the container."""
        with self._api.open("PUT", f"{self.path}/archive", {"path": folder}, tar):
            pass

    def commit(self, name: str, config: Mapping[str, object], comment: str) -> None:
        """Make an image of what the container holds, with this configuration instead of the container's."""
        repository, _, tag = name.rpartition(":")
        query = {"container": self._id, "repo": repository, "tag": tag, "comment": comment}
        self._api.ask("POST", "/commit", query, config, timeout=300)


@contextmanager
def container(
    api: DockerApi,
    image: str,
    command: Sequence[str],
    environment: Mapping[str, str] | None = None,
    binds: Sequence[str] = (),
    network: str = "host",
) -> Iterator[Container]:
    """Give a container, on the machine's own network unless another is named; it is removed at the end."""
    body = {
        "Image": image,
        "Entrypoint": [],
        "Cmd": list(command),
        "Tty": True,
        "Env": [f"{name}={value}" for name, value in (environment or {}).items()],
        "HostConfig": {"NetworkMode": network, "Binds": list(binds)},
    }
    identifier = api.ask("POST", "/containers/create", None, body)["Id"]
    try:
        yield Container(api, identifier)
    finally:
        api.ask("DELETE", f"/containers/{identifier}", {"force": "1", "v": "1"})


def image_comment(api: DockerApi, name: str) -> str | None:
    """Give the comment with which an image was made, or None when the engine has no image of this name."""
    try:
        return str(api.ask("GET", f"/images/{name}/json").get("Comment", ""))
    except EngineError as error:
        if error.status != http.client.NOT_FOUND:
            raise
        return None


def image_exists(api: DockerApi, name: str) -> bool:
    """Tell whether the engine has an image of this name."""
    return image_comment(api, name) is not None
