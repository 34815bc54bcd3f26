"""What images do not allow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from repo2docker_service.domain.errors.base import ServiceError


@dataclass
class ImageNotFound(ServiceError):
    """No such image, or none that the caller may know of."""

    image: str

    def __str__(self) -> str:
        return f"There is no image {self.image}."


@dataclass
class ImageMoved(ServiceError):
    """The image's tag now points to another digest than the caller saw."""

    image: str
    expected: str
    actual: str

    def __str__(self) -> str:
        return f"The image {self.image} was replaced meanwhile. Load the list again before you delete it."


@dataclass
class ImageInUse(ServiceError):
    """A container of the engine uses the image."""

    image: str
    users: Sequence[str] = ()

    def __str__(self) -> str:
        return f"The image {self.image} is in use by {', '.join(self.users) or 'a container'}. Stop it first."


@dataclass
class ImageHasSiblings(ServiceError):
    """Other tags point to the same digest and would vanish too."""

    image: str
    siblings: Sequence[str] = field(default_factory=tuple)

    def __str__(self) -> str:
        return f"The image {self.image} has other names that would be deleted with it: {', '.join(self.siblings)}."


@dataclass
class ImageProtected(ServiceError):
    """The administrator's catalog keeps the image."""

    image: str

    def __str__(self) -> str:
        return f"The image {self.image} is protected by the catalog of this service, so it is kept as it is."


@dataclass
class DeletionRefused(ServiceError):
    """The registry deletes nothing, or not for this service; an administrator can change that."""

    image: str
    problem: str
    """A whole sentence, saying what to change."""

    def __str__(self) -> str:
        return f"The image {self.image} cannot be deleted. {self.problem}"
