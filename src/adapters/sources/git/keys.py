"""What a repository is opened with."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from repo2docker_service.adapters.secret_files import UnreadableSecret, read_secret
from repo2docker_service.adapters.sources.git.failures import OURS_REFUSED
from repo2docker_service.domain.credentials import Credentials
from repo2docker_service.domain.errors import InvalidInput
from repo2docker_service.domain.inputs import check_credentials

_REFUSED: Final = (
    "it refused these credentials, or has no repository there that they may read. Check the address, and that the"
    " password or token is still valid and may read this repository."
)
OURS_UNREADABLE: Final = "this service has credentials for it that it cannot use. Tell an administrator."


@dataclass(frozen=True, slots=True)
class Key:
    """Credentials for one address."""

    credentials: Credentials = field(repr=False)
    refusal: str = _REFUSED
    """What is said when the server does not take them."""

    @property
    def headers(self) -> dict[str, str]:
        """What shows them to a server (RFC 7617)."""
        pair = f"{self.credentials.username}:{self.credentials.password}"
        return {"Authorization": f"Basic {b64encode(pair.encode()).decode()}"}


def read_key(path: Path) -> Key:
    """Read ``username:password``, or a token alone, from an administrator's file; to be called in a thread.

    Raises:
        UnreadableSecret: there is nothing of the kind in it.
    """
    username, colon, password = read_secret(path).partition(":")
    found = Credentials(username, password) if colon else Credentials("", username)
    try:
        return Key(check_credentials(found) or found, OURS_REFUSED)
    except InvalidInput as problem:
        raise UnreadableSecret(f"holds no credentials: {problem}") from None
