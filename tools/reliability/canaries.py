"""Private repositories are built, and what opens them is looked for everywhere."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from tools.parts.registry import RunningRegistry, Setup, running_registry

from .api import Build
from .canary_builds import DROPPED, LOGS, STOPPED, SUCCEEDS, USER, WAITING, CanaryBuilds
from .engine_facts import containers
from .figures import Figure, exactly, known
from .installed import Installed, installed
from .onlookers import AT_REST, CONTAINERS, EVENTS, PROCESSES, Onlookers, onlookers
from .rig import Rig
from .secret_search import Mark, Search

ANSWERS = "answers of the API, errors too"
SERVICE_LOG = "the service's log, at debug"
ENGINE_LOGS = "the engine's files of logs"
REGISTRY_LOG = "the registry's log"
LAYERS = "images, with all their layers"
STORED = "what the registry stores"
FILES = "data_dir and cache_file"
METRICS = "/metrics"
PLACES = (
    *(PROCESSES, CONTAINERS, AT_REST, EVENTS, ANSWERS, LOGS),
    *(SERVICE_LOG, ENGINE_LOGS, REGISTRY_LOG, LAYERS, STORED, FILES),
)
"""Where what is planted is to be found; in metrics there is nothing of anybody."""
OWN = ["builds:create!user", "builds:read", "builds:cancel!user", "images:read", "images:delete!user"]


@dataclass(frozen=True)
class Size:
    """How much is tried."""

    each: int
    """Builds of each kind; all wait when the service is killed, but for those that run then."""
    at_once: int
    """Builds that run at a time."""


FULL = Size(each=9, at_once=4)
SHORT = Size(each=1, at_once=2)


def run(rig: Rig, size: Size) -> list[Figure]:
    """What opens a private repository is found nowhere, whatever becomes of its build, and gives others nothing."""
    search = Search(Mark(f"canary{secrets.token_hex(8)}"), Mark(f"planted{secrets.token_hex(8)}"))
    folder = rig.folder / rig.instance()
    folder.mkdir()
    password = f"{search.secret.word} pusher"
    with running_registry(folder, Setup(users={"pusher": password})) as registry:
        settings = _settings(search.secret.word, registry, folder / "cache.sqlite", size)
        with (
            installed(rig, *settings) as here,
            onlookers(search, here.docker, here.instance, here.first, f"{search.secret.word}-{USER}") as looking,
        ):
            trial = _Trial(here, search, looking, registry, folder)
            return trial.run(rig, size)


def _settings(secret: str, registry: RunningRegistry, cache: Path, size: Size) -> Sequence[str]:
    people: Mapping[str, Sequence[str]] = {USER: OWN, "bob": OWN, "root": ["admin"]}
    tokens = {f"{secret}-{name}": {"name": name, "scopes": scopes} for name, scopes in people.items()}
    return (
        "c.Repo2DockerService.log_level = 'DEBUG'",
        "c.Repo2DockerService.log_as = 'json'",
        "c.Repo2DockerService.authorizer = 'memory'",
        f"c.InMemoryAuthorizer.tokens = {tokens!r}",
        "c.Repo2DockerService.builds_per_owner = 0",
        f"c.DockerImageBuilder.concurrency = {size.at_once}",
        "c.Repo2DockerService.registry = 'v2'",
        f"c.V2Registry.url = {registry.url!r}",
        "c.V2Registry.username = 'pusher'",
        f"c.V2Registry.password = '{secret} pusher'",
        f"c.V2Registry.cache_file = {str(cache)!r}",
    )


@dataclass
class _Trial:
    here: Installed
    search: Search
    looking: Onlookers
    registry: RunningRegistry
    folder: Path

    def run(self, rig: Rig, size: Size) -> list[Figure]:
        """Build, kill the service while most builds wait, and look everywhere until all has ended."""
        with self._client(USER) as client, self._client("bob") as bob:
            builds = CanaryBuilds(rig, self.search, client)
            stopped = builds.start(STOPPED, max(size.each, size.at_once))
            builds.until_they_work(stopped[: size.at_once])
            queued = [builds.start(kind, size.each) for kind in WAITING]
            builds.plant()
            statuses = builds.be_refused()
            self.here.first.kill()
            self.looking.look_at_rest()
            self.here.first.start()
            builds.cancel(queued[WAITING.index(DROPPED)])
            for build in stopped:
                builds.until_they_work([build])
                builds.cancel([build])
            wrong = builds.finish()
            told = [answer for build in builds.of(SUCCEEDS) for answer in self._asked_by_another(client, bob, build)]
            self._look(client)
        return [
            known("builds with credentials", len(builds.started)),
            *(known(f"of these that {kind.what}", len(builds.of(kind))) for kind in (*WAITING, STOPPED)),
            known("builds that waited while the service was killed", sum(map(len, queued))),
            exactly("builds that ended otherwise than they should", wrong, 0),
            known("other requests with credentials", len(statuses)),
            exactly("of these that were not refused", sum(status not in (400, 422, 502) for status in statuses), 0),
            *(exactly(f"secrets found in {place}", self.search.leaks[place], 0) for place in (*PLACES, METRICS)),
            exactly("places in which a planted word is found", sum(map(self._has_a_plant, PLACES)), len(PLACES)),
            known("requests of somebody else for the same", len(told)),
            exactly("of these that were told anything", sum(told), 0),
        ]

    def _has_a_plant(self, place: str) -> bool:
        if not self.search.plants[place]:
            print(f"Nothing planted was found in {place}, of {self.search.looked[place]} texts.", flush=True)
        return bool(self.search.plants[place])

    def _client(self, name: str) -> httpx.Client:
        client = self.here.first.client(f"{self.search.secret.word}-{name}")
        client.event_hooks = {"response": [self._note]}
        return client

    def _note(self, answer: httpx.Response) -> None:
        head = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
        self.search.look(ANSWERS, head.encode() + answer.read())

    def _asked_by_another(self, client: httpx.Client, other: httpx.Client, build: Build) -> Iterator[bool]:
        """Ask as somebody who knows all of a build but what opens its repository; say which answers told anything."""
        [image] = client.get("images", params={"name": build["image"]}).raise_for_status().json()["items"]
        wishes: list[dict[str, object]] = [{}, {"ref": build["commit"]}, {"credentials": {"password": "guessed"}}]
        for wish in wishes:
            for route in ("builds", "source"):
                yield other.post(route, json={"repo": build["repo"], **wish}).status_code != httpx.codes.BAD_GATEWAY
        path = f"builds/{build['id']}"
        answers = [other.get(path), other.get(f"{path}/log"), other.post(f"{path}/cancel"), other.delete(path)]
        answers.append(other.get(f"images/{image['id']}"))
        answers.append(other.delete(f"images/{image['id']}", headers={"If-Match": f'"{image["digest"]}"'}))
        yield from (answer.status_code != httpx.codes.NOT_FOUND for answer in answers)
        for wanted in ({"name": build["image"]}, {"repo": build["repo"]}):
            yield other.get("images", params=wanted).json()["total"] != 0
        for kind in ("images", "builds"):
            yield build["commit"] in other.get(kind, params={"owner": f"user:{USER}", "limit": 200}).text
        name = build["image"].partition("/")[2].rpartition(":")
        yield httpx.get(f"{self.registry.url}/v2/{name[0]}/manifests/{name[2]}").status_code != httpx.codes.UNAUTHORIZED

    def _look(self, client: httpx.Client) -> None:
        """Look everywhere once more, now that all has ended."""
        docker, look = self.here.docker, self.search.look
        self.looking.look_at_rest()
        look(ENGINE_LOGS, *self._files_of_logs())
        for image in client.get("images", params={"limit": 200}).raise_for_status().json()["items"]:
            with docker.open("GET", f"/images/{image['name']}/get", timeout=60) as saved:
                look(LAYERS, saved.read())
        for path in ("builds", "openapi.json", "me", "info"):
            client.get(path)
        with self._client("root") as root:
            look(METRICS, root.get(f"{self.here.first.url}metrics").raise_for_status().content)
        look(SERVICE_LOG, self.here.first.log.read_bytes())
        look(REGISTRY_LOG, self.registry.log.encode())
        look(STORED, *_contents(self.registry.storage))
        look(FILES, *_contents(self.here.first.folder / "data"), *_contents(self.folder, "cache*"))

    def _files_of_logs(self) -> Iterator[bytes]:
        for found in containers(self.here.docker, self.here.instance):
            path = Path(self.here.docker.ask("GET", f"/containers/{found.id}/json")["LogPath"])
            if path.exists():  # there is none of a container that never ran
                yield path.read_bytes()


def _contents(folder: Path, pattern: str = "**/*") -> Iterator[bytes]:
    return (path.read_bytes() for path in folder.glob(pattern) if path.is_file())
