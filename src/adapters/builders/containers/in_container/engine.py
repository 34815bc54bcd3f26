"""The few calls of the engine's API that a pusher makes."""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

# Bits of a mode, as the engine writes it, that say what is not a regular file: folders, links, devices and the like.
_NOT_REGULAR = 1 << 31 | 1 << 27 | 1 << 26 | 1 << 25 | 1 << 24 | 1 << 21 | 1 << 19

_JSON = {"Content-Type": "application/json"}


class EngineRefused(Exception):
    """The engine did not do what it was asked, and said why."""


@dataclass(frozen=True)
class Status:
    """What the engine tells of a file."""

    mode: int
    """The lowest nine bits are permissions as everywhere."""
    target: str
    """Where a link leads in the end, whether anything is there or not; empty for all that is no link."""

    @property
    def regular(self) -> bool:
        """Whether it is a plain file."""
        return not self.mode & _NOT_REGULAR


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: str, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self.path = path

    def connect(self) -> None:
        """Connect to the socket instead of a host."""
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Engine:
    """An engine behind a socket."""

    name, talks = "the engine", True

    def __init__(self, path: str, timeout: float) -> None:
        self.path = path
        self.timeout = timeout

    def identify(self, image: str) -> str:
        """Give the image's id, or nothing when it is not there."""
        response, body = self._call("GET", f"/images/{quote(image)}/json")
        return str(json.loads(body)["Id"]) if response.status == http.client.OK else ""

    def is_nameless(self, image: str) -> bool:
        """Whether an image is there and has no name; removing one by its id would take its last name, too."""
        response, body = self._call("GET", f"/images/{quote(image)}/json")
        return response.status == http.client.OK and not json.loads(body)["RepoTags"]

    def tag(self, image: str, repository: str, tag: str) -> str:
        """Give an image another name; give the reason where that fails, else nothing."""
        query = urlencode({"repo": repository, "tag": tag})
        response, body = self._call("POST", f"/images/{quote(image)}/tag?{query}")
        return "" if response.status == http.client.CREATED else f"the image could not be named: {_message(body)}"

    def remove(self, image: str) -> None:
        """Remove a name, and the image with its last one; one that is in use or gone is left as it is."""
        self._call("DELETE", f"/images/{quote(image)}")

    def image(self, image: str) -> Mapping[str, Any]:
        """Give all that the engine tells of an image.

        Raises:
            EngineRefused: it is not there.
        """
        return self._wanted("GET", f"/images/{quote(image)}/json")

    def create(self, name: str, description: Mapping[str, Any]) -> str:
        """Create a container and give its id.

        Raises:
            EngineRefused: the name is taken, or the image cannot be had so.
        """
        return str(self._wanted("POST", f"/containers/create?{urlencode({'name': name})}", description)["Id"])

    def look_at(self, container: str, path: str) -> Status | None:
        """Tell what is at an absolute path of a container; nothing when there is nothing.

        Raises:
            EngineRefused: the engine cannot tell.
        """
        response, _ = self._call("HEAD", f"/containers/{container}/archive?{urlencode({'path': path})}")
        if response.status == http.client.NOT_FOUND:
            return None
        if response.status != http.client.OK:
            raise EngineRefused(f"{response.status} {response.reason}")
        told = json.loads(base64.b64decode(response.headers["X-Docker-Container-Path-Stat"]))
        return Status(told["mode"], told["linkTarget"])

    def commit(self, container: str, repository: str, tag: str, config: Mapping[str, Any]) -> None:
        """Make an image of a container, with these settings, under this name.

        Raises:
            EngineRefused: the engine cannot do it.
        """
        query = urlencode({"container": container, "repo": repository, "tag": tag})
        self._wanted("POST", f"/commit?{query}", config)

    def remove_container(self, container: str) -> None:
        """Remove a container that does not run, as far as the engine lets us."""
        with contextlib.suppress(OSError, http.client.HTTPException):
            self._call("DELETE", f"/containers/{container}?v=1")

    def push(self, repository: str, tag: str, authorization: str) -> Iterator[dict[str, Any]]:
        """Push an image and give what the engine says of it, as it comes.

        Args:
            repository: with the registry before it.
            tag: the one to push.
            authorization: the header X-Registry-Auth.
        """
        connection = UnixConnection(self.path, self.timeout)
        try:
            headers = {"X-Registry-Auth": authorization}
            connection.request("POST", f"/images/{quote(repository)}/push?{urlencode({'tag': tag})}", headers=headers)
            response = connection.getresponse()
            if response.status != http.client.OK:
                yield {"error": _message(response.read())}
                return
            for line in response:
                if line.strip():
                    yield json.loads(line)
        finally:
            connection.close()

    def _wanted(self, method: str, path: str, document: Mapping[str, Any] | None = None) -> dict[str, Any]:
        response, body = self._call(method, path, document)
        if response.status not in {http.client.OK, http.client.CREATED}:
            raise EngineRefused(_message(body))
        given: dict[str, Any] = json.loads(body)
        return given

    def _call(
        self, method: str, path: str, document: Mapping[str, Any] | None = None
    ) -> tuple[http.client.HTTPResponse, bytes]:
        connection = UnixConnection(self.path, self.timeout)
        try:
            connection.request(method, path, None if document is None else json.dumps(document), _JSON)
            response = connection.getresponse()
            return response, response.read()
        finally:
            connection.close()


def _message(body: bytes) -> str:
    try:
        return str(json.loads(body)["message"])
    except (ValueError, KeyError, TypeError):
        return body.decode(errors="replace").strip()
