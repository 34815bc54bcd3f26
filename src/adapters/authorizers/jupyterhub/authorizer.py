"""A JupyterHub as the authority on who people are and what they may do."""

from __future__ import annotations

import ssl
from collections.abc import Mapping, Sequence
from typing import Any, Final, Self
from urllib.parse import urlencode, urlsplit

from traitlets import Float, Instance, List, TraitError, Unicode, default
from traitlets.config import LoggingConfigurable

from repo2docker_service.adapters.authorizers.jupyterhub import scopes
from repo2docker_service.adapters.authorizers.jupyterhub.hub_api import HubApi
from repo2docker_service.adapters.authorizers.jupyterhub.identities import Identities
from repo2docker_service.adapters.hub import environment
from repo2docker_service.adapters.hub.environment import HubVariable
from repo2docker_service.adapters.hub.http import HubHttp
from repo2docker_service.adapters.trust import trusting
from repo2docker_service.domain.errors import Forbidden
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import Identity, Owner
from repo2docker_service.domain.policy import Action, scopes_allow

_SERVICE: Final = "service-"
_NEEDED: Final[Mapping[str, Sequence[str]]] = {
    "api_url": (),
    "api_token": (),
    "client_id": ("service_name",),
    "oauth_callback_url": ("service_prefix",),
}
"""Settings without which nothing works, and others from which they follow."""


class JupyterHubAuthorizer(LoggingConfigurable):
    """Implements :class:`~repo2docker_service.domain.ports.Authorizer` and ``BrowserLogin`` with a JupyterHub.

    A service that the hub starts finds all it needs in its environment. One that is started otherwise is told: the
    address of the API and the token at least.
    """

    api_url = HubVariable("JUPYTERHUB_API_URL", "Root of the hub's API, as http://127.0.0.1:8081/hub/api.")
    api_token = HubVariable(
        "JUPYTERHUB_API_TOKEN", "This service's own token: the api_token of its entry at the hub."
    ).tag(secret=True)
    service_name = HubVariable("JUPYTERHUB_SERVICE_NAME", "Name of this service at the hub; else as client_id says.")
    client_id = HubVariable("JUPYTERHUB_CLIENT_ID", "OAuth client id of this service; else service-NAME.")
    hub_host = HubVariable("JUPYTERHUB_HOST", "Where browsers reach the hub, as https://hub.example.org; empty: here.")
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
    timeout = Float(10.0, min=0.1, help="Seconds after which the hub is taken for silent.").tag(config=True)
    ca_bundle = HubVariable("JUPYTERHUB_SSL_CLIENT_CA", "File with authorities to trust, besides the usual ones.")
    ssl_certfile = HubVariable("JUPYTERHUB_SSL_CERTFILE", "File with the certificate to show to the hub, if any.")
    ssl_keyfile = HubVariable("JUPYTERHUB_SSL_KEYFILE", "File with the key of that certificate.")
    installation = Instance(Installation)
    http = Instance(HubHttp)

    logout_url: str
    """Where a logout goes on to."""

    @default("access_scopes")
    def _default_access_scopes(self) -> list[str]:
        return list(environment.access_scopes())

    @default("http")
    def _default_http(self) -> HubHttp:
        return HubHttp(tls=self._tls() if self.api_url.startswith("https:") else None, timeout=self.timeout)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._complete()
        self._check()
        base = f"{self.hub_host.rstrip('/')}{_as_prefix(self.hub_base_url)}hub"
        self.logout_url = f"{base}/logout"
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

    def _complete(self) -> None:
        """Conclude what was not said from what was."""
        if not self.client_id and self.service_name:
            self.client_id = f"{_SERVICE}{self.service_name}"
        if not self.service_name and self.client_id.startswith(_SERVICE):
            self.service_name = self.client_id.removeprefix(_SERVICE)
        if not self.oauth_callback_url and self.service_prefix:
            self.oauth_callback_url = f"{_as_prefix(self.service_prefix)}oauth_callback"
        if not self.access_scopes and self.service_name:
            self.access_scopes = [f"access:services!service={self.service_name}"]

    def _check(self) -> None:
        """Find what is missing, and what cannot be, before anything is asked."""
        for name, instead in _NEEDED.items():
            if not getattr(self, name):
                ways = " or ".join(self._way_to_set(each) for each in (name, *instead))
                raise TraitError(
                    f"The hub cannot be asked without {name}: set {ways}. Services that a hub starts are told."
                )
        if not self.access_scopes:
            raise TraitError("c.JupyterHubAuthorizer.access_scopes, or service_name, must say who may come in.")
        _check_url("api_url", self.api_url)
        if self.hub_host:
            _check_url("hub_host", self.hub_host)

    def _way_to_set(self, name: str) -> str:
        variable = self.trait_metadata(name, "variable")
        return f"c.JupyterHubAuthorizer.{name} (in the environment {variable})"

    def _tls(self) -> ssl.SSLContext:
        try:
            context = trusting(self.ca_bundle)
            if self.ssl_certfile:
                context.load_cert_chain(self.ssl_certfile, self.ssl_keyfile or None)
        except OSError as error:
            raise TraitError(
                f"c.JupyterHubAuthorizer: ca_bundle, ssl_certfile or ssl_keyfile cannot be used: {error}."
            ) from error
        return context


def _as_prefix(path: str) -> str:
    path = path.strip("/")
    return f"/{path}/" if path else "/"


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        reachable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return reachable and text.isascii() and text.isprintable() and not {"@", "?", "#", " "} & set(text)


def _check_url(name: str, url: str) -> None:
    if not _is_url(url):
        # It may hold a password, so it is not repeated.
        raise TraitError(f"c.JupyterHubAuthorizer.{name} must begin with http:// or https:// and a host.")
