"""A real BuildKit daemon on this machine: its program, or else its image."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from .certificates import Certificate
from .errors import PartMissing
from .ports import free_port

STARTS_WITHIN = 60.0
"""Seconds, in which an image may have to be pulled."""
# What it mounts and runs is gone when it is, however it ends.
_ALONE = ("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc")


@dataclass
class Buildkit:
    """A daemon with a port and a storage of its own, which outlive its process."""

    folder: Path
    engine_url: str
    """Of an engine that runs it where the machine has no ``buildkitd`` itself."""
    authority: Certificate
    """Who signs for it, and for those who may use it."""
    certificate: Certificate
    registries: Sequence[str] = ()
    """Registries that it speaks to without TLS, as ``HOST:PORT``."""
    port: int = field(default_factory=free_port)
    _process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, with what it stored before; done when it listens.

        Raises:
            PartMissing: this machine has neither its program nor an image of it.
            RuntimeError: it ends, or does not listen in time.
        """
        self._config.write_text(self._settings())
        with self._log.open("ab") as log:
            said_before = log.tell()
            self._process = subprocess.Popen(self._command(), stdout=log, stderr=log, env=self._environment())
        deadline = time.monotonic() + STARTS_WITHIN
        while time.monotonic() < deadline and self._process.poll() is None:
            if f"running server on 127.0.0.1:{self.port}" in self.log[said_before:]:
                return
            time.sleep(0.05)
        self.stop()
        raise RuntimeError(f"No BuildKit started:\n{self.log[said_before:][-2000:]}")

    def stop(self) -> None:
        """Kill it, if it runs."""
        if self._process is None:
            return
        if shutil.which("buildkitd") is None:
            command = ["docker", "kill", self._name]
            subprocess.run(command, env=self._environment(), check=False, capture_output=True, timeout=30)
        self._process.kill()
        self._process.wait(timeout=10)
        self._process = None

    @property
    def log(self) -> str:
        """What it printed since it was first started."""
        return self._log.read_text(errors="replace")

    @property
    def _log(self) -> Path:
        return self.folder / "buildkitd.log"

    @property
    def _config(self) -> Path:
        return self.folder / "buildkitd.toml"

    @property
    def _name(self) -> str:
        return f"r2d-buildkit-{self.port}"

    def _environment(self) -> dict[str, str]:
        return {**os.environ, "DOCKER_HOST": self.engine_url}

    def _command(self) -> list[str]:
        if program := shutil.which("buildkitd"):
            return [*_ALONE, program, "--config", str(self._config)]
        if not (image := os.environ.get("BUILDKIT_IMAGE")):
            raise PartMissing(
                "There is no buildkitd here, and BUILDKIT_IMAGE names no image of it; make test-buildkit does."
            )
        options = ["--rm", "--privileged", "--network=host", f"--volume={self.folder}:{self.folder}"]
        return ["docker", "run", f"--name={self._name}", *options, image, "--config", str(self._config)]

    def _settings(self) -> str:
        """The configuration; what JSON writes of strings and lists is TOML, too."""
        lines = [
            f"root = {json.dumps(str(self.folder / 'root'))}",
            "[grpc]",
            f"address = {json.dumps([f'tcp://127.0.0.1:{self.port}'])}",
            "[grpc.tls]",
            f"cert = {json.dumps(str(self.certificate.file))}",
            f"key = {json.dumps(str(self.certificate.key))}",
            f"ca = {json.dumps(str(self.authority.file))}",
            "[worker.oci]",
            "enabled = true",
            *(['binary = "runc"'] if shutil.which("buildkitd") else []),
            'networkMode = "host"',
            "[worker.containerd]",
            "enabled = false",
        ]
        for registry in self.registries:
            lines += [f"[registry.{json.dumps(registry)}]", "http = true"]
        return "\n".join(lines) + "\n"


@contextmanager
def running_buildkit(
    folder: Path, engine_url: str, authority: Certificate, certificate: Certificate, registries: Sequence[str]
) -> Iterator[Buildkit]:
    """Start a daemon, which is gone afterwards."""
    daemon = Buildkit(folder, engine_url, authority, certificate, registries)
    daemon.start()
    try:
        yield daemon
    finally:
        daemon.stop()
