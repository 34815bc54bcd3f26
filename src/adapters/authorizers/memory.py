"""An authorizer that is told who there is: to try the API, to develop the page, to test."""

from __future__ import annotations

from traitlets import Dict, Instance, Unicode
from traitlets.config import LoggingConfigurable

from repo2docker_service import hookimpl
from repo2docker_service.domain.errors import Unauthenticated
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import Identity, Owner, OwnerKind
from repo2docker_service.domain.policy import Action, scopes_allow
from repo2docker_service.domain.ports import Authorizer
from repo2docker_service.hookspecs import Register


class InMemoryAuthorizer(LoggingConfigurable):
    """Knows the identities of its configuration; by default nobody."""

    tokens = Dict(
        key_trait=Unicode(),
        value_trait=Dict(),
        help="Who holds which token: {token: {'name': …, 'kind': 'user' or 'service', 'groups': […], 'scopes': […]}}.",
    ).tag(config=True, secret=True)
    installation = Instance(Installation)

    async def identify(self, token: str, *, fresh: bool = False) -> Identity:  # noqa: ARG002  # it is always now
        """Look a token up."""
        known = self.tokens.get(token)
        if known is None:
            raise Unauthenticated
        return Identity(
            name=known["name"],
            kind=OwnerKind(known.get("kind", OwnerKind.USER)),
            groups=frozenset(known.get("groups", ())),
            scopes=frozenset(known.get("scopes", ())),
        )

    def allows(self, who: Identity, action: Action, owner: Owner | None) -> bool:
        """Go by the identity's scopes."""
        return scopes_allow(who, action, owner)


@hookimpl
def register_authorizers(register: Register[Authorizer]) -> None:
    """Offer this authorizer."""
    register("memory", InMemoryAuthorizer)
