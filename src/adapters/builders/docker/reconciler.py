"""Keeps builds going: starts what waits, delivers what succeeded, tells watchers what changed.

It looks at the engine as it is, whenever the engine says that something happened and now and then besides. So it does
not matter who else does the same, what was missed, or where this process was stopped.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import re
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, ParamSpec

from aiodocker.exceptions import DockerError

from repo2docker_service.adapters.builders.docker.cancelling import cancel_work
from repo2docker_service.adapters.builders.docker.crew import Crew
from repo2docker_service.adapters.builders.docker.labels import INSTANCE, Kind
from repo2docker_service.adapters.builders.docker.states import Work, queue
from repo2docker_service.adapters.changes import Changes
from repo2docker_service.domain.errors import BuilderUnavailable
from repo2docker_service.domain.models import Build, BuildState, Progress
from repo2docker_service.domain.records import INSTANCE_LABEL

P = ParamSpec("P")

_EVENTS: Final = ["create", "start", "die", "rename", "destroy"]
_LOOK_ANYWAY: Final = 5.0
"""Seconds between looks when nothing happens."""
_RECONNECT: Final = 0.5
"""Seconds between tries to reach an engine that is gone."""
_TRY_AGAIN: Final = 2.0
"""Seconds after which something that failed is tried again."""
_CLEAN_EVERY: Final = 12
"""Looks between two searches for left-over temporary tags."""
_TEMPORARY: Final = re.compile(r"[^/]+/(.+):b-([0-9a-f]{16})", re.ASCII)


@dataclass
class Reconciler:
    """One loop per process."""

    crew: Crew
    concurrency: int
    """Builds at once; 0 until the engine has told how many processors it has."""
    log: logging.Logger
    changes: Changes[Build] = field(default_factory=Changes)
    progress: dict[str, Progress] = field(default_factory=dict)
    """By build id, as read from logs: a memory that may be lost."""
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _known: dict[str, Build] | None = None
    _tasks: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _looks: int = 0

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Work in the background while the context is open."""
        loops = [asyncio.create_task(self._listen()), asyncio.create_task(self._look_again_and_again())]
        try:
            yield
        finally:
            tasks = [*loops, *self._tasks.values()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def wake(self) -> None:
        """Look at once."""
        self._wake.set()

    async def _listen(self) -> None:
        filters = {"type": ["container"], "event": _EVENTS, "label": [f"{INSTANCE}={self.crew.installation.instance}"]}
        while True:
            try:
                with self.crew.engine.errors():
                    await self._listen_once(json.dumps(filters))
            except (BuilderUnavailable, DockerError) as error:
                self.log.debug("Nothing is heard of the engine now: %s", error)
            except Exception:
                self.log.exception("Listening to the engine failed")
            await asyncio.sleep(_RECONNECT)

    async def _listen_once(self, filters: str) -> None:
        async with self.crew.engine.get("events", filters=filters) as events:
            # What happened before we listened is found by looking.
            self.wake()
            async for _ in events.content.iter_any():
                self.wake()

    async def _look_again_and_again(self) -> None:
        while True:
            try:
                await self.look()
            except (BuilderUnavailable, DockerError) as error:
                self.log.warning("Cannot see to builds now: %s", error)
            except Exception:
                # One thing that nobody foresaw must not keep all builds from going on.
                self.log.exception("Seeing to builds failed")
            # Not wait_for: in Python 3.11 it can lose a cancellation that comes together with the event.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_ANYWAY):
                    await self._wake.wait()
            self._wake.clear()

    async def look(self) -> None:
        """Compare the engine with what should be, and begin what is missing."""
        self.concurrency = self.concurrency or await self._half_the_processors()
        works = await self.crew.store.works()
        self._tell(works)
        self._finish_cancelling(works)
        self._deliver(works)
        self._dispatch(works)
        if self._looks == 0:
            self._begin("fetch the repo2docker image", self.crew.fetch_image)
        if self._looks % _CLEAN_EVERY == 0:
            self._begin("clean", self._clean)
        self._looks += 1

    async def _half_the_processors(self) -> int:
        with self.crew.engine.errors():
            return max(1, int((await self.crew.engine.json("info"))["NCPU"]) // 2)

    def _tell(self, works: dict[str, Work]) -> None:
        positions = {work.id: place for place, work in enumerate(queue(works), 1)}
        self.progress = {key: self.progress[key] for key in works if key in self.progress}
        builds = {key: work.build(positions.get(key), self.seen(key)) for key, work in works.items()}
        for key, build in builds.items():
            # The first look finds everything new, and tells nobody of it.
            if self._known is not None and self._known.get(key) != build:
                self.changes.publish(key, build)
        self._known = builds

    def seen(self, build_id: str) -> Progress:
        """Give the furthest that this process has seen a build."""
        return self.progress.get(build_id, Progress())

    def _finish_cancelling(self, works: dict[str, Work]) -> None:
        """Go on where somebody who cancelled was stopped half way."""
        for work in works.values():
            if work.ending:
                self._begin(f"cancel {work.id}", cancel_work, self.crew, work)

    def _deliver(self, works: dict[str, Work]) -> None:
        for work in works.values():
            if work.state is not BuildState.PUSHING:
                continue
            if work.pusher is None:
                self._begin(f"deliver {work.id}", self.crew.deliver, work)
            elif work.pusher.waiting and work.pusher.card.kind is Kind.PUSHER:
                self._begin(f"deliver {work.id}", self.crew.launch, work.pusher, work.builder)

    def _dispatch(self, works: dict[str, Work]) -> None:
        waiting = queue(works)
        starting = [work for work in waiting if f"start {work.id}" in self._tasks]
        running = [work for work in works.values() if work.builder.running]
        free = self.concurrency - len(running) - len(starting)
        for work in [work for work in waiting if work not in starting][: max(free, 0)]:
            self._begin(f"start {work.id}", self.crew.launch, work.builder, work.builder)

    def _begin(self, what: str, work: Callable[P, Coroutine[Any, Any, None]], *args: P.args, **named: P.kwargs) -> None:
        """Do something in the background, unless it is being done."""
        if what not in self._tasks:
            self._tasks[what] = asyncio.create_task(self._guarded(what, partial(work, *args, **named)))

    async def _guarded(self, what: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        try:
            await work()
        except (BuilderUnavailable, DockerError) as error:
            self.log.warning("Could not %s: %s", what, error)
            await asyncio.sleep(_TRY_AGAIN)
        except Exception:
            self.log.exception("Could not %s", what)
            await asyncio.sleep(_TRY_AGAIN)
        finally:
            del self._tasks[what]
            self.wake()

    async def _clean(self) -> None:
        for orphan in await self.crew.store.orphans():
            await self.crew.store.remove(orphan.id)
        await self.remove_temporary_tags()

    async def remove_temporary_tags(self) -> None:
        """Remove the temporary names of images whose build has ended without delivering them."""
        label = f"{INSTANCE_LABEL}={self.crew.installation.instance}"
        with self.crew.engine.errors():
            # Images first: a build that begins in between is then among the works.
            images = await self.crew.engine.json("images/json", filters=json.dumps({"label": [label]}))
        prefix = f"{self.crew.installation.image_prefix}/"
        tags = [tag for image in images for tag in image["RepoTags"] or ()]
        matches = {tag: _TEMPORARY.fullmatch(tag) for tag in tags}
        # Labels are inherited: somebody's own image may carry ours under a name of theirs.
        found = {tag: match[2] for tag, match in matches.items() if match and match[1].startswith(prefix)}
        if not found:
            return
        works = await self.crew.store.works()
        alive = {work.id[:16] for work in works.values() if not work.state.ended}
        for tag, build in found.items():
            if build not in alive:
                await self.remove_tag(tag)

    async def remove_tag(self, tag: str) -> None:
        """Remove a name of an image, if it is there."""
        with self.crew.engine.errors(), contextlib.suppress(DockerError):
            await self.crew.engine.docker.images.delete(tag, noprune=False)
