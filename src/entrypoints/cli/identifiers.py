"""Ids as people type them: whole, or only their beginning."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, Literal

from repo2docker_service.entrypoints.cli.client import Client
from repo2docker_service.entrypoints.cli.problems import CommandFailed

LENGTHS: Final[Mapping[str, int]] = {"builds": 32, "images": 24}
_SHORTEST: Final = 6
_BEGINNING: Final = re.compile(rf"[0-9a-f]{{{_SHORTEST},}}")


def is_beginning(text: str) -> bool:
    """Whether this can be an id or the first digits of one."""
    return bool(_BEGINNING.fullmatch(text))


def whole_id(client: Client, kind: Literal["builds", "images"], text: str) -> str:
    """Give the one id that begins like this; anything that is no beginning stays as it is.

    Raises:
        CommandFailed: no id begins like this, or several do; or the list cannot be read.
    """
    if not is_beginning(text) or len(text) >= LENGTHS[kind]:
        return text
    found = [identifier for each in client.every(kind) if (identifier := str(each["id"])).startswith(text)]
    if not found:
        raise CommandFailed(f"No id begins with {text}. `repo2docker-service {kind}` lists those that there are.")
    if len(found) > 1:
        raise CommandFailed(f"{len(found)} ids begin with {text}. Give more of its digits.")
    return found[0]
