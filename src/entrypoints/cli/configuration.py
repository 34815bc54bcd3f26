"""Loads the settings for serving, and turns every mistake in them into one sentence."""

from __future__ import annotations

import difflib
import os
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, TypeVar

import pluggy
from traitlets import TraitError
from traitlets.config.loader import Config, ConfigFileNotFound

from repo2docker_service import plugins
from repo2docker_service.config import Repo2DockerService
from repo2docker_service.entrypoints.cli.arguments import COMMAND_FIRST, COMMANDS
from repo2docker_service.entrypoints.cli.unknown_settings import unknown_settings, without_warnings

CONFIG_VARIABLE: Final = "REPO2DOCKER_SERVICE_CONFIG"

_LOG_LEVEL_OPTIONS: Final = ("--log-level", "--Application.log_level", "--Repo2DockerService.log_level")
_SHORTEST_SECRET: Final = 16

Made = TypeVar("Made")

# These speak for themselves; of others, people need to know the kind and the place too.
_CLEAR: Final = (
    TraitError,
    ConfigFileNotFound,
    pluggy.PluginValidationError,
    plugins.NameTaken,
    plugins.UnknownAdapter,
)


class BadConfiguration(Exception):
    """The service cannot be set up as configured; the text is a sentence for people."""


def load(arguments: Sequence[str] = ()) -> Repo2DockerService:
    """Read command line and configuration file, and find the plugins.

    Raises:
        BadConfiguration: something in them cannot be used.
    """
    settings = read(arguments)
    for sentence in unknown_settings(settings):
        raise BadConfiguration(sentence)
    if not all(len(key.encode()) >= _SHORTEST_SECRET for key in settings.secret):
        raise BadConfiguration(f"c.Repo2DockerService.secret: each key takes at least {_SHORTEST_SECRET} characters.")
    return settings


def read(arguments: Sequence[str] = ()) -> Repo2DockerService:
    """Read command line and configuration file, and find the plugins; settings that no class has are kept.

    Raises:
        BadConfiguration: something in them cannot be read.
    """
    settings = Repo2DockerService(config=_from_environment())
    with without_warnings(settings.log):
        explained(settings, lambda: settings.load(_in_capitals(arguments)))
    _refuse_unknown(settings)
    return settings


def parse_only(arguments: Sequence[str]) -> Repo2DockerService:
    """Read the command line and find the plugins, without any configuration file.

    Raises:
        BadConfiguration: something on the command line cannot be used.
    """
    settings = Repo2DockerService(config=_from_environment())
    with without_warnings(settings.log):
        settings.parse_command_line(_in_capitals(arguments))
    _refuse_unknown(settings)
    settings.catalogue = explained(settings, lambda: plugins.catalogue(plugins.load(settings.allowed_plugins)))
    return settings


def explained(settings: Repo2DockerService, make: Callable[[], Made]) -> Made:
    """Call something that depends on the configuration, and explain its failure.

    Raises:
        BadConfiguration: it failed.
    """
    try:
        return make()
    except Exception as error:  # a configuration file and a plugin are programs, which can raise anything
        settings.log.debug("What went wrong in full:", exc_info=True)
        raise BadConfiguration(_sentence(error, settings)) from error


def _in_capitals(arguments: Sequence[str]) -> list[str]:
    """Write the level of the log as traitlets wants it."""
    words = list(arguments)
    for place, word in enumerate(words):
        option, equals, level = word.partition("=")
        if option in _LOG_LEVEL_OPTIONS and equals:
            words[place] = f"{option}={_level(level)}"
        elif option in _LOG_LEVEL_OPTIONS and place + 1 < len(words):
            words[place + 1] = _level(words[place + 1])
    return words


def _level(text: str) -> str:
    return "WARN" if text.upper() == "WARNING" else text.upper()


def _from_environment() -> Config:
    path = os.environ.get(CONFIG_VARIABLE)
    return Config({"Repo2DockerService": {"config_file": path}} if path else {})


def _refuse_unknown(settings: Repo2DockerService) -> None:
    # An option that traitlets does not know only gets a warning from it, a stray word not even that.
    known = [str(name) for name in (*settings.aliases, *settings.flags)]
    for name in settings.cli_config:
        if not name[0].isupper():
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"Did you mean --{near[0]}?" if near else "See --help and --help-all."
            raise BadConfiguration(f"There is no option --{name}. {hint}")
    if settings.extra_args:
        if settings.extra_args[0] in {command.name for command in COMMANDS}:
            raise BadConfiguration(COMMAND_FIRST)
        raise BadConfiguration(f"It is not clear what {settings.extra_args[0]!r} means here. See --help.")


def _sentence(error: Exception, settings: Repo2DockerService) -> str:
    if isinstance(error, _CLEAR):
        return str(error)
    kind = type(error).__name__
    text = error.msg if isinstance(error, SyntaxError) else str(error)
    place = _place(error, str(Path(settings.config_file).absolute()))
    return f"{place}{kind}: {text}" if text else f"{place}{kind}"


def _place(error: Exception, config_file: str) -> str:
    if isinstance(error, SyntaxError):
        return f"{error.filename}, line {error.lineno}: "
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == config_file]
    return f"{config_file}, line {lines[-1]}: " if lines else ""
