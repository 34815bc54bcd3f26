"""An authorizer for one person: whoever holds the token may do everything."""

from __future__ import annotations

import hmac
import os
import secrets
from typing import Any, Final

from traitlets import Instance, Unicode, default
from traitlets.config import LoggingConfigurable

from repo2docker_service import hookimpl
from repo2docker_service.domain.errors import Unauthenticated
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import Identity, Owner
from repo2docker_service.domain.policy import Action, scopes_allow
from repo2docker_service.domain.ports import Authorizer
from repo2docker_service.hookspecs import Register

TOKEN_VARIABLE: Final = "REPO2DOCKER_SERVICE_TOKEN"  # noqa: S105  # the name of a variable
_ADMIN: Final = frozenset({Action.ADMIN.value})


class TokenAuthorizer(LoggingConfigurable):
    """Knows one token, whose holder is an administrator."""

    token = Unicode(help=f"The token; else that of {TOKEN_VARIABLE}, else one is made at each start.").tag(
        config=True, secret=True
    )
    user = Unicode("admin", help="Name of whoever holds the token.").tag(config=True)
    installation = Instance(Installation)
    _made = Unicode()

    @default("token")
    def _default_token(self) -> str:
        return os.environ.get(TOKEN_VARIABLE, "").strip() or self._made

    @default("_made")
    def _default_made(self) -> str:
        return secrets.token_hex(24)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        # An empty token would let everybody in who sends none.
        self.token = self.token.strip() or self._default_token()

    @property
    def generated(self) -> bool:
        """Whether nobody has given a token, so that people must be told it."""
        return self.token == self._made

    async def identify(self, token: str, *, fresh: bool = False) -> Identity:  # noqa: ARG002  # there is no memory
        """Compare with the one token."""
        if not hmac.compare_digest(_bytes(token), _bytes(self.token)):
            raise Unauthenticated
        return Identity(self.user, scopes=_ADMIN)

    def allows(self, who: Identity, action: Action, owner: Owner | None) -> bool:
        """Go by the identity's scopes."""
        return scopes_allow(who, action, owner)


def _bytes(text: str) -> bytes:
    # Whatever a header held must compare, not fail.
    return text.encode("utf-8", "surrogatepass")


@hookimpl
def register_authorizers(register: Register[Authorizer]) -> None:
    """Offer this authorizer."""
    register("token", TokenAuthorizer)
