"""The images that a user may start, as profiles of KubeSpawner: ``c.KubeSpawner.profile_list = profile_list``."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from html import escape
from typing import Any, Final

from repo2docker_service.domain.servers import Profile
from repo2docker_service.entrypoints.jupyterhub import form
from repo2docker_service.entrypoints.jupyterhub.images import Repo2DockerImages
from repo2docker_service.entrypoints.jupyterhub.offers import (
    BY_LINK,
    NOTHING_OFFERED,
    Choice,
    Offer,
    Refused,
    not_now,
)
from repo2docker_service.entrypoints.jupyterhub.refusing import refuse

SLUG: Final = "repo2docker"
"""Servers of this profile may use what the catalog says, those of ``repo2docker-SLUG`` what that profile says."""


async def profile_list(spawner: Any) -> list[dict[str, Any]]:  # noqa: ANN401  # KubeSpawner has no types
    """Give the profiles that KubeSpawner offers to its user: in each a choice of images, and no free text.

    KubeSpawner calls this for the spawn page, and again for each start, so what has been deleted or taken from the user
    meanwhile does not start. For a start that names an image there is only that one in the answer; for a start from a
    profile that is none of these, nothing.

    Raises:
        tornado.web.HTTPError: 400, when a start names an image or a profile that is not offered to the user, or is that
            of a link; 503, when that cannot be found out.
    """
    options = spawner.user_options if spawner.pending == "spawn" else {}
    images = Repo2DockerImages(parent=spawner)
    try:
        if not options:
            return _page(await images.offer(spawner))
        if not _is_ours(options.get("profile") or SLUG):
            return []
        _refuse_link(spawner)
        return [await _started(images, spawner, options)]
    except Refused as refused:
        refuse(refused)


async def _started(images: Repo2DockerImages, spawner: Any, options: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ANN401
    slug: str = options.get("profile") or SLUG
    profile = slug.removeprefix(SLUG).removeprefix("-")
    wanted = options.get("image")
    if wanted:
        choice = await images.choose(spawner, wanted, profile)
    else:
        offer = await images.offer(spawner)
        if offer.preselected is None:
            raise not_now() if offer.away else Refused(NOTHING_OFFERED, reason="image")
        wanted = offer.preselected.id
        choice = offer.choose(wanted, profile)
    return _entry(slug, slug, "", {str(wanted): _choice(choice)})


def _page(offer: Offer) -> list[dict[str, Any]]:
    if offer.away and not offer.startable:
        raise not_now()
    entries = [
        _entry(SLUG, "Environments built from repositories", form.links(offer), _choices(offer)),
        *(
            _entry(f"{SLUG}-{slug}", form.size(profile), _about(profile), _choices(offer, slug))
            for slug, profile in offer.profiles_by_slug.items()
        ),
    ]
    offered = [entry for entry in entries if entry["profile_options"]["image"]["choices"]]
    return offered or [{"slug": SLUG, "display_name": NOTHING_OFFERED, "description": form.links(offer)}]


def _choices(offer: Offer, slug: str = "") -> dict[str, dict[str, Any]]:
    now, preselected = datetime.now(UTC), offer.preselected
    choices: dict[str, dict[str, Any]] = {}
    for image in offer.startable:
        # One for which the catalog names a profile that there is not cannot be started, so it is not shown.
        with suppress(Refused):
            choice = _choice(Choice(image, offer.profile_for(image, slug)))
            shown = {"display_name": escape(form.label(image, now)), "default": image is preselected}
            # Of two services that offer the same image, the first one's starts.
            choices.setdefault(image.id, {**choice, **shown})
    return choices


def _choice(choice: Choice) -> dict[str, Any]:
    profile = choice.profile
    override: dict[str, Any] = {"image": choice.image.reference} if choice.image else {}
    if profile and profile.cpu:
        override["cpu_limit"] = profile.cpu
    if profile and profile.memory:
        override["mem_limit"] = profile.memory
    if profile and profile.node_selector:
        override["node_selector"] = dict(profile.node_selector)
    return {"display_name": "", "kubespawner_override": override}


def _entry(slug: str, name: str, description: str, choices: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    # KubeSpawner puts all texts into its page as they are.
    return {
        "slug": slug,
        "display_name": escape(name),
        "description": description,
        "profile_options": {"image": {"display_name": "Environment", "choices": choices}},
    }


def _about(profile: Profile) -> str:
    return escape(form.plain(profile.description))


def _is_ours(slug: object) -> bool:
    return isinstance(slug, str) and (slug == SLUG or slug.startswith(f"{SLUG}-"))


def _refuse_link(spawner: Any) -> None:  # noqa: ANN401
    """Start nothing for a link: any page on the web can lead people to one, to run what a stranger has built."""
    request = getattr(spawner.handler, "request", None)
    if request is not None and request.method == "GET":
        # The Hub would start it when somebody next asks for nothing in particular.
        spawner.orm_spawner.user_options = {}
        raise Refused(BY_LINK, reason="link")
