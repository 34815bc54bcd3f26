"""An image builder that pretends: to try the API, to develop the page, to test."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain
from typing import Any, Final, Self

from traitlets import Bool, Dict, Float, Instance, Integer, TraitError, Unicode, validate
from traitlets.config import LoggingConfigurable

from repo2docker_service import hookimpl
from repo2docker_service.adapters.memory_engine import MemoryEngine, Run, pretended_image, step_ends
from repo2docker_service.domain.credentials import Credentials
from repo2docker_service.domain.errors import BadCursor, BuildActive, BuildFinished, BuildNotFound
from repo2docker_service.domain.failures.advice import ADVICE
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import (
    Build,
    BuildPlan,
    BuildState,
    Destination,
    LogChunk,
    Reason,
)
from repo2docker_service.domain.orders.queueing import in_line, to_start
from repo2docker_service.domain.ports import ImageBuilder
from repo2docker_service.domain.progress import advance
from repo2docker_service.domain.retention.retention import LocalCopy, Retention
from repo2docker_service.hookspecs import Register

_LINES_AT_ONCE: Final = 1000
_CURSOR: Final = re.compile(r"[0-9]{0,18}", re.ASCII)


class InMemoryImageBuilder(LoggingConfigurable):
    """Pretends builds, and delivers pretended images to the in-memory registry of the same installation.

    With ``manual`` set, nothing happens by itself: tests call :meth:`begin`, :meth:`write`, :meth:`finish`.
    """

    lines = Integer(20, min=0, help="Lines that a build writes.").tag(config=True)
    pace = Float(0.0, min=0.0, help="Seconds between two lines.").tag(config=True)
    ends = Bool(
        False, help="Whether lines between those tell how each step ended: how long it took, or that it was cached."
    ).tag(config=True)
    concurrency = Integer(2, min=1, help="Builds that run at once; the others wait.").tag(config=True)
    scripts = Dict(
        key_trait=Unicode(),
        value_trait=Dict(),
        help="What happens for some repositories, by address: lines, pace, at_once (lines between two pauses), says"
        " (the last lines), then (seconds after the last line) and reason (of a failure), and launchable (whether a"
        " server is in the image), each optional.",
    ).tag(config=True)
    build_settings = Unicode(help="What shapes images, in any words; those that say otherwise are outdated.").tag(
        config=True
    )
    retention_days = Float(0, min=0, help="Days that ended builds are kept; 0 keeps them for ever.").tag(config=True)
    retention_count = Integer(0, min=0, help="Ended builds that are kept at most; 0 sets no limit.").tag(config=True)
    local_copy_days = Float(
        0, min=0, help="Days that pretended copies of pushed images are kept; 0 keeps them for ever."
    ).tag(config=True)
    free_space = Integer(2**40, min=0, help="Bytes that are pretended to be free.").tag(config=True)
    min_free_disk = Integer(0, min=0, help="Bytes that have to be free for a build to begin.").tag(config=True)
    manual = Bool(False, help="Builds wait for a test to drive them.").tag(config=True)
    installation = Instance(Installation)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._engine = MemoryEngine.of(self.installation)
        self._tasks: dict[str, asyncio.Task[None]] = {}

    @validate("scripts")
    def _valid_scripts(self, proposal: dict[str, Any]) -> dict[str, dict[str, Any]]:
        scripts: dict[str, dict[str, Any]] = proposal["value"]
        unknown = {script["reason"] for script in scripts.values() if "reason" in script} - set(Reason)
        if unknown:
            raise TraitError(f"scripts: {', '.join(unknown)} is no reason. Known ones: {', '.join(Reason)}.")
        return scripts

    async def __aenter__(self) -> Self:
        """Begin what another builder of this installation has left queued."""
        self._admit()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop pretending."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def start(
        self,
        plan: BuildPlan,
        destination: Destination,
        *,
        anew: bool = False,  # noqa: ARG002
        credentials: Credentials | None = None,  # noqa: ARG002
    ) -> Build:
        """Queue the plan, or join; nothing is kept of builds that failed, nor of credentials."""
        image = destination.image
        for run in self._engine.runs.values():
            if run.build.plan.image == image and not run.build.state.ended:
                return replace(self._seen(run), joined=True)
        run = Run(Build(plan, BuildState.QUEUED, created_at=_now(), settings=self.build_settings))
        self._engine.runs[plan.id] = run
        self._tell(run)
        self._admit()
        return self._seen(run)

    async def list(self) -> Sequence[Build]:
        """Give all builds."""
        return [self._seen(run) for run in self._engine.runs.values()]

    async def get(self, build_id: str) -> Build:
        """Give one build."""
        return self._seen(self._run(build_id))

    async def cancel(self, build_id: str) -> Build:
        """End a build."""
        run = self._run(build_id)
        if run.build.state is not BuildState.CANCELLED:
            self._end(run, BuildState.CANCELLED)
        return self._seen(run)

    async def forget(self, build_id: str) -> None:
        """Drop an ended build."""
        if not self._run(build_id).build.state.ended:
            raise BuildActive(build_id)
        del self._engine.runs[build_id]

    async def read_log(self, build_id: str, after: str = "", *, follow: bool = False) -> AsyncIterator[LogChunk]:
        """Read or follow a log."""
        run = self._run(build_id)
        given = _line(after, run)
        while True:
            while given < len(run.lines):
                lines = tuple(run.lines[given : given + _LINES_AT_ONCE])
                first, given = given + 1, given + len(lines)
                yield LogChunk(first, lines, str(given))
            if not follow or run.build.state.ended:
                return
            await run.changed.wait()

    async def pushed(self, builds: Collection[str], patience: float) -> Mapping[str, Collection[str]]:  # noqa: ARG002
        """Give what was delivered."""
        return {key: {run.pushed} for key, run in self._engine.runs.items() if key in builds and run.pushed}

    @property
    def retention(self) -> Retention:
        """Give how long things are pretended to be kept."""
        return Retention.in_days(self.retention_days, self.local_copy_days, self.retention_count)

    @property
    def disk_reserve(self) -> int:
        """Give the bytes that have to be free."""
        return self.min_free_disk

    async def free_disk(self) -> int | None:
        """Give the bytes that are pretended to be free."""
        return self.free_space

    async def copies(self) -> Sequence[LocalCopy]:
        """Give what was put here; builds leave none."""
        return list(self._engine.copies.values())

    async def drop_copy(self, copy: LocalCopy) -> bool:
        """Drop a copy that is not in use."""
        if self._engine.copies.get(copy.name) != copy or copy.in_use:
            return False
        del self._engine.copies[copy.name]
        return True

    async def used_images(self) -> Collection[str]:
        """Give what images are called of which a copy is in use, or that the registry knows to be."""
        copies = [str(copy.name) for copy in self._engine.copies.values() if copy.in_use]
        return {*copies, *(str(name) for name, users in self._engine.users.items() if users)}

    def keep_copy(self, copy: LocalCopy) -> None:
        """Pretend that the engine has a copy, in place of what had its name."""
        self._engine.copies[copy.name] = copy

    async def settings(self) -> str:
        """Give what is pretended to shape images."""
        return self.build_settings

    def watch(self) -> AsyncIterator[Build]:
        """Tell of changes."""
        return self._engine.build_changes.watch()

    def begin(self, build_id: str) -> None:
        """Make a queued build run."""
        self._change(self._run(build_id), BuildState.BUILDING, started_at=_now())

    def write(self, build_id: str, *lines: str) -> None:
        """Add lines to the log of a build, which begins if it has not."""
        run = self._begun(build_id)
        run.lines.extend(lines)
        progress = advance(run.build.progress, lines)
        if progress != run.build.progress:
            run.build = replace(run.build, progress=progress)
            self._tell(run)
        run.changed.ring()

    def finish(self, build_id: str, reason: Reason | None = None, message: str = "") -> None:
        """End a build, well without a reason; its image is delivered first."""
        run = self._begun(build_id)
        if reason is not None:
            self._end(run, BuildState.FAILED, reason=reason, message=message or ADVICE[reason])
            return
        self._change(run, BuildState.PUSHING)
        script = self.scripts.get(run.build.plan.source.address, {})
        made = pretended_image(run.build.plan)
        self._engine.store(replace(made, launchable=script.get("launchable", True), settings=run.build.settings))
        run.pushed = made.digest
        self._end(run, BuildState.SUCCEEDED)

    def _run(self, build_id: str) -> Run:
        if build_id not in self._engine.runs:
            raise BuildNotFound(build_id)
        return self._engine.runs[build_id]

    def _begun(self, build_id: str) -> Run:
        run = self._run(build_id)
        if run.build.state is BuildState.QUEUED:
            self.begin(build_id)
        return run

    def _builds(self) -> Sequence[Build]:
        return [run.build for run in self._engine.runs.values()]

    def _seen(self, run: Run) -> Build:
        if run.build.state is not BuildState.QUEUED:
            return run.build
        return replace(run.build, queue_position=in_line(self._builds()).index(run.build) + 1)

    def _change(self, run: Run, state: BuildState, **values: Any) -> None:
        if not run.build.state.may_become(state):
            raise BuildFinished(run.build.id, run.build.state)
        run.build = replace(run.build, state=state, **values)
        self._tell(run)
        run.changed.ring()

    def _end(self, run: Run, state: BuildState, **values: Any) -> None:
        task = self._tasks.pop(run.build.id, None)
        self._change(run, state, finished_at=_now(), **values)
        self._admit()
        # A pretended build that ends by itself is just running its last line.
        if task is not None and task is not asyncio.current_task():
            task.cancel()

    def _tell(self, run: Run) -> None:
        self._engine.build_changes.publish(run.build.id, self._seen(run))

    def _admit(self) -> None:
        if self.manual:
            return
        for build in to_start(self._builds(), self.concurrency):
            self.begin(build.id)
            self._tasks[build.id] = asyncio.create_task(self._pretend(self._run(build.id)))

    async def _pretend(self, run: Run) -> None:
        script = self.scripts.get(run.build.plan.source.address, {})
        count, pace, at_once = script.get("lines", self.lines), script.get("pace", self.pace), script.get("at_once", 1)
        ends = step_ends(count, pace, again=self._engine.has_built(run.build.plan)) if self.ends else [()] * (count + 1)
        for begin in range(1, count + 1, at_once):
            await asyncio.sleep(pace)
            numbers = range(begin, min(begin + at_once, count + 1))
            begun = ((*ends[each - 1], f"#{each} [{each}/{count}] RUN echo line {each} of {count}") for each in numbers)
            self.write(run.build.id, *chain.from_iterable(begun))
        self.write(run.build.id, *(() if "reason" in script else ends[count]))
        self.write(run.build.id, *script.get("says", ()))
        await asyncio.sleep(script.get("then", 0))
        reason = script.get("reason")
        self.finish(run.build.id, None if reason is None else Reason(reason))


def _line(cursor: str, run: Run) -> int:
    number = int(cursor or 0) if _CURSOR.fullmatch(cursor) else -1
    if not 0 <= number <= len(run.lines):
        raise BadCursor("cursor", "This cursor was not given out for this log.")
    return number


def _now() -> datetime:
    return datetime.now(UTC)


@hookimpl
def register_image_builders(register: Register[ImageBuilder]) -> None:
    """Offer this builder."""
    register("memory", InMemoryImageBuilder)
