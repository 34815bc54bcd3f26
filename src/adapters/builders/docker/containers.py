"""What the engine is asked to create, and the files put into it."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Mapping
from typing import Any, Final

from repo2docker_service.adapters.builders.containers.cards import Card, Kind
from repo2docker_service.adapters.builders.containers.in_container import credentials
from repo2docker_service.adapters.builders.containers.in_container.pusher import REPORT as PUSH_REPORT
from repo2docker_service.adapters.builders.containers.plans import (
    FOLDER,
    BuildSettings,
    Limits,
    authority_files,
    build_plan,
    launcher,
    push_plan,
    repo2docker_config,
)
from repo2docker_service.domain.installation import Installation

ENTRYPOINT: Final = ("python3", "-I", f"{FOLDER}/launcher.pyz")
READY: Final = f"{FOLDER}/ready"
CANCELLED: Final = f"{FOLDER}/cancelled"
REPORT: Final = f"{FOLDER}/{PUSH_REPORT}"
SEALED: Final = f"{FOLDER}/{credentials.FOLDER}/{credentials.SEALED}"
_COMMAND: Final = {Kind.BUILDER: "build", Kind.PUSHER: "push", Kind.CLAIM: "claim"}
# Without rotation a follower loses nothing; the engine refuses "no limit" for one container. The launcher keeps the log
# far below this.
_LOG: Final = {"Type": "json-file", "Config": {"max-size": "4g", "max-file": "1"}}


def container(card: Card, installation: Installation, limits: Limits) -> dict[str, Any]:
    """Give the engine's description of a container for a card."""
    building = card.kind is Kind.BUILDER
    return {
        "Image": card.builder_image,
        "Entrypoint": list(ENTRYPOINT),
        "Cmd": [_COMMAND[card.kind]],
        "User": "0:0",
        "WorkingDir": "/",
        "Env": [f"{key}={value}" for key, value in limits.environment.items()] if building else [],
        "Labels": card.labels(installation),
        "HostConfig": {
            "Init": True,
            "NetworkMode": limits.network if building else "none",
            "Binds": [f"{limits.socket}:/run/real/docker.sock"],
            "CapDrop": ["ALL"],
            # The launcher runs repo2docker as another user and may have to end it.
            "CapAdd": ["SETUID", "SETGID", "KILL"] if building else [],
            "SecurityOpt": ["no-new-privileges"],
            "Memory": limits.memory,
            "MemorySwap": limits.memory,
            "PidsLimit": 512,
            "LogConfig": _LOG,
            "RestartPolicy": {"Name": "no"},
        },
    }


def content(card: Card, installation: Installation, limits: Limits, settings: BuildSettings) -> bytes:
    """Give the files for a container as an archive; the last one says that all are there."""
    building = card.kind is Kind.BUILDER
    plan = build_plan(card, installation, limits, settings) if building else push_plan(card, installation, limits)
    return archive(
        {
            "r2d/launcher.pyz": launcher(),
            "r2d/plan.json": json.dumps(plan).encode(),
            "r2d/repo2docker_config.py": repo2docker_config(settings),
            **{f"r2d/{name}": data for name, data in (authority_files(limits) if building else {}).items()},
            "r2d/empty/": b"",
            "r2d/ready": b"",
        }
    )


def secret_files(files: Mapping[str, bytes]) -> bytes:
    """Pack files that a container's launcher takes before all else; nobody but root can read them."""
    folder = f"r2d/{credentials.FOLDER}/"
    return archive({folder: b"", **{folder + name: data for name, data in files.items()}}, 0o600)


def archive(members: Mapping[str, bytes], mode: int = 0o644) -> bytes:
    """Pack files of this mode, in this order, for ``/run``; names that end in ``/`` are folders."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for name, data in {"r2d/": b"", **members}.items():
            info = tarfile.TarInfo(name.rstrip("/"))
            info.type = tarfile.DIRTYPE if name.endswith("/") else tarfile.REGTYPE
            info.mode = 0o755 if name.endswith("/") else mode
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return packed.getvalue()
