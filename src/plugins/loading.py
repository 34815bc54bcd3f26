"""Finds plugins: the built-in ones first, then those that are installed beside us."""

from __future__ import annotations

import importlib
import importlib.metadata
import logging
from collections.abc import Callable, Collection, Sequence
from typing import Final, TypeVar

import pluggy

from repo2docker_service import hookspecs
from repo2docker_service.plugins.threads import in_thread

log = logging.getLogger(__name__)

PROJECT: Final = "repo2docker_service"
PATIENCE = 10.0
"""Seconds that an installed plugin may take to be imported, and as many to tell what it offers."""
LONGEST: Final = 300
"""Characters of what is told of a plugin."""

T = TypeVar("T")

BUILT_IN: Final = (
    "repo2docker_service.adapters.builders.docker",
    "repo2docker_service.adapters.builders.kubernetes",
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


class OtherHooks(Exception):
    """A plugin was written for other hooks than there are."""


class Plugins(pluggy.PluginManager):
    """The plugins that are used, and what is known of the others."""

    def __init__(self) -> None:
        super().__init__(PROJECT)
        self.add_hookspecs(hookspecs)
        self.failed: dict[str, str] = {}
        """What is wrong with those that are allowed and cannot be used."""
        self.not_allowed: list[str] = []
        self.packages: dict[str, str] = {}
        """Name and version of the package of each that is installed beside us."""


def load(allowed: Collection[str] = ()) -> Plugins:
    """Make a plugin manager with the built-in plugins and those of the installed ones that are allowed.

    One that cannot be imported, or not in time, does not keep the others from being used.

    Args:
        allowed: entry point names that may be loaded.

    Raises:
        pluggy.PluginValidationError: a plugin implements a hook that does not exist, or with wrong arguments.
    """
    manager = Plugins()
    for module in BUILT_IN:
        manager.register(importlib.import_module(module))
    installed = importlib.metadata.entry_points(group=PROJECT)
    manager.packages = {each.name: f"{each.dist.name} {each.dist.version}" for each in installed if each.dist}
    manager.not_allowed = sorted(installed.names - set(allowed))
    for name in dict.fromkeys(allowed):
        _load(manager, name, tuple(installed.select(name=name)))
    manager.check_pending()
    return manager


def _load(manager: Plugins, name: str, found: Sequence[importlib.metadata.EntryPoint]) -> None:
    """Use what is installed under a name, if that is one thing."""
    if not found:
        manager.failed[name] = "It is not installed."
    elif len(found) > 1:
        # Whoever allowed the name meant one of them.
        packages = ", ".join(sorted(each.dist.name for each in found if each.dist))
        manager.failed[name] = f"More than one package is installed that has a plugin of this name: {packages}."
    else:
        tried(manager, name, lambda: _register(manager, name, found[0].load()))


def _register(manager: Plugins, name: str, plugin: object) -> None:
    """Use a plugin that was written for hooks such as these.

    Raises:
        OtherHooks: it was written for others.
    """
    wanted = getattr(plugin, "hooks_version", hookspecs.VERSION)
    major, minor = wanted
    if major != hookspecs.VERSION[0] or minor > hookspecs.VERSION[1]:
        here = _dotted(hookspecs.VERSION)
        raise OtherHooks(f"It was written for version {_dotted(wanted)} of the hooks, and this is {here}.")
    manager.register(plugin, name)


def _dotted(version: Sequence[int]) -> str:
    return ".".join(map(str, version))


def tried(manager: Plugins, name: str, do: Callable[[], T]) -> T | None:
    """Do something with a plugin, and note it when that goes wrong: in a thread, which nobody waits for too long.

    Raises:
        pluggy.PluginValidationError: it implements a hook that does not exist.
    """
    answer = in_thread(f"plugin {name}", do)
    try:
        error = answer.exception(PATIENCE)
    except TimeoutError:
        manager.failed[name] = f"It did nothing for {PATIENCE:g} seconds."
        return None
    if error is None:
        return answer.result()
    if isinstance(error, pluggy.PluginValidationError):
        raise error
    log.debug("The plugin %s went wrong:", name, exc_info=error)
    manager.failed[name] = f"{type(error).__name__}: {error}"[:LONGEST]
    return None
