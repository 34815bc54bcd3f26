"""Knows the people of a team by a file: who they are, what they may do, and their tokens, of which it holds hashes."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from traitlets import Instance, Unicode
from traitlets.config import LoggingConfigurable

from repo2docker_service.domain.errors import AuthorizerUnavailable, Unauthenticated
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import Identity, Owner
from repo2docker_service.domain.policy import Action, scopes_allow


class TeamAuthorizer(LoggingConfigurable):
    """Reads the file each time, so that who is taken out of it is out at once."""

    file = Unicode(
        "team.json",
        help="Who is in the team: {name: {'token_sha256': '…', 'groups': ['lab'], 'scopes': ['builds:create!user']}}."
        " A token's hash is what `printf TOKEN | sha256sum` prints.",
    ).tag(config=True)
    installation = Instance(Installation)

    async def identify(self, token: str, *, fresh: bool = False) -> Identity:  # noqa: ARG002 - it always is
        """Look for who has a token of that hash. As hashes are compared, how long it takes tells nothing of a token."""
        digest = hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
        for name, person in self._team().items():
            if person["token_sha256"] == digest:
                return Identity(
                    name, groups=frozenset(person.get("groups", ())), scopes=frozenset(person.get("scopes", ()))
                )
        raise Unauthenticated

    def allows(self, who: Identity, action: Action, owner: Owner | None) -> bool:
        """Go by the scopes, as all authorizers that come with the service do."""
        return scopes_allow(who, action, owner)

    def _team(self) -> dict[str, dict[str, Any]]:
        try:
            team: dict[str, dict[str, Any]] = json.loads(Path(self.file).read_text())
        except (OSError, ValueError) as error:
            raise AuthorizerUnavailable("file of the team", type(error).__name__) from error
        return team
