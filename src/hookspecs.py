"""Every hook that a plugin can implement. Mark yours with ``repo2docker_service.hookimpl``.

Each ``register_…`` hook is called once at start with a function to call for each adapter that the plugin offers: a
short name for the configuration file, and a class whose traits are its configuration. The class is made with
``parent=`` (the application) and ``installation=`` (an :class:`~repo2docker_service.domain.installation.Installation`).
"""

from __future__ import annotations

from typing import Any, Protocol, TypeVar

import pluggy

from repo2docker_service.domain.ports import Authorizer, ImageBuilder, Registry, ServerLauncher, SourceResolver

hookspec = pluggy.HookspecMarker("repo2docker_service")

Made = TypeVar("Made", covariant=True)
Wanted = TypeVar("Wanted", contravariant=True)


class Factory(Protocol[Made]):
    """A class that makes an adapter. One that is an async context manager is entered at start and left at stop."""

    def __call__(self, **kwargs: Any) -> Made:
        """Make the adapter from ``parent`` and ``installation``."""
        ...


class Register(Protocol[Wanted]):
    """Takes an adapter's short name and class."""

    def __call__(self, name: str, factory: Factory[Wanted], /) -> None:
        """Offer the class under this name; a name that is taken is refused."""
        ...


@hookspec
def register_image_builders(register: Register[ImageBuilder]) -> None:
    """Offer image builders, chosen by ``c.Repo2DockerService.image_builder``."""


@hookspec
def register_registries(register: Register[Registry]) -> None:
    """Offer registries, chosen by ``c.Repo2DockerService.registry``."""


@hookspec
def register_authorizers(register: Register[Authorizer]) -> None:
    """Offer authorizers, chosen by ``c.Repo2DockerService.authorizer``."""


@hookspec
def register_source_resolvers(register: Register[SourceResolver]) -> None:
    """Offer source resolvers, chosen by ``c.Repo2DockerService.source_resolver``."""


@hookspec
def register_server_launchers(register: Register[ServerLauncher]) -> None:
    """Offer server launchers, chosen by ``c.Repo2DockerService.server_launcher``."""
