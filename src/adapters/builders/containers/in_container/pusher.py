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
from .looking import Look
from .sending import Sender, Sending

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
        if plan["buildkit"]:
            return _deliver_from_buildkit(plan, folder, config)
        return _deliver(plan, folder, Engine(socket, plan["push_timeout"]), config)
    except (OSError, http.client.HTTPException) as error:
        print(f"The engine did not answer: {error}", flush=True)
        return codes.PUSH_FAILED


def _deliver_from_buildkit(plan: dict[str, Any], folder: str, config: dict[str, Any]) -> int:
    # Their modules take a while to import, in which nothing is sent.
    from .buildkit_image import prepare
    from .buildkit_push import verdict
    from .layout import NoImage

    ended = pending_end()
    if ended is not None:
        return ended
    try:
        image = prepare(plan["buildkit"], folder, config)
    except NoImage as error:
        return _failed(folder, str(error))
    except OSError as error:
        print(f"BuildKit was stopped, and what it has built cannot be sent: {error}", flush=True)
        return codes.LOST
    try:
        image.labels = verdict(plan, image)
        code = _send(plan, folder, image, config)
    finally:
        image.close()
    if code == codes.OK:
        print(f"Stored as {plan['final']}", flush=True)
    return code


def _deliver(plan: dict[str, Any], folder: str, engine: Engine, config: dict[str, Any]) -> int:
    try:
        ended = pending_end()
        if ended is not None:
            return ended
        return _named_and_sent(plan, folder, engine, config)
    finally:
        # Where nobody else can reach the engine later, nothing is left there of what belongs elsewhere.
        for name in plan.get("dropped", ()):
            engine.remove(name)


def _named_and_sent(plan: dict[str, Any], folder: str, engine: Engine, config: dict[str, Any]) -> int:
    replaced = engine.identify(plan["final"])
    if problem := _name(plan, engine):
        return _failed(folder, problem)
    code = _send(plan, folder, engine, config) if plan["push"] else codes.OK
    if code != codes.OK:
        # What was built stays under its temporary name: a later build sends it, and builds nothing.
        engine.remove(plan["final"])
        if replaced:
            engine.tag(replaced, plan["repository"], plan["tag"])
        return code
    if not plan["push"]:
        # Of what was pushed the service looks first whether it arrived.
        engine.remove(plan["temporary"])
    if replaced and engine.is_nameless(replaced):
        engine.remove(replaced)
    print(f"Stored as {plan['final']}", flush=True)
    return codes.OK


def _name(plan: dict[str, Any], engine: Engine) -> str:
    """Give the image its final name; give the reason where that fails, else nothing."""
    if Look(engine.path, plan).name_with_verdict():
        return ""
    return engine.tag(plan["temporary"], plan["repository"], plan["tag"])


def _send(plan: dict[str, Any], folder: str, sender: Sender, config: dict[str, Any]) -> int:
    sending = Sending(sender, plan, authorization(config, plan["registry"]))
    code = sending.run()
    if code in {codes.PUSH_FAILED, codes.TIMED_OUT}:
        return _failed(folder, sending.problem, sending.outcome)
    _report(folder, digest=sending.digest)
    return code


def _failed(folder: str, problem: str, outcome: str = "The push failed") -> int:
    print(f"{outcome}: {problem}.", flush=True)
    _report(folder, problem=problem)
    return codes.PUSH_FAILED


def _report(folder: str, **facts: str) -> None:
    with open(os.path.join(folder, REPORT), "w") as file:
        json.dump(facts, file)
