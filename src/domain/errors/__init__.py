"""What can go wrong, in the words of the service.

Errors carry data; sentences for people are made from it by :func:`str`, statuses at the HTTP edge.
"""

from repo2docker_service.domain.errors.base import ServiceError
from repo2docker_service.domain.errors.builds import (
    BuildActive,
    BuildFinished,
    BuildNotFound,
    BuildVetoed,
    DiskLow,
    LogCollected,
    PrivateBuildRefused,
    QuotaExceeded,
)
from repo2docker_service.domain.errors.images import (
    DeletionRefused,
    ImageHasSiblings,
    ImageInUse,
    ImageMoved,
    ImageNotFound,
    ImageProtected,
)
from repo2docker_service.domain.errors.parts import (
    AuthorizerUnavailable,
    BuilderImageMissing,
    BuilderUnavailable,
    LauncherUnavailable,
    PluginUnavailable,
    RegistryUnavailable,
    Unavailable,
)
from repo2docker_service.domain.errors.people import Forbidden, TooManyRequests, Unauthenticated
from repo2docker_service.domain.errors.servers import LaunchRefused, ServerBusy, ServerNotFound, TooManyServers
from repo2docker_service.domain.errors.sources import (
    BadCursor,
    InvalidInput,
    RefNotFound,
    SourceForbidden,
    SourceUnreachable,
)

__all__ = [
    "AuthorizerUnavailable",
    "BadCursor",
    "BuildActive",
    "BuildFinished",
    "BuildNotFound",
    "BuildVetoed",
    "BuilderImageMissing",
    "BuilderUnavailable",
    "DeletionRefused",
    "DiskLow",
    "Forbidden",
    "ImageHasSiblings",
    "ImageInUse",
    "ImageMoved",
    "ImageNotFound",
    "ImageProtected",
    "InvalidInput",
    "LaunchRefused",
    "LauncherUnavailable",
    "LogCollected",
    "PluginUnavailable",
    "PrivateBuildRefused",
    "QuotaExceeded",
    "RefNotFound",
    "RegistryUnavailable",
    "ServerBusy",
    "ServerNotFound",
    "ServiceError",
    "SourceForbidden",
    "SourceUnreachable",
    "TooManyRequests",
    "TooManyServers",
    "Unauthenticated",
    "Unavailable",
]
