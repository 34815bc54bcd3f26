"""Servers of people, and what is asked for when one is started."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final
from urllib.parse import quote

from repo2docker_service.domain.models import Image

_IN_AN_ADDRESS: Final = "/?#&=%:@!$'()*+,;~"
"""What stays as it is in a path that is an address already."""


class ServerState(StrEnum):
    """Where a server is."""

    STARTING = "starting"
    READY = "ready"
    STOPPING = "stopping"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Profile:
    """How much a server may use, as the administrator has set it."""

    slug: str
    """Lower case letters, digits and hyphens; how it is asked for."""
    title: str = ""
    description: str = ""
    cpu: float = 0.0
    """Processors; 0 sets no limit of its own."""
    memory: int = 0
    """Bytes; 0 sets no limit of its own."""
    node_selector: Mapping[str, str] = field(default_factory=dict)
    """Labels of the Kubernetes nodes to run on."""


@dataclass(frozen=True, slots=True)
class Launch:
    """What a launcher is to start."""

    image: Image
    server_name: str = ""
    """Empty: the person's server without a name."""
    title: str = ""
    """What people call the server."""
    profile: str = ""
    """Slug of a profile; empty: whatever the spawner gives."""
    path: str = ""
    """What to open: a file or folder where the server starts, or with a slash before it an address of the server."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server of somebody, as the launcher sees it."""

    name: str
    """Empty for the one without a name."""
    state: ServerState
    url: str = ""
    """Where browsers reach it; ends in a slash. Empty while it is not known."""
    title: str = ""
    image: str = ""
    """What it was started from, as the launcher was told; empty where it was started otherwise."""
    profile: str = ""
    path: str = ""
    started_at: datetime | None = None
    last_activity: datetime | None = None


@dataclass(frozen=True, slots=True)
class ServerProgress:
    """How far a start is. The last one of a start is ready or has failed."""

    percent: int
    message: str = ""
    ready: bool = False
    failed: bool = False
    url: str = ""
    """Where the server is, once it is ready."""
    path: str = ""
    """What to open of it, once it is ready; the use case adds it, launchers need not."""


def open_address(url: str, path: str) -> str:
    """Give where to lead a browser: to what is to be opened of a server, or to the server; nowhere without one.

    Args:
        url: the server's own address, which ends in a slash; empty while it is not known.
        path: a file or folder, which JupyterLab opens, or with a slash before it an address of the server.
    """
    if not url or not path:
        return url
    if path.startswith("/"):
        return url + quote(path[1:], safe=_IN_AN_ADDRESS)
    return f"{url}lab/tree/{quote(path)}"
