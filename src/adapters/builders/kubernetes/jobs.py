"""What the cluster is asked to make for a build: a Job, and the Secrets with what its containers need.

The Job's pod has two containers, one after the other. The builder is an init container: it runs repo2docker and knows
nothing of the registry. The pusher begins when that has succeeded, whoever of this service is there to see it.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from repo2docker_service.adapters.builders.containers.cards import Card
from repo2docker_service.adapters.builders.containers.in_container import buildkit, layout, pod
from repo2docker_service.adapters.builders.containers.in_container.launcher import REAL_SOCKET
from repo2docker_service.adapters.builders.containers.plans import (
    FOLDER,
    BuildSettings,
    Limits,
    authority_files,
    build_plan,
    launcher,
    push_plan,
    repo2docker_config,
)
from repo2docker_service.adapters.builders.kubernetes.records import CREATED, SEALED, labels
from repo2docker_service.domain.installation import Installation

BUILDER: Final = "builder"
PUSHER: Final = "pusher"
PUSH_SECRET: Final = "push"  # noqa: S105 - the end of a name
GIT_SECRET: Final = "git"  # noqa: S105 - likewise
SECRETS: Final = (BUILDER, PUSHER, PUSH_SECRET, GIT_SECRET)
"""The ends of the names of a Job's Secrets: files for each container, and what opens the registry or the repository."""
GRACE: Final = 10
"""Seconds between the signal that ends a pod and the one that nobody can ignore."""
_SPARE: Final = 120
"""Seconds beyond the launcher's own deadlines after which the cluster ends a pod."""
_POD_FAILURE_POLICY: Final = (1, 26)
"""The server's version since which a pod that its node was taken from can end its Job instead of being replaced."""


@dataclass(frozen=True, slots=True)
class PodSettings:
    """What the administrator says of pods."""

    namespace: str
    image_pull_policy: str
    image_pull_secrets: Sequence[str] = ()
    node_selector: Mapping[str, str] = field(default_factory=dict)
    tolerations: Sequence[Mapping[str, Any]] = ()
    priority_class: str = ""
    runtime_class: str = ""
    cpu_request: str = ""
    memory_request: str = ""
    cpu_limit: str = ""
    storage_limit: str = ""
    pull_patience: float = 0.0
    """Seconds that a node may take to make the containers."""
    buildkit_tls: str = ""
    """Name of the Secret that opens BuildKit."""
    more: Mapping[str, Any] = field(default_factory=dict)
    """What a pod's specification says besides, or instead."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """Makes what is sent to the cluster."""

    installation: Installation
    pods: PodSettings
    limits: Limits
    settings: BuildSettings

    def job(self, card: Card, version: tuple[int, int], sealed: str = "") -> dict[str, Any]:
        """Describe a Job that waits: of parallelism 0 the cluster makes no pod, in any version.

        Args:
            card: what to build; its name is the Job's.
            version: the server's; what it does not know it would drop without a word.
            sealed: what opens the repository.
        """
        chosen = labels(self.installation, card.plan)
        created = {CREATED: datetime.now(UTC).isoformat(), **({SEALED: sealed} if sealed else {})}
        policy = {"podFailurePolicy": {"rules": [_LOST]}} if version >= _POD_FAILURE_POLICY else {}
        return {
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": {
                "name": card.name,
                "labels": chosen,
                "annotations": {**card.labels(self.installation), **created},
            },
            "spec": {
                "parallelism": 0,
                "completions": 1,
                "backoffLimit": 0,
                **policy,
                "template": {"metadata": {"labels": chosen}, "spec": self._pod(card)},
            },
        }

    def _pod(self, card: Card) -> dict[str, Any]:
        pods, limits = self.pods, self.limits
        named = {"priorityClassName": pods.priority_class, "runtimeClassName": pods.runtime_class}
        return {
            "restartPolicy": "Never",
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            # The first process of a container hears no signal that it does not ask for, and buries no children.
            "shareProcessNamespace": True,
            # Of the pod: the Job's own deadline would take the pod and its log away.
            "activeDeadlineSeconds": int(limits.timeout + limits.push_timeout + pods.pull_patience) + _SPARE,
            "terminationGracePeriodSeconds": GRACE,
            "securityContext": {"seccompProfile": {"type": "RuntimeDefault"}},
            **{key: value for key, value in named.items() if value},
            "nodeSelector": dict(pods.node_selector),
            "tolerations": [dict(each) for each in pods.tolerations],
            **(
                {"imagePullSecrets": [{"name": name} for name in pods.image_pull_secrets]}
                if pods.image_pull_secrets
                else {}
            ),
            "initContainers": [self._container(card, BUILDER, "build", ["SETUID", "SETGID", "KILL"])],
            "containers": [self._container(card, PUSHER, "push", [])],
            "volumes": [
                *self._backend_volumes(),
                *({"name": f"{name}-work", "emptyDir": {}} for name in (BUILDER, PUSHER)),
                *(_secret(f"{name}-files", card.name, name, 0o444) for name in (BUILDER, PUSHER)),
                # Root's alone: in the builder repo2docker is another user. It is gone once the build has begun, and a
                # kubelet that is restarted then must not wait for it before it lets the pusher begin.
                *([_secret(f"{BUILDER}-secret", card.name, GIT_SECRET, 0o400, optional=True)] if card.sealed else []),
                *([_secret(f"{PUSHER}-secret", card.name, PUSH_SECRET, 0o400)] if card.push else []),
            ],
            **pods.more,
        }

    def _backend_volumes(self) -> list[dict[str, Any]]:
        if not self.limits.buildkit:
            return [{"name": "engine", "hostPath": {"path": self.limits.socket, "type": "Socket"}}]
        image: dict[str, Any] = {"name": "image", "emptyDir": {}}
        if not self.pods.buildkit_tls:
            return [image]
        # Root's alone: repo2docker reads whatever links of a repository lead to.
        return [image, {"name": "tls", "secret": {"secretName": self.pods.buildkit_tls, "defaultMode": 0o400}}]

    def _backend_mounts(self, *, building: bool) -> list[dict[str, Any]]:
        if not self.limits.buildkit:
            return [{"name": "engine", "mountPath": REAL_SOCKET}]
        tls = {"name": "tls", "mountPath": buildkit.TLS, "readOnly": True}
        image = {"name": "image", "mountPath": layout.IMAGE, "readOnly": not building}
        return [image, *([tls] if self.pods.buildkit_tls else [])]

    def _container(self, card: Card, name: str, command: str, capabilities: Sequence[str]) -> dict[str, Any]:
        building = name == BUILDER
        environment = self.limits.environment if building else {}
        has_secret = card.sealed if building else card.push
        return {
            "name": name,
            "image": card.builder_image,
            "imagePullPolicy": self.pods.image_pull_policy,
            "command": ["python3", "-I", f"{pod.GIVEN}/launcher.pyz"],
            "args": ["pod", command],
            "workingDir": "/",
            "env": [
                *({"name": key, "value": value} for key, value in environment.items()),
                *([_OWN_ID] if building else []),
            ],
            "resources": self._resources(),
            "securityContext": {
                "runAsUser": 0,
                "runAsGroup": 0,
                "allowPrivilegeEscalation": False,
                # The launcher runs repo2docker as another user and may have to end it.
                "capabilities": {"drop": ["ALL"], **({"add": list(capabilities)} if capabilities else {})},
            },
            "volumeMounts": [
                *self._backend_mounts(building=building),
                {"name": f"{name}-work", "mountPath": FOLDER},
                {"name": f"{name}-files", "mountPath": pod.GIVEN, "readOnly": True},
                *([{"name": f"{name}-secret", "mountPath": pod.SECRETS, "readOnly": True}] if has_secret else []),
            ],
        }

    def _resources(self) -> dict[str, dict[str, str]]:
        pods = self.pods
        limits = {"memory": str(self.limits.memory), "cpu": pods.cpu_limit, "ephemeral-storage": pods.storage_limit}
        requests = {"memory": pods.memory_request, "cpu": pods.cpu_request}
        return {
            "limits": {name: value for name, value in limits.items() if value},
            "requests": {name: value for name, value in requests.items() if value},
        }

    def builder_files(self, card: Card) -> Mapping[str, bytes]:
        """Give what the builder's container is to do; nothing in it is secret from a build."""
        plan = build_plan(card, self.installation, self.limits, self.settings)
        config = {"repo2docker_config.py": repo2docker_config(self.settings)}
        return {**_launched(plan), **config, **authority_files(self.limits)}

    def pusher_files(self, card: Card) -> Mapping[str, bytes]:
        """Give what the pusher's container is to do."""
        plan = push_plan(card, self.installation, self.limits)
        # What is left on the node nobody could remove later.
        return _launched({**plan, "dropped": [plan["temporary"], *([plan["final"]] if card.push else [])]})

    def secret(self, card: Card, uid: str, kind: str, files: Mapping[str, bytes]) -> dict[str, Any]:
        """Describe a Secret that goes when its Job goes.

        Args:
            card: that of the build.
            uid: the Job's own id in the cluster.
            kind: what it is for, one of :data:`SECRETS`.
            files: its content.
        """
        owner = {"apiVersion": "batch/v1", "kind": "Job", "name": card.name, "uid": uid}
        return {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {
                "name": secret_name(card.name, kind),
                "labels": labels(self.installation, card.plan),
                "ownerReferences": [owner],
            },
            "data": {name: base64.b64encode(data).decode() for name, data in files.items()},
        }


_OWN_ID: Final = {"name": pod.POD, "valueFrom": {"fieldRef": {"fieldPath": "metadata.uid"}}}
_LOST: Final = {
    "action": "FailJob",
    "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}],
}


def secret_name(job: str, kind: str) -> str:
    """Give the name of a Job's Secret."""
    return f"{job}-{kind}"


def _secret(volume: str, job: str, kind: str, mode: int, *, optional: bool = False) -> dict[str, Any]:
    secret = {"secretName": secret_name(job, kind), "defaultMode": mode, "optional": optional}
    return {"name": volume, "secret": secret}


def _launched(plan: Mapping[str, Any]) -> Mapping[str, bytes]:
    return {"launcher.pyz": launcher(), "plan.json": json.dumps(plan).encode()}
