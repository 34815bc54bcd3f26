"""Parts that the service stands on and that do not answer."""

from __future__ import annotations

from dataclasses import dataclass

from repo2docker_service.domain.errors.base import ServiceError


@dataclass
class Unavailable(ServiceError):
    """A part that the service stands on does not answer; it may answer again soon."""

    part: str
    problem: str

    def __str__(self) -> str:
        return f"The {self.part} does not answer: {self.problem}. This may pass; try again in a moment."


class BuilderUnavailable(Unavailable):
    """The engine that builds does not answer."""


class BuilderImageMissing(BuilderUnavailable):
    """The image that builds run in is not there yet, or cannot be had.

    Args:
        image: its name.
        problem: why it cannot be had; empty while it is being fetched.
    """

    def __init__(self, image: str, problem: str = "") -> None:
        super().__init__("engine", problem)
        self.image = image

    def __str__(self) -> str:
        if not self.problem:
            return f"The engine is fetching the image {self.image}, which happens once. Try again in a minute."
        return (
            f"The engine has no image {self.image} and cannot fetch it: {self.problem}."
            " Load it into the engine, or name another one in DockerImageBuilder.repo2docker_image."
        )


class RegistryUnavailable(Unavailable):
    """The registry does not answer."""


class AuthorizerUnavailable(Unavailable):
    """Who the caller is cannot be found out now."""


class LauncherUnavailable(Unavailable):
    """What starts servers does not answer."""


class PluginUnavailable(Unavailable):
    """A plugin that has a say in builds fails or does not answer."""

    def __init__(self, name: str) -> None:
        super().__init__(f"plugin {name}", "it has a say in builds, and without it none begins")
