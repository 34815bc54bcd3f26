"""The entrypoint of builder and pusher containers."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from . import codes
from .credentials import take
from .git_credentials import COMMAND, answer
from .guard import run_once

FOLDER = "/run/r2d"
REAL_SOCKET = "/run/real/docker.sock"


def main(arguments: list[str], folder: str = FOLDER, socket: str = REAL_SOCKET) -> int:
    """Do what the first argument says: ``build``, ``push``, or ``claim`` (nothing: it only takes a name).

    In a builder, git also asks here, by ``credential get``. In a pod of Kubernetes ``pod`` comes before all else.
    """
    if arguments[0] == "pod":
        from .pod import run

        return run(lambda: main(arguments[1:], folder, socket), folder)
    if arguments[0] == COMMAND:
        print(answer(arguments[1], sys.stdin), end="")
        return codes.OK
    # Before it is known whether there is anything to do: nothing secret may stay here in any case.
    secret = take(folder)

    def work() -> int:
        with open(os.path.join(folder, "plan.json")) as file:
            plan: dict[str, Any] = json.load(file)
        if arguments == ["build"]:
            from .builder import build

            return build(plan, folder, socket, secret)
        if arguments == ["push"]:
            from .pusher import push

            return push(plan, folder, socket, secret)
        return codes.CANCELLED

    return run_once(folder, work)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
