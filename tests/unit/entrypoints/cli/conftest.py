"""A service for all tests of the commands, and a way to run these."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from tests.unit.entrypoints.cli.servers import TOKEN, Service, running_service

from repo2docker_service.entrypoints.cli import main

Run = Callable[..., "Outcome"]


@dataclass
class Outcome:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str

    @property
    def objects(self) -> list[dict[str, Any]]:
        """The JSON objects of standard output."""
        return [json.loads(line) for line in self.out.splitlines()]


@pytest.fixture(autouse=True)
def _own_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    for name in ("URL", "TOKEN", "CONFIG", "GIT_PASSWORD"):
        monkeypatch.delenv(f"REPO2DOCKER_SERVICE_{name}", raising=False)
    monkeypatch.chdir(tmp_path_factory.mktemp("here"))


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command in this process."""

    def run(*arguments: str) -> Outcome:
        capsys.readouterr()
        code = main(arguments)
        return Outcome(code, *capsys.readouterr())

    return run


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The real service with adapters that pretend."""
    with running_service(tmp_path_factory.mktemp("service")) as running:
        yield running


@pytest.fixture
def ask(run: Run, service: Service, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a client command against the service."""
    monkeypatch.setenv("REPO2DOCKER_SERVICE_URL", service.address)
    monkeypatch.setenv("REPO2DOCKER_SERVICE_TOKEN", TOKEN)
    return run
