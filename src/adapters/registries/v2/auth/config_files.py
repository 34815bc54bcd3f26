"""The files that hold credentials, read again only when they have changed."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path

from repo2docker_service.adapters.registries.v2.auth.docker_config import DockerConfig, read
from repo2docker_service.adapters.registries.v2.auth.secret import BadCredentials
from repo2docker_service.adapters.secret_files import UnreadableSecret, read_secret, read_small, reason_of

Mark = tuple[int, int, int]


class ConfigFiles:
    """A config.json that was named, or those at the usual places of Docker and Podman."""

    def __init__(self, named: str, log: logging.Logger | logging.LoggerAdapter[logging.Logger]) -> None:
        self._named = Path(named) if named else None
        self._log = log
        self._seen: dict[Path, tuple[Mark, DockerConfig]] = {}
        self._said: set[str] = set()

    def read(self) -> list[DockerConfig]:
        """Give what all of them say now, the first to be asked first; to be called in a thread.

        Raises:
            BadCredentials: a file that was named cannot be read, or is no config.json.
        """
        if self._named is not None:
            return [self._file(self._named)]
        return [*self._variable(), *self._usual()]

    def forget(self) -> None:
        """Read everything again next time, even what does not look changed."""
        self._seen.clear()

    def _usual(self) -> Iterator[DockerConfig]:
        """Nobody has named these, so that one which cannot be read is only worth a warning."""
        for path in usual_places():
            try:
                yield self._file(path)
            except BadCredentials as error:
                if path.exists():
                    self._warn(str(error))

    def _variable(self) -> Iterator[DockerConfig]:
        if text := os.environ.get("DOCKER_AUTH_CONFIG"):
            try:
                yield self._checked(read(text), "DOCKER_AUTH_CONFIG")
            except ValueError as error:
                self._warn(f"DOCKER_AUTH_CONFIG is of no use: {error}")

    def _file(self, path: Path) -> DockerConfig:
        try:
            mark = _mark(path)
            known = self._seen.get(path)
            if known is None or known[0] != mark:
                known = self._seen[path] = mark, self._checked(read(read_small(path)), str(path))
        except (OSError, ValueError) as error:
            raise BadCredentials(f"The Docker configuration {path} is of no use: {reason_of(error)}") from None
        return known[1]

    def _checked(self, config: DockerConfig, source: str) -> DockerConfig:
        for entry in config.skipped:
            self._warn(f"The entry {entry!r} of {source} makes no sense and is left out")
        return config

    def _warn(self, text: str) -> None:
        # What cannot be read is looked at every second.
        if text not in self._said:
            self._said.add(text)
            self._log.warning("%s", text)


def usual_places() -> list[Path]:
    """Give the files in which Docker and Podman keep credentials, whether they are there or not."""
    variables = os.environ
    folder = variables.get("DOCKER_CONFIG") or os.path.expanduser("~/.docker")  # noqa: PTH111 (no home is no error)
    places = [Path(folder, "config.json")]
    if named := variables.get("REGISTRY_AUTH_FILE"):
        places.append(Path(named))
    if runtime := variables.get("XDG_RUNTIME_DIR"):
        places.append(Path(runtime, "containers", "auth.json"))
    return places


def read_password(path: Path) -> str:
    """Give the text of a file without the ends of its last line; to be called in a thread.

    Raises:
        BadCredentials: the file cannot be read, or says nothing.
    """
    try:
        return read_secret(path)
    except UnreadableSecret as problem:
        raise BadCredentials(f"The password file {path} {problem}") from None


def _mark(path: Path) -> Mark:
    """What differs once a file has changed; a mounted secret is changed by a link to another file."""
    status = path.stat()
    return status.st_mtime_ns, status.st_size, status.st_ino
