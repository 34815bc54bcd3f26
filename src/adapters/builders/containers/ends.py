"""What the exit codes of builders and pushers stand for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from repo2docker_service.adapters.builders.containers.in_container import codes
from repo2docker_service.domain.models import Reason

KILLED: Final = 137
_REASONS: Final[Mapping[int, Reason]] = {
    codes.UNREACHABLE: Reason.SOURCE_UNREACHABLE,
    codes.REF_NOT_FOUND: Reason.REF_NOT_FOUND,
    codes.BUILD_FAILED: Reason.BUILD_FAILED,
    codes.OUT_OF_RESOURCES: Reason.OUT_OF_RESOURCES,
    codes.TIMED_OUT: Reason.TIMED_OUT,
    codes.LOST: Reason.BUILDER_LOST,
    codes.PUSH_FAILED: Reason.PUSH_FAILED,
    143: Reason.BUILDER_LOST,  # SIGTERM before the launcher listened for it
    KILLED: Reason.BUILDER_LOST,
    255: Reason.BUILDER_LOST,  # what the engine writes for a container that it lost sight of
}


def reason_of(exit_code: int) -> Reason:
    """Say why a build failed whose launcher ended so, or was ended."""
    return _REASONS.get(exit_code, Reason.INTERNAL)
