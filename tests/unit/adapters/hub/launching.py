"""What tests of the launcher ask for, and what a played hub says of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from tests.unit.adapters.hub.played_hub import API, VERSION, PlayedHub, Said, said

from repo2docker_service.adapters.hub.http import HubHttp
from repo2docker_service.adapters.launchers.jupyterhub.launcher import JupyterHubServerLauncher
from repo2docker_service.domain.errors import LauncherUnavailable
from repo2docker_service.domain.models import BuildPlan, Identity, Image, ImageName, Owner, OwnerKind, Source
from repo2docker_service.domain.servers import Launch

ADA = Identity("ada", OwnerKind.USER)
REFERENCE = "localhost/r2d/x@sha256:0"
OPTIONS = {"image": REFERENCE}
TOKEN = "ada's-token"
LAUNCHED = [("POST", "/users/ada/servers/one", {"user_options": OPTIONS})]
STREAM = {**VERSION, "Content-Type": "text/event-stream"}
HUB_5 = {**VERSION, "X-JupyterHub-Version": "5.4.1"}


def made(hub: PlayedHub, **settings: Any) -> JupyterHubServerLauncher:
    """Make a launcher that asks a played hub."""
    http = HubHttp(transport=hub, unavailable=LauncherUnavailable)
    known = {"api_url": API, "api_token": "secret-of-r2d", "spawner_options": "docker"}
    return JupyterHubServerLauncher(http=http, **(known | settings))


def image() -> Image:
    name = ImageName("localhost", "r2d/x", "a" * 40)
    owner = Owner(OwnerKind.USER, "ada")
    source = Source("https://example.org/x")
    plan = BuildPlan(id="0" * 32, source=source, commit="a" * 40, image=name, owner=owner, requested_by=owner)
    return Image(name, "sha256:0", datetime.now(UTC), 1, plan, launch_reference=REFERENCE)


def wish(name: str = "one", **more: Any) -> Launch:
    return Launch(image(), name, **more)


def server(name: str = "one", **more: Any) -> dict[str, Any]:
    """Give the model of a server that is ready."""
    url = f"/user/ada/{name}/" if name else "/user/ada/"
    known = {"name": name, "ready": True, "pending": None, "stopped": False, "url": url, "user_options": OPTIONS}
    return {**known, "started": "2026-01-31T12:05:00.5Z", "last_activity": "2026-01-31T12:06:00Z", **more}


STARTING: Mapping[str, Any] = {"ready": False, "pending": "spawn"}
STOPPING: Mapping[str, Any] = {"ready": False, "pending": "stop"}
STOPPED: Mapping[str, Any] = {"ready": False, "stopped": True}


def servers(*models: Mapping[str, Any], headers: Mapping[str, str] = VERSION) -> Said:
    """Let the hub tell of these servers."""
    return said({"kind": "user", "name": "ada", "servers": {each["name"]: each for each in models}}, headers=headers)


def taken(status: int = 202, headers: Mapping[str, str] = VERSION) -> Said:
    """Let the hub take a start or a stop."""
    return Said(status, b"", {**headers, "Content-Type": "text/plain"})


def refused(status: int, words: str, **headers: str) -> Said:
    """Let the hub's API refuse something."""
    return said({"status": status, "message": words}, status, {**VERSION, **headers})


def stream(*events: object, breaks: Exception | None = None) -> Said:
    """Let the hub tell of a start."""
    text = "".join(f"data: {json.dumps(each)}\n\n" for each in events)
    return Said(200, b"\n\n" + text.encode(), STREAM, breaks=breaks)
