"""Finds plugins: the built-in ones first, then those that are installed beside us."""

from __future__ import annotations

import importlib
import importlib.metadata
import logging
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import pluggy

from repo2docker_service import hookspecs

log = logging.getLogger(__name__)

PROJECT: Final = "repo2docker_service"
PATIENCE = 10.0
"""Seconds that an installed plugin may take to be imported, and as many to tell what it offers."""

_LONGEST: Final = 300

_Offer = tuple[str, str, type[Any]]
"""A port, a short name and a class."""
T = TypeVar("T")

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


class Plugins(pluggy.PluginManager):
    """The plugins that are used, and what is known of the others."""

    def __init__(self) -> None:
        super().__init__(PROJECT)
        self.add_hookspecs(hookspecs)
        self.failed: dict[str, str] = {}
        """What is wrong with those that are allowed and cannot be used."""
        self.not_allowed: list[str] = []


@dataclass(frozen=True)
class Catalogue:
    """The adapters that plugins offer, by port and short name."""

    offered: Mapping[str, Mapping[str, type[Any]]] = field(default_factory=dict)
    failed: Mapping[str, str] = field(default_factory=dict)
    """What is wrong with plugins that are allowed and cannot be used."""
    not_allowed: Sequence[str] = ()
    """Plugins that are installed and not used, as nobody has allowed it."""

    def choose(self, port: str, name: str) -> type[Any]:
        """Give the class of that short name.

        Raises:
            UnknownAdapter: there is none; the message lists those that there are, and who else might offer it.
        """
        known = self.offered[port]
        if name not in known:
            names = ", ".join(sorted(known))
            raise UnknownAdapter(f"There is no {port} called {name!r}. Known ones: {names}.{self._unused()}")
        return known[name]

    def classes(self) -> list[type[Any]]:
        """Give every class that is offered, for help texts and generated configuration."""
        return list(dict.fromkeys(cls for offered in self.offered.values() for cls in offered.values()))

    def _unused(self) -> str:
        broken = "".join(f" The plugin {name} could not be used: {why}" for name, why in self.failed.items())
        if not self.not_allowed:
            return broken
        names = ", ".join(self.not_allowed)
        return f"{broken} Installed, but not in c.Repo2DockerService.allowed_plugins: {names}."


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
    installed = {each.name: each for each in importlib.metadata.entry_points(group=PROJECT)}
    manager.not_allowed = sorted(installed.keys() - set(allowed))
    for name in allowed:
        if name not in installed:
            manager.failed[name] = "It is not installed."
        elif (plugin := _try(manager, name, installed[name].load)) is not None:
            manager.register(plugin, name=name)
    manager.check_pending()
    return manager


def catalogue(manager: Plugins) -> Catalogue:
    """Ask all plugins once what adapters they offer. Of one that fails or takes too long nothing is taken.

    Raises:
        NameTaken: two offer the same name.
    """
    offered: dict[str, dict[str, type[Any]]] = {port: {} for port in PORTS}
    for name, plugin in manager.list_name_plugin():
        for port, adapter, factory in _offers(manager, name, plugin):
            if adapter in offered[port]:
                taken = offered[port][adapter]
                raise NameTaken(f"{PORTS[port]}: the name {adapter!r} is offered by {taken} and by {factory}.")
            offered[port][adapter] = factory
    return Catalogue(offered, dict(manager.failed), tuple(manager.not_allowed))


def _offers(manager: Plugins, name: str, plugin: object) -> Sequence[_Offer]:
    """Ask one plugin, through all hooks."""
    others = [each for each in manager.get_plugins() if each is not plugin]

    def ask() -> Sequence[_Offer]:
        callers = {port: manager.subset_hook_caller(hook, others) for port, hook in PORTS.items()}
        return [offer for port, caller in callers.items() for offer in _offers_through(caller, port)]

    return ask() if name in BUILT_IN else _try(manager, name, ask) or ()


def _offers_through(caller: pluggy.HookCaller, port: str) -> Sequence[_Offer]:
    offers: list[_Offer] = []

    def register(name: str, factory: type[Any], /) -> None:
        offers.append((port, name, factory))

    caller(register=register)
    return offers


def _try(manager: Plugins, name: str, do: Callable[[], T]) -> T | None:
    """Do something with a plugin, and note it when that goes wrong."""
    try:
        return _in_time(do)
    except TimeoutError:
        manager.failed[name] = f"It did nothing for {PATIENCE:g} seconds."
    except (Exception, SystemExit) as error:  # a foreign program can raise anything
        log.debug("The plugin %s went wrong:", name, exc_info=True)
        manager.failed[name] = f"{type(error).__name__}: {error}"[:_LONGEST]
    return None


def _in_time(do: Callable[[], T]) -> T:
    """Do it in a thread of its own, which nobody waits for any longer when it takes too long."""
    answer: Future[T] = Future()

    def work() -> None:
        try:
            answer.set_result(do())
        except BaseException as error:  # noqa: BLE001 - it is raised where somebody waits
            answer.set_exception(error)

    threading.Thread(target=work, daemon=True).start()
    return answer.result(PATIENCE)
