"""Build environments from git repositories with repo2docker, for everyone on a JupyterHub."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from fastapi import FastAPI

__version__ = "0.1.0"

hookimpl = pluggy.HookimplMarker("repo2docker_service")
"""Marks a function of a plugin as the implementation of a hook of :mod:`repo2docker_service.hookspecs`."""


def create_app() -> FastAPI:
    """Make the web application from the configuration file and the environment.

    For ``uvicorn --factory repo2docker_service:create_app``.
    """
    from repo2docker_service.entrypoints.cli.serve import create_app as create

    return create()
