"""Gives the built image its final name. It holds no content of the repository."""

from __future__ import annotations

import http.client
import json
import socket
from typing import Any
from urllib.parse import quote, urlencode

from . import codes
from .guard import pending_end


def push(plan: dict[str, Any], path: str) -> int:
    """Tag the image of a build with its final name and drop the temporary one; give the exit code."""
    try:
        return _push(plan, Engine(path, plan["push_timeout"]))
    except (OSError, http.client.HTTPException) as error:
        print(f"The engine did not answer: {error}", flush=True)
        return codes.PUSH_FAILED


def _push(plan: dict[str, Any], engine: Engine) -> int:
    if plan["push"]:
        print("This release keeps images in the engine only; it cannot push them yet.", flush=True)
        return codes.PUSH_FAILED
    cancelled = pending_end()
    if cancelled is not None:
        engine.remove(plan["temporary"])
        return cancelled
    replaced = engine.identify(plan["final"])
    if not engine.tag(plan["temporary"], plan["repository"], plan["tag"]):
        return codes.PUSH_FAILED
    engine.remove(plan["temporary"])
    if replaced and engine.is_nameless(replaced):
        engine.remove(replaced)
    print(f"Stored as {plan['final']}", flush=True)
    return codes.OK


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
    """The few calls of the engine's API that a pusher makes."""

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

    def tag(self, image: str, repository: str, tag: str) -> bool:
        """Give an image another name; say why in the log where that fails."""
        query = urlencode({"repo": repository, "tag": tag})
        status, body = self._call("POST", f"/images/{quote(image)}/tag?{query}")
        if status != http.client.CREATED:
            print(f"The image could not be named: {body.decode(errors='replace').strip()}", flush=True)
        return status == http.client.CREATED

    def remove(self, image: str) -> None:
        """Remove a name, and the image with its last one; one that is in use or gone is left as it is."""
        self._call("DELETE", f"/images/{quote(image)}")

    def _call(self, method: str, path: str) -> tuple[int, bytes]:
        connection = UnixConnection(self.path, self.timeout)
        try:
            connection.request(method, path)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()
