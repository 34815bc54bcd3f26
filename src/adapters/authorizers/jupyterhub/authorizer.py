"""A JupyterHub as the authority on who people are and what they may do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final, Self
from urllib.parse import urlencode

from traitlets import Float, List, TraitError, Unicode, default

from repo2docker_service.adapters.authorizers.jupyterhub import scopes
from repo2docker_service.adapters.authorizers.jupyterhub.hub_api import HubApi
from repo2docker_service.adapters.authorizers.jupyterhub.identities import Identities
from repo2docker_service.adapters.hub import environment
from repo2docker_service.adapters.hub.environment import HubVariable, as_prefix
from repo2docker_service.adapters.hub.settings import HubConnection
from repo2docker_service.domain.errors import Forbidden
from repo2docker_service.domain.models import Identity, Owner
from repo2docker_service.domain.policy import Action, scopes_allow

_SERVICE: Final = "service-"


class JupyterHubAuthorizer(HubConnection):
    """Implements :class:`~repo2docker_service.domain.ports.Authorizer` and ``BrowserLogin`` with a JupyterHub.

    A service that the hub starts finds all it needs in its environment. One that is started otherwise is told: the
    address of the API and the token at least.
    """

    needed: ClassVar[Mapping[str, Sequence[str]]] = {
        **HubConnection.needed,
        "client_id": ("service_name",),
        "oauth_callback_url": ("service_prefix",),
    }

    service_name = HubVariable("JUPYTERHUB_SERVICE_NAME", "Name of this service at the hub; else as client_id says.")
    client_id = HubVariable("JUPYTERHUB_CLIENT_ID", "OAuth client id of this service; else service-NAME.")
    hub_base_url = HubVariable("JUPYTERHUB_BASE_URL", "Path under which the hub and its services are; else /.")
    service_prefix = HubVariable("JUPYTERHUB_SERVICE_PREFIX", "Path under which browsers reach this service.")
    oauth_callback_url = HubVariable(
        "JUPYTERHUB_OAUTH_CALLBACK_URL",
        "Where the hub sends browsers back to, exactly as the hub knows it; else oauth_callback under service_prefix.",
    )
    access_scopes = List(
        Unicode(),
        help="Scopes of which one is needed to use this service. JUPYTERHUB_OAUTH_ACCESS_SCOPES in the environment"
        " when not set here, else access:services!service=NAME.",
    ).tag(config=True)
    cache_seconds = Float(
        20.0,
        min=0.0,
        max=300.0,
        help="Seconds for which the hub's word on who holds a token is good for reading; for building, cancelling,"
        " deleting and starting servers the hub is always asked.",
    ).tag(config=True)

    logout_url: str
    """Where a logout goes on to."""

    home_url: str
    """The hub's page of who is logged in."""

    @default("access_scopes")
    def _default_access_scopes(self) -> list[str]:
        return list(environment.access_scopes())

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not self.access_scopes:
            raise TraitError("c.JupyterHubAuthorizer.access_scopes, or service_name, must say who may come in.")
        base = f"{self.hub_host.rstrip('/')}{as_prefix(self.hub_base_url)}hub"
        self.logout_url = f"{base}/logout"
        self.home_url = f"{base}/home"
        self._authorize_url = f"{base}/api/oauth2/authorize"
        self._api = HubApi(self.api_url.rstrip("/"), self.http)
        self._identities = Identities(self._ask, seconds=self.cache_seconds)

    async def __aenter__(self) -> Self:
        """Give the authorizer; it connects when it is asked."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop asking, and close all connections."""
        await self._identities.close()
        await self.http.close()

    async def identify(self, token: str, *, fresh: bool = False) -> Identity:
        """Ask the hub, unless it was asked a moment ago and ``fresh`` is not set.

        Raises:
            Forbidden: whoever holds the token may not use this service at all.
        """
        return await self._identities.get(token, fresh=fresh)

    async def check(self) -> None:
        """Ask the hub for its version, for which it wants no token."""
        await self._api.check()

    def allows(self, who: Identity, action: Action, owner: Owner | None) -> bool:
        """Go by the identity's scopes; a ``!group`` filter means what the group owns, and nothing of its members."""
        return scopes_allow(who, action, owner)

    def authorize_url(self, state: str, challenge: str) -> str:
        """Say where to send a browser to log in.

        Args:
            state: comes back with the browser.
            challenge: of PKCE, made from the verifier with S256.
        """
        query = {
            "client_id": self.client_id,
            "redirect_uri": self.oauth_callback_url,
            "response_type": "code",
            "state": state,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        return f"{self._authorize_url}?{urlencode(query)}"

    async def token_for_code(self, code: str, verifier: str) -> str:
        """Give the token for the code that a browser came back with."""
        client = {
            "client_id": self.client_id,
            "client_secret": self.api_token,
            "redirect_uri": self.oauth_callback_url,
        }
        return await self._api.token(code, verifier, client)

    async def _ask(self, token: str) -> Identity:
        holder = await self._api.holder(token)
        if not scopes.admits(holder.scopes, self.access_scopes):
            raise Forbidden(scopes.narrowest(self.access_scopes))
        return Identity(holder.name, holder.kind, holder.groups, scopes.ours(holder.scopes))

    def complete(self) -> None:
        """Conclude names and addresses of this service from each other."""
        if not self.client_id and self.service_name:
            self.client_id = f"{_SERVICE}{self.service_name}"
        if not self.service_name and self.client_id.startswith(_SERVICE):
            self.service_name = self.client_id.removeprefix(_SERVICE)
        if not self.oauth_callback_url and self.service_prefix:
            self.oauth_callback_url = f"{as_prefix(self.service_prefix)}oauth_callback"
        if not self.access_scopes and self.service_name:
            self.access_scopes = [f"access:services!service={self.service_name}"]
