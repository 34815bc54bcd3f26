"""Who is refused is told what to ask for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from traitlets.config import Config

from repo2docker_service.domain.errors import Forbidden
from repo2docker_service.domain.policy import Action
from repo2docker_service.entrypoints.jupyterhub import PREFIX, SCOPES, configure, role_name

ROLES = ("viewer", "builder", "admin")
"""Each may do all that those before it may."""
OF_PROGRAMS = (Action.READ_IMAGES_FOR_USER, Action.READ_METRICS)
"""For spawners, and for Prometheus."""


def covered(scopes: list[str]) -> Iterator[str]:
    """Give scopes, without their filters, and all that are below them."""
    for scope in scopes:
        name = scope.partition("!")[0]
        yield name
        yield from covered(SCOPES.get(name, {}).get("subscopes", []))


@pytest.mark.parametrize("action", Action)
def test_the_scope_is_told_as_the_hub_calls_it(action: Action) -> None:
    assert f"scope {PREFIX}{action}" in str(Forbidden(action))


@pytest.mark.parametrize("action", [each for each in Action if each not in OF_PROGRAMS])
def test_the_role_is_told_that_allows_it_and_as_little_else_as_possible(action: Action) -> None:
    c = Config()
    configure(c, define_only=True)
    having = {role["name"] for role in c.JupyterHub.load_roles if f"{PREFIX}{action}" in covered(role["scopes"])}

    least = next(role for role in ROLES if role_name("repo2docker", role) in having)
    assert str(Forbidden(action)).startswith(f"This needs the role {least} ")


@pytest.mark.parametrize("action", OF_PROGRAMS)
def test_no_role_of_people_is_told_for_what_only_programs_do(action: Action) -> None:
    assert "role" not in str(Forbidden(action))


def test_who_may_not_come_in_is_told_the_roles_that_let_one_in() -> None:
    told = str(Forbidden("access:services!service=envs"))

    assert "viewer, builder or admin (scope access:services!service=envs)" in told
