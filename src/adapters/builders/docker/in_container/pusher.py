"""Gives the built image its final name, and sends it where it belongs. It holds no content of the repository."""

from __future__ import annotations

import http.client
import json
import os
from typing import Any

from . import codes
from .credentials import authorization
from .engine import Engine
from .guard import pending_end
from .sending import Sending

REPORT = "report.json"


def push(plan: dict[str, Any], folder: str, socket: str, config: dict[str, Any]) -> int:
    """Deliver the image of a build; give the exit code.

    Args:
        plan: what to do.
        folder: where a report is left for the service.
        socket: the engine's.
        config: a docker configuration with the registry's credentials.
    """
    try:
        return _deliver(plan, folder, Engine(socket, plan["push_timeout"]), config)
    except (OSError, http.client.HTTPException) as error:
        print(f"The engine did not answer: {error}", flush=True)
        return codes.PUSH_FAILED


def _deliver(plan: dict[str, Any], folder: str, engine: Engine, config: dict[str, Any]) -> int:
    cancelled = pending_end()
    if cancelled is not None:
        engine.remove(plan["temporary"])
        return cancelled
    replaced = engine.identify(plan["final"])
    if not engine.tag(plan["temporary"], plan["repository"], plan["tag"]):
        return codes.PUSH_FAILED
    code = _send(plan, folder, engine, config) if plan["push"] else codes.OK
    if code != codes.OK:
        # What was built stays under its temporary name: a later build sends it, and builds nothing.
        engine.remove(plan["final"])
        return code
    if not plan["push"]:
        # Of what was pushed the service looks first whether it arrived.
        engine.remove(plan["temporary"])
    if replaced and engine.is_nameless(replaced):
        engine.remove(replaced)
    print(f"Stored as {plan['final']}", flush=True)
    return codes.OK


def _send(plan: dict[str, Any], folder: str, engine: Engine, config: dict[str, Any]) -> int:
    sending = Sending(engine, plan, authorization(config, plan["registry"]))
    code = sending.run()
    if code in {codes.PUSH_FAILED, codes.TIMED_OUT}:
        print(f"The push failed: {sending.problem}.", flush=True)
        code = codes.PUSH_FAILED
    with open(os.path.join(folder, REPORT), "w") as file:
        json.dump({"digest": sending.digest, "problem": sending.problem if code == codes.PUSH_FAILED else ""}, file)
    return code
