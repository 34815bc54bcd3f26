"""A real Docker registry on this machine, set up in one of the ways in which registries are set up elsewhere."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from .packages import program, require

STARTS_WITHIN = 20.0


@dataclass(frozen=True, slots=True)
class TokenAuth:
    """Whose tokens a registry accepts."""

    realm: str
    """Address of the token server, which the registry tells its clients."""
    service: str
    issuer: str
    certificate: Path
    """The certificate of the key with which tokens are signed."""


@dataclass(frozen=True, slots=True)
class Setup:
    """How a registry is set up."""

    users: Mapping[str, str] = field(default_factory=dict)
    """Names and passwords; with none, and without tokens, everybody may do everything."""
    tokens: TokenAuth | None = None
    tls: tuple[Path, Path] | None = None
    """Files with its certificate and key."""
    deletes: bool = True
    cache: bool = True
    """Whether it remembers in memory which blobs it has, as most do."""


class RunningRegistry:
    """A registry with a port and a storage of its own, which outlive its process."""

    def __init__(self, folder: Path, setup: Setup) -> None:
        self._folder = folder
        self._setup = setup
        self._process: subprocess.Popen[bytes] | None = None
        self.port = _free_port()
        self.host = f"127.0.0.1:{self.port}"
        self.url = f"{'https' if setup.tls else 'http'}://{self.host}"
        self.storage = folder / "storage"
        self._log = folder / "registry.log"
        self._config = folder / "config.yml"
        self._config.write_text(json.dumps(self._settings(), indent=1))

    @property
    def log(self) -> str:
        """What it printed since it was first started."""
        return self._log.read_text(errors="replace")

    def start(self) -> None:
        """Start it, with what it stored before; done when it listens.

        Raises:
            RuntimeError: it ends, or does not listen in time.
        """
        command = [program("docker-registry") or "docker-registry", "serve", str(self._config)]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, env=_environment())
        deadline = time.monotonic() + STARTS_WITHIN
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                time.sleep(0.02)
            else:
                return
        self.stop()
        raise RuntimeError(f"The registry did not start:\n{self.log[-2000:]}")

    def stop(self) -> None:
        """End it, if it runs."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(timeout=10)
            self._process = None

    def collect_garbage(self, *, delete_untagged: bool = False) -> str:
        """Remove what no manifest uses, beside the running server or without it, and give what that printed."""
        options = ["--delete-untagged"] if delete_untagged else []
        command = [program("docker-registry") or "docker-registry", "garbage-collect", *options, str(self._config)]
        done = subprocess.run(command, check=True, capture_output=True, text=True, env=_environment())
        return done.stdout

    def _settings(self) -> dict[str, object]:
        """The configuration; JSON is YAML, too."""
        storage: dict[str, object] = {
            "filesystem": {"rootdirectory": str(self.storage)},
            "delete": {"enabled": self._setup.deletes},
        }
        if self._setup.cache:
            storage["cache"] = {"blobdescriptor": "inmemory"}
        http: dict[str, object] = {"addr": self.host}
        if self._setup.tls:
            certificate, key = self._setup.tls
            http["tls"] = {"certificate": str(certificate), "key": str(key)}
        settings = {"version": "0.1", "log": {"level": "info"}, "storage": storage, "http": http}
        auth = self._auth()
        return {**settings, **({"auth": auth} if auth else {})}

    def _auth(self) -> dict[str, object]:
        if tokens := self._setup.tokens:
            names = {"realm": tokens.realm, "service": tokens.service, "issuer": tokens.issuer}
            return {"token": names | {"rootcertbundle": str(tokens.certificate)}}
        if self._setup.users:
            return {"htpasswd": {"realm": "tests", "path": str(self._password_file())}}
        return {}

    def _password_file(self) -> Path:
        file = self._folder / "htpasswd"
        for name, password in self._setup.users.items():
            command = [program("htpasswd") or "htpasswd", "-niBC", "4", name]
            done = subprocess.run(command, input=password.encode(), check=True, capture_output=True)
            with file.open("ab") as target:
                target.write(done.stdout.strip() + b"\n")
        return file


@contextmanager
def running_registry(folder: Path, setup: Setup | None = None) -> Iterator[RunningRegistry]:
    """Run a registry that keeps everything in a folder, until the end.

    Raises:
        PartMissing: the registry is not here and cannot be installed.
    """
    require("docker-registry", "htpasswd")
    registry = RunningRegistry(folder, setup or Setup())
    registry.start()
    try:
        yield registry
    finally:
        registry.stop()


def _environment() -> dict[str, str]:
    """Variables of these names would change its configuration."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("REGISTRY_", "OTEL_"))}


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
