"""The same in a pod, where files come in read-only folders and a report goes to the cluster."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable

from . import codes
from .credentials import FILE, FOLDER
from .pusher import REPORT

GIVEN = "/run/given"
SECRETS = "/run/secret"
TOLD = "/dev/termination-log"
"""Where Kubernetes takes a container's last words from."""
POD = "R2D_POD"
"""The variable with the pod's own id."""
BEGUN = "begun"
"""The file with the id of the pod in which a build has begun, once that is known."""


def run(work: Callable[[], int], folder: str, given: str = GIVEN, secrets: str = SECRETS, told: str = TOLD) -> int:
    """Put the files where the launcher expects them, let it work, and tell the cluster what it reports.

    Args:
        work: does what the container is for.
        folder: an empty one of this container alone, which root owns and others could write into until now.
        given: where the files are.
        secrets: where credentials are, readable by root only, if there are any.
        told: a file for the report.
    """
    if _has_begun_elsewhere(given):
        print("This build has begun in another pod, which is gone. It is not run again by itself.", flush=True)
        return codes.LOST
    os.chmod(folder, 0o755)  # noqa: S103 - repo2docker's user reads it, and git asks from there
    if not os.path.exists(os.path.join(folder, "ran")):
        _fill(folder, given, secrets)
    code = work()
    with contextlib.suppress(OSError):
        shutil.copyfile(os.path.join(folder, REPORT), told)
    return code


def _has_begun_elsewhere(given: str) -> bool:
    """Whether the cluster made this pod in place of one in which the build has begun, as old ones do."""
    try:
        with open(os.path.join(given, BEGUN)) as file:
            return os.environ.get(POD) not in {None, file.read()}
    except FileNotFoundError:
        return False


def _fill(folder: str, given: str, secrets: str) -> None:
    for name in os.listdir(given):
        # Kubernetes keeps the files themselves in hidden folders.
        if not name.startswith("."):
            shutil.copyfile(os.path.join(given, name), os.path.join(folder, name))
    os.mkdir(os.path.join(folder, "empty"))
    secret = os.path.join(secrets, FILE)
    if os.path.exists(secret):
        os.mkdir(os.path.join(folder, FOLDER), 0o700)
        shutil.copyfile(secret, os.path.join(folder, FOLDER, FILE))
