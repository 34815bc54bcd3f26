"""Text that only this service can read again, wherever it is kept."""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from repo2docker_service.domain.signing import Signer


class Sealer:
    """Authenticated encryption for one purpose; any replica with the same keys opens what another has sealed."""

    def __init__(self, signer: Signer, purpose: str) -> None:
        # The first key seals, all open, so keys can be changed without ending what is under way.
        self._fernet = MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in signer.derive(purpose)])

    def seal(self, text: str, now: float) -> str:
        """Make something that fits into a cookie or a file, and never the same twice."""
        return self._fernet.encrypt_at_time(text.encode(), int(now)).decode()

    def open(self, sealed: str, now: float = 0, lifetime: int | None = None) -> str | None:
        """Give the text; None when it was not sealed here, or longer ago than so many seconds."""
        token = sealed.encode("utf-8", "replace")
        try:
            if lifetime is None:
                return self._fernet.decrypt(token).decode()
            return self._fernet.decrypt_at_time(token, lifetime, int(now)).decode()
        except InvalidToken:
            return None
