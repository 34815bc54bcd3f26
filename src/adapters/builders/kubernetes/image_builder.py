"""Builds with repo2docker in Jobs of a Kubernetes cluster."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, Self

from traitlets import Bunch, Dict, Enum, Float, Instance, Integer, List, TraitError, Unicode, default, validate

from repo2docker_service.adapters.builders.containers.plans import Limits
from repo2docker_service.adapters.builders.containers.sealed import CredentialsSeal
from repo2docker_service.adapters.builders.kubernetes.build_log import BuildLog
from repo2docker_service.adapters.builders.kubernetes.cancelling import cancel_work
from repo2docker_service.adapters.builders.kubernetes.connection import ClusterConnection
from repo2docker_service.adapters.builders.kubernetes.crew import Crew
from repo2docker_service.adapters.builders.kubernetes.duties import Duties
from repo2docker_service.adapters.builders.kubernetes.jobs import PodSettings, Recipe
from repo2docker_service.adapters.builders.kubernetes.progress_reader import ProgressReader
from repo2docker_service.adapters.builders.kubernetes.reconciler import Reconciler
from repo2docker_service.adapters.builders.kubernetes.slots import Slots
from repo2docker_service.adapters.builders.kubernetes.states import Work
from repo2docker_service.adapters.builders.kubernetes.store import JobStore
from repo2docker_service.adapters.builders.kubernetes.upkeep import Upkeep
from repo2docker_service.adapters.builders.kubernetes.view import LiveView
from repo2docker_service.adapters.builders.repo2docker_builder import Repo2DockerBuilder
from repo2docker_service.adapters.pushing import PushSupport
from repo2docker_service.adapters.trust import check_authorities
from repo2docker_service.domain.credentials import Credentials
from repo2docker_service.domain.errors import BuildActive, BuilderUnavailable, BuildFinished
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import Build, BuildPlan, BuildState, Destination, LogChunk
from repo2docker_service.domain.retention.retention import Retention

_ADDRESS: Final = re.compile(r"(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\]):[0-9]{1,5}", re.ASCII)
_OWN_NAMESPACE: Final = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")


class KubernetesImageBuilder(Upkeep, Repo2DockerBuilder):
    """Implements :class:`~repo2docker_service.domain.ports.ImageBuilder` on a Kubernetes cluster.

    The cluster is the queue, the log and the record: a build is a Job, its annotations say what it builds, and its
    state is read from what the cluster says of it and of its pod. Nothing is kept here that cannot be found there
    again.
    """

    kubeconfig = Unicode(
        help="File that says how to reach the cluster. Without one, that of KUBECONFIG; else the account of the pod in"
        " which this service runs."
    ).tag(config=True)
    context = Unicode(help="Which context of that file; its current one when empty.").tag(config=True)
    namespace = Unicode(
        help="Namespace of the builds, best one of their own; that of this service's pod, else default."
    ).tag(config=True)
    image_pull_policy = Enum(
        ["IfNotPresent", "Always", "Never"], "IfNotPresent", help="When nodes pull that image."
    ).tag(config=True)
    image_pull_secrets = List(Unicode(), help="Names of Secrets of the namespace by which nodes pull it.").tag(
        config=True
    )
    pull_patience = Float(
        300, min=0, help="Seconds for which a node may fail to make a build's containers before the build fails."
    ).tag(config=True)
    socket = Unicode(
        "/var/run/docker.sock",
        help="Path of a Docker engine's socket on the nodes: the node's own, or that of a DaemonSet of Docker in"
        " Docker, which is what BinderHub's chart runs. It has to be root's. Not used where there is BuildKit.",
    ).tag(config=True)
    buildkit = Unicode(
        help="HOST:PORT of a BuildKit daemon that builds in place of Docker engines, as buildkitd.builds:1234."
    ).tag(config=True)
    buildkit_tls_secret = Unicode(
        help="Secret of the namespace with ca.crt, tls.crt and tls.key, called just so, by which that daemon and builds"
        " know each other; without one the connection is open."
    ).tag(config=True)
    node_selector = Dict(Unicode(), help="Labels of the nodes that builds may run on.").tag(config=True)
    tolerations = List(Dict(), help="Taints that builds tolerate, as in a pod's specification.").tag(config=True)
    priority_class = Unicode(help="Name of the PriorityClass of builds.").tag(config=True)
    runtime_class = Unicode(help="Name of the RuntimeClass of builds.").tag(config=True)
    extra_pod_config = Dict(
        help="What the specification of builds' pods says besides or instead: {'hostNetwork': True}."
    ).tag(config=True)
    builder_memory_limit = Integer(
        2**30,
        min=2**25,
        help="Bytes of memory for each container of a build's pod. Steps of the build run in the engine: unbounded by"
        " this.",
    ).tag(config=True)
    memory_request = Unicode("256Mi", help="Memory that the scheduler keeps free for each of them.").tag(config=True)
    cpu_request = Unicode("100m", help="Processors that the scheduler keeps free for each of them.").tag(config=True)
    cpu_limit = Unicode(help="Processors that each of them may use; no limit when empty.").tag(config=True)
    storage_limit = Unicode(help="Disk of the node that each of them may use, such as 20Gi; no limit when empty.").tag(
        config=True
    )
    log_limit = Integer(
        8 * 2**20,
        min=2**16,
        help="Bytes of a build's log, its end aside. Nodes forget the beginning of a log that is longer than their"
        " containerLogMaxSize, which is 10Mi unless the cluster says otherwise: keep below that.",
    ).tag(config=True)
    concurrency = Integer(4, min=1, help="Builds at once in the cluster, whatever the number of replicas.").tag(
        config=True
    )
    retention_days = Float(
        30,
        min=0,
        help="Days after their end for which Jobs are kept, and their pods with the logs; 0 keeps them for ever."
        " Images stay.",
    ).tag(config=True)
    retention_count = Integer(
        200, min=0, help="Ended builds that are kept at most, the newest, with their logs; 0 sets no limit."
    ).tag(config=True)
    server_namespaces = List(
        Unicode(),
        help="Namespaces in which people's servers run. Images that pods there are made of are in use, and are not"
        " deleted for their age; this service has to be allowed to list these pods.",
    ).tag(config=True)

    installation = Instance(Installation)

    @default("namespace")
    def _default_namespace(self) -> str:
        try:
            return _OWN_NAMESPACE.read_text().strip()
        except OSError:
            return "default"

    @validate("buildkit")
    def _address_of_buildkit(self, proposal: Bunch) -> str:
        if proposal.value and not _ADDRESS.fullmatch(proposal.value):
            raise TraitError(f"buildkit is HOST:PORT, as buildkitd.builds:1234, and not {proposal.value!r}")
        return str(proposal.value)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        cluster = self._cluster = ClusterConnection(self.kubeconfig, self.context)
        store = self._store = JobStore(cluster, self.installation, self.namespace)
        recipe = Recipe(self.installation, self._pods(), self._limits(), self._build_settings())
        self._crew = Crew(store, recipe, self.repo2docker_image, CredentialsSeal(self.installation), self.log)
        self._view = LiveView(store, self.log)
        self._progress = ProgressReader(store)
        self._reconciler = Reconciler(
            duties=Duties(self._crew, self.push_patience, self.pull_patience),
            slots=Slots(store, self.concurrency, self.concurrency_per_owner),
            view=self._view,
            progress=self._progress,
            log=self.log,
        )
        self._view.tell = self._reconciler.wake
        self._log = BuildLog(store, self._view, self._reconciler.changes)
        self._stack = AsyncExitStack()

    def _pods(self) -> PodSettings:
        return PodSettings(
            namespace=self.namespace,
            image_pull_policy=self.image_pull_policy,
            image_pull_secrets=self.image_pull_secrets,
            node_selector=self.node_selector,
            tolerations=self.tolerations,
            priority_class=self.priority_class,
            runtime_class=self.runtime_class,
            cpu_request=self.cpu_request,
            memory_request=self.memory_request,
            cpu_limit=self.cpu_limit,
            storage_limit=self.storage_limit,
            pull_patience=self.pull_patience,
            buildkit_tls=self.buildkit_tls_secret,
            more=self.extra_pod_config,
        )

    def _limits(self) -> Limits:
        return Limits(
            socket=self.socket,
            network="",
            memory=self.builder_memory_limit,
            timeout=self.timeout,
            push_timeout=self.push_timeout,
            push_patience=self.push_patience,
            environment=self.environment,
            repository_bytes=self.max_repository_bytes,
            repository_files=self.max_repository_files,
            log_limit=self.log_limit,
            ca_bundle=self.ca_bundle,
            buildkit=self.buildkit,
            buildkit_tls=bool(self.buildkit_tls_secret),
        )

    async def __aenter__(self) -> Self:
        """Begin to see to builds in the background."""
        check_authorities(self.ca_bundle, "KubernetesImageBuilder.ca_bundle")
        self._stack.push_async_callback(self._cluster.close)
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
        anew: bool = False,  # noqa: ARG002 - what could not be delivered is not kept on nodes
        credentials: Credentials | None = None,
    ) -> Build:
        """Record the plan as a Job that waits to be let go."""
        if self.buildkit and not destination.push:
            raise BuilderUnavailable("buildkit", "it keeps no images, and the registry that is chosen takes none")
        await self._view.ready()
        build_id = await self._crew.start(plan, destination, credentials)
        self._reconciler.wake()
        return replace(await self.get(build_id), joined=build_id != plan.id)

    async def list(self) -> Sequence[Build]:
        """Give all builds of this installation."""
        await self._view.ready()
        works = [self._view.works[build_id] for build_id in self._view.unsettled]
        running = [work for work in works if work.state in {BuildState.BUILDING, BuildState.PUSHING}]
        await asyncio.gather(*(self._progress.look(work) for work in running))
        return [self._reconciler.shown(build) for build in self._view.builds.values()]

    async def get(self, build_id: str) -> Build:
        """Give one build as it is now."""
        work = await self._view.work(build_id)
        if work.state is BuildState.QUEUED:
            await self._view.ready()
        await self._progress.look(work)
        return self._reconciler.shown(work.build())

    async def cancel(self, build_id: str) -> Build:
        """End a build and keep its log."""
        work = await self._view.work(build_id)
        if work.state.ended and work.state is not BuildState.CANCELLED:
            raise BuildFinished(build_id, work.state)
        if not work.state.ended:
            await cancel_work(self._crew, build_id)
        return await self.get(build_id)

    async def forget(self, build_id: str) -> None:
        """Remove the Job of a build that has ended, and what belongs to it."""
        work: Work = await self._view.work(build_id)
        if not work.state.ended:
            raise BuildActive(build_id)
        await self._store.drop_secrets(work.job.name)
        # The cluster removes its pod a moment later.
        await self._store.remove(self._store.jobs(work.job.name), propagationPolicy="Background")
        self._view.drop(work.job)

    def read_log(self, build_id: str, after: str = "", *, follow: bool = False) -> AsyncGenerator[LogChunk, None]:
        """Read a build's log from its pod."""
        return self._log.read(build_id, after, follow=follow)

    async def pushed(self, builds: Collection[str], patience: float) -> Mapping[str, Collection[str]]:  # noqa: ARG002
        """Give what builds have pushed, as their Jobs say."""
        with suppress(BuilderUnavailable):
            await self._view.ready()
        found = [build for build in self._view.builds.values() if build.id in builds and build.digest]
        return {build.id: {build.digest} for build in found if build.digest}

    @property
    def retention(self) -> Retention:
        """Give how long the administrator wants things kept; nodes keep no copies of what was pushed."""
        return Retention.in_days(self.retention_days, 0, self.retention_count)

    async def settings(self) -> str:
        """Give what images record of the settings now."""
        return self._crew.settings()

    def watch(self) -> AsyncGenerator[Build, None]:
        """Give each build whenever it changed."""
        return self._reconciler.changes.watch()
