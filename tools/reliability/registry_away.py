"""A registry goes away while it is pushed to: for a while, or for longer than it is waited for."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Final

import httpx

from tools.parts.registry import RunningRegistry, running_registry
from tools.parts.repository import Repository

from .api import Build, ended, get, start
from .engine_facts import containers as containers_of
from .engine_facts import per_build, temporary_tags
from .figures import Figure, exactly, known
from .installed import Installed, installed
from .registry_probe import is_whole
from .rig import Rig

LAYER: Final = 24 << 20
"""Bytes that every image has, which no compression makes smaller."""
TIMES: Final = {"killed": 1, "frozen": 5}
"""Of the patience: one that took the connection and says nothing may have much to put away."""
LOOK: Final = 0.01
PATIENCE: Final = 120.0
"""Seconds for a build, besides those for which its registry is away."""


@dataclass(frozen=True)
class Size:
    """How a registry is away, and for how long; times in seconds."""

    ways: Sequence[str]
    away: float
    patience: float
    """``push_patience``."""
    for_good: Sequence[str] = ()
    """How it is away for longer than it is waited for."""


FULL = Size(("killed", "frozen", "503"), away=30, patience=45, for_good=("killed", "frozen"))
SHORT = Size(("frozen",), away=3, patience=20)


def run(rig: Rig, size: Size) -> list[Figure]:
    """A push outlasts a registry that goes away in the middle of it; what cannot be pushed in time is pushed later."""
    folder = rig.folder / rig.instance()
    folder.mkdir()
    with running_registry(folder) as registry:
        pushing = ("c.Repo2DockerService.registry = 'v2'", f"c.V2Registry.url = {registry.url!r}")
        patience = f"c.DockerImageBuilder.push_patience = {size.patience}"
        with installed(rig, *pushing, patience) as here, here.first.client() as client:
            trial = _Trial(rig, registry, here, client)
            for way in size.ways:
                trial.outlast(way, size.away)
            for way in size.for_good:
                trial.give_up(way, size.patience * TIMES[way])
            return trial.figures(size)


@dataclass
class _Trial:
    rig: Rig
    registry: RunningRegistry
    here: Installed
    client: httpx.Client
    outlasted: list[Build] = field(default_factory=list)
    given_up: list[Build] = field(default_factory=list)
    waits: dict[str, float] = field(default_factory=dict)
    """Seconds until the build failed, by the way in which its registry was away."""
    later: list[Build] = field(default_factory=list)
    built_again: int = 0
    kept: int = 0

    def outlast(self, way: str, seconds: float) -> None:
        """Have the registry away for so long in the middle of a layer."""
        build = self._pushing()
        with WAYS[way](self.registry):
            time.sleep(seconds)
        self.outlasted.append(self._end(build, PATIENCE))

    def give_up(self, way: str, patience: float) -> None:
        """Have the registry away until the build has failed, and ask for the same again when it is back."""
        build = self._pushing()
        begun = time.monotonic()
        with WAYS[way](self.registry):
            self.given_up.append(self._end(build, patience + PATIENCE))
            self.waits[way] = time.monotonic() - begun
        self.kept += len(temporary_tags(self.here.docker, self.here.instance))
        again = self._start_when_back(build)
        self.later.append(self._end(again, PATIENCE))
        self.built_again += "COPY" in self.client.get(f"builds/{again['id']}/log").text

    def _pushing(self) -> Build:
        """Start a build and give it when its registry has received some of a layer."""
        repository = Repository(self.rig.git.root, f"{self.rig.instance()}/large.git")
        random = f"head -c {LAYER} /dev/urandom > /layer"
        made = f"FROM {self.rig.image} AS made\nRUN {random} # {repository.name}\n"
        dockerfile = f"{made}FROM scratch\nCOPY --from=made /layer /\n"
        repository.commit({"Dockerfile": dockerfile}, "Large")
        build = start(self.client, repo=f"{self.rig.git.url.rstrip('/')}/{repository.name}")
        deadline = time.monotonic() + PATIENCE
        while not self._receiving(build):
            if time.monotonic() > deadline:
                raise TimeoutError(f"Nothing of this is pushed: {get(self.client, build['id'])}")
            time.sleep(LOOK)
        return build

    def _receiving(self, build: Build) -> bool:
        # Of this build alone: what a killed registry has of an earlier one stays there.
        uploads = self.registry.storage.rglob(f"{_repository(build)}/_uploads/*/data")
        return any(path.stat().st_size > LAYER // 16 for path in uploads)

    def _start_when_back(self, build: Build) -> Build:
        """Ask until the service has noticed that the registry is back."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return start(self.client, repo=build["repo"])
            except RuntimeError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(1)

    def _end(self, build: Build, within: float) -> Build:
        return ended(self.client, build["id"], within)

    def figures(self, size: Size) -> list[Figure]:
        """Count what came of all."""
        delivered = [*self.outlasted, *self.later]
        pushers = per_build(containers_of(self.here.docker, self.here.instance), "pusher")
        return [
            *(known(f"away in the middle of a layer, {way}", size.away, "s") for way in size.ways),
            exactly("builds that did not succeed", sum(each["state"] != "succeeded" for each in delivered), 0),
            exactly("images that are not whole in the registry", sum(not self._whole(each) for each in delivered), 0),
            exactly("builds without exactly one pusher", sum(pushers[each["id"]] != 1 for each in delivered), 0),
            known("registries away for longer than they are waited for", len(self.given_up)),
            exactly("builds that failed for that reason", sum(map(_undelivered, self.given_up)), len(self.given_up)),
            known("patience", size.patience, "s"),
            *(known(f"until the build failed, {way}", seconds, "s") for way, seconds in self.waits.items()),
            exactly("images kept for later", self.kept, len(self.given_up)),
            known("images delivered later", len(self.later)),
            exactly("of these, images built again", self.built_again, 0),
            exactly("temporary names of images left", len(temporary_tags(self.here.docker, self.here.instance)), 0),
        ]

    def _whole(self, build: Build) -> bool:
        return bool(build.get("digest")) and is_whole(self.registry.url, _repository(build), build["digest"])


def _repository(build: Build) -> str:
    repository: str = build["image"].partition("/")[2].rpartition(":")[0]
    return repository


def _undelivered(build: Build) -> bool:
    return (build["state"], build.get("reason")) == ("failed", "push-failed")


@contextmanager
def _killed(registry: RunningRegistry) -> Iterator[None]:
    registry.stop()
    yield
    registry.start()


@contextmanager
def _overloaded(registry: RunningRegistry) -> Iterator[None]:
    """Let another server stand in its place, as a proxy does that says: not now."""
    with _killed(registry), ThreadingHTTPServer(("127.0.0.1", registry.port), _NotNow) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield
        server.shutdown()
        thread.join(timeout=10)


class _NotNow(BaseHTTPRequestHandler):
    def _refuse(self) -> None:
        self.send_response(503)
        self.send_header("Content-Length", "0")
        self.send_header("Connection", "close")
        self.end_headers()

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _refuse  # noqa: N815 - as the standard library asks

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - named so there
        """Say nothing."""


WAYS: Final[Mapping[str, Callable[[RunningRegistry], AbstractContextManager[None]]]] = {
    "killed": _killed,
    "frozen": RunningRegistry.frozen,
    "503": _overloaded,
}
