"""A real BuildKit daemon on this machine, from the programs that BuildKit's own image consists of."""

from __future__ import annotations

import json
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

STARTS_WITHIN = 20.0
# What it mounts and runs is gone when it is, however it ends.
_ALONE = ("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc")


@dataclass
class Buildkit:
    """A daemon with a port and a storage of its own, which outlive its process."""

    folder: Path
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
            PartMissing: this machine has no ``buildkitd``.
            RuntimeError: it ends, or does not listen in time.
        """
        program = shutil.which("buildkitd")
        if program is None:
            raise PartMissing("There is no buildkitd here; make test-buildkit takes it from BuildKit's image.")
        config = self.folder / "buildkitd.toml"
        config.write_text(self._settings())
        with (self.folder / "buildkitd.log").open("ab") as log:
            said_before = log.tell()
            command = [*_ALONE, program, "--config", str(config)]
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        deadline = time.monotonic() + STARTS_WITHIN
        while time.monotonic() < deadline and self._process.poll() is None:
            if f"running server on 127.0.0.1:{self.port}" in self.log[said_before:]:
                return
            time.sleep(0.05)
        self.stop()
        raise RuntimeError(f"No BuildKit started:\n{self.log[said_before:][-2000:]}")

    @property
    def log(self) -> str:
        """What it printed since it was first started."""
        return (self.folder / "buildkitd.log").read_text(errors="replace")

    def stop(self) -> None:
        """Kill it, if it runs."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(timeout=10)
            self._process = None

    def _settings(self) -> str:
        """The configuration; what JSON writes of strings and lists is TOML, too."""
        runtime = shutil.which("buildkit-runc") or "runc"
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
            f"binary = {json.dumps(runtime)}",
            'networkMode = "host"',
            "[worker.containerd]",
            "enabled = false",
        ]
        for registry in self.registries:
            lines += [f"[registry.{json.dumps(registry)}]", "http = true"]
        return "\n".join(lines) + "\n"


@contextmanager
def running_buildkit(
    folder: Path, authority: Certificate, certificate: Certificate, registries: Sequence[str]
) -> Iterator[Buildkit]:
    """Start a daemon, which is gone afterwards."""
    daemon = Buildkit(folder, authority, certificate, registries)
    daemon.start()
    try:
        yield daemon
    finally:
        daemon.stop()
