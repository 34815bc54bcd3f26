"""A launcher that asks a JupyterHub to start servers, with the token of whoever wants one."""

from __future__ import annotations

from repo2docker_service import hookimpl
from repo2docker_service.adapters.launchers.jupyterhub.launcher import JupyterHubServerLauncher
from repo2docker_service.domain.ports import ServerLauncher
from repo2docker_service.hookspecs import Register


@hookimpl
def register_server_launchers(register: Register[ServerLauncher]) -> None:
    """Offer this launcher."""
    register("jupyterhub", JupyterHubServerLauncher)
