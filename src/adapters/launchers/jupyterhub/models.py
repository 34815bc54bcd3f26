"""The hub's models of servers, in our words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

from repo2docker_service.adapters.hub.answers import printable
from repo2docker_service.adapters.launchers.jupyterhub.options import told
from repo2docker_service.domain.servers import Server, ServerProgress, ServerState

_LONGEST_NAME: Final = 255


def servers_in(model: Mapping[str, Any], host: str) -> dict[str, Server] | None:
    """Give the servers in the model of a user by their names; None when the hub leaves them out.

    Args:
        model: what the hub says of the user.
        host: where browsers reach the hub; empty for here.
    """
    servers = model.get("servers")
    if not isinstance(servers, Mapping):
        return None
    models = {name: each for name, each in servers.items() if isinstance(each, Mapping) and _is_name(name)}
    return {name: _server(name, each, host) for name, each in models.items()}


def progress_in(event: Mapping[str, Any], host: str) -> ServerProgress:
    """Give what an event of a start says; its message is text of strangers."""
    ready = event.get("ready") is True
    return ServerProgress(
        percent=_percent(event.get("progress")),
        message=printable(event.get("message")),
        ready=ready,
        failed=event.get("failed") is True and not ready,
        url=address(event.get("url"), host) if ready else "",
    )


def address(url: Any, host: str) -> str:
    """Give where browsers find what the hub says: a path there, or the whole address where servers have domains."""
    if not isinstance(url, str) or not url.isprintable():
        return ""
    # Browsers take a backslash for a slash, and two of those begin with a host.
    if url.startswith("/") and not url.startswith(("//", "/\\")):
        return host.rstrip("/") + url
    try:
        return url if urlsplit(url).scheme in ("http", "https") else ""
    except ValueError:
        return ""


def _is_name(text: str) -> bool:
    """Whether it can be shown, and sent on."""
    return len(text) <= _LONGEST_NAME and text.isprintable()


def _server(name: str, model: Mapping[str, Any], host: str) -> Server:
    asked = told(model.get("user_options"))
    state = _state(model)
    return Server(
        name=name,
        state=state,
        url=address(model.get("full_url") or model.get("url"), host),
        title=printable(model.get("display_name")),
        image=asked.image,
        profile=asked.profile,
        path=asked.path,
        started_at=None if state is ServerState.STOPPED else _time(model.get("started")),
        last_activity=_time(model.get("last_activity")),
    )


def _state(model: Mapping[str, Any]) -> ServerState:
    match model.get("pending"):
        case "spawn":
            return ServerState.STARTING
        case "stop":
            return ServerState.STOPPING
        case "check":
            # The hub looks whether it still runs.
            return ServerState.READY
    return ServerState.READY if model.get("ready") is True else ServerState.STOPPED


def _percent(value: Any) -> int:
    fits = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 100
    return int(value) if fits else 0


def _time(text: Any) -> datetime | None:
    try:
        time = datetime.fromisoformat(text)
        return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
    except (TypeError, ValueError, OverflowError):
        return None
