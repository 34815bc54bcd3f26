"""Shows settings: those that can be made, and those that are made."""

from __future__ import annotations

import json
import pprint
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from traitlets.config import Configurable

from repo2docker_service.config import Repo2DockerService
from repo2docker_service.entrypoints.cli.configuration import BadConfiguration
from repo2docker_service.entrypoints.cli.unknown_settings import known_classes, unknown_settings

MASK: Final = "***"
_SECRET_NAME: Final = re.compile(
    r"passw|token|secret|credential|passphrase|(?:^|_)(?:api|private)?_?keys?$", re.IGNORECASE
)
_PLACE_OF_SECRET: Final = re.compile(r"_(?:file|dir)$")
_USER_INFORMATION: Final = re.compile(r"(?<=://)[^/@\s]+(?=@)")


def show_all_help(settings: Repo2DockerService) -> None:
    """Print what each setting means, those of all adapters too."""
    settings.classes = known_classes(settings)
    lines = [*settings.emit_description(), *settings.emit_options_help(), "Class options", "============="]
    print("\n".join(lines))
    for cls in _ours_first(settings):
        print(f"{cls.class_get_help()}\n")


def generate_config_file(settings: Repo2DockerService, *, force: bool) -> None:
    """Write a configuration file in which every setting is explained and none is made.

    Raises:
        BadConfiguration: there is a file of that name, or it cannot be written.
    """
    path = Path(settings.config_file).absolute()
    if path.exists() and not force and not _may_overwrite(path):
        raise BadConfiguration(f"{path} exists and was left as it is. Add --force to overwrite it.")
    ordered = _ours_first(settings)
    head = f"# Configuration file for {settings.name}.\n\nc = get_config()  # noqa\n"
    text = "\n".join([head, *(cls.class_config_section(ordered) for cls in ordered)])
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadConfiguration(f"{path} cannot be written: {error.strerror}.") from error
    print(f"Every setting is explained in {path}")


def show_config(settings: Repo2DockerService, *, as_json: bool) -> None:
    """Print the settings that command line and configuration file make, without any secret."""
    masked = masked_config(settings)
    for sentence in unknown_settings(settings):
        print(sentence, file=sys.stderr)
    if as_json:
        print(json.dumps(masked, indent=1, sort_keys=True, default=str))
        return
    for path in settings.loaded_config_files:
        print(f"Read from {path}")
    for name, traits in sorted(masked.items()):
        print(name)
        for trait, value in sorted(traits.items()):
            print(f"  .{trait} = {pprint.pformat(value, indent=4, compact=True)}")


def masked_config(settings: Repo2DockerService) -> Mapping[str, Mapping[str, Any]]:
    """Give the settings that are made, by class, with a mask over each secret."""
    secret = {(cls.__name__, name) for cls in known_classes(settings) for name in cls.class_traits(secret=True)}
    return {
        class_name: {
            name: MASK if _is_secret(name) or (class_name, name) in secret else _masked(value)
            for name, value in traits.items()
        }
        for class_name, traits in settings.config.items()
        if traits
    }


def _masked(value: object) -> object:
    if isinstance(value, Mapping):
        return {key: MASK if _is_secret(str(key)) else _masked(each) for key, each in value.items()}
    if isinstance(value, str):
        return _USER_INFORMATION.sub(MASK, value)
    if isinstance(value, Iterable):
        return [_masked(each) for each in value]
    if isinstance(value, bool | int | float | None):
        return value
    return _USER_INFORMATION.sub(MASK, str(value))


def _is_secret(name: str) -> bool:
    # Where a secret lies is none.
    return bool(_SECRET_NAME.search(name)) and not _PLACE_OF_SECRET.search(name)


def _ours_first(settings: Repo2DockerService) -> list[type[Configurable]]:
    # traitlets would put the classes that ours are made from before them, which few people want to read.
    classes = known_classes(settings)
    bases = [base for cls in classes for base in cls.mro() if issubclass(base, Configurable)]
    return [cls for cls in dict.fromkeys([*classes, *bases]) if cls in classes or cls.class_own_traits(config=True)]


def _may_overwrite(path: Path) -> bool:
    if not sys.stdin.isatty():
        return False
    print(f"{path} exists. Overwrite it? [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")
