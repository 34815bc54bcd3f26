"""Builds with repo2docker in containers of a Docker engine."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from typing import Any, Self

from traitlets import Bool, Float, Instance, Integer, Unicode, default

from repo2docker_service.adapters.builders.containers.plans import Limits
from repo2docker_service.adapters.builders.docker.build_log import BuildLog
from repo2docker_service.adapters.builders.docker.cache import BuildCache
from repo2docker_service.adapters.builders.docker.cancelling import cancel_work
from repo2docker_service.adapters.builders.docker.copies import LocalCopies
from repo2docker_service.adapters.builders.docker.crew import Crew
from repo2docker_service.adapters.builders.docker.delivery import Delivery
from repo2docker_service.adapters.builders.docker.engine_warnings import engine_warnings
from repo2docker_service.adapters.builders.docker.progress_reader import ProgressReader
from repo2docker_service.adapters.builders.docker.reconciler import Reconciler
from repo2docker_service.adapters.builders.docker.starting import start_build
from repo2docker_service.adapters.builders.docker.states import Work
from repo2docker_service.adapters.builders.docker.store import ContainerStore
from repo2docker_service.adapters.builders.docker.tidying import remove_temporary_tags
from repo2docker_service.adapters.builders.docker.upkeep import Upkeep
from repo2docker_service.adapters.builders.docker.view import LiveView
from repo2docker_service.adapters.builders.repo2docker_builder import Repo2DockerBuilder
from repo2docker_service.adapters.engine.connection import EngineConnection, default_url
from repo2docker_service.adapters.pushing import PushSupport
from repo2docker_service.adapters.trust import check_authorities
from repo2docker_service.domain.credentials import Credentials
from repo2docker_service.domain.errors import BuildActive, BuilderUnavailable, BuildFinished
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import Build, BuildPlan, BuildState, Destination, LogChunk, Reason
from repo2docker_service.domain.retention.retention import Retention


class DockerImageBuilder(Upkeep, Repo2DockerBuilder):
    """Implements :class:`~repo2docker_service.domain.ports.ImageBuilder` on a Docker engine.

    The engine is the queue, the log and the record: a build is a container, its labels say what it builds, and its
    state is read from what the engine says of it. Nothing is kept here that cannot be found there again.
    """

    url = Unicode(
        help="Address of the engine: unix:///path or tcp://host:port; DOCKER_HOST, else the default socket."
    ).tag(config=True)
    socket = Unicode(
        help="Path of the engine's socket on the engine's own machine, for the containers that build."
    ).tag(config=True)
    network = Unicode("bridge", help="Network of the builder containers, which fetch repositories.").tag(config=True)
    builder_memory_limit = Integer(
        2**30,
        min=2**25,
        help="Bytes of memory for each builder container. Steps of the build run elsewhere: unbounded.",
    ).tag(config=True)
    run_steps_are_bounded = Bool(
        False,
        help="Say so where the engine itself is bounded, as with its option --cgroup-parent; it cannot be asked, and"
        " administrators are warned unless this is set.",
    ).tag(config=True)
    log_limit = Integer(2**29, min=2**16, max=3 << 30, help="Bytes of a build's log, its end aside.").tag(config=True)
    concurrency = Integer(
        0, min=0, help="Builds at once on this engine; 0 takes half of the engine's processors, one at least."
    ).tag(config=True)
    retention_days = Float(
        30,
        min=0,
        help="Days after their end for which builds and their logs are kept; 0 keeps them for ever. Images stay.",
    ).tag(config=True)
    retention_count = Integer(
        0, min=0, help="Ended builds that are kept at most, the newest, with their logs; 0 sets no limit."
    ).tag(config=True)
    local_copy_days = Float(
        30,
        min=0,
        help="Days for which this engine keeps its own copies of images that were pushed; 0 for ever. The newest of"
        " each repository stays longer, and what there is a container of.",
    ).tag(config=True)
    build_cache_bytes = Integer(
        0,
        min=0,
        help="Bytes of build cache that the engine keeps at most, of all who build there; 0 leaves its cache alone.",
    ).tag(config=True)
    min_free_disk = Integer(
        2**30,
        min=0,
        help="Bytes that have to be free in the engine's folder for a build to begin; 0 asks for none. Looked at only"
        " where that folder is on this machine.",
    ).tag(config=True)
    installation = Instance(Installation)

    @default("url")
    def _default_url(self) -> str:
        return default_url()

    @default("socket")
    def _default_socket(self) -> str:
        return self.url.removeprefix("unix://") if self.url.startswith("unix://") else "/var/run/docker.sock"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        engine = self._engine = EngineConnection(self.url)
        self._store = ContainerStore(engine, self.installation)
        self._crew = Crew(
            engine,
            self.installation,
            self._store,
            self.repo2docker_image,
            self._limits(),
            self._build_settings(),
            self.log,
        )
        self._view = LiveView(engine, self._store, self.installation, self.log)
        self._progress = ProgressReader(engine)
        self._cache = BuildCache(engine, self.build_cache_bytes)
        self._copies = LocalCopies(engine, self.installation)
        self._delivery = Delivery(self._crew)
        self._reconciler = Reconciler(
            crew=self._crew,
            delivery=self._delivery,
            view=self._view,
            progress=self._progress,
            concurrency=self.concurrency,
            concurrency_per_owner=self.concurrency_per_owner,
            log=self.log,
        )
        self._view.tell = self._reconciler.wake
        self._log = BuildLog(engine, self._store, self._view, self._reconciler.changes)
        self._stack = AsyncExitStack()

    def _limits(self) -> Limits:
        return Limits(
            self.socket,
            self.network,
            self.builder_memory_limit,
            self.timeout,
            self.push_timeout,
            self.push_patience,
            self.environment,
            self.max_repository_bytes,
            self.max_repository_files,
            self.log_limit,
            self.ca_bundle,
        )

    async def __aenter__(self) -> Self:
        """Begin to see to builds in the background."""
        check_authorities(self.ca_bundle, "DockerImageBuilder.ca_bundle")
        self._stack.push_async_callback(self._engine.close)
        self._stack.callback(self._crew.builder_image.stop_fetching)
        await self._stack.enter_async_context(self._reconciler.running())
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop seeing to builds; they go on."""
        await self._stack.aclose()

    def push_with(self, support: PushSupport) -> None:
        """Get credentials for pushes from a registry, and have it look whether they arrived."""
        self._crew.support = support

    async def start(
        self,
        plan: BuildPlan,
        destination: Destination,
        *,
        anew: bool = False,
        credentials: Credentials | None = None,
    ) -> Build:
        """Record the plan as a container that waits to be started."""
        with self._engine.refusals():
            work = await start_build(self._crew, self._view, plan, destination, anew=anew, credentials=credentials)
        if work.id == plan.id and not work.state.ended:
            # That takes the engine longer than all else, and nothing is lost without it: whoever starts it looks.
            self._reconciler.chores.begin(f"fill {work.id}", self._crew.fill, work.builder.id, work.builder.card)
        self._reconciler.wake()
        return replace(await self._shown(work), joined=work.id != plan.id)

    async def list(self) -> Sequence[Build]:
        """Give all builds of this installation."""
        await self._view.ready()
        for work in [self._view.works[build_id] for build_id in self._view.unsettled]:
            if work.state in {BuildState.BUILDING, BuildState.PUSHING}:
                await self._progress.look(work)
        # What the view has derived already is looked through: of thousands of builds nearly none is of these.
        undelivered = [build.id for build in self._view.builds.values() if build.reason is Reason.PUSH_FAILED]
        await self._delivery.learn([self._view.works[build_id] for build_id in undelivered])
        return [self._reconciler.shown(build) for build in self._view.builds.values()]

    async def get(self, build_id: str) -> Build:
        """Give one build as it is now."""
        return await self._shown(await self._view.work(build_id))

    async def _shown(self, work: Work) -> Build:
        if work.state is BuildState.QUEUED:
            await self._view.ready()
        await self._progress.look(work)
        await self._delivery.learn([work])
        return await self._delivery.with_digest(work, self._reconciler.shown(work.build()))

    async def cancel(self, build_id: str) -> Build:
        """End a build and keep its log."""
        await self._reconciler.chores.settled(f"start {build_id}")
        work = await self._view.work(build_id)
        if work.state.ended and work.state is not BuildState.CANCELLED:
            raise BuildFinished(build_id, work.state)
        if not work.state.ended or work.ending:
            with self._engine.refusals():
                await cancel_work(self._crew, work)
                await remove_temporary_tags(self._crew)
        return await self.get(build_id)

    async def forget(self, build_id: str) -> None:
        """Remove the containers of a build that has ended."""
        work = await self._view.work(build_id)
        if not work.state.ended or work.builder.running:
            raise BuildActive(build_id)
        with self._engine.refusals():
            # The builder first: without it a pusher stands for nothing, and is removed by whoever looks next.
            await self._store.remove(work.builder.id)
            for identifier in await self._store.signed_for(build_id):
                await self._store.remove(identifier)
        await self._view.refresh(work.builder.id)

    def read_log(self, build_id: str, after: str = "", *, follow: bool = False) -> AsyncGenerator[LogChunk, None]:
        """Read a build's log from its containers."""
        return self._log.read(build_id, after, follow=follow)

    async def pushed(self, builds: Collection[str], patience: float) -> Mapping[str, Collection[str]]:
        """Give what builds have pushed, as their pushers wrote it down."""
        with suppress(BuilderUnavailable):
            await self._view.ready()
        return await self._delivery.pushed(self._view.works.values(), builds, patience)

    @property
    def retention(self) -> Retention:
        """Give how long the administrator wants things kept."""
        return Retention.in_days(self.retention_days, self.local_copy_days, self.retention_count)

    @property
    def disk_reserve(self) -> int:
        """Give the bytes that have to be free for a build to begin."""
        return self.min_free_disk

    async def warnings(self) -> Sequence[str]:
        """Say what an administrator should change about the engine."""
        return await engine_warnings(self._engine, run_steps_are_bounded=self.run_steps_are_bounded)

    async def settings(self) -> str:
        """Give what images record of the settings now."""
        return await self._crew.known_settings()

    def watch(self) -> AsyncGenerator[Build, None]:
        """Give each build whenever it changed."""
        return self._reconciler.changes.watch()
