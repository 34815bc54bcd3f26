"""A build's state, derived from its Job and its pod and from nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from repo2docker_service.adapters.builders.containers.ends import reason_of
from repo2docker_service.adapters.builders.containers.in_container import codes
from repo2docker_service.adapters.builders.kubernetes.told import Container, Job, Pod
from repo2docker_service.domain.failures.advice import ADVICE
from repo2docker_service.domain.models import Build, BuildState, Progress, Reason

_NOTHING_SEEN: Final = Progress()
_NO_ROOM: Final = "The cluster has no room for it yet; it begins as soon as there is."
_NO_POD: Final = (
    "The cluster has made no pod for it yet: there is no room, or it refuses such pods; an administrator sees why with"
    " kubectl describe job {}."
)
_NEVER_BEGAN: Final = (
    "its node made no containers for it in time; an administrator sees why with kubectl describe pod {}"
)
_EXCEEDED: Final = ("exceeds the limit", "exceeds the total limit", "exceeded its")
"""What a node says of a pod that took more of the disk than it may; all others it had to let go for others' sake."""
_DEADLINE: Final = "DeadlineExceeded"
_ENDED_FROM_OUTSIDE: Final = frozenset({codes.LOST, 137, 143})
_CANNOT_PULL: Final = frozenset({"ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull", "InvalidImageName"})
_REFUSED: Final = frozenset({"UnexpectedAdmissionError", "NodeAffinity", "AppArmor", "PodOSNotSupported"})
_CANNOT_MAKE: Final = frozenset({"CreateContainerConfigError", "CreateContainerError", "RunContainerError"})


@dataclass(frozen=True, slots=True)
class Work:
    """What there is of one build."""

    job: Job
    pod: Pod | None = None

    @property
    def id(self) -> str:
        """The build's id."""
        return self.job.build_id

    @property
    def state(self) -> BuildState:
        """Where the build is; one that is being cancelled has not ended until its Job says so."""
        if self.job.end is not None:
            return self.job.end.state
        return BuildState.FAILED if self.reason and not self.ending else self._way

    @property
    def _way(self) -> BuildState:
        pod = self.pod
        if pod is None and self.job.complete:
            return BuildState.PUSHING if self.job.card.push else BuildState.SUCCEEDED
        if pod is None or not pod.begun:
            # What is heard of a Job and of its pod does not come at once. Whether the pod is gone is looked for first.
            return BuildState.BUILDING if self.job.begun else BuildState.QUEUED
        if pod.builder.exit_code != codes.OK:
            return BuildState.BUILDING
        if pod.pusher.exit_code != codes.OK or self.job.card.push:
            return BuildState.PUSHING
        return BuildState.SUCCEEDED

    @property
    def ending(self) -> bool:
        """Whether somebody wants it to be cancelled, and it has not been seen to have ended."""
        return self.job.cancelled and self.job.end is None

    @property
    def unverified(self) -> bool:
        """Whether it was pushed, and nobody has found out yet whether it arrived."""
        pod = self.pod
        done = self.job.complete if pod is None else pod.pusher.exit_code == codes.OK
        return self.job.end is None and self.job.card.push and done

    @property
    def lost(self) -> bool:
        """Whether the pod that it ran in seems to be gone, or going; that is to be looked for before it is believed."""
        job, pod = self.job, self.pod
        if job.end is not None:
            return False
        if pod is None:
            return not job.complete and (job.failed or bool(job.begun))
        return bool(job.begun) and (pod.uid != job.begun or (pod.leaving and not pod.over))

    @property
    def waits(self) -> bool:
        """Whether it is to begin when it has a place."""
        return not (self.job.let_go or self.job.cancelled or self.job.end)

    @property
    def own_pod(self) -> Pod | None:
        """The pod that it ran in, if that is there; none that the cluster has put in its place."""
        pod, begun = self.pod, self.job.begun
        return pod if pod is not None and begun in {"", pod.uid} else None

    @property
    def stray(self) -> bool:
        """Whether it has ended and the cluster runs another pod in place of its own, which old ones do."""
        pod = self.pod
        over = pod is None or pod.over or pod.leaving
        return self.job.end is not None and self.own_pod is None and not over

    @property
    def running(self) -> bool:
        """Whether something of it may run, or be about to."""
        over = self.job.complete if self.pod is None else self.pod.over
        return self.job.let_go and not self.job.failed and not over

    @property
    def takes_place(self) -> bool:
        """Whether it is one of the builds that run at once; one that only pushes is not."""
        return self.job.let_go and self.state in {BuildState.QUEUED, BuildState.BUILDING}

    @property
    def unrecorded(self) -> bool:
        """Whether it has ended, and its Job does not say how."""
        return self.state.ended and self.job.end is None

    @property
    def reason(self) -> Reason | None:
        """Why it failed, if it did."""
        job, pod = self.job, self.own_pod
        if job.end is not None:
            return job.end.reason
        if pod is None:
            return None
        for container in (pod.builder, pod.pusher):
            if container.exit_code not in {None, codes.OK}:
                return _reason_of(container, pod)
        return _reason_of_pod(pod) if pod.phase == "Failed" else None

    @property
    def problem(self) -> str:
        """Why it failed, in the words of the cluster or the registry, where they have said anything."""
        if self.job.end is not None:
            return self.job.end.problem
        pod = self.own_pod
        if pod is None:
            return ""
        if pod.reason == _DEADLINE and not pod.begun:
            return _NEVER_BEGAN.format(pod.name)
        return self._reported("problem") or pod.message

    @property
    def digest(self) -> str:
        """That of the image it has pushed, as its pusher told it; empty where it told none."""
        if self.job.end is not None:
            return self.job.end.digest
        return self._reported("digest")

    def _reported(self, name: str) -> str:
        report = self.pod.pusher.report if self.pod is not None else None
        return str((report or {}).get(name, ""))

    @property
    def stuck(self) -> str:
        """Why its pod cannot begin whatever time it has, in the cluster's words; empty where it can."""
        for container in (self.pod.builder, self.pod.pusher) if self.pod and not self.pod.over else ():
            if container.waits_for in _CANNOT_PULL | _CANNOT_MAKE:
                return f"{container.waits_for}: {container.details}"
        return ""

    @property
    def _message(self) -> str:
        end, reason = self.job.end, self.reason
        if reason is not None:
            message = end.message if end is not None and end.message else ADVICE[reason]
            return f"{message} Details: {plain(self.problem)}" if self.problem else message
        if not self.job.let_go or self.state is not BuildState.QUEUED:
            return ""
        if self.pod is None:
            return _NO_POD.format(self.job.name)
        return _NO_ROOM if self.pod.reason == "Unschedulable" else ""

    def build(self, queue_position: int | None = None, progress: Progress = _NOTHING_SEEN) -> Build:
        """Give the build as the domain knows it."""
        state, card, created = self.state, self.job.card, self.job.created_at
        started, finished = self._times()
        # The cluster cuts its times to whole seconds.
        started = max(started, created) if started else None
        ended = state.ended and finished
        return Build(
            plan=card.plan,
            state=state,
            created_at=created,
            started_at=started,
            finished_at=max(finished, started or created) if ended and finished else None,
            reason=self.reason,
            message=self._message,
            progress=progress,
            digest=self.digest or None if state is BuildState.SUCCEEDED else None,
            queue_position=queue_position if state is BuildState.QUEUED else None,
            settings=card.settings,
            builder_image=card.builder_image,
            builder_image_id=self._image_id,
        )

    @property
    def _image_id(self) -> str:
        if self.job.end is not None:
            return self.job.end.image_id
        return self.pod.builder.image_id if self.pod else ""

    @property
    def exited_at(self) -> datetime | None:
        """When the last of its containers has ended."""
        return self._times()[1]

    def _times(self) -> tuple[datetime | None, datetime | None]:
        end, pod = self.job.end, self.pod
        if end is not None:
            return end.started_at, end.finished_at
        if pod is None or self.lost:
            return self.job.begun_at, None
        # Of a pod that it let go, a node may tell no more of what ran in it.
        return pod.builder.started_at or self.job.begun_at, pod.pusher.finished_at or pod.builder.finished_at


def _reason_of(container: Container, pod: Pod) -> Reason:
    code = container.exit_code or codes.OK
    if container.out_of_memory:
        return Reason.OUT_OF_RESOURCES
    # Of one that was ended from outside, the pod says why.
    return _reason_of_pod(pod) if code in _ENDED_FROM_OUTSIDE and pod.reason else reason_of(code)


def _reason_of_pod(pod: Pod) -> Reason:
    """Say why a pod failed of which no container says so."""
    if pod.reason == _DEADLINE:
        # The pod's deadline also holds where its node cannot make its containers.
        return Reason.TIMED_OUT if pod.begun else Reason.INTERNAL
    if pod.evicted and any(words in pod.message for words in _EXCEEDED):
        return Reason.OUT_OF_RESOURCES
    # Refused by a node before anything ran: what a pod asks for is not to be had there.
    return Reason.INTERNAL if pod.reason in _REFUSED else Reason.BUILDER_LOST


def plain(problem: str) -> str:
    """Make one short line of what a foreign program said."""
    line = " ".join(problem.split())
    return "".join(each for each in line if each.isprintable())[:300]
