"""What the engine itself says about the containers of an installation, whatever the service tells."""

from __future__ import annotations

import json
import secrets
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPException, HTTPResponse
from pathlib import PurePath
from typing import Any
from urllib.parse import urlencode

from repo2docker_service.adapters.builders.containers.cards import BUILD, CARD, INSTANCE
from repo2docker_service.adapters.builders.docker.containers import archive
from repo2docker_service.domain.records import INSTANCE_LABEL
from tools.parts.docker_api import DockerApi, EngineError, connect

ACTIONS = ("create", "start", "rename", "die", "destroy")
ADDED = 1
"""What the engine says of a path that the image lacks."""


@dataclass(frozen=True, slots=True)
class Found:
    """A container of an installation."""

    id: str
    build_id: str
    kind: str
    """`builder`, `pusher` or `claim`."""
    name: str
    state: str


def containers(docker: DockerApi, instance: str) -> list[Found]:
    """List an installation's containers."""
    return [
        Found(item["Id"], item["Labels"][BUILD], _kind(item["Labels"]), item["Names"][0].lstrip("/"), item["State"])
        for item in _listed(docker, "containers", f"{INSTANCE}={instance}")
    ]


def per_build(found: list[Found], kind: str) -> Counter[str]:
    """Count the containers of a kind by build."""
    return Counter(container.build_id for container in found if container.kind == kind)


def temporary_tags(docker: DockerApi, instance: str) -> list[str]:
    """List the names that builds in progress have for their images; none is left when all have ended."""
    images = _listed(docker, "images", f"{INSTANCE_LABEL}={instance}")
    return [tag for image in images for tag in image["RepoTags"] or () if ":b-" in tag]


def told_of(docker: DockerApi, container: str) -> bytes:
    """Give all that the engine tells of a container: its description, its log, and every file that its image lacks."""
    path = f"/containers/{container}"
    found = [json.dumps(docker.ask("GET", f"{path}/json"), ensure_ascii=False).encode()]
    changes = {change["Path"]: change["Kind"] for change in docker.ask("GET", f"{path}/changes") or ()}
    asked = [("archive", {"path": changed}) for changed in changes if _comes_whole(changed, changes)]
    for what, query in (*asked, ("logs", {"stdout": "1", "stderr": "1"})):
        with docker.open("GET", f"{path}/{what}", query, timeout=60) as answer:
            found.append(answer.read())
    return b"".join(found)


def _comes_whole(path: str, changes: Mapping[str, int]) -> bool:
    """Whether to ask for this path: for what is new with all below it, as each request takes a busy engine a second."""
    if changes[path] == ADDED:
        return not any(changes.get(str(above)) == ADDED for above in PurePath(path).parents)
    return not any(other.startswith(f"{path}/") for other in changes)


def import_image(docker: DockerApi, repository: str, tag: str, labels: Mapping[str, str]) -> None:
    """Make an image of next to nothing, a file `/token`, always another one."""
    pairs = " ".join(f"{json.dumps(key)}={json.dumps(value)}" for key, value in labels.items())
    query = {"fromSrc": "-", "repo": repository, "tag": tag} | ({"changes": f"LABEL {pairs}"} if labels else {})
    for _ in docker.follow("/images/create", query, archive({"token": secrets.token_bytes(8)})):
        pass


def remove_everything(docker: DockerApi, instance: str) -> None:
    """Remove the containers and images of an installation."""
    # Those made of its images carry the image's label: servers, and what a killed pusher was looking at.
    for label in (INSTANCE, INSTANCE_LABEL):
        for found in _listed(docker, "containers", f"{label}={instance}"):
            with suppress(EngineError):
                docker.ask("DELETE", f"/containers/{found['Id']}", {"force": "1", "v": "1"})
    # An image is made of the one that was built, which cannot be removed before it.
    for _ in range(2):
        for found in _listed(docker, "images", f"{INSTANCE_LABEL}={instance}"):
            with suppress(EngineError):
                docker.ask("DELETE", f"/images/{found['Id']}", {"force": "1"})


def _listed(docker: DockerApi, kind: str, label: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = docker.ask(
        "GET", f"/{kind}/json", {"all": "1", "filters": json.dumps({"label": [label]})}
    )
    return found


def _kind(labels: Mapping[str, str]) -> str:
    return str(json.loads(labels[CARD])["kind"])


@dataclass(frozen=True, slots=True)
class Happened:
    """Something that a container did, as the engine told it."""

    at: float
    """When it was heard, by the monotonic clock."""
    action: str
    id: str
    build_id: str
    kind: str


@dataclass
class History:
    """All that the engine told of an installation since we listen."""

    events: list[Happened] = field(default_factory=list)
    complete: bool = True
    """False when the engine stopped telling before we stopped listening."""

    def count(self, action: str, kind: str) -> Counter[str]:
        """Count how often containers of a kind did something, by build."""
        return Counter(event.build_id for event in list(self.events) if (event.action, event.kind) == (action, kind))


@contextmanager
def listening(docker: DockerApi, instance: str) -> Iterator[History]:
    """Record what the engine tells of an installation's containers while the context is open."""
    history = History()
    filters = {"type": ["container"], "event": list(ACTIONS), "label": [f"{INSTANCE}={instance}"]}
    with closing(connect(docker.url, None)) as connection:
        connection.connect()
        # The connection forgets its socket once the answer has it.
        wire: socket.socket = connection.sock
        connection.request("GET", f"/events?{urlencode({'filters': json.dumps(filters)})}")
        answer = connection.getresponse()
        leaving = threading.Event()
        thread = threading.Thread(target=_record, args=(answer, history, leaving), daemon=True)
        thread.start()
        try:
            yield history
        finally:
            leaving.set()
            with suppress(OSError):
                wire.shutdown(socket.SHUT_RDWR)
            thread.join(timeout=10)


def _record(answer: HTTPResponse, history: History, leaving: threading.Event) -> None:
    with suppress(OSError, ValueError, HTTPException):
        for line in answer:
            history.events.append(_happened(json.loads(line)))
    history.complete = leaving.is_set()


def _happened(item: dict[str, Any]) -> Happened:
    labels = item["Actor"]["Attributes"]
    return Happened(time.monotonic(), item["Action"], item["Actor"]["ID"], labels[BUILD], _kind(labels))
