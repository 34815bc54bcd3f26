"""What plugins offer, by what it is for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

import pluggy

from repo2docker_service import __version__
from repo2docker_service.adapters.archives.registry import RegistryLogArchive
from repo2docker_service.hookspecs import Application
from repo2docker_service.plugins.loading import BUILT_IN, PROJECT, Plugins, tried

PORTS: Final[Mapping[str, str]] = {
    "image_builder": "register_image_builders",
    "registry": "register_registries",
    "authorizer": "register_authorizers",
    "source_resolver": "register_source_resolvers",
    "server_launcher": "register_server_launchers",
}
"""The setting that chooses an adapter of a port, and the hook that offers them."""
CALLED_LATER: Final = ("veto_build", "image_labels", "repo2docker_config", "build_changed", "image_changed")
"""The hooks that are called while the service runs."""

OURS: Final = f"{PROJECT.replace('_', '-')} {__version__}"
NOT_ALLOWED: Final = "It is not named in c.Repo2DockerService.allowed_plugins."

Hook = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one plugin."""

    name: str
    """That of its entry point, or the module of one that comes with the service."""
    package: str
    """Name and version of the package that it is of; empty when none is installed."""
    offers: Sequence[str] = ()
    """Settings with the short name of an adapter, and names of hooks."""
    problem: str = ""
    """Why it is not used; empty when it is."""


class NameTaken(Exception):
    """Two plugins offer an adapter of one port under the same short name."""


class UnknownAdapter(Exception):
    """No plugin offers an adapter of this short name."""


@dataclass(frozen=True)
class Catalogue:
    """The adapters that plugins offer, by port and short name."""

    offered: Mapping[str, Mapping[str, type[Any]]] = field(default_factory=dict)
    hooks: Mapping[str, Mapping[str, Hook]] = field(default_factory=dict)
    """By plugin, what is called while the service runs."""
    routes: Mapping[str, Application] = field(default_factory=dict)
    """By plugin, its web application."""
    extensions: Mapping[str, type[Any]] = field(default_factory=dict)
    """By plugin, a class of which one is made at start that implements hooks."""
    parts: Sequence[type[Any]] = ()
    """Classes with settings of which there is no choice."""
    plugins: Sequence[Known] = ()
    """All that there are, those that are not used last."""
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
        adapters = (cls for offered in self.offered.values() for cls in offered.values())
        return list(dict.fromkeys((*adapters, *self.parts, *self.extensions.values())))

    def unused(self) -> str:
        """Tell in sentences, each after a blank, which plugins are installed or allowed and not used."""
        broken = "".join(f" The plugin {name} could not be used: {why}" for name, why in self.failed.items())
        if not self.not_allowed:
            return broken
        names = ", ".join(self.not_allowed)
        return f"{broken} Installed, but not in c.Repo2DockerService.allowed_plugins: {names}."


@dataclass
class _Offers:
    """What one plugin offers."""

    adapters: list[tuple[str, str, type[Any]]] = field(default_factory=list)
    """Port, short name and class of each."""
    applications: list[Application] = field(default_factory=list)
    extensions: list[type[Any]] = field(default_factory=list)

    def words(self) -> list[str]:
        """Say what it is."""
        adapters = [f"{port}={name}" for port, name, _ in self.adapters]
        return [*adapters, *(["routes"] if self.applications else []), *(each.__name__ for each in self.extensions)]


def catalogue(manager: Plugins) -> Catalogue:
    """Ask all plugins once what they offer. Of one that fails or takes too long nothing is taken.

    Raises:
        NameTaken: two offer the same name.
    """
    offered: dict[str, dict[str, type[Any]]] = {port: {} for port in PORTS}
    routes: dict[str, Application] = {}
    extensions: dict[str, type[Any]] = {}
    told: dict[str, list[str]] = {}
    usable = [each for each in manager.list_name_plugin() if each[0] not in manager.failed]
    for name, plugin in usable:
        offers = _offers(manager, name, plugin)
        for port, adapter, factory in offers.adapters:
            if adapter in offered[port]:
                taken = offered[port][adapter]
                raise NameTaken(f"{PORTS[port]}: the name {adapter!r} is offered by {taken} and by {factory}.")
            offered[port][adapter] = factory
        routes.update((name, application) for application in offers.applications)
        extensions.update((name, extension) for extension in offers.extensions)
        told[name] = offers.words()
    hooks = {name: _hooks(manager, plugin) for name, plugin in usable if name not in manager.failed}
    return Catalogue(
        plugins=[*_used(manager, {name: [*told[name], *hooks[name]] for name in hooks}), *_unused(manager)],
        offered=offered,
        hooks={name: known for name, known in hooks.items() if known},
        routes=routes,
        extensions=extensions,
        parts=(RegistryLogArchive,),
        failed=dict(manager.failed),
        not_allowed=tuple(manager.not_allowed),
    )


def _offers(manager: Plugins, name: str, plugin: object) -> _Offers:
    """Ask one plugin, through all hooks."""

    def ask() -> _Offers:
        offers = _Offers()
        for port, hook in PORTS.items():
            _only(manager, hook, plugin)(register=partial(_take_adapter, offers, port))
        _only(manager, "register_routes", plugin)(register=partial(_take_application, offers))
        _only(manager, "register_extension", plugin)(register=partial(_take_extension, offers))
        return offers

    return ask() if name in BUILT_IN else tried(manager, name, ask) or _Offers()


def _take_adapter(offers: _Offers, port: str, name: object, factory: object, /) -> None:
    if not isinstance(name, str) or not isinstance(factory, type):
        raise TypeError(f"An adapter is offered by a name and a class, not by {name!r} and {factory!r}.")
    offers.adapters.append((port, name, factory))


def _take_application(offers: _Offers, application: object, /) -> None:
    if not callable(application):
        raise TypeError(f"A web application is something to call, not {application!r}.")
    if offers.applications:
        raise TypeError("One plugin has one web application.")
    offers.applications.append(application)


def _take_extension(offers: _Offers, extension: object, /) -> None:
    if not isinstance(extension, type):
        raise TypeError(f"An extension is a class, not {extension!r}.")
    if offers.extensions:
        raise TypeError("One plugin has one extension.")
    offers.extensions.append(extension)


def hooks_of(name: str, extension: object) -> Mapping[str, Hook]:
    """Give what an extension implements that was made.

    Raises:
        pluggy.PluginValidationError: it implements a hook that does not exist, or with wrong arguments.
    """
    manager = Plugins()
    manager.register(extension, name)
    manager.check_pending()
    return _hooks(manager, extension)


def _hooks(manager: Plugins, plugin: object) -> Mapping[str, Hook]:
    """Give what a plugin implements of that which is called later."""
    callers = manager.get_hookcallers(plugin) or []
    return {caller.name: _only(manager, caller.name, plugin) for caller in callers if caller.name in CALLED_LATER}


def _only(manager: Plugins, hook: str, plugin: object) -> pluggy.HookCaller:
    """Give a hook of one plugin, apart from that of all others: one that fails harms none of them."""
    return manager.subset_hook_caller(hook, [each for each in manager.get_plugins() if each is not plugin])


def _used(manager: Plugins, offers: Mapping[str, Sequence[str]]) -> Sequence[Known]:
    return [Known(name, manager.packages.get(name, OURS), each) for name, each in offers.items()]


def _unused(manager: Plugins) -> Sequence[Known]:
    problems = manager.failed | dict.fromkeys(manager.not_allowed, NOT_ALLOWED)
    return [Known(name, manager.packages.get(name, ""), problem=problem) for name, problem in problems.items()]
