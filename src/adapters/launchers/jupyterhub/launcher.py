"""Servers of a JupyterHub."""

from __future__ import annotations

from repo2docker_service.adapters.launchers.none import NoServerLauncher


class JupyterHubServerLauncher(NoServerLauncher):
    """Implements :class:`~repo2docker_service.domain.ports.ServerLauncher` with a JupyterHub."""
