"""The few calls of the engine's API that a pusher makes."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode


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

    def __init__(self, path: str, timeout: float) -> None:
        self.path = path
        self.timeout = timeout

    def identify(self, image: str) -> str:
        """Give the image's id, or nothing when it is not there."""
        status, body = self._call("GET", f"/images/{quote(image)}/json")
        return str(json.loads(body)["Id"]) if status == http.client.OK else ""

    def is_nameless(self, image: str) -> bool:
        """Whether an image is there and has no name; removing one by its id would take its last name, too."""
        status, body = self._call("GET", f"/images/{quote(image)}/json")
        return status == http.client.OK and not json.loads(body)["RepoTags"]

    def tag(self, image: str, repository: str, tag: str) -> str:
        """Give an image another name; give the reason where that fails, else nothing."""
        query = urlencode({"repo": repository, "tag": tag})
        status, body = self._call("POST", f"/images/{quote(image)}/tag?{query}")
        return "" if status == http.client.CREATED else f"the image could not be named: {_message(body)}"

    def remove(self, image: str) -> None:
        """Remove a name, and the image with its last one; one that is in use or gone is left as it is."""
        self._call("DELETE", f"/images/{quote(image)}")

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

    def _call(self, method: str, path: str) -> tuple[int, bytes]:
        connection = UnixConnection(self.path, self.timeout)
        try:
            connection.request(method, path)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()


def _message(body: bytes) -> str:
    try:
        return str(json.loads(body)["message"])
    except (ValueError, KeyError, TypeError):
        return body.decode(errors="replace").strip()
