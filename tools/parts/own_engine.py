"""A Docker engine of our own: `dockerd` with all it writes in one folder."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

from . import bridge, processes
from .docker_api import answers
from .errors import PartMissing
from .packages import SYSTEM_FOLDERS, program, require

START_LIMIT = 60.0
STOP_LIMIT = 40.0
LONGEST_FOLDER = 65
# BuildKit drops what a build step prints beyond 2 MiB, or faster than 200 KiB/s. Of the size, nothing needs to be
# dropped; -1 would say so to newer engines, but means "everything" to 20.10. The speed must stay limited: buildx
# gives up three seconds after a build's end, and the build fails when it could not print everything by then.
LOG_LIMITS = {
    "BUILDKIT_STEP_LOG_MAX_SIZE": str(2**31 - 1),
    "BUILDKIT_STEP_LOG_MAX_SPEED": "500000",
}


class OwnEngine:
    """An engine started from `folder`; images, containers and build cache stay there between starts.

    With `own_bridge` it can live beside another engine: two engines on one bridge, or one without any, take
    each other's network away. Its containers then reach the world by host networking only.

    `live_restore` holds from the next start on: containers go on while the engine is away, however it ended.
    `control_group` is the one in which containers and steps of builds are made.
    """

    def __init__(
        self, folder: Path, *, own_bridge: bool = True, live_restore: bool = False, control_group: str = ""
    ) -> None:
        self.folder = folder.absolute()
        self._name = "r2d" + hashlib.sha256(str(self.folder).encode()).hexdigest()[:8]
        self._own_bridge = own_bridge
        self.live_restore = live_restore
        self._control_group = control_group
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def socket(self) -> Path:
        """Where the engine listens."""
        return self.folder / "docker.sock"

    @property
    def url(self) -> str:
        """The value for DOCKER_HOST."""
        return f"unix://{self.socket}"

    @property
    def log(self) -> Path:
        """What the engine prints."""
        return self.folder / "dockerd.log"

    def start(self) -> None:
        """Start the engine and wait until it answers; does nothing when it already does.

        Raises:
            PartMissing: it cannot be started here.
        """
        if answers(self.url):
            return
        if os.geteuid() != 0:
            raise PartMissing("No Docker engine answers: start one, or set DOCKER_HOST to one you may use.")
        if len(str(self.folder)) > LONGEST_FOLDER:
            raise PartMissing(f"An engine needs a shorter path than {self.folder}, as sockets are below it.")
        require("dockerd", "iptables")
        self.folder.mkdir(parents=True, exist_ok=True)
        if self._own_bridge:
            bridge.add(self._name)
        self._launch()
        self._wait_until_it_answers()

    def stop(self) -> None:
        """End the engine and its containers, gently first; its images stay.

        One that was killed, or restores its containers, leaves them behind, and only an engine that does not restore
        them can end them: it is started once more.
        """
        wanted, self.live_restore = self.live_restore, False
        if wanted:
            self.terminate()
        if self._pid() is None and processes.mentioning(f"{self.folder}/exec/"):
            self.start()
        self.terminate()
        self.live_restore = wanted
        if self._own_bridge:
            bridge.remove(self._name)

    def terminate(self) -> None:
        """End the engine as the system does when it shuts down; with `live_restore` its containers go on."""
        self._signal(signal.SIGTERM)
        if not self._gone_within(STOP_LIMIT):
            self.kill()

    def kill(self) -> None:
        """End the engine as a crash would; its containers go on.

        Its containerd dies with it, but a moment later. An engine started meanwhile, or before somebody
        collected the dead process, would wait for it in vain: so the files with their numbers go, too.
        """
        containerd = processes.recorded(self._containerd, str(self.folder))
        self._signal(signal.SIGKILL)
        if containerd is not None:
            processes.send(containerd, signal.SIGKILL)
        if self._gone_within(STOP_LIMIT):
            self._containerd.unlink(missing_ok=True)
            self._pidfile.unlink(missing_ok=True)

    def erase(self) -> None:
        """Stop the engine and remove its folder, images and all."""
        self.stop()
        mounts = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
        for mount in reversed([path for path in mounts if path.startswith(f"{self.folder}/")]):
            subprocess.run(["umount", mount], check=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _launch(self) -> None:
        path = f"{os.environ.get('PATH', os.defpath)}:{SYSTEM_FOLDERS}"
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command(),
                env=os.environ | LOG_LIMITS | {"PATH": path},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                cwd="/",
            )

    def _command(self) -> list[str]:
        folders = {"data-root": "root", "exec-root": "exec", "pidfile": "pid"}
        return [
            program("dockerd") or "dockerd",
            f"--host={self.url}",
            *(f"--{option}={self.folder / name}" for option, name in folders.items()),
            # Where containerd is a system service, engines share it; the names keep their containers apart.
            f"--containerd-namespace={self._name}",
            f"--containerd-plugins-namespace={self._name}-plugins",
            *([f"--bridge={self._name}", "--iptables=false"] if self._own_bridge else []),
            *(["--live-restore"] if self.live_restore else []),
            *(["--exec-opt=native.cgroupdriver=cgroupfs"] if self._control_group else []),
            *([f"--cgroup-parent={self._control_group}"] if self._control_group else []),
        ]

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + START_LIMIT
        while not answers(self.url):
            ended = self._process is not None and self._process.poll() is not None
            if ended or time.monotonic() > deadline:
                self.kill()
                raise PartMissing(f"Set DOCKER_HOST to an engine of yours: dockerd fails here, {self._why()}")
            time.sleep(0.1)

    def _why(self) -> str:
        lines = self.log.read_text(errors="replace").strip().splitlines()
        return f"saying '{lines[-1] if lines else 'nothing'}' ({self.log})."

    def _pid(self) -> int | None:
        if self._process is not None and self._process.poll() is None:
            return self._process.pid
        return processes.recorded(self._pidfile, str(self.folder))

    @property
    def _pidfile(self) -> Path:
        return self.folder / "pid"

    @property
    def _containerd(self) -> Path:
        return self.folder / "exec" / "containerd" / "containerd.pid"

    def _signal(self, number: signal.Signals) -> None:
        pid = self._pid()
        if pid is not None:
            processes.send(pid, number)

    def _gone_within(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while self._pid() is not None or processes.recorded(self._containerd, str(self.folder)) is not None:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True
