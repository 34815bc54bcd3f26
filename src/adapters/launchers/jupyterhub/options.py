"""What a spawner is told of a start, and what it was told of one before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from repo2docker_service.domain.errors import InvalidInput
from repo2docker_service.domain.inputs import check_open_path
from repo2docker_service.domain.naming import image_id
from repo2docker_service.domain.servers import Launch

DOCKER: Final = "docker"
KUBERNETES: Final = "kubernetes"
_KUBERNETES_PROFILE: Final = "repo2docker"
_LONGEST_IMAGE: Final = 1024


@dataclass(frozen=True, slots=True)
class Told:
    """What a spawner was told; empty where it was not, or where it makes no sense."""

    image: str = ""
    profile: str = ""
    path: str = ""


def options_for(kind: str, launch: Launch) -> Mapping[str, str]:
    """Give the options with which a spawner starts a server: those that it has no value for are left out.

    Args:
        kind: ``docker``, whose images have their references, or ``kubernetes``, where one chooses from a list.
        launch: what is to be started.
    """
    options = {"image": launch.image.launch_reference, "profile": launch.profile, "path": launch.path}
    if kind == KUBERNETES:
        profile = f"{_KUBERNETES_PROFILE}-{launch.profile}" if launch.profile else _KUBERNETES_PROFILE
        options |= {"image": image_id(str(launch.image.name)), "profile": profile}
    return {name: value for name, value in options.items() if value}


def told(options: Any) -> Told:
    """Understand the options of a server, which its owner may have set to anything."""
    if not isinstance(options, Mapping):
        return Told()
    image, profile, path = (_text(options.get(name)) for name in ("image", "profile", "path"))
    if profile == _KUBERNETES_PROFILE or profile.startswith(f"{_KUBERNETES_PROFILE}-"):
        profile = profile.removeprefix(_KUBERNETES_PROFILE).removeprefix("-")
    return Told(image, profile, _path(path))


def _text(value: Any) -> str:
    fits = isinstance(value, str) and len(value) <= _LONGEST_IMAGE and value.isprintable()
    return value if fits else ""


def _path(text: str) -> str:
    try:
        return check_open_path(text)
    except InvalidInput:
        return ""
