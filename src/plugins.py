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
            raise UnknownAdapter(f"There is no {port} called {name!r}. Known ones: {names}.{self.unused()}")
        return known[name]

    def classes(self) -> list[type[Any]]:
        """Give every class that is offered, for help texts and generated configuration."""
        return list(dict.fromkeys(cls for offered in self.offered.values() for cls in offered.values()))

    def unused(self) -> str:
        """Tell in sentences, each after a blank, which plugins are installed or allowed and not used."""
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
    installed = importlib.metadata.entry_points(group=PROJECT)
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
        _try(manager, name, lambda: manager.register(found[0].load(), name))


def catalogue(manager: Plugins) -> Catalogue:
    """Ask all plugins once what adapters they offer. Of one that fails or takes too long nothing is taken.

    Raises:
        NameTaken: two offer the same name.
    """
    offered: dict[str, dict[str, type[Any]]] = {port: {} for port in PORTS}
    usable = [each for each in manager.list_name_plugin() if each[0] not in manager.failed]
    for name, plugin in usable:
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

    def register(name: object, factory: object, /) -> None:
        if not isinstance(name, str) or not isinstance(factory, type):
            raise TypeError(f"An adapter is offered by a name and a class, not by {name!r} and {factory!r}.")
        offers.append((port, name, factory))

    caller(register=register)
    return offers


def _try(manager: Plugins, name: str, do: Callable[[], T]) -> T | None:
    """Do something with a plugin, and note it when that goes wrong: in a thread, which nobody waits for too long.

    Raises:
        pluggy.PluginValidationError: it implements a hook that does not exist.
    """
    answer: Future[T] = Future()

    def work() -> None:
        try:
            answer.set_result(do())
        except BaseException as error:  # noqa: BLE001 - a foreign program can raise anything
            answer.set_exception(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(PATIENCE)
    if not answer.done():
        manager.failed[name] = f"It did nothing for {PATIENCE:g} seconds."
        return None
    error = answer.exception()
    if error is None:
        return answer.result()
    if isinstance(error, pluggy.PluginValidationError):
        raise error
    log.debug("The plugin %s went wrong:", name, exc_info=error)
    manager.failed[name] = f"{type(error).__name__}: {error}"[:_LONGEST]
    return None
