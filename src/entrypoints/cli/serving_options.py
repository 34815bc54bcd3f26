"""What ``repo2docker-service`` does when no client command is named: serve, or explain its settings."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Final

from repo2docker_service import __version__
from repo2docker_service.entrypoints.cli import LIST_PLUGINS
from repo2docker_service.entrypoints.cli.arguments import COMMAND_FIRST, COMMANDS, PROGRAM

_OF_COMMANDS: Final = ("--url", "--token", "--json")

_HELP: Final = f"""usage: {PROGRAM} [OPTION]…            serve
       {PROGRAM} {LIST_PLUGINS} [OPTION]…    list the plugins, and what each offers
       {PROGRAM} COMMAND [OPTION]…    ask a service that is running

Builds container images from git repositories with repo2docker.

serving:
  --ip ADDRESS          listen on this address (127.0.0.1)
  --port PORT           listen on this port; 0 takes a free one (10101)
  --base-url PATH       serve everything under this path
  -f, --config FILE     read settings from this file (repo2docker_service_config.py,
                        or what REPO2DOCKER_SERVICE_CONFIG names)
  --log-level LEVEL     debug, info, warn or error
  --Class.setting=VALUE any other setting, as in the file
  --generate-config     write a configuration file that explains every setting;
                        --force overwrites one that exists
  --show-config         print the settings that are made, secrets masked; also --show-config-json
  --help-all            explain every setting, those of the adapters too
  --version             print the version

commands, each with --help:
"""


def run(arguments: Sequence[str]) -> int:
    """Do what a command line without a command says and give the exit code."""
    lists_plugins = bool(arguments) and arguments[0] == LIST_PLUGINS
    parser = _parser()
    if lists_plugins:
        parser.add_argument(LIST_PLUGINS)
        parser.add_argument("--json", action="store_true")
    options, others = parser.parse_known_args(arguments)
    if options.help:
        print(_HELP + "\n".join(_commands()))
        return 0
    if options.version:
        print(__version__)
        return 0
    if _is_meant_for_a_command(others):
        print(COMMAND_FIRST, file=sys.stderr)
        return 2
    # Only from here on is anything heavy imported.
    from repo2docker_service.entrypoints.cli.configuration import BadConfiguration

    try:
        return _list_plugins(options, others) if lists_plugins else _run(options, others)
    except BadConfiguration as problem:
        print(problem, file=sys.stderr)
        return 1


def _is_meant_for_a_command(words: Sequence[str]) -> bool:
    names = {command.name for command in COMMANDS}
    return bool(words) and words[0].partition("=")[0] in _OF_COMMANDS and not names.isdisjoint(words)


def _run(options: argparse.Namespace, others: Sequence[str]) -> int:
    if options.help_all or options.generate_config or options.show_config or options.show_config_json:
        return _inspect(options, others)
    from repo2docker_service.entrypoints.cli.serve import serve

    return serve(others)


def _list_plugins(options: argparse.Namespace, others: Sequence[str]) -> int:
    from repo2docker_service.entrypoints.cli.configuration import read
    from repo2docker_service.entrypoints.cli.output import emit, show_plugins

    found = [asdict(each) for each in read(others).catalogue.plugins]
    if options.json:
        for each in found:
            emit(each)
    else:
        show_plugins(found)
    return 0


def _inspect(options: argparse.Namespace, others: Sequence[str]) -> int:
    from repo2docker_service.entrypoints.cli import inspection
    from repo2docker_service.entrypoints.cli.configuration import parse_only, read

    if options.help_all:
        inspection.show_all_help(parse_only(others))
    elif options.generate_config:
        inspection.generate_config_file(parse_only(others), force=options.force)
    else:
        inspection.show_config(read(others), as_json=options.show_config_json)
    return 0


def _parser() -> argparse.ArgumentParser:
    # All else is traitlets' business; it would take these for settings.
    parser = argparse.ArgumentParser(prog=PROGRAM, add_help=False, allow_abbrev=False)
    parser.add_argument("-h", "--help", action="store_true")
    parser.add_argument("-V", "--version", action="store_true")
    for name in ("--help-all", "--generate-config", "--force", "--show-config", "--show-config-json"):
        parser.add_argument(name, action="store_true")
    return parser


def _commands() -> list[str]:
    return [
        line
        for command in COMMANDS
        for line in (f"  {command.name:<8}{command.summary}", f"          {PROGRAM} {command.examples[0]}")
    ]
