"""Warns of what authors of plugins rely on and no page describes: hooks, ports with all they ask for, errors."""

from collections.abc import Iterator
from types import ModuleType

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from repo2docker_service import hookspecs
from repo2docker_service.adapters import artifacts, pushing
from repo2docker_service.domain import capabilities, errors, ports
from repo2docker_service.domain.archive import log_archive

LOG = logging.getLogger(__name__)


def to_be_described() -> Iterator[str]:
    """Name it all."""
    yield from (f"{hookspecs.__name__}.{name}" for name, each in vars(hookspecs).items() if is_hook(each))
    yield from (f"{errors.__name__}.{name}" for name, each in vars(errors).items() if is_error(each))
    for module in (ports, capabilities, log_archive, artifacts, pushing):
        yield from of_protocols(module)


def is_hook(thing: object) -> bool:
    """Tell whether something is specified as a hook."""
    return hasattr(thing, f"{hookspecs.hookspec.project_name}_spec")


def is_error(thing: object) -> bool:
    """Tell whether something can be raised."""
    return isinstance(thing, type) and issubclass(thing, Exception)


def of_protocols(module: ModuleType) -> Iterator[str]:
    """Name the protocols of a module, and what each of them asks for."""
    for name, each in vars(module).items():
        if getattr(each, "_is_protocol", False) and each.__module__ == module.__name__:
            yield f"{module.__name__}.{name}"
            asked = (member for member, what in vars(each).items() if callable(what) or isinstance(what, property))
            yield from (f"{module.__name__}.{name}.{member}" for member in asked if not member.startswith("_"))


def check(_: Sphinx, environment: BuildEnvironment) -> None:
    """Warn of what is missing, which fails a build that takes warnings for errors."""
    described = environment.domains["py"].objects
    for name in to_be_described():
        if name not in described:
            LOG.warning("No page describes %s", name)


def setup(app: Sphinx) -> dict[str, bool]:
    """Look once all pages are read."""
    app.connect("env-check-consistency", check)
    return {"parallel_read_safe": True}
