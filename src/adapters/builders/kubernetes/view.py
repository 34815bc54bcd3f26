"""A live picture of the installation's Jobs and pods, which can be thrown away at any time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from repo2docker_service.adapters.builders.containers.cards import BUILD
from repo2docker_service.adapters.builders.kubernetes.states import Work
from repo2docker_service.adapters.builders.kubernetes.store import JobStore, pod_of
from repo2docker_service.adapters.builders.kubernetes.told import Job, read_job
from repo2docker_service.adapters.builders.kubernetes.watching import Watch
from repo2docker_service.domain.errors import BuilderUnavailable, BuildNotFound
from repo2docker_service.domain.models import Build

_RECONNECT: Final = 0.5
"""Seconds between tries to reach a cluster that is gone."""

_AT_ONCE: Final = 0.05
"""Seconds between a stream that ended in order and the next one."""

Thing = Mapping[str, Any]


@dataclass
class Things:
    """Jobs, or pods, by their own id in the cluster, each as it was last told of."""

    known: dict[str, Thing] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    """Of what was seen to go: what is heard of it later is older."""

    def put(self, thing: Thing) -> bool:
        """Take what is not older than what is known; say whether it is new."""
        uid = thing["metadata"]["uid"]
        known = self.known.get(uid)
        if uid in self.gone or (known is not None and version_of(known) >= version_of(thing)):
            return False
        self.known[uid] = thing
        return True

    def remove(self, uid: str) -> Thing | None:
        """Forget something for good."""
        self.gone.add(uid)
        return self.known.pop(uid, None)

    def replace(self, things: Sequence[Thing], version: str, among: Collection[str] | None = None) -> list[Thing]:
        """Take a list of all, and give what was new or is gone; what was made after the list stays.

        Args:
            things: the list.
            version: that at which it was so.
            among: ids of what could be in it; all where this is None.
        """
        listed = {thing["metadata"]["uid"] for thing in things}
        possible = self.known.keys() if among is None else self.known.keys() & among
        vanished = [uid for uid in possible - listed if version_of(self.known[uid]) <= int(version)]
        changed = [thing for thing in things if self.put(thing)]
        return [*changed, *(thing for uid in vanished if (thing := self.remove(uid)))]


def version_of(thing: Thing) -> int:
    """Give the version of an object as a number; of two of the same kind the larger one is the later."""
    return int(thing["metadata"]["resourceVersion"])


@dataclass
class LiveView:
    """Knows each build's Job and pod as they last were."""

    store: JobStore
    log: logging.Logger
    tell: Callable[[], None] = lambda: None
    """Called when something changed."""
    works: dict[str, Work] = field(default_factory=dict)
    builds: dict[str, Build] = field(default_factory=dict)
    """The same as the domain knows them, but for what only the whole queue or a log tells."""
    unsettled: set[str] = field(default_factory=set)
    """Ids of builds about which something is left to do: nearly all are those whose Jobs do not say how they ended."""
    changed: set[str] = field(default_factory=set)
    """Ids of builds that changed since somebody emptied this."""
    version: int = 0
    """Grows with every change."""
    _jobs: Things = field(default_factory=Things)
    _pods: Things = field(default_factory=Things)
    _parts: dict[str, set[str]] = field(default_factory=dict)
    """Ids of the Jobs and pods that say they are of a build, by its id."""
    _live: set[str] = field(default_factory=set)
    _watches: list[Watch] = field(init=False)

    def __post_init__(self) -> None:
        self._watches = [
            Watch(self.store, self.store.jobs(), *self._takers(self._jobs)),
            Watch(self.store, self.store.things("pods"), *self._takers(self._pods)),
        ]

    def _takers(self, things: Things) -> tuple[Callable[[Sequence[Thing], str], None], Callable[[str, Thing], None]]:
        def listed(found: Sequence[Thing], version: str) -> None:
            self._update(things.replace(found, version))

        def changed(kind: str, thing: Thing) -> None:
            if kind == "DELETED":
                things.remove(thing["metadata"]["uid"])
            else:
                things.put(thing)
            self._update([thing])

        return listed, changed

    @property
    def live(self) -> bool:
        """Whether changes are being told."""
        return len(self._live) == len(self._watches)

    async def keep(self) -> None:
        """Keep the picture up to date until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for watch in self._watches:
                tasks.create_task(self._follow_again_and_again(watch))

    async def ready(self) -> None:
        """See that the picture is there; while nothing tells of changes, it is made anew.

        Raises:
            BuilderUnavailable: the cluster does not answer.
        """
        if not self.live:
            for watch in self._watches:
                await watch.list()

    async def work(self, build_id: str) -> Work:
        """Give a build as it is at this moment.

        Raises:
            BuildNotFound: there is none.
        """
        if not build_id.isalnum():
            raise BuildNotFound(build_id)
        selector = self.store.selector(**{BUILD: build_id})
        for things, path in ((self._jobs, self.store.jobs()), (self._pods, self.store.things("pods"))):
            found, version = await self.store.list(path, selector)
            self._update(things.replace(found, version, self._parts.get(build_id, ())))
        if build_id not in self.works:
            raise BuildNotFound(build_id)
        return self.works[build_id]

    def drop(self, job: Job) -> None:
        """Forget a Job that is gone."""
        if told := self._jobs.remove(job.uid):
            self._update([told])

    async def _follow_again_and_again(self, watch: Watch) -> None:
        while True:
            try:
                with self.store.cluster.errors():
                    if not watch.version:
                        await watch.list()
                    self._live.add(watch.path)
                    self.tell()
                    await watch.follow()
                await asyncio.sleep(_AT_ONCE)
                continue
            except BuilderUnavailable as error:
                self.log.debug("Nothing is heard of the cluster now: %s", error)
            except Exception:
                # One thing that nobody foresaw must not keep all builds from going on.
                self.log.exception("Looking at the cluster failed")
            watch.version = ""
            self._live.discard(watch.path)
            await asyncio.sleep(_RECONNECT)

    def _update(self, things: Sequence[Thing]) -> None:
        """See to the builds that these Jobs and pods say they are of."""
        builds = {}
        for thing in things:
            build_id = (thing["metadata"].get("labels") or {}).get(BUILD, "")
            builds[build_id] = self._parts.setdefault(build_id, set())
            builds[build_id].add(thing["metadata"]["uid"])
        for build_id in builds:
            self._refresh(build_id)

    def _refresh(self, build_id: str) -> None:
        work = self._read(build_id)
        if work == self.works.get(build_id):
            return
        self.version += 1
        self.changed.add(build_id)
        self.unsettled.discard(build_id)
        if work is None:
            del self.works[build_id], self.builds[build_id]
        else:
            self.works[build_id] = work
            self.builds[build_id] = work.build()
            if work.job.end is None or work.stray:
                self.unsettled.add(build_id)
        self.tell()

    def _read(self, build_id: str) -> Work | None:
        uids = self._parts[build_id]
        uids &= self._jobs.known.keys() | self._pods.known.keys()
        if not uids:
            del self._parts[build_id]
        told = [self._jobs.known[uid] for uid in uids if uid in self._jobs.known]
        jobs = [job for each in told if (job := read_job(self.store.installation, each)) and job.build_id == build_id]
        # Labels are anybody's to write. Of two that claim one id the older counts.
        job = min(jobs, key=lambda each: each.created_at, default=None)
        pods = [self._pods.known[uid] for uid in uids if uid in self._pods.known]
        return None if job is None else Work(job, pod_of(job, pods))
