"""Docker's credential helpers: programs that keep secrets, or make them for a short time."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

from repo2docker_service.adapters.registries.v2.auth.secret import BadCredentials, Credential, Secret

_NAME: Final = re.compile(r"[A-Za-z0-9._-]+", re.ASCII)
_LONGEST: Final = 1 << 16
_TOKEN: Final = "<token>"  # noqa: S105 (a name by which helpers say that the secret is an identity token)
_NOT_FOUND: Final = b"credentials not found"
# Our own secrets, and those of the hub, are none of a helper's business.
_OURS: Final = ("REPO2DOCKER_SERVICE_", "JUPYTERHUB_")


async def ask_helper(name: str, server: str, *, seconds: float = 10.0) -> Credential | None:
    """Ask `docker-credential-<name>` for what it has for a server, or give None when it has nothing.

    Args:
        name: the helper's short name.
        server: the registry, by the name that helpers use.
        seconds: how long it may take; then it is ended, with all that it started.

    Raises:
        BadCredentials: there is no such program, it failed, took too long or says what nobody understands.
    """
    if not _NAME.fullmatch(name):
        raise BadCredentials(f"A credential helper cannot have the name {name[:100]!r}")
    program = f"docker-credential-{name}"
    try:
        async with asyncio.timeout(seconds):
            status, said = await _run(program, server)
    except TimeoutError:
        raise BadCredentials(f"The credential helper {program} did not answer within {seconds:g} s") from None
    except OSError as error:
        raise BadCredentials(f"The credential helper {program} cannot be started: {error.strerror}") from None
    if status != 0 and _NOT_FOUND in said.lower():
        return None
    if status != 0:
        raise BadCredentials(f"The credential helper {program} failed with status {status}")
    return _read(said, program)


async def _run(program: str, server: str) -> tuple[int, bytes]:
    starting = asyncio.ensure_future(
        asyncio.create_subprocess_exec(
            program,
            "get",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=_environment(os.environ),
            # A group of its own, so that what it starts can be ended with it.
            start_new_session=True,
        )
    )
    try:
        # Whoever gives up while it starts would leave behind what it has started already.
        return await _talk(await asyncio.shield(starting), server)
    finally:
        process = await starting
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        # Reads what is left of the output, so that nothing stays open.
        await process.communicate()


async def _talk(process: asyncio.subprocess.Process, server: str) -> tuple[int, bytes]:
    assert process.stdin is not None  # noqa: S101 (for the type checker)
    assert process.stdout is not None  # noqa: S101
    process.stdin.write(server.encode())
    process.stdin.close()
    said = bytearray()
    # More than this makes no sense of any kind.
    while len(said) <= _LONGEST and (piece := await process.stdout.read(_LONGEST)):
        said += piece
    if len(said) > _LONGEST:
        return 0, b""
    return await process.wait(), bytes(said)


def _environment(variables: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in variables.items() if not name.startswith(_OURS)}


def _read(said: bytes, program: str) -> Credential:
    try:
        found = json.loads(said)
        username, secret = found["Username"], found["Secret"]
    except (ValueError, RecursionError, TypeError, KeyError):
        raise BadCredentials(f"The credential helper {program} answered with something else than credentials") from None
    if not isinstance(username, str) or not isinstance(secret, str):
        raise BadCredentials(f"The credential helper {program} answered with something else than credentials")
    if username == _TOKEN:
        return Credential(identity_token=Secret(secret))
    return Credential(username, Secret(secret))
