"""What the users of this Hub may start, as the services of this project say."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from jupyterhub.scopes import get_scopes_for
from traitlets import Dict, Float, List
from traitlets.config import LoggingConfigurable

from repo2docker_service.domain.models import Identity, Owner
from repo2docker_service.domain.policy import Action, Policy, scopes_allow
from repo2docker_service.entrypoints.jupyterhub.configuration import PREFIX
from repo2docker_service.entrypoints.jupyterhub.offers import (
    LONGEST_OPTION,
    NOT_OFFERED,
    Choice,
    Offer,
    OfferedImage,
    Refused,
)
from repo2docker_service.entrypoints.jupyterhub.places import HubSpawner, HubUser, api_address, page_address
from repo2docker_service.entrypoints.jupyterhub.service_client import Away, Query, ServiceClient

_MOST_GROUPS: Final = 1000
_POLICY: Final = Policy(scopes_allow)


class Repo2DockerImages(LoggingConfigurable):
    """Asks the services that offer images to the spawners of this Hub, without ever making the Hub wait.

    :func:`~repo2docker_service.entrypoints.jupyterhub.configure` names the services.
    """

    services = List(
        Dict(),
        help="A service each: its name, its url (where it listens) and the api_token to ask with; where it is not"
        " services/NAME/ below the Hub's base_url, also prefix, the path below which it answers, and page, its address"
        " for browsers.",
    ).tag(config=True)
    timeout = Float(5.0, min=0.1, help="Seconds after which a service counts as away.").tag(config=True)

    async def offer(self, spawner: HubSpawner, wanted: str = "") -> Offer:
        """Give what the user of a spawner may start: the catalog's default first, then featured images, then new ones.

        A service offers nothing to a user who may not see images there. One that does not answer in time is named in
        the offer; that never raises.

        Args:
            spawner: knows the user, that user's groups, and where the Hub is.
            wanted: the id, the name or the reference of one image; empty: as many as people read.
        """
        offers = await asyncio.gather(*(self._of(service, spawner, wanted) for service in self.services))
        images = [image for offer in offers for image in offer.images]
        return Offer(
            # The order within a service is its own.
            sorted(images, key=lambda image: (not image.default, not image.featured)),
            {name: profiles for offer in offers for name, profiles in offer.profiles.items()},
            {name: page for offer in offers for name, page in offer.pages.items()},
            [name for offer in offers for name in offer.away],
        )

    async def choose(self, spawner: HubSpawner, image: object, profile: object = None) -> Choice:
        """Find what the user of a spawner wants to start, as it is now.

        Args:
            spawner: as for :meth:`offer`.
            image: the id, the name or the reference of an image; None or an empty text: the spawner's own.
            profile: the slug of a profile; None or an empty text: the one that the catalog names for the image.

        Raises:
            Refused: that user may not start it, it is not there, or it cannot be found out.
        """
        if image and not (isinstance(image, str) and len(image) <= LONGEST_OPTION):
            raise Refused(NOT_OFFERED, reason="image")
        return (await self.offer(spawner, str(image or ""))).choose(image, profile)

    async def _of(self, service: Mapping[str, Any], spawner: HubSpawner, wanted: str) -> Offer:
        name, pages = service["name"], {service["name"]: page_address(service, spawner)}
        who = identity(spawner.user, name)
        if not who.scopes:
            return Offer(pages=pages)
        deadline = asyncio.get_running_loop().time() + self.timeout
        client = ServiceClient(name, api_address(service, spawner), service["api_token"], deadline)
        try:
            images, profiles = await asyncio.gather(client.images(_query(who, wanted)), client.profiles())
        except Away as problem:
            self.log.warning("The service %s does not say what may be started: %s", name, problem)
            return Offer(pages=pages, away=[name])
        return Offer([_for(who, image) for image in images if _sees(who, image)], {name: profiles}, pages)


def identity(user: HubUser, service: str) -> Identity:
    """Give what a service would know of a user of the Hub who came by with all that user's rights."""
    scopes = user_scopes(user)
    groups = frozenset(str(group.name) for group in user.groups)
    comes_in = {"access:services", f"access:services!service={service}"} & scopes
    ours = frozenset(scope.removeprefix(PREFIX) for scope in scopes if comes_in and scope.startswith(PREFIX))
    return Identity(str(user.name), groups=groups, scopes=ours)


def user_scopes(user: HubUser) -> set[str]:
    """Give all scopes that a user of the Hub has."""
    return set(get_scopes_for(user))


def _query(who: Identity, wanted: str) -> Query:
    groups = [("group", group) for group in sorted(who.groups)[:_MOST_GROUPS]]
    return [("visible_to", str(who.owner)), *groups, ("name", wanted) if wanted else ("sort", "featured")]


def _for(who: Identity, image: OfferedImage) -> OfferedImage:
    """Withhold what is not what was built from all but those who have to find out why."""
    return replace(image, withheld=image.changed_outside and not _POLICY.is_admin(who))


def _sees(who: Identity, image: OfferedImage) -> bool:
    """Whether the user's own scopes reach an image: the service goes by what its owner and its groups may know of."""
    owner = Owner.parse(image.owner)
    reading = (Action.READ_IMAGES, Action.READ_BUILDS)
    return bool(_POLICY.owners(who)) or any(_POLICY.allows(who, action, owner) for action in reading)
