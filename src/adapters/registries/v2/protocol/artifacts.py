"""Artifacts of this service: image manifests whose config says what they are, after the OCI image specification 1.1.

They have no ``artifactType``: it would only repeat the config's media type, which stands in for it, and registries from
before that specification refuse what they do not know.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from repo2docker_service.adapters.artifacts import CONFIG_TYPE, LAYER_TYPE, Artifact, Part
from repo2docker_service.adapters.registries.v2.errors import BadAnswer, NotFound, Refused, TooLong, is_absent
from repo2docker_service.adapters.registries.v2.protocol.manifests import ACCEPT
from repo2docker_service.adapters.registries.v2.protocol.references import check_digest, check_repository, check_tag
from repo2docker_service.adapters.registries.v2.protocol.referrers import Referrers
from repo2docker_service.adapters.registries.v2.protocol.session import Call, Session
from repo2docker_service.adapters.registries.v2.protocol.uploads import Uploads, digest_of
from repo2docker_service.adapters.registries.v2.transport.documents import mapping, read_object, size, text

MANIFEST: Final = "application/vnd.oci.image.manifest.v1+json"
_LONGEST: Final = 4 << 20
_SEEN: Final = "OCI-Subject"
"""What registries answer with that have seen what a manifest refers to."""


class ArtifactClient:
    """Stores, fetches and removes artifacts. Errors are those of the registry's client."""

    def __init__(self, session: Session, *, unauthorized_is_absent: bool = False) -> None:
        self._session = session
        self._unauthorized_is_absent = unauthorized_is_absent
        self._uploads = Uploads(session)
        self._referrers = Referrers(session, self._uploads, unauthorized_is_absent=unauthorized_is_absent)

    async def upload(self, repository: str, content: bytes) -> Part:
        """Store a part of an artifact."""
        return Part(await self._uploads.blob(check_repository(repository), content), len(content))

    async def attach(
        self, repository: str, tag: str, config: bytes, layers: Sequence[Part], *, subject: str, created: str
    ) -> str:
        """Store an artifact under a tag, and give its digest; the image that it belongs to has to be there.

        Raises:
            NotFound: it is not.
        """
        about = await self._subject(repository, subject) if subject else {}
        annotations = {"org.opencontainers.image.created": created}
        stored = _descriptor(CONFIG_TYPE, await self._uploads.blob(check_repository(repository), config), len(config))
        manifest = json.dumps(
            {
                "schemaVersion": 2,
                "mediaType": MANIFEST,
                "config": stored,
                "layers": [_layer(part) for part in layers],
                **({"subject": about} if about else {}),
                "annotations": annotations,
            }
        ).encode()
        told = await self._uploads.manifest(repository, check_tag(tag), manifest, MANIFEST)
        digest = digest_of(manifest)
        if about and _SEEN not in told:
            entry = _descriptor(MANIFEST, digest, len(manifest))
            await self._referrers.tell(
                repository, subject, {**entry, "artifactType": CONFIG_TYPE, "annotations": annotations}
            )
        return digest

    async def fetch(self, repository: str, tag: str) -> Artifact | None:
        """Give the artifact of a tag; None when there is none, something else, or a damaged one."""
        check_repository(repository)
        check_tag(tag)
        # Whoever may write there can put anything under the tag, and that is not to be in the way of other artifacts.
        try:
            manifest = await self._manifest(repository, tag)
        except TooLong:
            return None
        except Refused as refused:
            if not is_absent(refused, unauthorized=self._unauthorized_is_absent):
                raise
            return None
        try:
            return await self._artifact(repository, manifest)
        except (NotFound, BadAnswer, ValueError):
            return None

    async def _artifact(self, repository: str, manifest: bytes) -> Artifact | None:
        document = read_object(manifest, "the manifest")
        config, subject = mapping(document.get("config")), text(mapping(document.get("subject")).get("digest"))
        part = Part(text(config.get("digest")), size(config.get("size")))
        if text(config.get("mediaType")) != CONFIG_TYPE or part.size > _LONGEST:
            return None
        belongs_to = check_digest(subject) if subject else ""
        return Artifact(digest_of(manifest), await self.read(repository, part), belongs_to)

    async def read(self, repository: str, part: Part) -> bytes:
        """Give a part of an artifact, which is what its digest says.

        Raises:
            NotFound: it is gone.
        """
        path = f"/v2/{check_repository(repository)}/blobs/{check_digest(part.digest)}"
        call = Call("GET", path, f"repository:{repository}:pull", max(part.size, 1), follow=True)
        body = (await self._session.ask(call)).body
        if digest_of(body) != part.digest:
            raise BadAnswer("what it gave is not what its digest says")
        return body

    async def discard(self, repository: str, artifact: Artifact) -> bool:
        """Remove an artifact, and say whether it was there."""
        there = await self._delete(repository, artifact.digest)
        if artifact.subject:
            await self._referrers.take_back(repository, check_digest(artifact.subject), [artifact.digest])
        return there

    async def delete_logs(self, repository: str, subject: str) -> None:
        """Remove all artifacts that belong to an image."""
        found = await self._referrers.ours(check_repository(repository), check_digest(subject))
        for digest in found:
            await self._delete(repository, digest)
        if found:
            await self._referrers.take_back(repository, subject, found)

    async def _subject(self, repository: str, digest: str) -> dict[str, Any]:
        body = await self._manifest(check_repository(repository), check_digest(digest))
        media_type = text(read_object(body, "the manifest").get("mediaType")) or MANIFEST
        return _descriptor(media_type, digest, len(body))

    async def _manifest(self, repository: str, reference: str) -> bytes:
        path = f"/v2/{repository}/manifests/{reference}"
        return (await self._session.ask(Call("GET", path, f"repository:{repository}:pull", _LONGEST, ACCEPT))).body

    async def _delete(self, repository: str, digest: str) -> bool:
        path = f"/v2/{check_repository(repository)}/manifests/{check_digest(digest)}"
        try:
            await self._session.ask(Call("DELETE", path, f"repository:{repository}:delete"))
        except NotFound:
            return False
        return True


def _layer(part: Part) -> dict[str, Any]:
    return {
        **_descriptor(LAYER_TYPE, part.digest, part.size),
        "annotations": {"org.opencontainers.image.title": part.title},
    }


def _descriptor(media_type: str, digest: str, size: int) -> dict[str, Any]:
    return {"mediaType": media_type, "digest": digest, "size": size}
