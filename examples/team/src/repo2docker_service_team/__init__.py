"""A plugin of repo2docker-service: an authorizer, rules for builds, and a page of its own."""

from __future__ import annotations

from collections.abc import Callable

from repo2docker_service import hookimpl
from repo2docker_service.domain.ports import Authorizer
from repo2docker_service.hookspecs import Application, Factory, Register
from repo2docker_service_team.authorizer import TeamAuthorizer
from repo2docker_service_team.routes import router
from repo2docker_service_team.rules import TeamRules

hooks_version = (1, 0)


@hookimpl
def register_authorizers(register: Register[Authorizer]) -> None:
    """Offer the authorizer, which an administrator chooses with ``c.Repo2DockerService.authorizer = "team"``."""
    register("team", TeamAuthorizer)


@hookimpl
def register_extension(register: Callable[[Factory[object]], None]) -> None:
    """Offer the rules, whose settings are ``c.TeamRules.…``."""
    register(TeamRules)


@hookimpl
def register_routes(register: Callable[[Application], None]) -> None:
    """Offer what is served under ``plugins/team/``."""
    register(router)
