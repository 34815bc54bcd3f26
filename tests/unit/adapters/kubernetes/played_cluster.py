"""A cluster that runs the Jobs of a played API: what the job controller and a node would do, and nothing else."""

import asyncio
import copy
import json
import secrets
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from tests.unit.adapters.kubernetes.played_api import PlayedApi, Thing, owner
from tests.unit.domain.people import plan_of

from repo2docker_service.adapters.builders.containers.cards import BUILD
from repo2docker_service.adapters.builders.containers.in_container import codes
from repo2docker_service.domain.models import BuildPlan, Destination, ImageName
from repo2docker_service.testing.driving import Outcome

DIGEST = f"sha256:{'d' * 64}"


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class PlayedCluster:
    """Begins a pod for each Job that is let go, and ends what is to be ended."""

    api: PlayedApi
    scripts: dict[str, tuple[Outcome, int]] = field(default_factory=dict)
    """What builds do, by id."""
    push: bool = True
    makes_pods: bool = True
    runs_pods: bool = True
    pushes_long: bool = False
    ends_pods: bool = True
    """Whether nodes heed a pod's deadline; one that is lost does not."""
    most_at_once: int = 0
    runs: list[str] = field(default_factory=list)
    """Ids of builds that began to run, in order."""
    _tasks: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.api.on_change = self._see

    def plan(self, outcome: Outcome, lines: int = 5) -> tuple[BuildPlan, Destination]:
        image = ImageName("registry.example", f"r2d/{secrets.token_hex(6)}", "a" * 40)
        plan = replace(plan_of(), image=image)
        self.scripts[str(image)] = (outcome, lines)
        return plan, Destination(image, push=self.push)

    def _see(self, kind: str, thing: Thing) -> None:
        asyncio.get_running_loop().call_soon(self._look, kind, thing["metadata"]["name"])

    def _look(self, kind: str, name: str) -> None:
        told = self.api.things[kind].get(name)
        if told is not None and kind == "jobs":
            self._control(told)
        elif told is not None and kind == "pods" and told["spec"].get("activeDeadlineSeconds") == 1 and self.ends_pods:
            self._end(name, "Failed", reason="DeadlineExceeded")

    def _control(self, job: Thing) -> None:
        uid = job["metadata"]["uid"]
        pods = [each for each in self.api.things["pods"].values() if owner(each) == uid]
        active = [each for each in pods if each["status"].get("phase") not in {"Failed", "Succeeded"}]
        if not job["spec"]["parallelism"]:
            for pod in active:
                self.lose(pod["metadata"]["name"])
        elif not active and self.makes_pods and not job["status"].get("conditions"):
            self._make_pod(job)

    def _make_pod(self, job: Thing) -> None:
        template, meta = job["spec"]["template"], job["metadata"]
        pod = {
            "metadata": {
                "name": f"{meta['name']}-{secrets.token_hex(3)}",
                "uid": secrets.token_hex(8),
                "labels": template["metadata"]["labels"],
                "creationTimestamp": now(),
                "ownerReferences": [{"uid": meta["uid"], "controller": True}],
            },
            "spec": copy.deepcopy(template["spec"]),
            "status": {"phase": "Pending"},
        }
        self.api.put("pods", pod, "ADDED")
        if self.runs_pods:
            self._tasks[pod["metadata"]["name"]] = asyncio.create_task(self._run(pod["metadata"]["name"], job))

    async def _run(self, pod: str, job: Thing) -> None:
        card = json.loads(job["metadata"]["annotations"]["repo2docker-service.build.card"])
        outcome, lines = self.scripts["{}/{}:{}".format(*card["plan"]["image"])]
        self.runs.append(job["metadata"]["labels"][BUILD])
        await asyncio.sleep(0.01)
        began = now()
        self.container(pod, "builder", {"running": {"startedAt": began}}, phase="Pending")
        running = [each for each in self.api.things["pods"].values() if builder_runs(each)]
        self.most_at_once = max(self.most_at_once, len(running))
        for number in range(1, lines + 1):
            self.write(pod, "builder", f"line {number} of {lines}\n")
            await asyncio.sleep(0.001)
        if outcome is Outcome.RUNS_LONG:
            await asyncio.sleep(300)
        code = codes.OK if outcome is Outcome.SUCCEEDS else codes.BUILD_FAILED
        ended = {"exitCode": code, "startedAt": began, "finishedAt": now()}
        if code != codes.OK:
            self._end(pod, "Failed", builder={"terminated": ended})
            return
        self.container(pod, "builder", {"terminated": ended}, phase="Running")
        self.container(pod, "pusher", {"running": {"startedAt": now()}}, phase="Running")
        self.write(pod, "pusher", "Stored as it should be\n")
        await asyncio.sleep(300 if self.pushes_long else 0.01)
        report = json.dumps({"digest": DIGEST}) if card["push"] else ""
        done = {"exitCode": codes.OK, "startedAt": began, "finishedAt": now(), "message": report}
        self._end(pod, "Succeeded", pusher={"terminated": done})

    def write(self, pod: str, container: str, text: str) -> None:
        """Print something in a container."""
        self.api.logs.setdefault((pod, container), bytearray()).extend(text.encode())
        self.api.ring()

    def container(self, pod: str, name: str, state: Thing, phase: str) -> None:
        """Have a container be in a state."""
        told = self.api.things["pods"].get(pod)
        if told is None:
            return
        told = copy.deepcopy(told)
        told["status"]["phase"] = phase
        key = "initContainerStatuses" if name == "builder" else "containerStatuses"
        told["status"][key] = [{"name": name, "state": state, "imageID": "docker://sha256:1"}]
        self.api.logs.setdefault((pod, name), bytearray())
        self.api.put("pods", told)

    def _end(self, pod: str, phase: str, reason: str = "", **states: Any) -> None:
        if pod not in self.api.things["pods"] or self.api.things["pods"][pod]["status"]["phase"] == phase:
            return
        for name, state in states.items():
            self.container(pod, name, state, phase=self.api.things["pods"][pod]["status"]["phase"])
        told = copy.deepcopy(self.api.things["pods"][pod])
        told["status"] |= {"phase": phase, **({"reason": reason} if reason else {})}
        self._stop(pod)
        self.api.put("pods", told)
        uid = owner(told)
        for job in list(self.api.things["jobs"].values()):
            if job["metadata"]["uid"] == uid:
                kind = "Failed" if phase == "Failed" else "Complete"
                condition = {"type": kind, "status": "True"}
                self.api.put("jobs", {**job, "status": {"conditions": [condition]}})

    def lose(self, pod: str) -> None:
        """Remove a pod as if its node was gone."""
        self._stop(pod)
        self.api.remove("pods", self.api.things["pods"][pod])

    def _stop(self, pod: str) -> None:
        task = self._tasks.pop(pod, None)
        if task is not None and task is not asyncio.current_task():
            task.cancel()

    async def stop(self) -> None:
        """End everything."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks, return_exceptions=True)


def builder_runs(pod: Thing) -> bool:
    return any("running" in each["state"] for each in pod["status"].get("initContainerStatuses", ()))
