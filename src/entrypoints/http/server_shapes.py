"""The shapes of requests and answers about servers, and how they are made."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field

from repo2docker_service.domain.inputs import LONGEST_NAME, LONGEST_PATH
from repo2docker_service.domain.launching import LaunchRequest
from repo2docker_service.domain.servers import Server, ServerState, open_address
from repo2docker_service.entrypoints.http import examples
from repo2docker_service.entrypoints.http.schemas import Body
from repo2docker_service.entrypoints.http.shaping import known, utc

WISH: Final[dict[str, Any]] = {"image": examples.IMAGE["id"], "path": "notebooks/first.ipynb"}
SERVER: Final[dict[str, Any]] = {
    "name": "requirements-3f1c",
    "state": "ready",
    "url": "/user/ada/requirements-3f1c/",
    "open_url": "/user/ada/requirements-3f1c/lab/tree/notebooks/first.ipynb",
    "title": "Requirements",
    "image": examples.IMAGE["launch_reference"],
    "image_id": examples.IMAGE["id"],
    "profile": "",
    "path": "notebooks/first.ipynb",
    "started_at": "2026-01-31T12:05:00Z",
    "last_activity": "2026-01-31T12:06:00Z",
}


class LaunchWish(Body):
    """What to start."""

    model_config = ConfigDict(json_schema_extra={"examples": [WISH]})

    image: Annotated[str, Field(min_length=1, max_length=LONGEST_NAME, description="An image's id or full name.")]
    server_name: Annotated[
        str, Field(max_length=LONGEST_NAME, description="Empty: each repository has a server of its own.")
    ] = ""
    profile: Annotated[str, Field(max_length=LONGEST_NAME, description="The slug of one in GET /info.")] = ""
    path: Annotated[
        str,
        Field(max_length=LONGEST_PATH, description="A file or folder to open, or an address such as /rstudio."),
    ] = ""


class ServerShape(BaseModel):
    """A server of the caller."""

    model_config = ConfigDict(json_schema_extra={"examples": [SERVER]})

    name: Annotated[str, Field(description='Empty for the one without a name, which is "-" in addresses.')]
    state: ServerState
    url: Annotated[str, Field(description="Where browsers reach it; empty while that is not known.")]
    open_url: Annotated[str, Field(description="The same, with what was to be opened.")]
    title: str
    image: Annotated[str, Field(description="What the spawner was told to start; empty where nobody knows.")]
    image_id: Annotated[str | None, Field(description="The image's id, where this service knows the image.")] = None
    profile: str
    path: str
    started_at: datetime | None = None
    last_activity: datetime | None = None


class ServersShape(BaseModel):
    """All servers of the caller."""

    items: list[ServerShape]


def server_shape(server: Server, origins: Mapping[str, str]) -> ServerShape:
    """Give a server as the API tells it.

    Args:
        server: what to tell.
        origins: the ids of images by what servers are started from.
    """
    return ServerShape(
        name=server.name,
        state=server.state,
        url=server.url,
        open_url=open_address(server.url, server.path),
        title=server.title,
        image=server.image,
        profile=server.profile,
        path=server.path,
        **known(
            image_id=origins.get(server.image),
            started_at=server.started_at and utc(server.started_at),
            last_activity=server.last_activity and utc(server.last_activity),
        ),
    )


def launch_request(wish: LaunchWish) -> LaunchRequest:
    """Read what somebody asks for."""
    return LaunchRequest(wish.image, wish.server_name, wish.profile, wish.path)
