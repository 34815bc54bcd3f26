"""A real Docker registry on this machine, set up in one of the ways in which registries are set up elsewhere."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from .packages import program, require
from .ports import free_port

STARTS_WITHIN = 20.0


class PortTaken(RuntimeError):
    """A port that was free a moment ago is not any more."""


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
        self.port = free_port()
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
            PortTaken: another program listens on its port.
            RuntimeError: it ends, or does not listen in time.
        """
        command = [program("docker-registry") or "docker-registry", "serve", str(self._config)]
        with self._log.open("ab") as log:
            said_before = log.tell()
            self._process = subprocess.Popen(command, stdout=log, stderr=log, env=_environment())
        if self._listens(self._process, said_before):
            return
        self.stop()
        said = self._said(said_before)
        raise (PortTaken if "address already in use" in said else RuntimeError)(f"No registry started:\n{said[-2000:]}")

    def _listens(self, process: subprocess.Popen[bytes], said_before: int) -> bool:
        """Wait until it says so: an answer at its port could be somebody else's."""
        deadline = time.monotonic() + STARTS_WITHIN
        while time.monotonic() < deadline and process.poll() is None:
            if f"listening on {self.host}" in self._said(said_before):
                return True
            time.sleep(0.02)
        return False

    def _said(self, since: int) -> str:
        return self._log.read_bytes()[since:].decode(errors="replace")

    def stop(self) -> None:
        """End it, if it runs."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(timeout=10)
            self._process = None

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Let it do nothing for a while, so that it takes connections and says nothing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

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
        file.write_bytes(b"".join(_hashed(*user) for user in self._setup.users.items()))
        return file


@contextmanager
def running_registry(folder: Path, setup: Setup | None = None) -> Iterator[RunningRegistry]:
    """Run a registry that keeps everything in a folder, until the end.

    Raises:
        PartMissing: the registry is not here and cannot be installed.
    """
    require("docker-registry", "htpasswd")
    registry = _started(folder, setup or Setup())
    try:
        yield registry
    finally:
        registry.stop()


def _started(folder: Path, setup: Setup) -> RunningRegistry:
    for _ in range(5):
        registry = RunningRegistry(folder, setup)
        with suppress(PortTaken):
            registry.start()
            return registry
    raise RuntimeError("No port stayed free for as long as a registry takes to start.")


def _hashed(name: str, password: str) -> bytes:
    command = [program("htpasswd") or "htpasswd", "-niBC", "4", name]
    done = subprocess.run(command, input=password.encode(), check=True, capture_output=True)
    return done.stdout.strip() + b"\n"


def _environment() -> dict[str, str]:
    """Variables of these names would change its configuration."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("REGISTRY_", "OTEL_"))}
