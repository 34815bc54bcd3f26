"""Finds plugins: the built-in ones first, then those that are installed beside us."""

from __future__ import annotations

import importlib
import importlib.metadata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import pluggy

from repo2docker_service import hookspecs

PROJECT: Final = "repo2docker_service"

BUILT_IN: Final = (
    "repo2docker_service.adapters.builders.docker",
    "repo2docker_service.adapters.builders.memory",
    "repo2docker_service.adapters.registries.docker_daemon",
    "repo2docker_service.adapters.registries.memory",
    "repo2docker_service.adapters.registries.v2",
    "repo2docker_service.adapters.authorizers.jupyterhub",
    "repo2docker_service.adapters.authorizers.token",
    "repo2docker_service.adapters.authorizers.memory",
    "repo2docker_service.adapters.launchers.jupyterhub",
    "repo2docker_service.adapters.launchers.memory",
    "repo2docker_service.adapters.launchers.none",
    "repo2docker_service.adapters.sources.git",
    "repo2docker_service.adapters.sources.memory",
)

PORTS: Final[Mapping[str, str]] = {
    "image_builder": "register_image_builders",
    "registry": "register_registries",
    "authorizer": "register_authorizers",
    "source_resolver": "register_source_resolvers",
    "server_launcher": "register_server_launchers",
}
"""The setting that chooses an adapter of a port, and the hook that offers them."""


class NameTaken(Exception):
    """Two plugins offer an adapter of one port under the same short name."""


class UnknownAdapter(Exception):
    """No plugin offers an adapter of this short name."""


@dataclass(frozen=True)
class Catalogue:
    """The adapters that plugins offer, by port and short name."""

    offered: Mapping[str, Mapping[str, type[Any]]] = field(default_factory=dict)

    def choose(self, port: str, name: str) -> type[Any]:
        """Give the class of that short name.

        Raises:
            UnknownAdapter: there is none; the message lists those that there are.
        """
        known = self.offered[port]
        if name not in known:
            names = ", ".join(sorted(known))
            raise UnknownAdapter(f"There is no {port} called {name!r}. Known ones: {names}.")
        return known[name]

    def classes(self) -> list[type[Any]]:
        """Give every class that is offered, for help texts and generated configuration."""
        return list(dict.fromkeys(cls for offered in self.offered.values() for cls in offered.values()))


def load(allowed: Collection[str] | None = None) -> pluggy.PluginManager:
    """Make a plugin manager with the built-in plugins and the installed ones.

    Args:
        allowed: entry point names that may be loaded; None allows all.

    Raises:
        pluggy.PluginValidationError: a plugin implements a hook that does not exist, or with wrong arguments.
    """
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(hookspecs)
    for module in BUILT_IN:
        manager.register(importlib.import_module(module))
    for entry_point in importlib.metadata.entry_points(group=PROJECT):
        if allowed is not None and entry_point.name not in allowed:
            manager.set_blocked(entry_point.name)
    manager.load_setuptools_entrypoints(PROJECT)
    manager.check_pending()
    return manager


def catalogue(manager: pluggy.PluginManager) -> Catalogue:
    """Ask all plugins once what adapters they offer.

    Raises:
        NameTaken: two offer the same name.
    """
    return Catalogue({port: _offered(manager, hook) for port, hook in PORTS.items()})


def _offered(manager: pluggy.PluginManager, hook: str) -> Mapping[str, type[Any]]:
    offered: dict[str, type[Any]] = {}

    def register(name: str, factory: type[Any], /) -> None:
        if name in offered:
            raise NameTaken(f"{hook}: the name {name!r} is offered by {offered[name]} and by {factory}.")
        offered[name] = factory

    getattr(manager.hook, hook)(register=register)
    return offered
