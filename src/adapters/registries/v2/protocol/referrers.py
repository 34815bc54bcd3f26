"""What refers to an image: the referrers of the OCI distribution specification 1.1, or the tag that stands for them.

Registries that have the API find out by themselves what refers to what. With all others the clients keep an index under
the tag ``sha256-<digits of the image's digest>`` ("Referrers Tag Schema").
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from repo2docker_service.adapters.artifacts import CONFIG_TYPE
from repo2docker_service.adapters.registries.v2.errors import (
    BadAnswer,
    LoginFailed,
    NotFound,
    Refused,
    Unauthorized,
    is_absent,
)
from repo2docker_service.adapters.registries.v2.protocol.pagination import next_path
from repo2docker_service.adapters.registries.v2.protocol.references import DIGEST
from repo2docker_service.adapters.registries.v2.protocol.session import Call, Session
from repo2docker_service.adapters.registries.v2.protocol.uploads import Uploads, digest_of
from repo2docker_service.adapters.registries.v2.transport.documents import mapping, read_object, sequence, text

INDEX: Final = "application/vnd.oci.image.index.v1+json"
_LONGEST: Final = 4 << 20
_MOST_PAGES: Final = 20
_TRIES: Final = 3


class Referrers:
    """Knows what refers to the images of a registry."""

    def __init__(self, session: Session, uploads: Uploads, *, unauthorized_is_absent: bool = False) -> None:
        self._session = session
        self._uploads = uploads
        self._unauthorized_is_absent = unauthorized_is_absent
        self._has_api = True
        """Whether the registry may have the API: it is asked until it turns out not to."""

    async def ours(self, repository: str, subject: str) -> Sequence[str]:
        """Give the digests of this service's artifacts that refer to an image."""
        found = [text(entry.get("digest")) for entry in await self._entries(repository, subject) if _is_ours(entry)]
        return [digest for digest in found if DIGEST.fullmatch(digest)]

    async def tell(self, repository: str, subject: str, entry: Mapping[str, Any]) -> None:
        """Write down that something refers to an image, for a registry that does not see it itself.

        Others may write at the same time, and nothing but looking again tells who was the last.
        """
        for _ in range(_TRIES):
            entries, _ = await self._written(repository, subject)
            if any(each.get("digest") == entry["digest"] for each in entries):
                return
            await self._write(repository, subject, [*entries, entry])

    async def take_back(self, repository: str, subject: str, digests: Sequence[str]) -> None:
        """Write down that these do not refer to an image any more, where it is written down that they do."""
        entries, index = await self._written(repository, subject)
        left = [entry for entry in entries if entry.get("digest") not in digests]
        if left and len(left) < len(entries):
            await self._write(repository, subject, left)
        elif entries and not left:
            await self._remove(repository, index)

    async def _entries(self, repository: str, subject: str) -> Sequence[Mapping[str, object]]:
        if self._has_api:
            try:
                return await self._answered(repository, subject)
            except (Refused, BadAnswer) as error:
                if error.again or isinstance(error, LoginFailed):
                    raise
                # One that has it knows of no image that it would not answer for. Those without it say so in many ways,
                # also with 400, 405 or a page for people; where it is not clear they are asked again the next time.
                self._has_api = isinstance(error, (Unauthorized, BadAnswer))
        entries, _ = await self._written(repository, subject)
        return entries

    async def _answered(self, repository: str, subject: str) -> Sequence[Mapping[str, object]]:
        path: str | None = f"/v2/{repository}/referrers/{subject}"
        entries: list[Mapping[str, object]] = []
        for _ in range(_MOST_PAGES):
            answer = await self._session.ask(Call("GET", path or "", _pull(repository), _LONGEST, INDEX))
            entries += _manifests(answer.body)
            path = next_path(self._session.base, path or "", answer.headers.get_list("Link"))
            if path is None:
                break
        return entries

    async def _written(self, repository: str, subject: str) -> tuple[Sequence[Mapping[str, object]], str]:
        """Give the entries of the index, and its digest."""
        path = f"/v2/{repository}/manifests/{_tag(subject)}"
        try:
            answer = await self._session.ask(Call("GET", path, _pull(repository), _LONGEST, INDEX))
        except Refused as refused:
            if not is_absent(refused, unauthorized=self._unauthorized_is_absent):
                raise
            return [], ""
        return _manifests(answer.body), digest_of(answer.body)

    async def _write(self, repository: str, subject: str, entries: Sequence[Mapping[str, object]]) -> None:
        await self._uploads.manifest(repository, _tag(subject), _index(entries), INDEX)

    async def _remove(self, repository: str, digest: str) -> None:
        path = f"/v2/{repository}/manifests/{digest}"
        try:
            await self._session.ask(Call("DELETE", path, f"repository:{repository}:delete"))
        except NotFound:
            return  # somebody else wrote it differently


def _is_ours(entry: Mapping[str, object]) -> bool:
    return text(entry.get("artifactType")) == CONFIG_TYPE


def _tag(subject: str) -> str:
    algorithm, _, digits = subject.partition(":")
    return f"{algorithm[:32]}-{digits[:64]}"


def _pull(repository: str) -> str:
    return f"repository:{repository}:pull"


def _manifests(body: bytes) -> Sequence[Mapping[str, object]]:
    return [mapping(entry) for entry in sequence(read_object(body, "the index").get("manifests"))]


def _index(entries: Sequence[Mapping[str, object]]) -> bytes:
    return json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": list(entries)}).encode()
