"""Every hook that a plugin can implement. Mark yours with ``repo2docker_service.hookimpl``.

Each ``register_…`` hook is called once at start, with a function to call for each thing that the plugin offers. An
adapter is offered by a short name for the configuration file, and a class whose traits are its configuration. The class
is made with ``parent=`` (the application) and ``installation=`` (an
:class:`~repo2docker_service.domain.installation.Installation`).

All others are called while the service runs, each in a thread of its own that may wait for something. One that a build
waits for has ten seconds, and no build begins while it raises or takes longer; one that is only told of something
harms nobody by that. ``/health/ready`` names plugins of which the latest call went wrong.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, Final, Protocol, TypeVar

import pluggy

from repo2docker_service.domain.models import Build, BuildPlan, ImageName
from repo2docker_service.domain.ports import Authorizer, ImageBuilder, Registry, ServerLauncher, SourceResolver

VERSION: Final = (1, 0)
"""The first number is raised when a plugin has to be changed, the second when there is more to implement.

A plugin may say what it was written for, as ``hooks_version = (1, 0)`` in its module. It is left out where that is
newer than what there is, or where the first number is another one.
"""

hookspec = pluggy.HookspecMarker("repo2docker_service")

Made = TypeVar("Made", covariant=True)
Wanted = TypeVar("Wanted", contravariant=True)
Application = Callable[
    [
        MutableMapping[str, Any],
        Callable[[], Awaitable[MutableMapping[str, Any]]],
        Callable[[MutableMapping[str, Any]], Awaitable[None]],
    ],
    Awaitable[None],
]
"""A web application after the ASGI specification, such as a router of FastAPI or Starlette."""


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


@hookspec
def register_routes(register: Callable[[Application], None]) -> None:
    """Offer a web application, served under ``plugins/`` and the plugin's name to everybody who has logged in.

    Its requests know who is calling as ``request.state.who``, an
    :class:`~repo2docker_service.domain.models.Identity`, and the use cases as ``request.state.services``. What these
    raise is answered as elsewhere where this is a router, which has no handlers of its own. Its lifespan is not run.
    """


@hookspec
def register_extension(register: Callable[[Factory[object]], None]) -> None:
    """Offer a class whose methods implement the hooks below, where these need configuration.

    It is made as adapters are, and its traits are its configuration.
    """


@hookspec
def veto_build(plan: BuildPlan) -> str | None:
    """Give a sentence for who asked when this build must not be done; nothing when there is nothing against it."""


@hookspec
def image_labels(plan: BuildPlan) -> Mapping[str, str] | None:
    """Give labels for the image of this build, besides the service's own, which they cannot replace."""


@hookspec
def repo2docker_config(plan: BuildPlan) -> Mapping[str, Mapping[str, Any]] | None:
    """Give configuration for repo2docker in this build, by class and trait, as far as JSON can hold it.

    As in ``{"Repo2Docker": {"appendix": "RUN pip install nbgitpuller"}}``. An ``appendix`` follows the administrator's
    own; what ``extra_repo2docker_config`` sets goes before all else.
    """


@hookspec
def build_changed(build: Build) -> None:
    """Hear of a build that changed, in every process that serves: two changes that follow quickly may come as one."""


@hookspec
def image_changed(name: ImageName) -> None:
    """Hear of an image that appeared, changed or vanished, in every process that serves."""
