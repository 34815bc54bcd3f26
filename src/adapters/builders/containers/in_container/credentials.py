"""What a container may know and nobody else: taken before all else, and gone from the container from then on."""

from __future__ import annotations

import base64
import binascii
import contextlib
import json
import os
import shutil
from typing import Any

FOLDER = "credentials"
FILE = "config.json"
SEALED = "sealed"
"""Beside it in a builder, until that is started: what only the service can read."""


def take(folder: str) -> dict[str, Any]:
    """Read and remove what was put into this container, if there is anything: in a pusher, a docker configuration.

    A file takes the place of its folder. So whoever else starts this container, and is slower, cannot leave a copy of
    the credentials behind that nobody would remove.
    """
    place, taken = os.path.join(folder, FOLDER), os.path.join(folder, f"{FOLDER}.taken")
    found: dict[str, Any] = {}
    while not os.path.isfile(place):
        with contextlib.suppress(OSError):
            os.rename(place, taken)
            found = _read(os.path.join(taken, FILE)) or found
            shutil.rmtree(taken)
        with contextlib.suppress(FileExistsError):
            os.close(os.open(place, os.O_CREAT | os.O_EXCL, 0o600))
    return found


def authorization(config: dict[str, Any], registry: str) -> str:
    """Give the header X-Registry-Auth for a registry, as the engine's API describes it under "Authentication"."""
    entry = config.get("auths", {}).get(registry, {})
    known = {key: entry[key] for key in ("username", "password", "identitytoken", "registrytoken") if entry.get(key)}
    if "auth" in entry and not known:
        with contextlib.suppress(binascii.Error, ValueError):
            known["username"], _, known["password"] = (
                base64.b64decode(entry["auth"], validate=True).decode().partition(":")
            )
    if known:
        known["serveraddress"] = registry
    return base64.urlsafe_b64encode(json.dumps(known).encode()).decode()


def _read(path: str) -> dict[str, Any] | None:
    try:
        with open(path) as file:
            config = json.load(file)
    except (OSError, ValueError):
        return None
    return config if isinstance(config, dict) else None
