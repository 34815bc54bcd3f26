"""Where a service is: for the Hub's own process, and for browsers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol
from urllib.parse import quote, urlsplit


class HubGroup(Protocol):
    """A group of users, as the Hub knows it."""

    name: str


class HubUser(Protocol):
    """A user of the Hub, as its spawners know it."""

    name: str
    groups: Sequence[HubGroup]
    settings: Mapping[str, Any]


class Hub(Protocol):
    """The Hub, as its spawners know it."""

    base_url: str
    """Ends in ``hub/``."""


class HubSpawner(Protocol):
    """What is needed of a spawner."""

    user: HubUser
    hub: Hub


def api_address(service: Mapping[str, Any], spawner: HubSpawner) -> str:
    """Give where the Hub's process reaches the API of a service: past the proxy; ends in a slash."""
    prefix = service.get("prefix") or _prefix(spawner, service["name"])
    return "/".join(part for part in (service["url"].rstrip("/"), prefix.strip("/"), "api/v1/") if part)


def page_address(service: Mapping[str, Any], spawner: HubSpawner) -> str:
    """Give where browsers find the page of a service: an address, or a path on the Hub's own host."""
    own: str = service.get("page", "")
    return own or _public_host(spawner.user.settings, service["name"]) + _prefix(spawner, service["name"])


def _prefix(spawner: HubSpawner, service: str) -> str:
    base: str = spawner.hub.base_url.removesuffix("hub/")
    return f"{base}services/{quote(service, safe='')}/"


def _public_host(settings: Mapping[str, Any], service: str) -> str:
    subdomains = settings.get("subdomain_host")
    if not subdomains:
        return ""
    # As the Hub itself finds the host of a service.
    host = urlsplit(subdomains)
    domain: str = settings["subdomain_hook"](service, host.hostname, kind="service")
    return f"{host.scheme}://{domain}" + (f":{host.port}" if host.port else "")
