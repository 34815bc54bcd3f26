"""Where a registry is, which of its repositories are ours, and what images are called in it."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

_HUB: Final = frozenset({"docker.io", "index.docker.io", "registry-1.docker.io"})
_NO_CATALOG: Final = re.compile(
    r"(?:.+\.)?(?:ghcr\.io|quay\.io|gitlab\.com|amazonaws\.com|gcr\.io)|.+-docker\.pkg\.dev", re.ASCII
)
_BY_ACCOUNT: Final = re.compile(r"(?:.+\.)?(?:ghcr\.io|quay\.io|gitlab\.com|gcr\.io)|.+-docker\.pkg\.dev", re.ASCII)
_HASH_DIGITS: Final = 12
_COMMIT_DIGITS: Final = 7
_LONGEST_READABLE: Final = 100
_LONGEST_TAG: Final = 128
_SIGNATURE: Final = re.compile(r"-[0-9a-f]{32}\Z", re.ASCII)
_TEMPORARY: Final = re.compile(r"b-[0-9a-f]{16}", re.ASCII)
_STEADY: Final = re.compile(r"[0-9a-f]{40}(?:-.*)?|.+-[0-9a-f]{12}-[0-9a-f]{7}(?:-[0-9a-f]{32})?", re.ASCII)


class Listing(StrEnum):
    """How the repositories with our images are found."""

    AUTO = "auto"
    CATALOG = "catalog"
    SINGLE = "single"
    STATIC = "static"


@dataclass(frozen=True, slots=True)
class Place:
    """A registry's address, taken apart."""

    url: str
    """Scheme and host, perhaps a port; no slash at the end."""
    host: str
    """The host with its port, if one was given."""

    @property
    def is_hub(self) -> bool:
        """Whether this is Docker Hub, which has several names."""
        return self.host in _HUB

    @property
    def image_host(self) -> str:
        """What names of images begin with."""
        return "docker.io" if self.is_hub else self.host

    @property
    def listing(self) -> Listing:
        """How to find repositories when nothing is configured: many public registries have no catalog to ask."""
        name = self.host.partition(":")[0]
        return Listing.SINGLE if self.is_hub or _NO_CATALOG.fullmatch(name) else Listing.CATALOG

    def problem_with(self, prefix: str) -> str:
        """Say why images of this prefix cannot be kept here; empty when they can."""
        if self.is_hub and prefix.count("/") != 1:
            return "Docker Hub keeps images as ACCOUNT/NAME only"
        if _BY_ACCOUNT.fullmatch(self.host.partition(":")[0]) and "/" not in prefix:
            return f"{self.host} keeps images below the name of an account or project, as ACCOUNT/NAME"
        return ""


def read_url(url: str, *, insecure: bool) -> Place:
    """Take the address of a registry apart.

    Raises:
        ValueError: it cannot be used; the text says why.
    """
    parts = urlsplit(url.strip().rstrip("/"))
    if parts.scheme not in {"https", "http"} or not parts.hostname:
        raise ValueError("is to be like https://registry.example.org")
    if "@" in parts.netloc:
        raise ValueError("must not hold a user name or password: there are settings for them")
    if parts.path or parts.query or parts.fragment:
        raise ValueError("must end with the host or its port; what comes after it is not used by registries")
    parts.port  # noqa: B018  # raises a ValueError of its own
    if parts.scheme == "http" and not insecure and not _is_loopback(parts.hostname):
        raise ValueError("begins with http://, so that anybody on the way can read the password; insecure allows it")
    host = parts.netloc.lower()
    return Place(f"{parts.scheme}://{'registry-1.docker.io' if host in _HUB else host}", host)


def single_tag(repository: str, tag: str) -> str:
    """Give the tag that stands for repository and tag where one repository holds all images.

    The hash keeps apart what the readable parts do not. What the tag of a private image ends in stays whole: nobody is
    to guess it.
    """
    digits = hashlib.sha256(f"{repository}:{tag}".encode()).hexdigest()[:_HASH_DIGITS]
    signature = _SIGNATURE.search(tag)
    ending = f"-{digits}-{tag[:_COMMIT_DIGITS]}{signature[0] if signature else ''}"
    return repository.rpartition("/")[2][: min(_LONGEST_READABLE, _LONGEST_TAG - len(ending))] + ending


def is_temporary(tag: str) -> bool:
    """Whether a build uses the tag until its image is delivered."""
    return _TEMPORARY.fullmatch(tag) is not None


def is_steady(tag: str) -> bool:
    """Whether the tag says which commit it is for, so that it hardly ever points to anything new."""
    return _STEADY.fullmatch(tag) is not None


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
