"""Token servers: where a registry sends those who want in. It may name any address, so not all are believed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from repo2docker_service.adapters.addresses import MetadataAddress, PrivateAddress, check_name_policy
from repo2docker_service.adapters.registries.v2.errors import BadAnswer
from repo2docker_service.adapters.registries.v2.transport.origins import Origin


@dataclass(frozen=True, slots=True)
class Realm:
    """A token server, and the name that it knows the registry by."""

    url: str
    service: str

    @property
    def host(self) -> str:
        """The host of the token server."""
        return Origin.of(self.url).host


def check_realm(url: str, registry: Origin, pinned: Collection[str]) -> None:
    """Refuse a token server that must not be sent anything.

    Args:
        url: its address, as the registry gave it.
        registry: the registry.
        pinned: the hosts, or hosts with ports, that an administrator allows; when empty, those are allowed that are
            not obviously inside of a private network.

    Raises:
        BadAnswer: it is refused.
    """
    try:
        realm = Origin.of(url)
    except ValueError:
        raise BadAnswer("the address of its token server makes no sense") from None
    if registry.secure and not realm.secure:
        raise BadAnswer(f"its token server {realm.host} is asked without encryption, though the registry is not")
    if realm.host == registry.host or _is_named(realm, pinned):
        return
    if pinned or _is_inside(realm.host):
        raise BadAnswer(
            f"it sends for tokens to {realm.host}: if that is right, name this host in V2Registry.token_realm_hosts"
        )


def _is_named(realm: Origin, pinned: Collection[str]) -> bool:
    names = {name.lower() for name in pinned}
    return realm.host in names or f"{realm.host}:{realm.port}" in names


def _is_inside(host: str) -> bool:
    try:
        check_name_policy(host, private_allowed=False)
    except (MetadataAddress, PrivateAddress):
        return True
    return False
