"""Start-up time and idle memory of the service, beside a bare FastAPI program under the same server."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tools.parts.ports import free_port
from tools.service import COMMAND

BARE = """
from fastapi import FastAPI

app = FastAPI()


@app.get("/health/live")
def live() -> dict[str, str]:
    return {}
"""
SETTINGS = "c.Repo2DockerService.image_builder = 'memory'\nc.Repo2DockerService.registry = 'memory'\n"


@dataclass(frozen=True, slots=True)
class Idle:
    """What a process took to answer, and what it then holds."""

    seconds: float
    mebibytes: float


def report(runs: int) -> None:
    """Print both programs' figures and their ratios."""
    with tempfile.TemporaryDirectory(prefix="r2d-") as name:
        folder = Path(name)
        (folder / "bare.py").write_text(BARE)
        (folder / "repo2docker_service_config.py").write_text(f"{SETTINGS}c.Repo2DockerService.data_dir = {name!r}\n")
        pairs = [(measure(_ours, folder), measure(_bare, folder)) for _ in range(runs)]
    for what, unit in (("seconds", "s"), ("mebibytes", "MiB")):
        ours = statistics.median(getattr(pair[0], what) for pair in pairs)
        bare = statistics.median(getattr(pair[1], what) for pair in pairs)
        ratio = statistics.median(getattr(pair[0], what) / getattr(pair[1], what) for pair in pairs)
        title = "start to the first answer" if unit == "s" else "idle resident memory"
        print(f"{title:40} service {ours:7.2f}   bare FastAPI {bare:7.2f} {unit:4} ratio {ratio:.2f}", flush=True)


def _ours(port: int) -> list[str]:
    return [str(COMMAND), f"--port={port}"]


def _bare(port: int) -> list[str]:
    return [sys.executable, "-m", "uvicorn", "bare:app", f"--port={port}", "--log-level=warning"]


def measure(command: Callable[[int], list[str]], folder: Path) -> Idle:
    """Start a program, wait for its first answer, look at its memory a second later, and stop it."""
    port = free_port()
    start = time.perf_counter()
    process = subprocess.Popen(command(port), cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _answers(f"http://127.0.0.1:{port}/health/live", process)
        seconds = time.perf_counter() - start
        time.sleep(1)
        return Idle(seconds, _resident(process.pid))
    finally:
        process.terminate()
        process.wait(timeout=15)


def _answers(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.01)
    raise RuntimeError(f"{url} did not answer")


def _resident(pid: int) -> float:
    fields = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return int(fields["VmRSS"].split()[0]) / 1024
