"""What a cluster tells of a build's Job and pod."""

from pathlib import Path
from typing import Any

from tests.unit.domain.people import plan_of

from repo2docker_service.adapters.builders.containers.cards import Card, Kind
from repo2docker_service.adapters.builders.containers.plans import BuildSettings, Limits
from repo2docker_service.adapters.builders.kubernetes.jobs import PodSettings, Recipe
from repo2docker_service.adapters.builders.kubernetes.records import job_name
from repo2docker_service.adapters.builders.kubernetes.states import Work
from repo2docker_service.adapters.builders.kubernetes.store import pair
from repo2docker_service.adapters.builders.kubernetes.told import read_job
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.signing import Signer

State = dict[str, Any] | None
OURS = Installation("test", Signer([b"a key for tests only"]), Path("unused"))
LIMITS = Limits("/run/engine.sock", "", 2**30, 3600, 1800, 120, {"HTTPS_PROXY": "http://proxy"}, 0, 0)
SETTINGS = BuildSettings("", 1000, "jovyan", "", "")
SERVER = (1, 30)
BEGAN, ENDED = "2026-01-02T03:04:06Z", "2026-01-02T03:05:00Z"


def recipe(**pods: Any) -> Recipe:
    chosen = {"namespace": "builds", "image_pull_policy": "IfNotPresent"} | pods
    return Recipe(OURS, PodSettings(**chosen), LIMITS, SETTINGS)


def card_of(*, push: bool = True, sealed: bool = False) -> Card:
    plan = plan_of()
    return Card(Kind.BUILDER, job_name(OURS, plan.image, 1), plan, push, "repo2docker:test", "5e771265", sealed=sealed)


def job(card: Card, *, let_go: bool = True, conditions: tuple[str, ...] = (), **annotations: str) -> dict[str, Any]:
    told = recipe().job(card, SERVER)
    told["metadata"] |= {"uid": "job-uid", "resourceVersion": "7", "creationTimestamp": "2026-01-02T03:04:05Z"}
    told["metadata"]["annotations"] |= {f"repo2docker-service.build.{key}": value for key, value in annotations.items()}
    told["metadata"]["annotations"]["repo2docker-service.build.created"] = "2026-01-02T03:04:05.500+00:00"
    told["spec"]["parallelism"] = int(let_go)
    told["status"] = {"conditions": [{"type": kind, "status": "True"} for kind in conditions]}
    return told


def running() -> dict[str, Any]:
    return {"running": {"startedAt": BEGAN}}


def waiting(reason: str) -> dict[str, Any]:
    return {"waiting": {"reason": reason, "message": "so it is"}}


def exited(code: int, reason: str = "Error", message: str = "") -> dict[str, Any]:
    told = {"exitCode": code, "reason": reason, "startedAt": BEGAN, "finishedAt": ENDED, "message": message}
    return {"terminated": told}


def pod(
    phase: str = "Running", builder: State = None, pusher: State = None, *, uid: str = "pod-uid", **status: Any
) -> dict[str, Any]:
    meta = {
        "name": "r2d-pod",
        "uid": uid,
        "creationTimestamp": BEGAN,
        "ownerReferences": [{"uid": "job-uid", "controller": True}],
    }
    told = {"phase": phase, **status}
    if builder:
        told["initContainerStatuses"] = [{"name": "builder", "state": builder, "imageID": "sha256:1"}]
    if pusher:
        told["containerStatuses"] = [{"name": "pusher", "state": pusher}]
    return {"metadata": meta, "status": told}


def work(told: dict[str, Any], *pods: dict[str, Any]) -> Work:
    read = read_job(OURS, told)
    assert read is not None
    return pair([read], list(pods))[read.build_id]
