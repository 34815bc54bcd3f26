"""Another version is put in the place of this one while builds wait, run and are pushed, and back again."""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from tools.parts.registry import Setup, running_registry
from tools.parts.repository import Repository
from tools.service import COMMAND

from . import promises, versions
from .api import ENDED
from .clients import Client, Seen, client, keep_building
from .engine_facts import listening
from .fickle import Fickle
from .figures import Figure, at_least, exactly, known
from .installed import Installed, installed
from .logs import Rows, failing_address
from .people import Person, setting
from .proxy import proxy
from .reading import Readings
from .replica import Replica
from .rig import Rig

PASSWORD = secrets.token_hex(16)
"""Of the registry, and of private repositories."""


@dataclass(frozen=True)
class Size:
    """Which versions come, one after the other, and how much is built meanwhile."""

    versions: Sequence[str]
    """What both replicas get, first one and then the other; before, both are of this version."""
    at_once: int
    """Builds that are wanted at any time, of which one less runs; besides those that are cancelled or fail."""
    private: int
    """Builds of private repositories, one after every two changes."""
    seconds: float
    """For which each replica is left alone."""
    rows: Rows
    all_within: float
    """Seconds."""
    cancelling: bool = False
    """Whether somebody cancels builds meanwhile, too."""


FULL = Size(("next", "this", "previous", "this") * 2, 4, 8, 5, Rows(300, 60, small=True), 1200, cancelling=True)
SHORT = Size(("next", "this"), 2, 2, 0.5, Rows(60, 60, small=True), 250)


def run(rig: Rig, size: Size) -> list[Figure]:
    """Whichever version takes another one's place, no build is lost or runs twice, and each reads all of the others."""
    folder, ada = rig.folder / rig.instance(), Person("ada")
    folder.mkdir()
    commands = _installed_versions(folder, size)
    with ExitStack() as stack:
        registry = stack.enter_context(running_registry(folder, Setup(users={"robot": PASSWORD})))
        settings = (
            setting([ada]),
            "c.Repo2DockerService.registry = 'v2'",
            f"c.V2Registry.url = {registry.url!r}",
            f"c.V2Registry.username, c.V2Registry.password = 'robot', {PASSWORD!r}",
            f"c.DockerImageBuilder.concurrency = {size.at_once - 1 or 1}",
        )
        here = stack.enter_context(installed(rig, *settings, replicas=2, command=(commands["this"],)))
        history = stack.enter_context(listening(here.docker, here.instance))
        address = stack.enter_context(proxy(folder, [replica.port for replica in here.replicas]))
        trial = _Trial(rig, size, here, f"{address}api/v1/", ada, commands)
        figures = asyncio.run(trial.run())
        observers = history.count("create", "observer").total()
        return [*figures, *promises.once(history), at_least("containers of a kind of the next version", observers, 1)]


def _installed_versions(folder: Path, size: Size) -> Mapping[str, str]:
    """Install the other versions; this one is here already."""
    others = {*size.versions} - {"this"}
    return {"this": str(COMMAND)} | {name: versions.install(versions.ALL[name], folder / name) for name in others}


def _private(rig: Rig) -> Mapping[str, object]:
    """Make a repository that wants a password, and give the body of a request to build it."""
    repository = Repository(rig.git.root, f"{secrets.token_hex(6)}/private.git")
    repository.commit({"Dockerfile": "FROM scratch\nCOPY token /token\n", "token": secrets.token_hex(8)}, "Private")
    rig.git.passwords[f"/{repository.name}"] = ("ada", PASSWORD)
    credentials = {"username": "ada", "password": PASSWORD}
    return {"repo": f"{rig.git.url.rstrip('/')}/{repository.name}", "credentials": credentials}


@dataclass
class _Trial:
    rig: Rig
    size: Size
    here: Installed
    api: str
    person: Person
    commands: Mapping[str, str]
    seen: list[Seen] = field(default_factory=list)
    failing: list[str] = field(default_factory=list)
    """Ids of builds that have to fail."""
    private: list[str] = field(default_factory=list)
    """Ids of builds of private repositories."""
    changes: int = 0
    over: bool = False

    async def run(self) -> list[Figure]:
        fickle, readings = Fickle(), Readings()
        async with asyncio.timeout(self.size.all_within), client(self.api, self.person.token) as asking:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._change(asking, readings, fickle))
                group.create_task(fickle.keep_on(self.rig, asking, self.size.rows, self._nobody_cancels))
                group.create_task(self._keep_asking_for_private_ones(asking))
                for _ in range(self.size.at_once):
                    group.create_task(keep_building(self.rig, asking, self.size.rows, self.seen, self._is_over))
            ends = Counter([await self._end(asking, build_id) for build_id in self.private])
            # Once more, now that all has ended.
            await asyncio.to_thread(self._read, readings, self.here.first, "this", fickle)
            return [
                known("times that a version took another one's place", self.changes),
                *await promises.ends(asking, self.seen),
                *promises.work(
                    self.here.docker, self.here.instance, self.seen, [*fickle.asked, *self.failing, *self.private]
                ),
                *promises.lines(self.seen),
                *await fickle.figures(asking, self.here.docker, self.here.instance),
                known("builds that had to fail", len(self.failing)),
                exactly("private builds that succeeded", ends["succeeded"], self.size.private),
                *readings.figures(),
            ]

    def _is_over(self) -> bool:
        return self.over

    def _nobody_cancels(self) -> bool:
        return self.over or not self.size.cancelling

    async def _change(self, asking: Client, readings: Readings, fickle: Fickle) -> None:
        """Give each version to one replica after the other, asked to stop or killed, while the other one goes on.

        Where both have it, a build fails, so that each version has a failure to record.
        """
        for number, version in enumerate(self.size.versions):
            for replica in self.here.replicas:
                await asyncio.sleep(self.size.seconds)
                await asyncio.to_thread(replica.kill if number % 2 else replica.stop)
                replica.command = (self.commands[version],)
                await asyncio.to_thread(replica.start)
                self.changes += 1
                await asyncio.to_thread(self._read, readings, replica, version, fickle)
            failing = await self._ask(asking, {"repo": await asyncio.to_thread(failing_address, self.rig)})
            self.failing.append(failing)
            await self._end(asking, failing)
            await asyncio.to_thread(self._read, readings, self.here.first, version, fickle)
        self.over = True

    def _read(self, readings: Readings, replica: Replica, version: str, fickle: Fickle) -> None:
        ended = [each.id for each in self.seen if each.downloaded] + (self.private if self.over else [])
        accepted = [*(each.id for each in self.seen if each.id), *fickle.cancelled, *self.failing, *self.private]
        with replica.client(self.person.token) as asking:
            readings.read(asking, version, accepted, ended)

    async def _end(self, asking: Client, build_id: str) -> str:
        """Give the state in which a build ends; the time for all is bounded."""
        while (state := (await asking.ask("GET", f"builds/{build_id}", 200)).json()["state"]) not in ENDED:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        return str(state)

    async def _ask(self, asking: Client, wish: Mapping[str, object]) -> str:
        return str((await asking.ask("POST", "builds", 202, json=wish)).json()["id"])

    async def _keep_asking_for_private_ones(self, asking: Client) -> None:
        for _ in range(self.size.private):
            self.private.append(await self._ask(asking, await asyncio.to_thread(_private, self.rig)))
            changes = self.changes
            while self.changes < changes + 2 and not self.over:  # noqa: ASYNC110 - bounded by the time for all
                await asyncio.sleep(0.1)
