"""Serves: makes the services that the configuration asks for, and runs the web application."""

from __future__ import annotations

import copy
import gc
import logging
import os
import socket
import sys
from collections.abc import Sequence
from typing import Any, Final

import uvicorn
from fastapi import FastAPI
from uvicorn.config import LOGGING_CONFIG

from repo2docker_service.bootstrap import Services, bootstrap
from repo2docker_service.config import Repo2DockerService
from repo2docker_service.entrypoints import log_lines
from repo2docker_service.entrypoints.cli.arguments import TOKEN_VARIABLE
from repo2docker_service.entrypoints.cli.configuration import BadConfiguration, explained, load
from repo2docker_service.entrypoints.cli.listening import BACKLOG, is_local, link, listen
from repo2docker_service.entrypoints.http.app import create_app as make_app
from repo2docker_service.entrypoints.http.connections import BoundedConnection, most_connections

_SECONDS_TO_FINISH: Final = 5
"""How long open requests may take to end when the service stops; streams are resumed elsewhere."""


def create_app() -> FastAPI:
    """Make the web application from the configuration file and the environment."""
    try:
        services = _services([])
    except BadConfiguration as problem:
        sys.exit(str(problem))
    token = _generated_token(services)
    if token:
        # Somebody else listens, so where is not known here.
        print(f"Sign in by adding this to the page's address: #token={token}", file=sys.stderr, flush=True)
    log_lines.install(services.settings)
    return make_app(services)


def serve(arguments: Sequence[str]) -> int:
    """Serve until a signal comes, and give the exit code.

    Raises:
        BadConfiguration: the service cannot be started as configured.
    """
    services = _services(arguments)
    settings = services.settings
    most_connections()  # asks for them
    with listen(settings.ip, settings.port) as listener:
        if not is_local(listener):
            _warn_of_open_network()
        address = link(listener, settings.base_url, _generated_token(services))
        server = _Server(_uvicorn_config(services), address, _sign_in_hint(services))
        _collect_from_now_on()
        try:
            server.run(sockets=[listener])
        except KeyboardInterrupt:
            return 0
        except SystemExit:  # the application could not start; the log says why
            return 1
    return 0


class _Server(uvicorn.Server):
    """Says where it is as soon as it answers there."""

    def __init__(self, config: uvicorn.Config, address: str, hint: str = "") -> None:
        super().__init__(config)
        self._sentences = [f"repo2docker-service is ready: {address}", *([hint] if hint else [])]

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        print("\n".join(self._sentences), flush=True)


class QuietHealth(logging.Filter):
    """Keeps health checks and scrapes, which come every few seconds, out of the access log, and nothing else."""

    def __init__(self, base_url: str) -> None:
        super().__init__()
        self._paths = {f"{base_url}{path}" for path in ("health/live", "health/ready", "metrics")}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a line of the access log is wanted."""
        path = record.args[2] if isinstance(record.args, tuple) and len(record.args) > 2 else ""
        return path not in self._paths


class NoQueries(logging.Filter):
    """Cuts the query off every address in the access log: there could be a token in it."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the line, and want it."""
        if isinstance(record.args, tuple) and len(record.args) > 2:
            before, path, after = record.args[:2], record.args[2], record.args[3:]
            record.args = (*before, str(path).partition("?")[0], *after)
        return True


def _services(arguments: Sequence[str]) -> Services:
    settings = load(arguments)
    return explained(settings, lambda: bootstrap(settings))


def _generated_token(services: Services) -> str:
    authorizer: Any = services.authorizer
    return str(authorizer.token) if getattr(authorizer, "generated", False) else ""


def _sign_in_hint(services: Services) -> str:
    # Somebody chose that token, so it is not printed; where it comes from may be.
    given = os.environ.get(TOKEN_VARIABLE, "").strip()
    with_it = services.settings.authorizer == "token" and getattr(services.authorizer, "token", "") == given
    return f"Sign in with the token of {TOKEN_VARIABLE}." if given and with_it else ""


def _uvicorn_config(services: Services) -> uvicorn.Config:
    config = uvicorn.Config(
        make_app(services),
        http=BoundedConnection,
        backlog=BACKLOG,
        lifespan="on",
        ws="none",
        server_header=False,
        timeout_graceful_shutdown=_SECONDS_TO_FINISH,
        log_config=_log_config(services.settings),
    )
    log_lines.install(services.settings)
    return config


def _log_config(settings: Repo2DockerService) -> dict[str, Any]:
    config = copy.deepcopy(LOGGING_CONFIG)
    config["filters"] = {
        "no-queries": {"()": NoQueries},
        "quiet-health": {"()": QuietHealth, "base_url": settings.base_url},
    }
    config["handlers"]["access"] |= {"stream": "ext://sys.stderr", "filters": ["no-queries", "quiet-health"]}
    for logger in config["loggers"].values():
        logger["level"] = settings.log_level
    return config


def _collect_from_now_on() -> None:
    # What a start makes stays; to look through all of it again would hold up every request for fifty milliseconds.
    gc.freeze()
    gc.enable()


def _warn_of_open_network() -> None:
    print(
        "Other machines can connect, and nothing is encrypted: put a proxy with TLS in front,"
        " or listen on 127.0.0.1 only.",
        file=sys.stderr,
        flush=True,
    )
