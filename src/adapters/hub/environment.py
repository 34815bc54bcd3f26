"""What a hub tells the services that it starts, in their environment."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

from traitlets import TraitError, Unicode

ACCESS_SCOPES: Final = "JUPYTERHUB_OAUTH_ACCESS_SCOPES"
_ACCESS_SCOPES_BEFORE_3: Final = "JUPYTERHUB_OAUTH_SCOPES"
_AUTHORIZER: Final = "JupyterHubAuthorizer"


class HubVariable(Unicode[str, str | bytes]):
    """A text that is what an environment variable says, unless it is configured, for the authorizer at least.

    Args:
        variable: the name of the environment variable.
        help: a sentence, to which the name of the variable is added.
    """

    def __init__(self, variable: str, help: str) -> None:  # noqa: A002 (as all traits call it)
        super().__init__(help=f"{help} {variable} in the environment when not set here.")
        self.tag(config=True, variable=variable)

    def default(self, obj: Any = None) -> str:
        """Give what is set for the authorizer, else what the environment says now."""
        return str(set_for_authorizer(obj, self.name) or read(self.metadata["variable"]))


def set_for_authorizer(adapter: Any, name: str | None) -> Any:
    """Give what the configuration says for the authorizer, where all that ask the hub find it; None when nothing."""
    config = getattr(adapter, "config", None) or {}
    return config.get(_AUTHORIZER, {}).get(name)


def read(variable: str) -> str:
    """Give the value of a variable; empty when it is not there."""
    return os.environ.get(variable, "").strip()


def told_to_service(variable: str) -> str:
    """Give what a hub says to a service; empty when nothing.

    What it says to the server of a user, where somebody may open a terminal and start us, is not meant for us.
    """
    return "" if read("JUPYTERHUB_USER") else read(variable)


def wanted_address() -> SplitResult:
    """Give the address at which a hub that starts us wants us to listen; an empty one when none does."""
    with contextlib.suppress(ValueError):
        url = urlsplit(told_to_service("JUPYTERHUB_SERVICE_URL"))
        if url.port:
            return url
    return urlsplit("")


def cookie_options() -> dict[str, Any]:
    """Give the options of a hub's cookies; their names may be written in any case."""
    with contextlib.suppress(ValueError):
        options = json.loads(told_to_service("JUPYTERHUB_COOKIE_OPTIONS") or "{}")
        if isinstance(options, dict):
            return {name.lower(): value for name, value in options.items()}
    return {}


def as_prefix(path: str) -> str:
    """Write a path as it begins and ends in addresses."""
    path = path.strip("/")
    return f"/{path}/" if path else "/"


def has_host_of_its_own() -> bool:
    """Whether browsers reach this service on another host than the hub, and so people's servers on hosts of their own.

    That is so where the hub has a ``subdomain_host``. It says nothing of it where it has neither that nor a
    ``public_url``, nor to a service that it does not start.
    """
    try:
        hub, here = (urlsplit(read(f"JUPYTERHUB_PUBLIC_{what}")).hostname for what in ("HUB_URL", "URL"))
    except ValueError:
        return False
    return None not in (hub, here) and hub != here


def access_scopes() -> Sequence[str]:
    """Give the scopes that the hub says are needed to use this service; none when it says nothing.

    Raises:
        TraitError: what it says is no list of scopes.
    """
    variable = ACCESS_SCOPES if read(ACCESS_SCOPES) else _ACCESS_SCOPES_BEFORE_3
    text = read(variable)
    if not text:
        return []
    try:
        scopes = json.loads(text)
    except (ValueError, RecursionError):
        scopes = None
    if not isinstance(scopes, list) or not all(isinstance(each, str) and each for each in scopes):
        raise TraitError(f"{variable} in the environment must be a list of scopes, written as JSON.")
    return scopes
