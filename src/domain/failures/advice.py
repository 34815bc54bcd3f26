"""What a person can do about a failed build."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from repo2docker_service.domain.models import Reason

ADVICE: Final[Mapping[Reason, str]] = {
    Reason.SOURCE_UNREACHABLE: "The repository, or a submodule of it, could not be fetched. Check that the address"
    " opens in a browser without logging in, or that its credentials are still good, then build again.",
    Reason.REF_NOT_FOUND: "The commit is not in the repository any more, perhaps after a forced push. Build the branch"
    " again.",
    Reason.BUILD_FAILED: "A step of the build failed. The last lines of the log name the step; mend the repository and"
    " build again.",
    Reason.OUT_OF_RESOURCES: "The build ran out of memory, disk or processes. Install less at once, or ask an"
    " administrator for a higher limit.",
    Reason.TIMED_OUT: "The build took longer than this service allows. Install less, or ask an administrator for a"
    " longer limit.",
    Reason.PUSH_FAILED: "The image was built and could not be stored. Build again: only the storing is"
    " repeated. If it fails once more, tell an administrator.",
    Reason.BUILDER_LOST: "The engine stopped while it built. Nothing is wrong with the repository: build again.",
    Reason.INTERNAL: "The service could not run this build. Tell an administrator: its log, or the end of"
    " the build's log, says more.",
}
"""What a person can do about each reason."""
CREDENTIALS_GONE: Final = (
    "The build waited so long that what opens its repository was erased: it is kept for an hour at most, and only this"
    " service can read it. Build again, with the credentials."
)
"""The same for a build that was not begun, as its credentials were not there any more."""
