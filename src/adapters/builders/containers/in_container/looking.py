"""Sees by an image's files alone whether a notebook server is in it: nothing of the image is ever run.

The engine shows the files of a container that was never started, and so no program of the repository takes part. That
container is also what the image is made from that says what was seen.
"""

from __future__ import annotations

import posixpath
import stat
from collections.abc import Mapping
from typing import Any

from .engine import Engine, Status

PROGRAM = "jupyterhub-singleuser"
YES, NO = "yes", "no"
USUAL_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""Where the engine looks when an image does not say where."""
PATIENCE = 60.0
"""Seconds that the engine has for each answer."""
MOST_FOLDERS = 100
NEVER_RUN = "/this-container-is-only-looked-at"
FOUND = f"{PROGRAM} is in the image: a hub can start it as a notebook server."
UNKNOWN = "It is not known whether a hub can start this image; looking into it failed: {}"
MISSING = f"There is no {PROGRAM} on the PATH of the image: a hub cannot start it as a notebook server."


class Look:
    """One look into an image.

    Args:
        socket: the engine's.
        plan: what the pusher does.
    """

    def __init__(self, socket: str, plan: Mapping[str, Any]) -> None:
        self._engine = Engine(socket, PATIENCE)
        self._plan = plan

    def name_with_verdict(self) -> bool:
        """Give the image its final name with a label that says what was seen; whether that was possible.

        The image is another one then: the same layers and settings, and one label more.
        """
        try:
            return self._look()
        except Exception as error:
            # Whatever is odd about an image, or the engine: it was built, and is worth having.
            print(UNKNOWN.format(error), flush=True)
            return False

    def _look(self) -> bool:
        image = self._engine.image(self._plan["temporary"])
        container = self._engine.create(self._plan["look"], _description(image))
        try:
            there = any(self._is_program(container, f"{folder}/{PROGRAM}") for folder in folders(image["Config"]))
            self._engine.commit(container, self._plan["repository"], self._plan["tag"], self._config(image, there))
        finally:
            self._engine.remove_container(container)
        print(FOUND if there else MISSING, flush=True)
        return True

    def _is_program(self, container: str, path: str) -> bool:
        found = self._engine.look_at(container, path)
        if found is not None and found.target:
            found = self._engine.look_at(container, found.target)
        return found is not None and _is_executable(found)

    def _config(self, image: Mapping[str, Any], there: bool) -> dict[str, Any]:
        config = dict(image["Config"])
        config["Labels"] = {**(config.get("Labels") or {}), self._plan["launchable_label"]: YES if there else NO}
        # Where the image has none, the engine would take the container's, unless an empty one is given.
        config["Entrypoint"] = config.get("Entrypoint") or []
        return config


def _description(image: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "Image": image["Id"],
        "Entrypoint": [NEVER_RUN],
        "HostConfig": {
            "NetworkMode": "none",
            # In their place the engine would make volumes, and copy what the image has there.
            "Mounts": [{"Type": "tmpfs", "Target": folder} for folder in _volumes(image["Config"])],
        },
    }


def _volumes(config: Mapping[str, Any]) -> list[str]:
    return sorted({_absolute(folder) for folder in config.get("Volumes") or ()})


def folders(config: Mapping[str, Any]) -> list[str]:
    """Give the folders in which programs are looked for, each once; a relative one depends on where a server starts."""
    given = [each.partition("=")[2] for each in config.get("Env") or () if each.startswith("PATH=")]
    folders = (given[-1] if given else USUAL_PATH).split(":")
    return list(dict.fromkeys(_absolute(folder) for folder in folders if folder.startswith("/")))[:MOST_FOLDERS]


def _absolute(folder: str) -> str:
    return "/" + posixpath.normpath(folder).lstrip("/")


def _is_executable(status: Status) -> bool:
    return status.regular and bool(status.mode & (stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH))
