"""What a registry keeps besides images: artifacts after the OCI image specification, such as archived logs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, runtime_checkable

from repo2docker_service.domain.models import ImageName

CONFIG_TYPE: Final = "application/vnd.repo2docker-service.build.v1+json"
"""The media type of the config, which holds the final record of a build; it also says what the artifact is."""
LAYER_TYPE: Final = "application/vnd.repo2docker-service.build-log.v1+gzip"
"""The media type of the layers, each of which is a part of a log, compressed."""


@dataclass(frozen=True, slots=True)
class Part:
    """Something that was uploaded, and how a manifest refers to it."""

    digest: str
    size: int
    """Bytes as they are stored."""
    title: str = ""
    """What tools call the file that they make of it."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """What a tag stands for."""

    digest: str
    """That of its manifest."""
    config: bytes
    subject: str = ""
    """Digest of the image that it belongs to; empty where it belongs to none."""


class ArtifactStore(Protocol):
    """The artifacts of this service in a registry, each under a tag of its own beside images, and never listed as one.

    Every method that waits raises :class:`~repo2docker_service.domain.errors.RegistryUnavailable` when the registry
    does not answer, or refuses.
    """

    @property
    def shared(self) -> str:
        """The repository for what belongs to no image."""
        ...

    async def tags(self) -> Mapping[str, str]:
        """Give the tags of all artifacts, each with its repository."""
        ...

    async def repository_of(self, build_id: str) -> str:
        """Give the repository of the image that a build has made; empty where no such image is known."""
        ...

    async def guards(self, image: ImageName) -> bool:
        """Say whether nobody can read an image of this name without credentials of the registry's."""
        ...

    async def holds(self, repository: str, reference: str) -> str:
        """Give the digest of what a tag or digest stands for; empty where it stands for nothing."""
        ...

    async def upload(self, repository: str, content: bytes) -> Part:
        """Store a part of an artifact. What no artifact refers to in the end vanishes with the next garbage."""
        ...

    async def attach(
        self, repository: str, tag: str, config: bytes, layers: Sequence[Part], *, subject: str, created: str
    ) -> str:
        """Store an artifact under a tag, and give the digest of its manifest.

        Args:
            repository: where its parts are.
            tag: what to call it.
            config: what it is about.
            layers: its parts, in order.
            subject: digest of the image in the same repository that it belongs to; empty when it belongs to none.
            created: when what it is about has ended, as RFC 3339 writes it.
        """
        ...

    async def fetch(self, repository: str, tag: str) -> Artifact | None:
        """Give the artifact of a tag; None when there is none."""
        ...

    async def read(self, repository: str, part: Part) -> bytes:
        """Give a part of an artifact, which is what its digest says."""
        ...

    async def discard(self, repository: str, artifact: Artifact) -> bool:
        """Remove an artifact, and say whether it was there.

        Raises:
            DeletionRefused: nothing can be deleted here, or not by this service.
        """
        ...


@runtime_checkable
class KeepsArtifacts(Protocol):
    """What a registry has besides when it keeps artifacts."""

    @property
    def artifacts(self) -> ArtifactStore:
        """Where they are."""
        ...
