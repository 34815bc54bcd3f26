"""Stores blobs and manifests, as the OCI distribution specification 1.1 says ("Push")."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote, urljoin

from repo2docker_service.adapters.registries.v2.errors import BadAnswer
from repo2docker_service.adapters.registries.v2.protocol.session import Call, Session
from repo2docker_service.adapters.registries.v2.transport.http import Answer
from repo2docker_service.adapters.registries.v2.transport.origins import Origin

_ELSEWHERE: Final = "it wants what it is sent to be sent elsewhere"


def digest_of(content: bytes) -> str:
    """Give the digest by which registries know this content."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


class Uploads:
    """Stores what repositories are to hold. All names are checked by who calls."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def blob(self, repository: str, content: bytes) -> str:
        """Store a blob in one piece, and give its digest. What is there already is stored once."""
        digest, scope = digest_of(content), f"repository:{repository}:pull,push"
        begun = await self._session.ask(Call("POST", f"/v2/{repository}/blobs/uploads/", scope))
        path = self._place(begun)
        path += f"{'&' if '?' in path else '?'}digest={quote(digest, safe='')}"
        octets = "application/octet-stream"
        await self._session.ask(Call("PUT", path, scope, repeatable=False, content=content, content_type=octets))
        return digest

    async def manifest(self, repository: str, tag: str, content: bytes, media_type: str) -> Mapping[str, str]:
        """Store a manifest under a tag, and give the headers of the answer."""
        path, scope = f"/v2/{repository}/manifests/{tag}", f"repository:{repository}:pull,push"
        answer = await self._session.ask(Call("PUT", path, scope, content=content, content_type=media_type))
        return answer.headers

    def _place(self, begun: Answer) -> str:
        """Give the path of an upload, which has to be at the registry: whoever gets it sees our credentials."""
        url = urljoin(begun.url, str(begun.headers.get("Location", "")))
        try:
            same = Origin.of(url) == Origin.of(self._session.base)
        except ValueError:
            same = False
        if not same or not begun.headers.get("Location"):
            raise BadAnswer(_ELSEWHERE)
        rest = url.partition("://")[2].partition("#")[0]
        return rest[rest.find("/") :]
