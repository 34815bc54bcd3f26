"""Sees to it that who reads a stream may still do so, however long it lasts."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

from starlette.requests import Request

from repo2docker_service.domain.errors import AuthorizerUnavailable, ServiceError

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Watch:
    """Ends when the caller of a request is not who it was any more, or has other rights.

    Readers then come again, and it is found out anew what they may read.
    """

    request: Request
    every: float
    """Seconds between two looks."""

    async def __call__(self) -> None:
        """Wait until then."""
        state = self.request.state
        while True:
            await asyncio.sleep(self.every)
            try:
                if await state.identify() != state.who:
                    return
            except AuthorizerUnavailable as error:
                log.debug("It cannot be seen now whether a stream may go on: %s", error)
            except ServiceError:
                return
