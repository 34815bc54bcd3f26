"""The Jobs, pods and Secrets of this installation in the cluster: find, make, change."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from repo2docker_service.adapters.builders.containers.cards import BUILD, INSTANCE
from repo2docker_service.adapters.builders.containers.in_container.pod import BEGUN as BEGUN_FILE
from repo2docker_service.adapters.builders.kubernetes.connection import (
    CONFLICT,
    NOT_FOUND,
    ClusterConnection,
    Refused,
)
from repo2docker_service.adapters.builders.kubernetes.jobs import BUILDER, GRACE, SECRETS, secret_name
from repo2docker_service.adapters.builders.kubernetes.records import (
    BEGUN,
    CANCEL,
    END,
    ENDED,
    IMAGE,
    SEALED,
    End,
    image_label,
)
from repo2docker_service.adapters.builders.kubernetes.states import Work
from repo2docker_service.adapters.builders.kubernetes.told import Job, Pod, read_job, read_pod
from repo2docker_service.domain.errors import BuilderUnavailable, BuildNotFound, QuotaExceeded
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import ImageName

_FORBIDDEN: Final = 403
_TRIES: Final = 8
_PAGE: Final = "500"
_RETRY_AFTER: Final = 60
"""Seconds after which somebody whom the cluster's quota refused may try again."""


class NameInUse(Exception):
    """A Job of that name exists."""


class Changed(Exception):
    """Somebody else has changed a Job since it was read."""


@dataclass(frozen=True)
class JobStore:
    """Finds and changes Jobs; what does not prove to be ours is not seen."""

    cluster: ClusterConnection
    installation: Installation
    namespace: str

    def jobs(self, name: str = "") -> str:
        """Give the path of all Jobs, or of one."""
        return f"/apis/batch/v1/namespaces/{self.namespace}/jobs" + (f"/{name}" if name else "")

    def things(self, kind: str, name: str = "") -> str:
        """Give the path of all pods or Secrets, or of one."""
        return f"/api/v1/namespaces/{self.namespace}/{kind}" + (f"/{name}" if name else "")

    def selector(self, **more: str) -> dict[str, str]:
        """Give the query for what is this installation's."""
        chosen = {INSTANCE: self.installation.instance, **more}
        return {"labelSelector": ",".join(f"{key}={value}" for key, value in chosen.items())}

    async def list(self, path: str, selector: Mapping[str, str]) -> tuple[Sequence[Mapping[str, Any]], str]:
        """Give all that a selector chooses, as it is now, and the version at which it was so."""
        found: list[Mapping[str, Any]] = []
        query = {**selector, "limit": _PAGE}
        while True:
            page = await self.cluster.json("GET", path, query=query)
            found.extend(page["items"])
            version, more = page["metadata"]["resourceVersion"], page["metadata"].get("continue")
            if not more:
                return found, version
            query = {**selector, "limit": _PAGE, "continue": more}

    async def works(self, selector: Mapping[str, str] | None = None) -> dict[str, Work]:
        """Give builds with their pods, as they are now; all of them unless a selector chooses."""
        chosen = selector or self.selector()
        # Jobs first: a pod that is there then is there with them.
        jobs, _ = await self.list(self.jobs(), chosen)
        pods, _ = await self.list(self.things("pods"), chosen)
        return pair([job for told in jobs if (job := read_job(self.installation, told))], pods)

    async def active(self) -> dict[str, Work]:
        """Give builds that have not been seen to have ended, as they are now; a pod that is over is left away."""
        ours = self.selector()["labelSelector"]
        jobs, _ = await self.list(self.jobs(), {"labelSelector": f"{ours},!{ENDED}"})
        phases = "status.phase!=Succeeded,status.phase!=Failed"
        pods, _ = await self.list(self.things("pods"), {"labelSelector": ours, "fieldSelector": phases})
        return pair([job for told in jobs if (job := read_job(self.installation, told))], pods)

    async def work(self, build_id: str) -> Work:
        """Give one build as it is now.

        Raises:
            BuildNotFound: there is none.
        """
        found = await self.works(self.selector(**{BUILD: build_id})) if build_id.isalnum() else {}
        if build_id not in found:
            raise BuildNotFound(build_id)
        return found[build_id]

    async def of_image(self, image: ImageName) -> Sequence[Work]:
        """Give all builds of an image, as they are now."""
        found = await self.works(self.selector(**{IMAGE: image_label(image)}))
        return [work for work in found.values() if work.job.card.plan.image == image]

    async def create(self, description: Mapping[str, Any]) -> None:
        """Make a Job.

        Raises:
            NameInUse: there is one of that name, perhaps by this very call.
            QuotaExceeded: the cluster allows no more Jobs in this namespace.
        """
        try:
            await self.cluster.json("POST", self.jobs(), body=description, expected=(CONFLICT, _FORBIDDEN))
        except Refused as refused:
            if refused.status == CONFLICT:
                raise NameInUse from refused
            if "exceeded quota" in refused.message:
                rule = "The cluster keeps no more builds at a time."
                raise QuotaExceeded(rule, _RETRY_AFTER) from refused
            raise BuilderUnavailable("cluster", f"it refuses: {refused.message}") from refused

    async def put_secret(self, description: Mapping[str, Any]) -> None:
        """Make a Secret, or renew what is in one that another replica has made for the same Job."""
        try:
            await self.cluster.json("POST", self.things("secrets"), body=description, expected=(CONFLICT,))
        except Refused:
            path = self.things("secrets", description["metadata"]["name"])
            await self.cluster.json("PATCH", path, body=description)

    async def drop_secrets(self, job: str, kinds: Sequence[str] = SECRETS) -> None:
        """Remove Secrets of a Job."""
        for kind in kinds:
            await self.remove(self.things("secrets", secret_name(job, kind)))

    async def remove(self, path: str, **options: str) -> None:
        """Remove something, if it is there."""
        with suppress(Refused):
            await self.cluster.json("DELETE", path, query=options, expected=(NOT_FOUND,))

    async def change(
        self, job: Job, annotations: Mapping[str, str | None], labels: Mapping[str, str] | None = None, **spec: Any
    ) -> None:
        """Change a Job that nobody else has changed since it was read.

        Raises:
            Changed: somebody has, or it is gone.
        """
        # With the uid too, as another one may have its name by now.
        meta = {"resourceVersion": job.version, "uid": job.uid, "annotations": dict(annotations)}
        body = {"metadata": {**meta, "labels": dict(labels or {})}, **({"spec": spec} if spec else {})}
        try:
            await self.cluster.json("PATCH", self.jobs(job.name), body=body, expected=(CONFLICT, NOT_FOUND, 422))
        except Refused as refused:
            raise Changed from refused

    async def let_go(self, work: Work) -> None:
        """Have the cluster run a Job, unless somebody has changed it.

        Raises:
            Changed: somebody has.
        """
        await self.change(work.job, {SEALED: None}, parallelism=1)

    async def note_begun(self, work: Work, pod: Pod) -> None:
        """Write down in which pod a build was seen to run first, for builders in other pods, too: they do nothing."""
        secret = self.things("secrets", secret_name(work.job.name, BUILDER))
        told = {BEGUN_FILE: base64.b64encode(pod.uid.encode()).decode()}
        with suppress(Refused):
            await self.cluster.json("PATCH", secret, body={"data": told}, expected=(NOT_FOUND,))
        with suppress(Changed):
            await self.change(work.job, _begun(pod))

    async def want_cancelled(self, build_id: str) -> Work:
        """Write down that a build is to be cancelled, unless it has ended, and give it as it is then."""
        for _ in range(_TRIES):
            work = await self.work(build_id)
            if work.state.ended or work.job.cancelled:
                return work
            with suppress(Changed):
                await self.change(work.job, {CANCEL: "yes"})
        raise BuilderUnavailable("cluster", f"Job {build_id} changes all the time")

    async def record(self, build_id: str, end: End, *, stop: bool = False) -> End:
        """Write down how a build ended; what is written already holds, and is given.

        Args:
            build_id: the build.
            end: how it ended.
            stop: take its pod away, and its log.
        """
        for _ in range(_TRIES):
            work = await self.work(build_id)
            if work.job.end is not None:
                return work.job.end
            with suppress(Changed):
                spec = {"parallelism": 0} if stop and work.job.let_go else {}
                begun = _begun(work.pod) if work.pod is not None and not work.job.begun else {}
                await self.change(work.job, {END: end.written(), SEALED: None, **begun}, {ENDED: "yes"}, **spec)
                return end
        raise BuilderUnavailable("cluster", f"Job {build_id} changes all the time")

    async def take_back(self, build_id: str) -> None:
        """Have the cluster remove the pod of a Job, and make no other one."""
        for _ in range(_TRIES):
            work = await self.work(build_id)
            if not work.job.let_go:
                return
            with suppress(Changed):
                await self.change(work.job, {}, parallelism=0)

    async def end_pod(self, pod: Pod) -> None:
        """Have a pod ended and kept with its log; as if the time had run out that it may take."""
        body = {"spec": {"activeDeadlineSeconds": 1}}
        with suppress(Refused):
            await self.cluster.json("PATCH", self.things("pods", pod.name), body=body, expected=(NOT_FOUND, 422))

    async def silence(self, pod: Pod, container: str) -> None:
        """Wait until a container that was told to end prints nothing any more, which is when it has ended."""
        query = {"container": container, "follow": "true", "tailLines": "1"}
        path = self.things("pods", f"{pod.name}/log")
        with suppress(TimeoutError, Refused, BuilderUnavailable):
            async with asyncio.timeout(2 * GRACE):
                with self.cluster.errors():
                    async with self.cluster.stream(path, query, 2 * GRACE) as response:
                        async for _ in response.content.iter_any():
                            pass


def _begun(pod: Pod) -> dict[str, str]:
    began = pod.builder.started_at
    return {BEGUN: f"{pod.uid} {began.isoformat()}"} if began else {}


def pair(jobs: Sequence[Job], pods: Sequence[Mapping[str, Any]]) -> dict[str, Work]:
    """Bring Jobs and their pods together, by build id."""
    return {job.card.plan.id: Work(job, pod_of(job, pods)) for job in jobs}


def pod_of(job: Job, pods: Sequence[Mapping[str, Any]]) -> Pod | None:
    """Give the pod of a Job: that in which it was seen to run, or else the one that was made last."""
    own = [told for told in pods if _owner(told) == job.uid]
    own.sort(key=lambda told: (told["metadata"]["uid"] == job.begun, told["metadata"]["creationTimestamp"]))
    return read_pod(own[-1]) if own else None


def _owner(told: Mapping[str, Any]) -> str:
    owners = told["metadata"].get("ownerReferences") or ()
    return next((each["uid"] for each in owners if each.get("controller")), "")
