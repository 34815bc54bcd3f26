"""An engine as far as a pusher asks it: images by name, and containers that nobody starts."""

import base64
import json
import re
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.unit.adapters.docker.raw_engine import RawEngine, answer, read_exactly, read_request

TEMPORARY, FINAL = "localhost/r2d/a:b-0123", "localhost/r2d/a:1"
NEW, OLD, MADE = "sha256:new", "sha256:old", "sha256:made"
LOOK = "r2d-test-look-0123"
LABEL = "test.launchable"
PLAN: dict[str, Any] = {
    "buildkit": "",
    "temporary": TEMPORARY,
    "final": FINAL,
    "repository": "localhost/r2d/a",
    "registry": "localhost",
    "tag": "1",
    "look": LOOK,
    "launchable_label": LABEL,
    "push": False,
    "push_timeout": 5,
    "push_patience": 1,
}
FOLDER, LINK, PIPE = 1 << 31, 1 << 27, 1 << 25
PROGRAM = "/opt/bin/jupyterhub-singleuser"


@dataclass(frozen=True)
class File:
    """What the engine tells of a file."""

    mode: int = 0o755
    target: str = ""


@dataclass
class ImageEngine:
    """Images by name, files by path, and all that was asked."""

    path: str
    names: dict[str, str] = field(default_factory=lambda: {TEMPORARY: NEW})
    ids: set[str] = field(default_factory=lambda: {NEW, OLD, MADE})
    config: dict[str, Any] = field(default_factory=lambda: {"Env": ["PATH=/usr/bin:/opt/bin"], "Cmd": ["run"]})
    files: dict[str, File] = field(default_factory=dict)
    fails: Mapping[str, int] = field(default_factory=dict)
    """Statuses for what is asked, by a regular expression for the beginning of it."""
    asked: list[str] = field(default_factory=list)
    given: dict[str, Any] = field(default_factory=dict)
    """Documents that came with what was asked."""

    @property
    def folder(self) -> str:
        return str(Path(self.path).parent)

    @property
    def changes(self) -> list[str]:
        return [asked for asked in self.asked if not asked.startswith(("GET", "HEAD"))]

    @property
    def looked_at(self) -> list[str]:
        return [parse_qs(urlsplit(asked).query)["path"][0] for asked in self.asked if asked.startswith("HEAD")]

    @contextmanager
    def listening(self) -> Iterator["ImageEngine"]:
        with RawEngine(Path(self.path), self.talk).listening():
            yield self

    def talk(self, connection: socket.socket) -> None:
        head = read_request(connection).decode()
        method, target, _ = unquote(head.split("\r\n")[0]).split(" ")
        asked = f"{method} {target}"
        length = re.search(r"Content-Length: (\d+)", head)
        if length and int(length[1]):
            self.given[asked] = json.loads(read_exactly(connection, int(length[1])))
        self.asked.append(asked)
        connection.sendall(self.reply(method, target, asked))

    def reply(self, method: str, target: str, asked: str) -> bytes:
        status = next((status for pattern, status in self.fails.items() if re.match(pattern, asked)), None)
        if status:
            return answer(b"" if method == "HEAD" else b'{"message":"in its own words"}', status)
        if target.startswith("/containers"):
            return self.container(method, target)
        if target.startswith("/commit"):
            self.names[FINAL] = MADE
            return answer(b'{"Id":"sha256:made"}', HTTPStatus.CREATED)
        return self.image(method, target.removeprefix("/images/"))

    def container(self, method: str, target: str) -> bytes:
        if method != "HEAD":
            return answer(b'{"Id":"c1"}', HTTPStatus.CREATED)
        file = self.files.get(parse_qs(urlsplit(target).query)["path"][0])
        if file is None:
            return answer(b"", HTTPStatus.NOT_FOUND)
        told = base64.b64encode(json.dumps({"mode": file.mode, "linkTarget": file.target}).encode()).decode()
        return f"HTTP/1.1 200 OK\r\nX-Docker-Container-Path-Stat: {told}\r\nContent-Length: 0\r\n\r\n".encode()

    def image(self, method: str, image: str) -> bytes:
        if method == "POST":
            self.names[FINAL] = self.names[TEMPORARY]
            return answer(b"", HTTPStatus.CREATED)
        image = image.removesuffix("/json")
        identifier = self.names.get(image, image if image in self.ids else "")
        if not identifier:
            return answer(b"{}", HTTPStatus.NOT_FOUND)
        if method == "DELETE":
            self.names.pop(image, None)
            return answer(b"[]")
        tags = [name for name, target in self.names.items() if target == identifier]
        return answer(json.dumps({"Id": identifier, "RepoTags": tags, "Config": self.config}).encode())
