"""Docker's config.json: which of its entries is meant for our registry, and what that entry says."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeVar

from repo2docker_service.adapters.registries.v2.auth.secret import Credential, Secret

HUB: Final = "https://index.docker.io/v1/"
"""The one name under which everybody keeps what they have for the public registry of Docker."""
_HUB_HOSTS: Final = frozenset({"docker.io", "index.docker.io", "registry-1.docker.io"})
_KEY: Final = re.compile(r"(?:(?P<scheme>https?)://)?(?P<host>[^/]+)(?P<path>/.*)?", re.ASCII | re.IGNORECASE)
_API: Final = re.compile(r"/v[12]\Z")
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class DockerConfig:
    """What a config.json says about who to be at which registry."""

    auths: Mapping[str, Credential] = field(default_factory=dict)
    helpers: Mapping[str, str] = field(default_factory=dict)
    """From registry to the short name of the helper that is asked for it."""
    store: str = ""
    """The short name of the helper that is asked for all others."""
    skipped: tuple[str, ...] = ()
    """The names of entries that make no sense."""

    def helpers_of(self, host: str, repository: str) -> Iterator[str]:
        """Give the helpers to ask for a registry, the best first."""
        yield from (self.helpers[key] for key in matching(self.helpers, host, repository))
        if self.store:
            yield self.store

    def entry(self, host: str, repository: str) -> Credential | None:
        """Give what is written down for a registry, for its repositories from this one on."""
        found = (self.auths[key] for key in matching(self.auths, host, repository))
        # An empty entry is what Docker leaves where a helper keeps the secret.
        return next((credential for credential in found if not credential.anonymous), None)


def read(text: str | bytes) -> DockerConfig:
    """Read a config.json; entries that make no sense are left out and named.

    Raises:
        ValueError: it is no JSON object.
    """
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        # The reason may quote the text.
        raise ValueError("it is no JSON") from None
    if not isinstance(found, dict):
        raise ValueError("it is no JSON object")  # noqa: TRY004 (what is wrong is a text, not our types)
    store = found.get("credsStore") or ""
    auths, bad_auths = _table(found.get("auths"), "auths", _credential)
    helpers, bad_helpers = _table(found.get("credHelpers"), "credHelpers", _text)
    bad_store = [] if isinstance(store, str) else ["credsStore"]
    return DockerConfig(auths, helpers, "" if bad_store else store, (*bad_auths, *bad_helpers, *bad_store))


def matching(keys: Iterable[str], host: str, repository: str = "") -> list[str]:
    """Choose the keys that mean a registry, or repositories in it down to this one; the closest comes first.

    People and programs write the same registry in many ways: with a scheme, a slash, the version of its API, and
    the public one of Docker under three names.
    """
    wanted = _place(host)[0]
    ranked = []
    for key in keys:
        place, path, is_address = _place(key)
        whole = key == host
        if place == wanted and (is_address or _is_above(path, repository)):
            ranked.append((0 if is_address else len(path), whole, not is_address, key))
    return [key for *_, key in sorted(ranked, key=lambda each: each[:-1], reverse=True)]


def helper_address(host: str) -> str:
    """Give the name under which a helper keeps what it has for a registry."""
    return HUB if host.lower() in _HUB_HOSTS else host


def _place(key: str) -> tuple[str, str, bool]:
    """Read a key: the registry, the path below it, and whether it is an address, whose path names no repository."""
    match = _KEY.fullmatch(key.strip())
    if match is None:
        return "", "", False
    host = match["host"].lower()
    scheme = (match["scheme"] or "").lower()
    host = host.removesuffix(":80" if scheme == "http" else ":443")
    path = _API.sub("", (match["path"] or "").rstrip("/"))
    return "docker.io" if host in _HUB_HOSTS else host, path.strip("/"), bool(scheme)


def _is_above(path: str, repository: str) -> bool:
    return not path or f"{repository}/".startswith(f"{path}/")


def _table(found: object, name: str, read_value: Callable[[object], _T]) -> tuple[dict[str, _T], list[str]]:
    """Read a table, and name what of it makes no sense."""
    if found is None:
        return {}, []
    if not isinstance(found, dict):
        return {}, [name]
    good: dict[str, _T] = {}
    bad = []
    for key, value in found.items():
        try:
            good[key] = read_value(value)
        except ValueError:
            bad.append(f"{name}: {key}")
    return good, bad


def _credential(entry: object) -> Credential:
    if not isinstance(entry, dict):
        raise ValueError("no object")  # noqa: TRY004
    names = "auth", "username", "password", "identitytoken", "registrytoken"
    auth, username, password, identity, registry = (_text(entry.get(name, "")) for name in names)
    if auth:
        username, password = _pair(auth)
    return Credential(username, Secret(password), Secret(identity), Secret(registry))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("no text")  # noqa: TRY004
    value.encode()  # JSON can hold halves of characters, which nothing else can
    return value


def _pair(auth: str) -> tuple[str, str]:
    # Not all who write this pad it, and some fill it up with zero bytes.
    packed = auth.strip().rstrip("=")
    raw = base64.b64decode(packed + "=" * (-len(packed) % 4), validate=True)
    username, colon, password = raw.decode().partition(":")
    if not colon or not username:
        raise ValueError("no name and password")
    return username, password.strip("\0")
