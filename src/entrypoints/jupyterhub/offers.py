"""What a user of the Hub may start, and whether what that user wants is among it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

from repo2docker_service.domain.inputs import LONGEST_NAME
from repo2docker_service.domain.servers import Profile

LONGEST_OPTION: Final = 2 * LONGEST_NAME
_SLUG: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?", re.ASCII)

NOT_OFFERED: Final = "This environment is not there, or not for you. Choose one from the list."
NO_SUCH_PROFILE: Final = "There is no such size for this environment. Choose one from the list."
NO_SERVER_INSIDE: Final = (
    "There is no jupyterhub-singleuser in this environment, so no server can be started from it."
    " Add jupyterhub to what its repository installs, and build it again."
)
NOT_AS_BUILT: Final = (
    "Somebody has put something else in the place of this environment: it is not what was built."
    " Build it again, and tell an administrator."
)
NOTHING_OFFERED: Final = "There is no environment that you could start yet."
BY_LINK: Final = "A link by itself starts nothing. See whether this is the environment that you want, and press Start."
AWAY: Final = "The list of environments cannot be read now. Try again in a minute."


class Refused(Exception):
    """Something will not be started. The text says why, and names nothing that its reader did not name."""

    def __init__(self, message: str, *, reason: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> None:
        super().__init__(message)
        self.message = message
        self.reason = reason
        """One word for the Hub's metrics."""
        self.status = status


@dataclass(frozen=True, slots=True)
class OfferedImage:
    """An image that the user may start."""

    service: str
    id: str
    name: str
    reference: str
    """What a spawner starts."""
    title: str
    description: str
    repo: str
    ref: str
    commit: str
    subdir: str
    owner: str
    """Written ``user:NAME``, ``group:NAME`` or ``service:NAME``."""
    created_at: datetime
    private: bool
    featured: bool
    default: bool
    profile: str
    """The slug of the profile that its servers get when none is asked for; empty: none."""
    launchable: bool | None
    """False: no notebook server is in it."""
    build_args: Sequence[str] = ()
    """Names of the build arguments with which somebody made it differ."""
    changed_outside: bool = False
    """It is known not to be what was built: somebody else has put it there."""
    withheld: bool = False
    """It is not for this user for that reason."""

    def is_called(self, wanted: object) -> bool:
        """Whether it is meant by its id, its name or what a spawner starts."""
        return wanted in (self.reference, self.name, self.id)


@dataclass(frozen=True, slots=True)
class Choice:
    """What is to be started, and how much it may use; None leaves both to the spawner's own settings."""

    image: OfferedImage | None
    profile: Profile | None


@dataclass(frozen=True, slots=True)
class Offer:
    """All that one user may start, in the order in which it is shown."""

    images: Sequence[OfferedImage] = ()
    profiles: Mapping[str, Sequence[Profile]] = field(default_factory=dict)
    """By the name of the service."""
    pages: Mapping[str, str] = field(default_factory=dict)
    """Where browsers find each service, by its name."""
    away: Sequence[str] = ()
    """Services that did not answer, or not in a way that can be read."""

    @property
    def startable(self) -> Sequence[OfferedImage]:
        """The images without those that are withheld, and those of which it is known that no server is in them."""
        return [image for image in self.images if image.launchable is not False and not image.withheld]

    @property
    def preselected(self) -> OfferedImage | None:
        """The image that is chosen where nobody has chosen yet; None when there is none."""
        images = self.startable
        return next((image for image in images if image.default), images[0] if images else None)

    @property
    def profiles_by_slug(self) -> Mapping[str, Profile]:
        """The profiles of all services, each once."""
        return {profile.slug: profile for profiles in self.profiles.values() for profile in profiles}

    def choose(self, image: object, profile: object = None) -> Choice:
        """Find what is wanted.

        Args:
            image: the image's name, its id or what a spawner starts; None or an empty text: the spawner's own image.
            profile: the slug of a profile; None or an empty text: the one that the catalog names for the image.

        Raises:
            Refused: it is not offered.
        """
        if not image:
            return Choice(None, self._profile_of_any(profile) if profile else None)
        found = next((each for each in self.images if each.is_called(image)), None)
        if found is None:
            raise self._missing(NOT_OFFERED, "image")
        if found.launchable is False:
            raise Refused(NO_SERVER_INSIDE, reason="image")
        if found.withheld:
            raise Refused(NOT_AS_BUILT, reason="image")
        return Choice(found, self.profile_for(found, profile))

    def profile_for(self, image: OfferedImage, slug: object = None) -> Profile | None:
        """Give the profile for a server of an image: the one asked for, else the one that the catalog names.

        Raises:
            Refused: the image's service has no such profile.
        """
        wanted = slug or image.profile
        if not wanted:
            return None
        return self._profile(self.profiles.get(image.service, ()), wanted)

    def _profile_of_any(self, slug: object) -> Profile:
        return self._profile([profile for each in self.profiles.values() for profile in each], slug)

    def _profile(self, profiles: Sequence[Profile], slug: object) -> Profile:
        found = next((profile for profile in profiles if profile.slug == slug), None)
        if found is None:
            raise self._missing(NO_SUCH_PROFILE, "profile")
        return found

    def _missing(self, message: str, reason: str) -> Refused:
        return not_now() if self.away else Refused(message, reason=reason)


def not_now() -> Refused:
    """Give the refusal of what cannot be found out."""
    return Refused(AWAY, reason="away", status=HTTPStatus.SERVICE_UNAVAILABLE)


def read_images(service: str, answer: Mapping[str, Any]) -> list[OfferedImage]:
    """Read a page of the list of images.

    Raises:
        ValueError: it is something else.
    """
    try:
        return [_image(service, item) for item in answer["items"]]
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError("This is not a list of images.") from error


def read_profiles(answer: Mapping[str, Any]) -> list[Profile]:
    """Read the profiles that a service has.

    Raises:
        ValueError: they cannot be read.
    """
    try:
        return [_profile(item) for item in answer["profiles"]]
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError("These are not profiles.") from error


def _image(service: str, item: Mapping[str, Any]) -> OfferedImage:
    texts = ("id", "name", "title", "description", "repo", "ref", "commit", "subdir", "owner", "profile")
    flags = ("private", "featured", "default")
    plain: dict[str, Any] = {name: str(item[name]) for name in texts} | {name: bool(item[name]) for name in flags}
    return OfferedImage(
        service=service,
        reference=_reference(item["launch_reference"]),
        created_at=datetime.fromisoformat(item["created_at"]),
        launchable=None if item["launchable"] is None else bool(item["launchable"]),
        build_args=tuple(str(name) for name in item["build_args"]),
        changed_outside=bool(item.get("changed_outside")),  # which earlier services do not tell
        **plain,
    )


def _reference(text: object) -> str:
    if not isinstance(text, str) or not text:
        raise ValueError("An image without a reference cannot be started.")
    return text


def _profile(item: Mapping[str, Any]) -> Profile:
    slug = str(item["slug"])
    if not _SLUG.fullmatch(slug):
        raise ValueError("A profile's slug is made of lower case letters, digits and hyphens.")
    labels = {str(label): str(value) for label, value in item["node_selector"].items()}
    cpu, memory = float(item["cpu"]), int(item["memory"])
    return Profile(slug, str(item["title"]), str(item["description"]), cpu, memory, labels)
