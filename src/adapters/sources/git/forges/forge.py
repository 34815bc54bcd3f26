"""The forges that an administrator names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from repo2docker_service.adapters.sources.git.forges.kinds import KINDS, Kind
from repo2docker_service.adapters.sources.git.rules import normal

_PUBLIC_APIS: Final[Mapping[str, str]] = {
    "https://github.com": "https://api.github.com",
    "https://gist.github.com": "https://api.github.com",
}
"""Where the API is not below the forge's own address."""
_KEYS: Final = ("address", "kind", "token_file", "api")


class BadForge(ValueError):
    """A forge that cannot be understood; the message says why."""


@dataclass(frozen=True, slots=True)
class Forge:
    """A forge that is asked by its API."""

    address: str
    kind: Kind
    api: str
    token_file: str = ""

    def path_of(self, address: str) -> str:
        """Give the path of a repository there, without ``.git``; empty where the address is elsewhere."""
        prefix, text = f"{normal(self.address)}/", normal(address)
        path = text.removeprefix(prefix)
        # A path that is not what it decodes to could be another one for the API than for git.
        plain = unquote(urlsplit(address).path) == urlsplit(address).path
        return path if text.startswith(prefix) and plain else ""


def read_forges(values: Iterable[Mapping[str, Any]]) -> Sequence[Forge]:
    """Read forges as they are written in the configuration.

    Raises:
        BadForge: one cannot be understood.
    """
    return tuple(_read(value) for value in values)


def _read(value: Mapping[str, Any]) -> Forge:
    for key, given in value.items():
        if key not in _KEYS:
            raise BadForge(f"{key!r} is unknown; a forge has {', '.join(_KEYS)}.")
        if not isinstance(given, str):
            raise BadForge(f"{key!r} must be a text, not {given!r}.")
    address, kind = _address("address", value.get("address", "")), KINDS.get(value.get("kind", ""))
    if kind is None:
        raise BadForge(f"'kind' must be one of {', '.join(KINDS)}; it is {value.get('kind', '')!r}.")
    if kind.token_needed and not value.get("token_file"):
        raise BadForge(f"{value['kind']} needs 'token_file': without a token it answers too little to count on.")
    api = value.get("api") or _PUBLIC_APIS.get(normal(address)) or address + kind.api
    return Forge(address, kind, _address("api", api), value.get("token_file", ""))


def _address(key: str, text: str) -> str:
    try:
        parts = urlsplit(text)
        hosted = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        hosted = False
    if not hosted or not text.startswith(("http://", "https://")) or "@" in text or "?" in text or "#" in text:
        raise BadForge(f"{key!r} must be an address that begins with https:// or http://; it is {text!r}.")
    return text.rstrip("/")
