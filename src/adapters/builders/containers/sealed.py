"""What opens a build's repository, while the build waits: kept in its container, in a form that only we can read."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from typing import Final

from repo2docker_service.adapters.builders.containers.plans import clone_address
from repo2docker_service.domain.credentials import Credentials
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import BuildPlan
from repo2docker_service.sealing import Sealer

KEPT_FOR: Final = timedelta(hours=1)
"""How long a build that needs them may wait in the queue."""


class CredentialsGone(Exception):
    """What opened a repository is not there any more, or is not what was put there."""


class CredentialsSeal:
    """Any replica with the same secret opens what another has sealed."""

    def __init__(self, installation: Installation) -> None:
        self._sealer = Sealer(installation.signer, "source-credentials")

    def seal(self, plan: BuildPlan, credentials: Credentials) -> bytes:
        """Close credentials up, good for this build and its address only."""
        text = {**_about(plan), "username": credentials.username, "password": credentials.password}
        return self._sealer.seal(json.dumps(text), time.time()).encode()

    def open(self, plan: BuildPlan, sealed: bytes | None) -> bytes:
        """Give what the launcher of this build takes.

        Raises:
            CredentialsGone: they were erased, or sealed with another secret, or for another build or address.
        """
        text = self._sealer.open((sealed or b"").decode(errors="replace"))
        known = {} if text is None else json.loads(text)
        if not known.items() >= _about(plan).items():
            raise CredentialsGone
        return json.dumps(known).encode()


def _about(plan: BuildPlan) -> dict[str, str]:
    return {"build": plan.id, "address": clone_address(plan)}
