"""An authorizer that asks a JupyterHub: its users, its groups, its scopes, its login."""

from __future__ import annotations

from repo2docker_service import hookimpl
from repo2docker_service.adapters.authorizers.jupyterhub.authorizer import JupyterHubAuthorizer
from repo2docker_service.domain.ports import Authorizer
from repo2docker_service.hookspecs import Register


@hookimpl
def register_authorizers(register: Register[Authorizer]) -> None:
    """Offer this authorizer."""
    register("jupyterhub", JupyterHubAuthorizer)
