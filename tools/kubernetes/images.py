"""Images in the engine of a cluster, which can reach no registry elsewhere."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from tools.parts import image_store
from tools.parts.containers import image_exists
from tools.parts.docker_api import DockerApi
from tools.parts.progress import step

PAUSE = "repo2docker-service/pause:1"
BUSYBOX = "busybox:stable"
"""Called as elsewhere, so that a cluster with a way to registries runs the same tests."""


def add_small(api: DockerApi, programs: Path) -> None:
    """Make the image that holds each pod's namespaces, and one with a shell."""
    if not image_exists(api, PAUSE):
        _import(api, PAUSE, {"pause": programs / "pause"}, {}, ['ENTRYPOINT ["/pause"]'])
    if not image_exists(api, BUSYBOX):
        applets = ("sh", "echo", "sleep", "cat", "true", "false", "seq", "wget", "id", "kill", "ls", "env")
        _import(api, BUSYBOX, {"bin/busybox": programs / "busybox"}, dict.fromkeys(applets, "busybox"), ['CMD ["sh"]'])


def _import(
    api: DockerApi, name: str, files: Mapping[str, Path], links: Mapping[str, str], changes: Sequence[str]
) -> None:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as tar:
        for folder in ("bin", "tmp"):
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o1777 if folder == "tmp" else 0o755
            tar.addfile(entry)
        for path, file in files.items():
            tar.add(file, path)
        for link, target in links.items():
            entry = tarfile.TarInfo(f"bin/{link}")
            entry.type, entry.linkname = tarfile.SYMTYPE, target
            tar.addfile(entry)
    repository, _, tag = name.rpartition(":")
    query = {"fromSrc": "-", "repo": repository, "tag": tag, "changes": "\n".join(changes)}
    for _ in api.follow("/images/create", query, content.getvalue()):
        pass


def copy(source: DockerApi, target: DockerApi, name: str) -> None:
    """Bring an image of another engine in; one that is there already costs nothing."""
    if _identifier(target, name) == _identifier(source, name):
        return
    with step(f"Loading {name} into the cluster"), source.open("GET", "/images/get", {"names": name}) as tar:
        for _ in target.follow("/images/load", {"quiet": "1"}, image_store.in_pieces(tar)):
            pass


def _identifier(api: DockerApi, name: str) -> str | None:
    return str(api.ask("GET", f"/images/{name}/json")["Id"]) if image_exists(api, name) else None
