"""Who to be at a registry: from the configuration, or from where Docker and its helpers keep it."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol

from repo2docker_service.adapters.registries.v2.auth import docker_config
from repo2docker_service.adapters.registries.v2.auth.config_files import ConfigFiles, read_password
from repo2docker_service.adapters.registries.v2.auth.credential_helper import ask_helper
from repo2docker_service.adapters.registries.v2.auth.secret import BadCredentials, Credential, Secret

__all__ = ["BadCredentials", "ConfiguredCredentials", "Credential", "Credentials", "Secret", "push_config"]

# Files are looked at so often, and helpers, which cost a process, are asked so often, in seconds.
_LOOK_AGAIN: Final = 1.0
_ASK_AGAIN: Final = 300.0


class Credentials(Protocol):
    """Knows who to be at one registry."""

    async def get(self) -> Credential:
        """Give the credential to use now; an anonymous one when there is none.

        Raises:
            BadCredentials: what was configured cannot be read.
        """
        ...

    def rejected(self) -> None:
        """Hear that the registry refused what was given, so that the next one is not from memory."""
        ...


class NoCredentials:
    """Implements :class:`Credentials` for who wants to see what everybody sees."""

    async def get(self) -> Credential:
        """Give an anonymous one."""
        return Credential()

    def rejected(self) -> None:
        """There is no other."""


class ConfiguredCredentials:
    """Takes a credential from the first of these that is set: a user name, a named config.json, the usual places."""

    def __init__(
        self,
        host: str,
        *,
        username: str = "",
        password: str = "",
        password_file: str = "",
        docker_config: str = "",
        repository: str = "",
        log: logging.Logger | logging.LoggerAdapter[logging.Logger] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Use these settings.

        Args:
            host: the registry, as host or host:port.
            username: the name to use, with one of the two that follow.
            password: its password.
            password_file: a file with its password, read again when it changes.
            docker_config: a file as Docker's config.json; when empty, Docker's and Podman's own places are tried.
            repository: what all names of our repositories begin with, for a config.json that tells them apart.
            log: where entries that make no sense are reported.
            clock: counts seconds.

        Raises:
            BadCredentials: the settings contradict each other.
        """
        _check(username, password, password_file)
        self._host = host
        self._repository = repository
        self._username = username
        self._password = Secret(password)
        self._password_file = Path(password_file) if password_file else None
        self._files = ConfigFiles(docker_config, log or logging.getLogger(__name__))
        self._clock = clock
        self._lock = asyncio.Lock()
        self._known: Credential | BadCredentials | None = None
        self._good_until = 0.0

    async def get(self) -> Credential:
        """Give the credential to use now."""
        async with self._lock:
            if self._known is None or self._clock() >= self._good_until:
                self._known, lasts = await self._look()
                self._good_until = self._clock() + lasts
            if isinstance(self._known, BadCredentials):
                raise BadCredentials(str(self._known))
            return self._known

    def rejected(self) -> None:
        """Take the next one from where it comes from."""
        self._known = None
        self._files.forget()

    async def _look(self) -> tuple[Credential | BadCredentials, float]:
        # A failure is remembered too: many who wait for a helper that hangs must not wait one after the other.
        try:
            return await self._find()
        except BadCredentials as error:
            return error, _LOOK_AGAIN

    async def _find(self) -> tuple[Credential, float]:
        """Give the credential, and for how many seconds it need not be looked for again."""
        if self._password_file is not None:
            text = await asyncio.to_thread(read_password, self._password_file)
            return Credential(self._username, Secret(text)), _LOOK_AGAIN
        if self._username:
            return Credential(self._username, self._password), _ASK_AGAIN
        for config in await asyncio.to_thread(self._files.read):
            for helper in config.helpers_of(self._host, self._repository):
                found = await ask_helper(helper, docker_config.helper_address(self._host))
                if found is not None:
                    return found, _ASK_AGAIN
            entry = config.entry(self._host, self._repository)
            if entry is not None:
                return entry, _LOOK_AGAIN
        return Credential(), _LOOK_AGAIN


def push_config(host: str, credential: Credential) -> bytes:
    """Make the config.json of a program that pushes to this registry, and has no business with any other.

    Its one entry is under the host as image names have it; there is none when the credential is anonymous.
    """
    entry = {
        "identitytoken": credential.identity_token.reveal(),
        "registrytoken": credential.registry_token.reveal(),
    }
    if credential.username:
        pair = f"{credential.username}:{credential.password.reveal()}"
        entry["auth"] = base64.b64encode(pair.encode()).decode()
    said = {name: value for name, value in entry.items() if value}
    return json.dumps({"auths": {host: said} if said else {}}).encode()


def _check(username: str, password: str, password_file: str) -> None:
    if password and password_file:
        raise BadCredentials("Set password or password_file, not both")
    if username and not (password or password_file):
        raise BadCredentials("A username needs a password or a password_file")
    if not username and (password or password_file):
        raise BadCredentials("A password needs a username")
