"""How builds end that fail: the reason, the cause, the line that tells it, and what to do; each really failed here."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import pytest
from tests.integration.docker_builds import Repositories, docker_builder
from tests.integration.push_places import PASSWORD, Place, ended, place_to_push_to
from tools.parts.docker_api import DockerApi
from tools.parts.engine import Engine
from tools.parts.git_server import GitServer
from tools.parts.registry import Setup, running_registry
from tools.reliability.engine_facts import remove_everything

from repo2docker_service.adapters.builders.docker import DockerImageBuilder
from repo2docker_service.domain.failures.advice import ADVICE
from repo2docker_service.domain.failures.causes import CauseKind as Kind
from repo2docker_service.domain.failures.explaining import Explainer
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import Build, BuildPlan, Destination, Reason
from repo2docker_service.domain.signing import Signer

PIP: Final = "python3 -m pip --isolated install --break-system-packages --no-index"
NOBODY: Final = "127.0.0.1:9"
"""Where nothing listens."""
COMPILED: Final = {
    "Dockerfile": f"FROM {{image}}\nCOPY . /fast\nRUN {PIP} /fast\n",
    "pyproject.toml": '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n',
    "backend.py": "import subprocess\ndef build_wheel(*_):\n    subprocess.run(['cc', 'fast.c'], check=True)\n",
}

Planned = tuple[BuildPlan, Destination]


@dataclass(frozen=True)
class Scene:
    """Where builds are planned."""

    repositories: Repositories
    registry: str
    """The host of one that is empty."""


Plan = Callable[[Scene], Planned]


def of(files: dict[str, str]) -> Plan:
    """Build a repository with these files."""
    return lambda scene: scene.repositories.plan(files)


def dockerfile(*lines: str) -> Plan:
    """Build a repository with a Dockerfile and nothing else."""
    return of({"Dockerfile": "\n".join(lines) + "\n"})


def upon_nothing(scene: Scene) -> Planned:
    """Build upon an image that its registry does not have."""
    return scene.repositories.plan({"Dockerfile": f"FROM {scene.registry}/nothere:1\n"})


def run(command: str) -> Plan:
    """Build a repository that runs a command."""
    return lambda scene: scene.repositories.script(command)


def gone(address: str) -> Plan:
    """Build a commit that nobody can fetch."""
    return lambda scene: scene.repositories.plan_of(address.replace("{git}", scene.repositories.git.url), "a" * 40)


def forced_away(scene: Scene) -> Planned:
    """Build a commit that the repository does not have any more."""
    return scene.repositories.plan_of(run("true")(scene)[0].source.address, "b" * 40)


def led_inside(scene: Scene) -> Planned:
    """Build from this machine what may only be fetched from elsewhere."""
    plan, destination = run("true")(scene)
    return replace(plan, public_only=True), destination


@dataclass(frozen=True)
class Row:
    """What is built, and how that ends."""

    plan: Plan
    reason: Reason
    kind: Kind | None
    line: str
    """Something of the line that is told as the cause; where none is told, of the last line of the log."""
    advice: str
    """Something of what a person is told to do."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Of the builder; with any it is one of its own."""
    push: Callable[[Place], None] | None = None
    """What is done to a registry before the image goes there."""


def forget_password(place: Place) -> None:
    place.support.password = ""


FAILED, SPENT, CLOSED = Reason.BUILD_FAILED, Reason.OUT_OF_RESOURCES, Reason.SOURCE_UNREACHABLE
ROWS: Final = {
    "a package pip does not know": Row(run(f"{PIP} numpi"), FAILED, Kind.PACKAGE_NOT_FOUND, "numpi", "spelling"),
    "a package apt does not know": Row(
        run("apt-get install graphwiz"), FAILED, Kind.PACKAGE_NOT_FOUND, "locate package graphwiz", "spelling"
    ),
    "versions that exclude each other": Row(
        run(f"{PIP} 'pip>=1' 'pip<1'"), FAILED, Kind.PACKAGES_CONFLICT, "pip<1 and pip>=1", "Loosen"
    ),
    "a wish pip cannot read": Row(run(f"{PIP} six=1"), FAILED, Kind.ENVIRONMENT_FILE, "'six=1'", "Mend its form"),
    "an environment that is no YAML": Row(
        of({"environment.yml": "name: a\n b: c: d\n"}), FAILED, Kind.ENVIRONMENT_FILE, "Error", "environment.yml"
    ),
    "a Python that is not to be had": Row(
        of({"runtime.txt": "python-3.99", "requirements.txt": ""}),
        FAILED,
        Kind.LANGUAGE_VERSION,
        "3.99",
        "runtime.txt",
    ),
    "nothing that compiles": Row(of(COMPILED), FAILED, Kind.NOT_COMPILED, "metadata-generation-failed", "apt.txt"),
    "an unknown instruction": Row(dockerfile("FROM {image}", "RUNN true"), FAILED, Kind.DOCKERFILE, "RUNN", "Mend"),
    "a base image that is not there": Row(upon_nothing, FAILED, Kind.BASE_IMAGE_MISSING, "nothere:1", "after FROM"),
    "a base image out of reach": Row(dockerfile(f"FROM {NOBODY}/a:1"), FAILED, Kind.NETWORK, NOBODY, "later"),
    "an address nobody answers at": Row(
        run(f"git clone http://{NOBODY}/a"), FAILED, Kind.NETWORK, "127.0.0.1", "administrator"
    ),
    "a file to copy that is not there": Row(
        dockerfile("FROM {image}", "COPY a.csv /"), FAILED, Kind.FILE_MISSING, "a.csv", "committed"
    ),
    "a list that is not there": Row(run(f"{PIP} -r gone.txt"), FAILED, Kind.FILE_MISSING, "gone.txt", "its name"),
    "an unknown command": Row(run("jupiter lab build"), FAILED, Kind.COMMAND_NOT_FOUND, "jupiter", "Install it"),
    "a script without its mode": Row(
        run("touch /postBuild && /postBuild"), FAILED, Kind.NOT_PERMITTED, "Permission denied", "mode"
    ),
    "two folders for one thing": Row(
        of({"binder/apt.txt": "", ".binder/apt.txt": ""}), FAILED, Kind.UNSUITABLE, "exclusive", "The line says why"
    ),
    "more memory than there is": Row(
        run("python3 -c 'bytearray(1 << 60)'"), FAILED, Kind.OUT_OF_MEMORY, "MemoryError", "less at once"
    ),
    "more space than a step has": Row(
        run("dd if=/dev/zero of=/dev/shm/a"), FAILED, Kind.DISK_FULL, "No space left", "large files"
    ),
    "a step that lies": Row(
        run("echo 'ERROR: dockerfile parse error'; exit 3"), FAILED, Kind.STEP_FAILED, "parse error", "its own way"
    ),
    "a step that is killed": Row(
        run("sh -c 'kill -9 $$'"), SPENT, Kind.OUT_OF_MEMORY, "exit code: 137", "less at once"
    ),
    "more memory than the builder may use": Row(
        run("true"), SPENT, Kind.BUILDER_OUT_OF_MEMORY, "memory", "Fetching", {"builder_memory_limit": 1 << 25}
    ),
    "no such repository": Row(gone("{git}/none/here.git"), CLOSED, Kind.REPOSITORY_CLOSED, "none/here", "browser"),
    "a server that is down": Row(gone(f"http://{NOBODY}/a.git"), CLOSED, Kind.NETWORK, NOBODY, "later"),
    "a private network": Row(led_inside, CLOSED, Kind.PRIVATE_NETWORK, "kept from 127.0.0.1", "submodules"),
    "no such commit": Row(forced_away, Reason.REF_NOT_FOUND, None, "commit is not in the repository", "branch"),
    "more time than there is": Row(
        run("sleep 60"), Reason.TIMED_OUT, None, "longer than 3 seconds", "longer limit", {"timeout": 3}
    ),
    "an engine that cannot begin": Row(
        run("true"), Reason.INTERNAL, None, "", "administrator", {"network": "container:none"}
    ),
    "a registry that is down": Row(
        run("true"),
        Reason.PUSH_FAILED,
        Kind.REGISTRY_AWAY,
        "connection refused",
        "later",
        push=lambda place: place.registry.stop(),
    ),
    "a registry that refuses": Row(
        run("true"), Reason.PUSH_FAILED, Kind.REGISTRY_REFUSED, "basic auth", "administrator", push=forget_password
    ),
}
ELSEWHERE: Final = {Reason.BUILDER_LOST}
"""What needs an engine of its own is in test_engine_troubles.py; so is a disk that is full for everybody."""


@dataclass(frozen=True)
class End:
    """What is told of a build, and its log."""

    build: Build
    lines: Sequence[str]


@dataclass
class Stage:
    """Makes all these builds, most of them with one builder."""

    engine: Engine
    image: str
    git: GitServer
    folder: Path
    registry: str
    installations: list[Installation] = field(default_factory=list)

    def scene(self) -> Scene:
        """Give a builder an installation of its own."""
        name = f"t{secrets.token_hex(6)}"
        made = Installation(name, Signer([secrets.token_bytes(32)]), self.folder, f"r2d-{name}")
        self.installations.append(made)
        return Scene(Repositories(self.git, self.image, made), self.registry)

    async def ends(self) -> dict[str, End]:
        """Make every build of the table, as many at once as this machine can do with."""
        alone = {name: row for name, row in ROWS.items() if row.settings or row.push}
        together = {name: row for name, row in ROWS.items() if name not in alone}
        others = asyncio.gather(*(self._alone(row) for row in alone.values()))
        scene = self.scene()
        async with docker_builder(self.engine, self.image, scene.repositories.installation, concurrency=4) as builder:
            found = await asyncio.gather(*(end_of(builder, row.plan(scene)) for row in together.values()))
        return dict(zip([*together, *alone], [*found, *await others], strict=True))

    async def _alone(self, row: Row) -> End:
        scene = self.scene()
        if row.push is None:
            installation = scene.repositories.installation
            async with docker_builder(self.engine, self.image, installation, **row.settings) as builder:
                return await end_of(builder, row.plan(scene))
        setup, folder = Setup(users={"ada": PASSWORD}), self.folder / secrets.token_hex(4)
        with place_to_push_to(folder, scene.repositories, self.engine, setup) as place:
            row.push(place)
            async with place.builder(push_patience=1) as builder:
                return await end_of(builder, place.plan())


async def end_of(builder: DockerImageBuilder, planned: Planned) -> End:
    """Build to the end."""
    started = await builder.start(*planned)
    async with asyncio.timeout(240):
        lines = [line async for chunk in builder.read_log(started.id, follow=True) for line in chunk.lines]
        build = await ended(builder, started.id)
    return End(await Explainer(builder, patience=20).explained(build), lines)


@pytest.fixture(scope="module")
def ends(
    engine: Engine, image: str, git: GitServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mapping[str, End]]:
    """Give the ends of all builds of the table, by the names of its rows."""
    folder = tmp_path_factory.mktemp("ends")
    with running_registry(folder) as registry:
        stage = Stage(engine, image, git, folder, registry.host)
        yield asyncio.run(stage.ends())
    for installation in stage.installations:
        remove_everything(DockerApi(engine.url), installation.instance)


@pytest.mark.parametrize("name", ROWS)
def test_a_failure_is_told_with_its_reason_its_cause_the_line_and_what_to_do(
    ends: Mapping[str, End], name: str
) -> None:
    row, end = ROWS[name], ends[name]
    cause = end.build.cause

    assert (end.build.reason, cause and cause.kind) == (row.reason, row.kind), end
    assert end.build.message.startswith(ADVICE[row.reason])
    assert row.advice in (cause.advice if cause else end.build.message)
    assert row.line in (cause.text if cause else (end.lines or [""])[-1])
    assert cause is None or cause.text[-40:] in end.lines[cause.line - 1]


def test_every_reason_and_every_kind_of_cause_has_a_row() -> None:
    assert {row.reason for row in ROWS.values()} | ELSEWHERE == set(Reason)
    assert {row.kind for row in ROWS.values()} - {None} == set(Kind)
