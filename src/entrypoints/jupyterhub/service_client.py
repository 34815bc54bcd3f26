"""Asks one service, in the Hub's process: never longer than agreed, and never a big answer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeVar
from urllib.parse import urlencode

from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.simple_httpclient import SimpleAsyncHTTPClient

from repo2docker_service.domain.servers import Profile
from repo2docker_service.entrypoints.jupyterhub.offers import OfferedImage, read_images, read_profiles

MOST_IMAGES: Final = 600
"""More than anybody reads through; the others are still found by what they are called."""
_PAGE: Final = 200
_MOST_BYTES: Final = 16_000_000

Query = Sequence[tuple[str, object]]
Given = TypeVar("Given")
Found = TypeVar("Found")


class Away(Exception):
    """A service did not answer in time, or not in a way that can be read. The text says what happened."""


@dataclass(frozen=True, slots=True)
class ServiceClient:
    """Asks one service, and gives up at one moment for all that is asked."""

    name: str
    address: str
    """Of the API; ends in a slash."""
    token: str
    deadline: float
    """A moment of the event loop's clock."""

    async def images(self, query: Query) -> list[OfferedImage]:
        """Give the images that a query is answered with, in that order, the first ones of many.

        Raises:
            Away: there is no answer that can be read.
        """
        images: list[OfferedImage] = []
        following = [("limit", str(_PAGE))]
        while len(images) < MOST_IMAGES:
            answer = await self._get(f"images?{urlencode([*query, *following])}")
            images += _readable(partial(read_images, self.name), answer)
            if not answer.get("next"):
                break
            following = [("limit", str(_PAGE)), ("cursor", answer["next"])]
        return images

    async def profiles(self) -> list[Profile]:
        """Give the profiles that the service has.

        Raises:
            Away: there is no answer that can be read.
        """
        return _readable(read_profiles, await self._get("info"))

    async def _get(self, path: str) -> dict[str, Any]:
        left = self.deadline - asyncio.get_running_loop().time()
        if left <= 0:
            raise Away("It takes too long.")
        request = HTTPRequest(
            self.address + path,
            headers={"Authorization": f"token {self.token}", "Accept": "application/json"},
            connect_timeout=left,
            request_timeout=left,
            follow_redirects=False,
            decompress_response=False,
        )
        # Not the client that the Hub shares: in its queue, this would wait for what the Hub asks its users' servers.
        with closing(SimpleAsyncHTTPClient(force_instance=True, max_body_size=_MOST_BYTES)) as client:
            try:
                return _readable(_document, (await client.fetch(request)).body)
            except (OSError, HTTPClientError) as error:
                raise Away(str(error)) from None


def _readable(read: Callable[[Given], Found], given: Given) -> Found:
    try:
        return read(given)
    except ValueError as error:
        raise Away(str(error)) from None


def _document(body: bytes) -> dict[str, Any]:
    document = json.loads(body)
    if not isinstance(document, dict):
        raise ValueError("This is not what a service answers.")  # noqa: TRY004  # of somebody else's value
    return document
