"""Secrets that do not show themselves, and the credentials made of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_HIDDEN: Final = "***"


class BadCredentials(ValueError):
    """What was configured gives no credentials; the message is for administrators and has no secret in it."""


class Secret:
    """A text that is nowhere to be seen, unless somebody asks for it by name."""

    __slots__ = ("_text",)

    def __init__(self, text: str = "") -> None:
        self._text = text

    def reveal(self) -> str:
        """Give the text itself."""
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __repr__(self) -> str:
        return _HIDDEN

    def __format__(self, spec: str) -> str:
        return format(_HIDDEN, spec)

    def __reduce__(self) -> str:
        raise TypeError("A secret is not written down")


@dataclass(frozen=True, slots=True)
class Credential:
    """What a registry is shown; nothing at all means that one comes without a name."""

    username: str = ""
    password: Secret = Secret()  # noqa: RUF009 (a constant)
    identity_token: Secret = Secret()  # noqa: RUF009
    """A refresh token, good for nothing but getting tokens from the token server."""
    registry_token: Secret = Secret()  # noqa: RUF009
    """A token that is ready to be shown to the registry itself."""

    @property
    def anonymous(self) -> bool:
        """Whether it says nothing about who one is."""
        return self == Credential()
