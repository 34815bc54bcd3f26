"""One process of the service that can be killed and started again at the same address."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tools.parts.ports import free_port
from tools.service import COMMAND
from tools.trust import TRUST

STARTS_WITHIN = 60.0
"""A start takes more than a second of a processor, which is half a minute where thirty others want it."""


@dataclass
class Replica:
    """A service with its own folder and port; replicas of one installation share their settings."""

    folder: Path
    settings: str
    token: str = field(default_factory=lambda: secrets.token_hex(16))
    command: Sequence[str] = (str(COMMAND),)
    environment: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    port: int = field(default_factory=free_port)

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}/"

    @property
    def log(self) -> Path:
        """What it prints, through all its lives."""
        return self.folder / "service.log"

    @property
    def pid(self) -> int:
        """The process that runs now."""
        assert self.process is not None
        return self.process.pid

    def client(self, token: str = "") -> httpx.Client:
        """Give a client, of the one who may do everything unless another token is given."""
        headers = {"Authorization": f"Bearer {token or self.token}"}
        return httpx.Client(base_url=f"{self.url}api/v1/", headers=headers, timeout=60, verify=TRUST)

    def start(self, *, wait: bool = True) -> None:
        """Start the process, and wait until it answers."""
        self.folder.mkdir(parents=True, exist_ok=True)
        config = self.folder / "repo2docker_service_config.py"
        config.write_text(
            f"c.Repo2DockerService.port = {self.port}\nc.Repo2DockerService.data_dir = {str(self.folder / 'data')!r}\n"
            f"c.TokenAuthorizer.token = {self.token!r}\n{self.settings}"
        )
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [*self.command, f"--config={config}"],
                cwd=self.folder,
                env={**os.environ, **self.environment},
                stdout=output,
                stderr=output,
            )
        if wait:
            self.wait_until_it_answers()

    def wait_until_it_answers(self) -> None:
        """Wait for the first answer to a health check."""
        deadline = time.monotonic() + STARTS_WITHIN
        # One client for all tries: making one costs as much as thirty of them, while the service needs the processor.
        with httpx.Client(timeout=5, verify=TRUST) as client:
            while time.monotonic() < deadline and self.alive:
                try:
                    client.get(f"{self.url}health/live")
                except httpx.TransportError:
                    time.sleep(0.02)
                else:
                    return
        raise RuntimeError(f"The service did not start:\n{self.log.read_text()[-4000:]}")

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self.process is not None and self.process.poll() is None

    def kill(self) -> None:
        """End it as a crash would."""
        self._end(signal.SIGKILL)

    def stop(self) -> float:
        """Ask it to stop, wait for that, and give the seconds it took."""
        begun = time.monotonic()
        self._end(signal.SIGTERM)
        return time.monotonic() - begun

    def _end(self, number: signal.Signals) -> None:
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait(timeout=30)
            self.process = None
