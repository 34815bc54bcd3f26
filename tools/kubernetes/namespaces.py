"""Namespaces in which a cluster runs: its own mounts, network and processes, which end with their first process."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from tools.parts.packages import SYSTEM_FOLDERS
from tools.parts.processes import send

GROUPS = Path("/sys/fs/cgroup")
_THERE_WITHIN = 10.0
_GONE_WITHIN = 20.0


def create(script: Path, folder: Path, log: Path, settings: Mapping[str, str]) -> None:
    """Run a script as the first process of new ones; this folder is its argument, by which it is found again."""
    command = ["unshare", "--mount", "--net", "--pid", "--fork", "--mount-proc", str(script), str(folder)]
    with log.open("ab") as output:
        _detached([], command, settings, output.fileno())
    deadline = time.monotonic() + _THERE_WITHIN
    while first_process(folder) is None and time.monotonic() < deadline:
        time.sleep(0.02)


def enter(first: int, command: list[str], settings: Mapping[str, str]) -> None:
    """Start a command inside; it goes on by itself."""
    _detached(["nsenter", "--target", str(first), "--mount", "--net", "--pid"], command, settings, subprocess.DEVNULL)


def _detached(outer: list[str], command: list[str], settings: Mapping[str, str], output: int) -> None:
    path = f"{os.environ.get('PATH', os.defpath)}:{SYSTEM_FOLDERS}"
    environment = os.environ | settings | {"PATH": path}
    words = [*outer, "setsid", "--fork", *command]
    subprocess.run(
        words, env=environment, check=True, timeout=20, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd="/"
    )


def first_process(folder: Path) -> int | None:
    """Give the first process of the namespaces that were created for a folder, if they are there."""
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError):
            # Its numbers in each namespace that sees it, ours first.
            numbers = _field(process / "status", "NSpid").split()
            if numbers[1:] and numbers[-1] == "1" and _arguments(process)[-1] == str(folder):
                return int(process.name)
    return None


def _arguments(process: Path) -> list[str]:
    return (process / "cmdline").read_bytes().decode(errors="replace").rstrip("\0").split("\0")


def _field(file: Path, name: str) -> str:
    for line in file.read_text(errors="replace").splitlines():
        if line.startswith(f"{name}:"):
            return line.removeprefix(f"{name}:")
    raise ValueError(name)


def members(first: int) -> Iterator[tuple[int, str]]:
    """Give each process beside the first one, with the name of its program; those of containers are elsewhere."""
    with contextlib.suppress(FileNotFoundError):
        wanted = Path(f"/proc/{first}/ns/pid").readlink()
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if (process / "ns/pid").readlink() == wanted:
                    yield int(process.name), (process / "exe").readlink().name


def end(first: int, group: str) -> None:
    """End everything inside, and remove the control groups that nothing is in any more."""
    send(first, signal.SIGKILL)
    deadline = time.monotonic() + _GONE_WITHIN
    while Path(f"/proc/{first}").exists() or not _removed(group):
        if time.monotonic() > deadline:
            raise RuntimeError(f"What ran in the control group {group} does not end.")
        time.sleep(0.05)


def _removed(group: str) -> bool:
    """Remove a group of every kind with all inside; tell whether none is left."""
    for kind in GROUPS.glob(f"*/{group}"):
        for folder, _, _ in os.walk(kind, topdown=False):
            with contextlib.suppress(OSError):
                Path(folder).rmdir()
    return not any(GROUPS.glob(f"*/{group}"))
