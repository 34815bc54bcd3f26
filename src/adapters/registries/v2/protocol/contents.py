"""Manifests and configs of a registry, none of which is believed before its digest is checked."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final

from repo2docker_service.adapters.registries.v2.errors import BadAnswer, NotFound, Refused, TooLong
from repo2docker_service.adapters.registries.v2.protocol.configs import Config, read_config
from repo2docker_service.adapters.registries.v2.protocol.manifests import (
    ACCEPT,
    Descriptor,
    Kind,
    Manifest,
    Summary,
    choose,
    read_manifest,
)
from repo2docker_service.adapters.registries.v2.protocol.references import DIGEST
from repo2docker_service.adapters.registries.v2.protocol.session import Call, Session
from repo2docker_service.adapters.registries.v2.transport.http import Answer

_LONGEST: Final = 4 << 20
_DEEPEST: Final = 2
_BEGINNING: Final = 4096
_NOT_SUPPORTED: Final = 405


class Contents:
    """Fetches what repositories hold."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def digest(self, repository: str, reference: str) -> str:
        """Give the digest of a manifest, by its head where the registry allows that."""
        try:
            answer = await self._manifest("HEAD", repository, reference)
        except Refused as error:
            if error.status != _NOT_SUPPORTED:
                raise
            answer = None
        if answer and answer.headers.get("Docker-Content-Digest"):
            return _said_digest(answer)
        answer = await self._manifest("GET", repository, reference)
        digest = _said_digest(answer)
        _check(answer.body, digest)
        return digest

    async def summary(self, repository: str, reference: str) -> Summary:
        """Fetch a manifest and its config, and give what is to be known of them."""
        digest, manifest = await self._verified(repository, reference)
        image = await self._image(repository, manifest, _DEEPEST)
        config = image.config if image and image.kind is Kind.IMAGE else None
        said = await self._config(repository, config) if config else Config()
        return Summary(
            digest=digest,
            media_type=manifest.media_type,
            kind=manifest.kind,
            size=image.size if image else 0,
            created=said.created,
            labels=said.labels,
            config_digest=config.digest if config else "",
        )

    async def layers(self, repository: str, digest: str) -> Sequence[str]:
        """Give the digests of an image's layers, each once."""
        _, manifest = await self._verified(repository, digest)
        image = await self._image(repository, manifest, _DEEPEST)
        return image.own_layers if image else ()

    async def gives(self, repository: str, digest: str) -> bool:
        """Try to read a blob: a registry may believe that it has what it has not."""
        path, scope = f"/v2/{repository}/blobs/{digest}", f"repository:{repository}:pull"
        try:
            await self._session.ask(Call("GET", path, scope, _BEGINNING, follow=True, beginning=True))
        except NotFound:
            return False
        except TooLong:
            return True  # it gives nothing but the whole
        return True

    async def _image(self, repository: str, manifest: Manifest, deeper: int) -> Manifest | None:
        """Give the image that stands for an index; anything else stands for itself."""
        if manifest.kind is not Kind.INDEX:
            return manifest
        child = choose(manifest.children)
        if child is None or not deeper:
            return None
        _, manifest = await self._verified(repository, child.digest)
        return await self._image(repository, manifest, deeper - 1)

    async def _verified(self, repository: str, reference: str) -> tuple[str, Manifest]:
        """Give a manifest with its digest."""
        answer = await self._manifest("GET", repository, reference)
        manifest = read_manifest(answer.body, answer.headers.get("Content-Type", ""))
        digest = reference if DIGEST.fullmatch(reference) else _said_digest(answer)
        # The digest of a legacy manifest leaves its signatures out, but nothing of it is used.
        if manifest.kind is not Kind.LEGACY:
            _check(answer.body, digest)
        return digest, manifest

    async def _manifest(self, method: str, repository: str, reference: str) -> Answer:
        path = f"/v2/{repository}/manifests/{reference}"
        return await self._session.ask(Call(method, path, f"repository:{repository}:pull", _LONGEST, ACCEPT))

    async def _config(self, repository: str, config: Descriptor) -> Config:
        if config.size > _LONGEST:
            raise BadAnswer("the image's config is larger than any honest one")
        path = f"/v2/{repository}/blobs/{config.digest}"
        try:
            answer = await self._session.ask(Call("GET", path, f"repository:{repository}:pull", _LONGEST, follow=True))
        except NotFound:
            # Somebody deleted it, or it was lost; the image can at least be shown, and deleted.
            return Config()
        if len(answer.body) != config.size:
            raise BadAnswer("the image's config is not as long as its manifest says")
        _check(answer.body, config.digest)
        return read_config(answer.body)


def _said_digest(answer: Answer) -> str:
    """Give the digest that a registry tells beside a manifest; not every one does."""
    said: str = answer.headers.get("Docker-Content-Digest") or f"sha256:{hashlib.sha256(answer.body).hexdigest()}"
    if not DIGEST.fullmatch(said):
        raise BadAnswer("what it calls a digest is none")
    return said


def _check(body: bytes, digest: str) -> None:
    algorithm, _, expected = digest.partition(":")
    if hashlib.new(algorithm, body).hexdigest() != expected:
        raise BadAnswer("what it gave is not what its digest says")
