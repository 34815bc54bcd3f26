"""A cluster of one node, all of it in namespaces of its own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import ssl
import subprocess
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tools.parts.docker_api import DockerApi, answers
from tools.parts.errors import PartMissing
from tools.parts.packages import program, require
from tools.parts.processes import send

from . import namespaces, settings

HERE = Path(__file__).parent
RUNTIME = HERE / "runc-without-priority.sh"
START_LIMIT = 150.0
COMPONENT_LIMIT = 60.0
LONGEST_FOLDER = 65
_RESOURCES = 24
"""The bit of CAP_SYS_RESOURCE in a set of capabilities (linux/capability.h)."""


@dataclass(frozen=True)
class Node:
    """The node of a cluster: all that it writes is in a folder, and images stay there between starts.

    `number` parts it from others of this machine: it is in the addresses and the name of the network.
    """

    folder: Path
    programs: Path
    number: int = 0

    @property
    def host_ip(self) -> str:
        """The address under which the cluster reaches this machine."""
        return f"10.241.{self.number}.1"

    @property
    def ip(self) -> str:
        """The address of the node."""
        return f"10.241.{self.number}.2"

    @property
    def kubeconfig(self) -> Path:
        """The file with which an administrator reaches the cluster."""
        return self.folder / "admin.conf"

    @property
    def engine_url(self) -> str:
        """The Docker engine that runs the cluster's containers, by which images get in."""
        return f"unix://{self.folder / 'docker.sock'}"

    @property
    def _group(self) -> str:
        return f"r2d-cluster-{self.number}"

    @cached_property
    def _settings(self) -> dict[str, str]:
        return {
            "FOLDER": str(self.folder),
            "PROGRAMS": str(self.programs),
            "NODE_IP": self.ip,
            "CGROUP": self._group,
            "RUNTIME": str(self.folder / "made" / RUNTIME.name if _lacks_resources() else program("runc") or "runc"),
        }

    def runs(self) -> bool:
        """Tell whether the cluster was started and is not stopped."""
        return namespaces.first_process(self.folder) is not None

    def start(self) -> None:
        """Start an empty cluster and wait until its node is ready; does nothing when it already runs.

        Raises:
            PartMissing: it cannot be started here.
        """
        if self.runs():
            return
        if os.geteuid() != 0 or not (namespaces.GROUPS / "memory").is_dir():
            raise PartMissing("Set KUBECONFIG to a cluster of yours: one is started here by root, with cgroup v1 only.")
        if len(str(self.folder)) > LONGEST_FOLDER:
            raise PartMissing(f"A cluster needs a shorter path than {self.folder}, as sockets are below it.")
        require("dockerd", "iptables", "ip")
        self._prepare()
        try:
            namespaces.create(HERE / "inside.sh", self.folder, self.folder / "log" / "inside.log", self._settings)
            self._wait((self.folder / "data" / "namespaces").exists, "making namespaces", 20)
            self._join()
            self._wait(self._ready, "starting", START_LIMIT)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End the cluster and everything that runs in it."""
        if (first := namespaces.first_process(self.folder)) is not None:
            namespaces.end(first, self._group)

    def kill(self, component: str) -> None:
        """End a component as a crash would: `kubelet`, `kube-apiserver`, `dockerd`, … .

        Containers go on without dockerd; its containerd ends with it.
        """
        pids = self._processes(component, *(("containerd",) if component == "dockerd" else ()))
        for pid in pids:
            send(pid, signal.SIGKILL)
        # One that is dying has lost its name already, and still has its ports.
        self._wait(
            lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids), f"killing {component}", COMPONENT_LIMIT
        )

    def restart(self, component: str, *options: str) -> None:
        """Start a component that was killed, and wait until the cluster works again.

        Args:
            component: its name.
            options: more of kube-controller-manager's.
        """
        if component == "dockerd":
            for left in ("docker.pid", "exec/containerd/containerd.pid"):
                (self.folder / "data" / left).unlink(missing_ok=True)
        command = [str(HERE / "component.sh"), component, *options]
        namespaces.enter(self._first(), command, self._settings)
        self._wait(lambda: bool(self._processes(component)) and self._ready(), f"restarting {component}", START_LIMIT)

    def kubectl(self, *words: str, limit: float = 20) -> subprocess.CompletedProcess[str]:
        """Run kubectl as administrator; whether it succeeded is for the caller to see."""
        command = [str(self.programs / "kubectl"), "--kubeconfig", str(self.kubeconfig), *words]
        return subprocess.run(command, capture_output=True, text=True, timeout=limit, check=False)

    def _prepare(self) -> None:
        for old in ("data", "log", "made"):
            shutil.rmtree(self.folder / old, ignore_errors=True)
        for new in ("data", "log"):
            (self.folder / new).mkdir(parents=True)
        settings.write(self.folder / "made", self.ip, self._group)
        shutil.copy2(self.folder / "made" / "admin.conf", self.kubeconfig)
        # A cluster may outlive the checkout from which it was started.
        shutil.copy2(RUNTIME, self.folder / "made")

    def _join(self) -> None:
        link = f"r2dcluster{self.number}"
        words = [str(self._first()), link, self.host_ip, self.ip, settings.SERVICE_IP]
        done = subprocess.run(
            [str(HERE / "network.sh"), *words], capture_output=True, text=True, timeout=20, check=False
        )
        if done.returncode != 0:
            raise PartMissing(f"A cluster needs the right to make networks: '{done.stderr.strip()}'.")

    def _first(self) -> int:
        if (first := namespaces.first_process(self.folder)) is None:
            raise PartMissing(f"The cluster in {self.folder} has ended: its log says why.")
        return first

    def _processes(self, *names: str) -> list[int]:
        return [pid for pid, name in namespaces.members(self._first()) if name in names]

    def _ready(self) -> bool:
        """Tell whether pods can run. The cluster goes on to call a node ready for a while that has just been killed."""
        if not answers(self.engine_url):
            return False
        try:
            node = json.loads(self._ask("/api/v1/nodes/node1"))
            # Asked of the kubelet itself.
            healthy = self._ask("/api/v1/nodes/node1/proxy/healthz") == b"ok"
            self._ask("/api/v1/namespaces/default/serviceaccounts/default")
        except OSError:
            return False
        states = {each["type"]: each["status"] for each in node["status"].get("conditions", ())}
        return healthy and states.get("Ready") == "True"

    def _ask(self, path: str) -> bytes:
        context = ssl.create_default_context(cafile=self.folder / "made" / "ca.crt")
        context.load_cert_chain(self.folder / "made" / "admin.crt", self.folder / "made" / "admin.key")
        with urllib.request.urlopen(f"https://{self.ip}:6443{path}", timeout=10, context=context) as answer:
            return bytes(answer.read())

    def _wait(self, condition: Callable[[], bool], doing: str, limit: float) -> None:
        deadline = time.monotonic() + limit
        while not condition():
            if time.monotonic() > deadline:
                raise PartMissing(f"The cluster took more than {limit:.0f} s for {doing}: see {self.folder / 'log'}.")
            self._first()
            time.sleep(0.1)

    def docker(self) -> DockerApi:
        """Give the engine that runs the cluster's containers."""
        return DockerApi(self.engine_url)


def _lacks_resources() -> bool:
    status = Path("/proc/self/status").read_text()
    effective = next(line for line in status.splitlines() if line.startswith("CapEff:"))
    return not int(effective.split()[1], 16) >> _RESOURCES & 1
