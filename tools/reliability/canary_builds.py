"""Builds of private repositories, each of which comes to another end; one word is in all that opens them."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import httpx

from tools.parts.repository import Repository

from .api import Build, ended, get, start
from .rig import Rig
from .secret_search import Search

WITHIN = 300.0
POLL = 0.1
USER = "ada"
LOGS = "logs of builds, read and followed"
SCRATCH = "FROM scratch\nCOPY . /all/\n"
SPYING = "FROM {image}\nRUN env; cat /run/r2d/* /dev/shm/* /proc/*/environ; exit 3\n"
SLEEPING = "FROM {image}\nRUN sleep 600\n"
JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Kind:
    """A build, and how it is to end."""

    what: str
    state: str
    reason: str | None = None
    dockerfile: str = SCRATCH
    ref: str = "HEAD"


SUCCEEDS = Kind("succeed", "succeeded")
REVOKED = Kind("find their password changed", "failed", "source-unreachable")
DROPPED = Kind("are cancelled while they wait", "cancelled")
STOPPED = Kind("are cancelled while they run", "cancelled", dockerfile=SLEEPING)
WAITING = (
    SUCCEEDS,
    REVOKED,
    DROPPED,
    Kind("print what they can see, and fail", "failed", "build-failed", SPYING),
    Kind("are of a commit that is not there", "failed", "ref-not-found", ref="0" * 40),
)


@dataclass
class CanaryBuilds:
    """All that is built in a trial, on behalf of one person."""

    rig: Rig
    search: Search
    client: httpx.Client
    started: list[tuple[Kind, Build]] = field(default_factory=list)
    plants: list[Build] = field(default_factory=list)

    def start(self, kind: Kind, count: int) -> Sequence[Build]:
        """Ask for so many builds of a kind, each of a repository of its own."""
        builds = [self._start(kind) for _ in range(count)]
        self.started += [(kind, build) for build in builds]
        return builds

    def _start(self, kind: Kind) -> Build:
        repo, password = self.repository(kind.dockerfile)
        build = start(self.client, repo=repo, ref=kind.ref, credentials={"username": USER, "password": password})
        if kind is REVOKED:
            self.rig.git.passwords[self._path(repo)] = (USER, "another one by now")
        return build

    def plant(self) -> None:
        """Build what is no secret, with a word in its address, title and log, to be found where secrets must not be."""
        word = self.search.planted.word
        repo, _ = self.repository(f"FROM scratch\nCOPY . /{word}/\n", word)
        del self.rig.git.passwords[self._path(repo)]
        self.plants.append(start(self.client, repo=repo, title=word))

    def repository(self, dockerfile: str = SCRATCH, name: str = "") -> tuple[str, str]:
        """Make a private repository, and say where it is and what opens it."""
        repository = Repository(self.rig.git.root, f"{name or secrets.token_hex(8)}/example.git")
        text = f"{dockerfile.format(image=self.rig.image)}# {repository.name}\n"
        repository.commit({"Dockerfile": text}, "The only one")
        password = f"{self.search.secret.word} '\"ä%/{secrets.token_hex(4)}"
        self.rig.git.passwords[f"/{repository.name}"] = (USER, password)
        return f"{self.rig.git.url}/{repository.name}", password

    def _path(self, repo: str) -> str:
        return repo.removeprefix(self.rig.git.url)

    def until_they_work(self, builds: Sequence[Build]) -> None:
        """Wait until builds are past the fetch of their repository."""
        deadline = time.monotonic() + WITHIN
        while not all(get(self.client, build["id"])["progress"]["step"] for build in builds):
            if time.monotonic() > deadline:
                raise TimeoutError(f"These do not begin: {builds}")
            time.sleep(POLL)

    def cancel(self, builds: Sequence[Build]) -> None:
        """Cancel builds."""
        for build in builds:
            self.client.post(f"builds/{build['id']}/cancel").raise_for_status()

    def of(self, wanted: Kind) -> Sequence[Build]:
        """Give the builds of a kind."""
        return [build for kind, build in self.started if kind is wanted]

    def finish(self) -> int:
        """Wait until all have ended, read their logs in both ways, and count those that ended otherwise than meant."""
        wrong = 0
        for kind, build in [*self.started, *((SUCCEEDS, each) for each in self.plants)]:
            now = ended(self.client, build["id"], WITHIN)
            logs = [self._log(build, accept) for accept in ("text/plain", "text/event-stream")]
            self.search.look(LOGS, *logs)
            if (now["state"], now.get("reason")) != (kind.state, kind.reason):
                wrong += 1
                print(f"Builds of this kind {kind.what}: {now}\n{logs[0].decode()[-2000:]}", flush=True)
        return wrong

    def _log(self, build: Build, accept: str) -> bytes:
        answer = self.client.get(f"builds/{build['id']}/log", headers={"Accept": accept}, timeout=WITHIN)
        return answer.content

    def be_refused(self) -> Sequence[int]:
        """Ask for what cannot be built, each time with a secret in it, and give the statuses of the answers."""
        repo, password = self.repository()
        bodies: list[object] = [
            {"repo": repo, "credentials": {"username": USER, "password": f"{password} is wrong"}},
            {"repo": repo, "credentials": password},
            {"repo": repo, "credentials": {"username": USER, password: "password"}},
            {"repo": repo, "credentials": {"username": USER, "password": [password]}},
            {"repo": repo.replace("://", f"://{USER}:{self.search.secret.word}@")},
        ]
        cut = f'{{"credentials": "{password}'
        answers = [self.client.post(route, json=body) for route in ("builds", "source") for body in bodies]
        answers += [self.client.post(route, content=cut.encode(), headers=JSON) for route in ("builds", "source")]
        return [answer.status_code for answer in answers]
