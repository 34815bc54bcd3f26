"""Tells a JupyterHub of this service: call :func:`configure` at the end of ``jupyterhub_config.py``.

What is imported from here needs the standard library only, for all of it runs in the Hub's own process. What the
spawners of the Hub need is in modules beside it.
"""

from __future__ import annotations

from repo2docker_service.entrypoints.jupyterhub.configuration import (
    PREFIX,
    SCOPES,
    configure,
    role_name,
    spawner_name,
    token_variable,
)

__all__ = ["PREFIX", "SCOPES", "configure", "role_name", "spawner_name", "token_variable"]
