"""Runs repo2docker as another user, with a filtered socket, a deadline, and one exit code for each reason."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from typing import Any

from . import authorities, checkout, codes, git_credentials
from .backends import Backend, backend_of
from .capped_log import CappedLog
from .disk import LOOK_EVERY, DiskWatch
from .guard import CANCEL, STOP, code_of

PHASE_VARIABLE = "R2D_PHASE_FD"
FETCHED = b"fetched\n"


def build(plan: dict[str, Any], folder: str, socket: str, credentials: dict[str, str]) -> int:
    """Run repo2docker to its end or ours, and give the exit code for it; git may need credentials to fetch."""
    if plan["kept"]:
        say(f"Build {plan['kept']} made this image and could not store it: only that is tried again.")
        return codes.OK
    backend = backend_of(plan, folder, socket)
    if not backend.keeps_apart(plan["uid"]):
        say("The builder's two users are not kept apart here (user namespaces, or an open socket).")
        return codes.INTERNAL
    try:
        lifeline = backend.hold()
    except OSError as error:
        say(f"{backend.name} cannot be reached: {error}.")
        return codes.LOST
    disk = DiskWatch()
    code = run(plan, folder, backend, credentials, disk)
    if code in codes.NO_FAULT_OF_OTHERS:
        return code
    if lifeline.broken():
        say(f"{backend.name} was stopped or restarted while it built.")
        return codes.LOST
    if disk.was_full:
        # What failed may say so or not, and may be git as well as a step.
        say("The disk of the engine was full while it built.")
        return codes.OUT_OF_RESOURCES
    return code


def run(plan: dict[str, Any], folder: str, backend: Backend, credentials: dict[str, str], disk: DiskWatch) -> int:
    """Run repo2docker as another user, and give the exit code that tells how it ended, or was ended."""
    listener = backend.listen()
    write_proxies(os.path.join(folder, "docker"))
    if credentials:
        git_credentials.keep(credentials, plan["uid"])
    checkout.make(plan["uid"])
    phase, told = os.pipe()
    log = CappedLog(plan["log_limit"])
    # Threads start after the fork: a forked child must not inherit half of them.
    child = start(plan, environment(folder, told, backend), folder, log.target)
    os.close(told)
    log.begin()
    listener.serve()
    code = wait(child, plan["timeout"], disk)
    kill_group(child)
    checkout.clear(plan["uid"])
    log.finish()
    return outcome(child.returncode, read_all(phase)) if code is None else code


def start(plan: dict[str, Any], env: dict[str, str], folder: str, output: int | None = None) -> subprocess.Popen[bytes]:
    """Start repo2docker in a process group of its own, without any capability."""
    return subprocess.Popen(
        plan["argv"],
        user=plan["uid"],
        group=plan["uid"],
        extra_groups=[],
        start_new_session=True,
        cwd=os.path.join(folder, "empty"),
        env=env,
        pass_fds=(int(env[PHASE_VARIABLE]),),
        preexec_fn=unblock_signals,
        stdin=subprocess.DEVNULL,
        stdout=output,
        # The engine reads two streams by two threads: entries would neither be in order nor have times in order.
        stderr=subprocess.STDOUT,
    )


def unblock_signals() -> None:
    """Give the child the usual signal mask back."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {CANCEL, STOP, signal.SIGCHLD})


def environment(folder: str, told: int, backend: Backend) -> dict[str, str]:
    """Give the child's environment; a hostile repository can print all of it, so nothing in it is secret."""
    return {
        **os.environ,
        "HOME": "/tmp",  # noqa: S108 - the container's own, and the only folder the child may write
        "TMPDIR": checkout.PLACE,
        "BUILDX_CONFIG": "/tmp/buildx",  # noqa: S108
        "DOCKER_CONFIG": os.path.join(folder, "docker"),
        **backend.environment(),
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ALLOW_PROTOCOL": "http:https",
        **git_settings(folder),
        "PYTHONUNBUFFERED": "1",
        PHASE_VARIABLE: str(told),
    }


def git_settings(folder: str) -> dict[str, str]:
    """Write git's settings as variables."""
    chosen = [
        ("http.followRedirects", "false"),
        ("advice.detachedHead", "false"),
        *authorities.settings(folder),
        *git_credentials.settings(folder),
    ]
    written = {"GIT_CONFIG_COUNT": str(len(chosen))}
    for number, (key, value) in enumerate(chosen):
        written |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return written


def write_proxies(folder: str) -> None:
    """Tell docker of the proxies in the environment, as the official image's own entrypoint does."""
    names = {"HTTP_PROXY": "httpProxy", "HTTPS_PROXY": "httpsProxy", "NO_PROXY": "noProxy"}
    found = {
        key: os.environ.get(name, os.environ.get(name.lower(), ""))
        for name, key in names.items()
        if name in os.environ or name.lower() in os.environ
    }
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "config.json"), "w") as file:
        json.dump({"proxies": {"default": found}} if found else {}, file)


def wait(child: subprocess.Popen[bytes], timeout: float, disk: DiskWatch) -> int | None:
    """Wait for the child, a signal or the deadline; give the exit code when it is not the child that ends it."""
    deadline = time.monotonic() + timeout
    while child.poll() is None:
        left = deadline - time.monotonic()
        if left <= 0:
            say(f"The build took longer than {timeout:g} seconds and was stopped.")
            return codes.TIMED_OUT
        received = signal.sigtimedwait({CANCEL, STOP, signal.SIGCHLD}, min(left, LOOK_EVERY))
        disk.look()
        if received is not None and received.si_signo != signal.SIGCHLD:
            return code_of(received.si_signo)
    return None


def kill_group(child: subprocess.Popen[bytes]) -> None:
    """End whatever the child started and left behind."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def read_all(descriptor: int) -> bytes:
    """Read what the child told us before it ended; what it may have left behind could keep the pipe open for ever."""
    os.set_blocking(descriptor, False)
    with os.fdopen(descriptor, "rb") as pipe:
        return pipe.read() or b""


def outcome(status: int, told: bytes) -> int:
    """Give the exit code for a repo2docker that ended by itself."""
    if status == -signal.SIGKILL:
        say("The build was killed because it used more memory than it may.")
        return codes.OUT_OF_RESOURCES
    if status == 1:
        return codes.BUILD_FAILED if FETCHED in told else codes.INTERNAL
    return status if status in codes.FROM_REPO2DOCKER else codes.INTERNAL


def say(sentence: str) -> None:
    """Add a line to the log."""
    print(sentence, flush=True)
