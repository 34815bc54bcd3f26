"""One request to `git http-backend`, the smart HTTP server that comes with git as a CGI program."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import IO
from urllib.parse import unquote, urlsplit

# Repositories may belong to another user than the one who runs this, whose settings must not matter either.
SETTINGS = {
    "GIT_HTTP_EXPORT_ALL": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_CONFIG_COUNT": "1",
    "GIT_CONFIG_KEY_0": "safe.directory",
    "GIT_CONFIG_VALUE_0": "*",
}


@dataclass(slots=True)
class Answer:
    """What git says: the body is to be read to its end."""

    status: int
    body: IO[bytes]
    headers: list[tuple[str, str]] = field(default_factory=list)


@contextmanager
def answer(root: Path, method: str, target: str, headers: Message, body: IO[bytes], protocol: str) -> Iterator[Answer]:
    """Ask git about the repositories under `root`; `body` is a file that is read to its end."""
    environment = os.environ | SETTINGS | _request(root, method, target, headers) | {"GIT_PROTOCOL": protocol}
    environment.pop("CONTENT_LENGTH", None)
    command = ["git", "http-backend"]
    with subprocess.Popen(command, env=environment, stdin=body, stdout=subprocess.PIPE) as git:
        assert git.stdout is not None
        try:
            yield _parse(git.stdout)
        finally:
            # When the client went away, git must not wait for somebody to read on.
            git.stdout.close()


def _request(root: Path, method: str, target: str, headers: Message) -> dict[str, str]:
    parts = urlsplit(target)
    return {
        "GIT_PROJECT_ROOT": str(root),
        "REQUEST_METHOD": method,
        "PATH_INFO": unquote(parts.path),
        "QUERY_STRING": parts.query,
        "CONTENT_TYPE": headers.get("Content-Type", ""),
        "HTTP_CONTENT_ENCODING": headers.get("Content-Encoding", ""),
        "REMOTE_ADDR": "127.0.0.1",
        "REMOTE_USER": "",
    }


def _parse(stream: IO[bytes]) -> Answer:
    head = b""
    while (line := stream.readline()).strip():
        head += line
    message = BytesHeaderParser().parsebytes(head)
    status = int(message.get("Status", "200").split()[0])
    return Answer(status, stream, [(name, value) for name, value in message.items() if name != "Status"])
