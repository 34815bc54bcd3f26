"""Finds settings that no class has: traitlets itself passes over them, or only warns."""

from __future__ import annotations

import difflib
import logging
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from traitlets.config import Config, Configurable

from repo2docker_service.config import Repo2DockerService


def known_classes(settings: Repo2DockerService) -> list[type[Configurable]]:
    """Give the classes that can be configured: the service's own, then those of all adapters."""
    offered = [cls for cls in settings.catalogue.classes() if issubclass(cls, Configurable)]
    return list(dict.fromkeys([type(settings), *offered]))


def unknown_settings(settings: Repo2DockerService) -> Iterator[str]:
    """Say in a sentence of each setting that no class has what is wrong with it."""
    return _unknown(settings.config, _known(known_classes(settings)), settings.catalogue.unused())


@contextmanager
def without_warnings(log: Any) -> Iterator[None]:  # noqa: ANN401 - a logger or an adapter of one
    """Keep traitlets from warning of what is refused anyway."""
    logger: logging.Logger = getattr(log, "logger", log)
    logger.addFilter(_is_no_warning_of_settings)
    try:
        yield
    finally:
        logger.removeFilter(_is_no_warning_of_settings)


def _is_no_warning_of_settings(record: logging.LogRecord) -> bool:
    return not str(record.msg).startswith(("Config option `", "Unrecognized alias"))


def _known(classes: Iterable[type[Configurable]]) -> Mapping[str, set[str]]:
    # What is set for a base holds for every class made from it, so it may be any trait of these.
    known: dict[str, set[str]] = {}
    for cls in classes:
        for base in cls.mro():
            if issubclass(base, Configurable):
                known.setdefault(base.__name__, set()).update(cls.class_traits(config=True))
    return known


def _unknown(config: Config, known: Mapping[str, set[str]], unused: str) -> Iterator[str]:
    for section, traits in config.items():
        if not traits:
            continue  # reading a section is enough to make one
        if section not in known:
            # Unless it is only misspelt, it may be of a plugin.
            yield f"There is no {section}.{_hint(section, known, more=unused)}"
            continue
        for name, value in traits.items():
            if isinstance(value, Config):  # the settings that a class has as the child of another
                yield from _unknown(Config({name: value}), known, unused)
            elif name not in known[section]:
                yield f"{section} has no setting `{name}`.{_hint(name, known[section], mark='`')}"


def _hint(name: str, known: Collection[str], mark: str = "", more: str = "") -> str:
    near: Sequence[str] = difflib.get_close_matches(name, sorted(known), n=1)
    return f" Did you mean {mark}{near[0]}{mark}?" if near else f" --help-all lists what there is.{more}"
