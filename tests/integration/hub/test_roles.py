"""What the roles and scopes that ``configure`` defines are worth on a real Hub."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.integration.hub.conftest import (
    CONFIGURE,
    OPEN_TOKEN,
    SPAWNER_TOKEN,
    Behind,
    outside,
    scopes_of,
)
from tools.parts.hub import running_hub
from tools.parts.hub_login import browser, log_in

from repo2docker_service.domain.policy import Action

ACCESS = "access:services!service=repo2docker"
OTHER_NAME = "access:services!service=binder"
"""The same service at the same Hub by another name has the same builders, viewers and administrators."""
OF_EVERYONE = {"access:services!service=open", "images:read"}
"""By the second service, which everyone may view."""


def own(user: str) -> set[str]:
    return {f"{name}!user={user}" for name in ("builds:create", "builds:cancel", "builds:read", "images:delete")}


@pytest.mark.parametrize("user", ["alice", "ben"])
def test_a_builder_may_build_and_delete_what_is_its_own(behind: Behind, user: str) -> None:
    scopes = scopes_of(behind.hub, behind.hub.token(user))

    assert scopes == {ACCESS, OTHER_NAME, *own(user), *OF_EVERYONE}


def test_a_viewer_sees_images_and_no_more(behind: Behind) -> None:
    assert scopes_of(behind.hub, behind.hub.token("vera")) == {ACCESS, OTHER_NAME, *OF_EVERYONE}


def test_an_admin_may_do_everything_for_everybody(behind: Behind) -> None:
    assert scopes_of(behind.hub, behind.hub.token("carol")) == {ACCESS, OTHER_NAME, *Action, *OF_EVERYONE}


def test_somebody_without_a_role_gets_what_every_user_gets(behind: Behind) -> None:
    assert scopes_of(behind.hub, behind.hub.token("bob")) == OF_EVERYONE


def test_an_administrator_of_the_hub_gets_nothing_by_that(behind: Behind) -> None:
    token = behind.hub.token("hub-admin")

    assert behind.hub.ask("GET", "/user", token=token).body["admin"] is True
    # Whoever administers the Hub may enter every service.
    assert scopes_of(behind.hub, token) == {"access:services", "images:read"}


def test_a_service_has_the_scopes_of_its_role(behind: Behind) -> None:
    assert scopes_of(behind.hub, SPAWNER_TOKEN) == {ACCESS, "images:read-for-user"}
    assert scopes_of(behind.hub, OPEN_TOKEN) == set()


def test_a_narrow_token_has_only_what_it_was_made_for(behind: Behind) -> None:
    token = behind.hub.token("alice", ACCESS, "custom:repo2docker:images:read")

    assert scopes_of(behind.hub, token) == {ACCESS, "images:read"}


def test_a_token_for_more_than_its_owner_may_do_is_not_made(behind: Behind) -> None:
    answer = behind.hub.ask("POST", "/users/vera/tokens", {"scopes": ["custom:repo2docker:builds:create!user=vera"]})

    assert answer.status == 400


def test_a_role_lost_and_found_changes_the_same_token(behind: Behind) -> None:
    token = behind.hub.token("ben")

    behind.hub.ask("DELETE", "/groups/builders/users", {"users": ["ben"]})
    try:
        without = scopes_of(behind.hub, token)
    finally:
        behind.hub.ask("POST", "/groups/builders/users", {"users": ["ben"]})

    assert without == OF_EVERYONE
    assert scopes_of(behind.hub, token) == {ACCESS, OTHER_NAME, *own("ben"), *OF_EVERYONE}


def test_a_group_that_is_not_named_any_more_loses_its_role_when_the_hub_restarts(tmp_path: Path) -> None:
    lines = outside("repo2docker", "a-token-of-its-own") + CONFIGURE
    with running_hub(tmp_path, f"{lines}configure(c, **groups)\n") as hub:
        token = hub.token("alice")
        before = scopes_of(hub, token)
        hub.stop()
        hub.configure(f"{lines}configure(c, admin_users=['alice'])\n")
        hub.start()

        assert before == {ACCESS, *own("alice"), "images:read"}
        assert scopes_of(hub, token) == {ACCESS, *Action}


GIVES_ROLES = """
from jupyterhub.auth import DummyAuthenticator
class GivesRoles(DummyAuthenticator):
    manage_roles = True
    async def load_managed_roles(self):
        return []
    async def authenticate(self, handler, data):
        return {"name": data["username"], "roles": [{"name": "user"}, {"name": "repo2docker-builder"}]}
c.JupyterHub.authenticator_class = GivesRoles
"""


def test_an_authenticator_gives_out_roles_that_are_only_defined_until_the_hub_restarts(tmp_path: Path) -> None:
    lines = f"{GIVES_ROLES}{outside('repo2docker', 'a-token-of-its-own')}{CONFIGURE}configure(c, define_only=True)\n"
    with running_hub(tmp_path, lines) as hub, browser() as ada, browser() as again:
        token = hub.token("alice")
        before = scopes_of(hub, token)
        log_in(ada, f"{hub.url}hub/home", "alice")
        given = scopes_of(hub, token)
        hub.stop()
        hub.start()
        restarted = scopes_of(hub, token)
        log_in(again, f"{hub.url}hub/home", "alice")

        assert before == restarted == set()
        assert given == {ACCESS, *own("alice"), "images:read"}
        assert scopes_of(hub, token) == given
