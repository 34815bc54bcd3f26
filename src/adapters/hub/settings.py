"""How to reach the hub: the settings that all adapters share which ask one."""

from __future__ import annotations

import ssl
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final
from urllib.parse import urlsplit

from traitlets import Float, Instance, TraitError, default
from traitlets.config import LoggingConfigurable

from repo2docker_service.adapters.hub import environment
from repo2docker_service.adapters.hub.environment import HubVariable
from repo2docker_service.adapters.hub.http import CONNECTIONS, HubHttp
from repo2docker_service.adapters.trust import trusting
from repo2docker_service.domain.errors import AuthorizerUnavailable, Unavailable
from repo2docker_service.domain.installation import Installation

_USUAL_TIMEOUT: Final = 10.0


class HubConnection(LoggingConfigurable):
    """What an adapter must know to ask a hub.

    A service that the hub starts finds it in its environment. What is set for ``JupyterHubAuthorizer`` is good for
    every other adapter too, unless something else is set there.
    """

    needed: ClassVar[Mapping[str, Sequence[str]]] = {"api_url": (), "api_token": ()}
    """Settings without which nothing works, and others from which they follow."""
    unavailable: ClassVar[type[Unavailable]] = AuthorizerUnavailable
    """The error that says that the hub cannot be asked."""
    connections: ClassVar[int | None] = CONNECTIONS
    """How many there are at most; None sets no limit."""

    api_url = HubVariable("JUPYTERHUB_API_URL", "Root of the hub's API, as http://127.0.0.1:8081/hub/api.")
    api_token = HubVariable(
        "JUPYTERHUB_API_TOKEN", "This service's own token: the api_token of its entry at the hub."
    ).tag(secret=True)
    hub_host = HubVariable("JUPYTERHUB_HOST", "Where browsers reach the hub, as https://hub.example.org; empty: here.")
    timeout = Float(_USUAL_TIMEOUT, min=0.1, help="Seconds after which the hub is taken for silent.").tag(config=True)
    ca_bundle = HubVariable("JUPYTERHUB_SSL_CLIENT_CA", "File with authorities to trust, besides the usual ones.")
    ssl_certfile = HubVariable("JUPYTERHUB_SSL_CERTFILE", "File with the certificate to show to the hub, if any.")
    ssl_keyfile = HubVariable("JUPYTERHUB_SSL_KEYFILE", "File with the key of that certificate.")
    installation = Instance(Installation)
    http = Instance(HubHttp)

    @default("timeout")
    def _default_timeout(self) -> float:
        return float(environment.set_for_authorizer(self, "timeout") or _USUAL_TIMEOUT)

    @default("http")
    def _default_http(self) -> HubHttp:
        return HubHttp(
            tls=self._tls() if self.api_url.startswith("https:") else None,
            timeout=self.timeout,
            unavailable=self.unavailable,
            connections=self.connections,
        )

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.complete()
        for name, instead in self.needed.items():
            if not getattr(self, name):
                ways = " or ".join(self._way_to_set(each) for each in (name, *instead))
                raise TraitError(
                    f"The hub cannot be asked without {name}: set {ways}. Services that a hub starts are told."
                )
        for name in ("api_url", "hub_host"):
            if (url := getattr(self, name)) and not _is_url(url):
                # It may hold a password, so it is not repeated.
                raise TraitError(f"{self._setting(name)} must begin with http:// or https:// and a host.")

    def complete(self) -> None:
        """Conclude what was not said from what was, before it is looked for what is missing."""

    def _way_to_set(self, name: str) -> str:
        return f"{self._setting(name)} (in the environment {self.trait_metadata(name, 'variable')})"

    def _setting(self, name: str) -> str:
        return f"c.{type(self).__name__}.{name}"

    def _tls(self) -> ssl.SSLContext:
        try:
            context = trusting(self.ca_bundle)
            if self.ssl_certfile:
                context.load_cert_chain(self.ssl_certfile, self.ssl_keyfile or None)
        except OSError as error:
            raise TraitError(
                f"c.{type(self).__name__}: ca_bundle, ssl_certfile or ssl_keyfile cannot be used: {error}."
            ) from error
        return context


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        reachable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return reachable and text.isascii() and text.isprintable() and not {"@", "?", "#", " "} & set(text)
