"""How images get into an engine and out of it: pulled, tagged, loaded from a file, saved to one."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Protocol

from .docker_api import DockerApi, EngineError
from .progress import say, step

PROBE_LIMIT = 20
PULL_LIMIT = 600
PIECE = 1 << 20


class Readable(Protocol):
    """A file, or an answer of the engine."""

    def read(self, amount: int, /) -> bytes:
        """Give at most so many bytes, none at the end."""
        ...


def pull(api: DockerApi, name: str) -> bool:
    """Pull an image; without a way to its registry, say so, give up early and tell it."""
    try:
        say(f"Asking for {name} ...")
        api.ask("GET", f"/distribution/{name}/json", timeout=PROBE_LIMIT)
        with step(f"Pulling {name}"):
            deadline = time.monotonic() + PULL_LIMIT
            repository, _, tag_of_it = name.rpartition(":")
            for _ in api.follow("/images/create", {"fromImage": repository, "tag": tag_of_it}, timeout=PULL_LIMIT):
                if time.monotonic() > deadline:
                    raise TimeoutError(f"not complete after {PULL_LIMIT} s")
    except (OSError, EngineError, http.client.HTTPException) as error:
        say(f"It cannot be pulled here: {error}")
        return False
    return True


def tag(api: DockerApi, name: str, new: str) -> None:
    """Give an image a further name."""
    repository, _, tag_of_it = new.rpartition(":")
    api.ask("POST", f"/images/{name}/tag", {"repo": repository, "tag": tag_of_it})


def build(api: DockerApi, name: str, arguments: Mapping[str, str], context: bytes) -> None:
    """Build an image by the Dockerfile in a tar."""
    query = {"t": name, "buildargs": json.dumps(arguments), "rm": "1", "forcerm": "1"}
    for _ in api.follow("/build", query, context):
        pass


def save(api: DockerApi, name: str, file: Path) -> None:
    """Write an image to a file, which appears when it is complete."""
    with api.open("GET", "/images/get", {"names": name}) as answer:
        write(answer, file)


def write(tar: Readable, file: Path) -> None:
    """Write what the engine sends to a file, which appears when it is complete."""
    unfinished = file.with_suffix(".tar.part")
    with unfinished.open("wb") as target:
        target.writelines(in_pieces(tar))
    unfinished.rename(file)


def load(api: DockerApi, file: Path) -> None:
    """Load an image from a file."""
    for _ in api.follow("/images/load", {"quiet": "1"}, pieces(file)):
        pass


def pieces(file: Path) -> Iterator[bytes]:
    """Read a file piece by piece."""
    with file.open("rb") as source:
        yield from in_pieces(source)


def in_pieces(source: Readable) -> Iterator[bytes]:
    """Read what is sent or kept piece by piece."""
    while piece := source.read(PIECE):
        yield piece
