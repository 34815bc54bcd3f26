"""What BinderHub's clients write into the path: a provider, and a repository with a ref in the provider's own way.

A specification is cut from the path as it was sent: once ``%2F`` is decoded, nobody can tell where an address ends.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote

from repo2docker_service.domain.inputs import is_commit
from repo2docker_service.domain.models import Source

FORGES: Final[Mapping[str, str]] = {
    "gh": "https://github.com",
    "gl": "https://gitlab.com",
    "gist": "https://gist.github.com",
}
"""Where the repositories of a provider are, unless an administrator says otherwise."""
USUAL_BRANCHES: Final = frozenset({"master", "main"})
"""Those that are asked for where the default one is meant."""
_NAME: Final = re.compile(r"[A-Za-z0-9_.-]+", re.ASCII)
_ALIASES_OF_HEAD: Final = USUAL_BRANCHES | {"", "HEAD"}


class BadSpec(ValueError):
    """A specification cannot be read; the message is for who wrote it."""


@dataclass(frozen=True, slots=True)
class Provider:
    """How one kind of specification is read."""

    name: str
    repository: str
    """An example of what stands before the ref."""
    read: Callable[[str, str], Source]
    """Makes a source of the forge's address and a specification."""
    encoded: bool = False
    """Whether the repository is percent-encoded as a whole."""


def source_of(provider: str, spec: str, forges: Mapping[str, str]) -> Source:
    """Give what a specification means.

    Args:
        provider: the first part of the path.
        spec: the rest of it, as it was sent.
        forges: where repositories of each provider are.

    Raises:
        BadSpec: there is no such provider, or it cannot be read.
    """
    if provider not in PROVIDERS:
        raise BadSpec(f"There is no provider {provider[:20]!r} here. There are: {', '.join(PROVIDERS)}.")
    return PROVIDERS[provider].read(forges.get(provider, ""), spec.rstrip("/"))


def _github(forge: str, spec: str) -> Source:
    # One client encodes the slash between the two names.
    user, repository, ref = _split(re.sub("%2f", "/", spec, count=1, flags=re.IGNORECASE), 3, PROVIDERS["gh"])
    name = _plain(unquote(repository)).removesuffix(".git")
    return Source(f"{forge}/{_plain(unquote(user))}/{name}", unquote(ref))


def _gitlab(forge: str, spec: str) -> Source:
    path, ref = _split(spec, 2, PROVIDERS["gl"])
    names = [_plain(name) for name in unquote(path).split("/")]
    return Source(f"{forge}/{'/'.join(names).removesuffix('.git')}", unquote(ref))


def _gist(forge: str, spec: str) -> Source:
    user, _, rest = spec.partition("/")
    gist, _, ref = rest.partition("/")
    _plain(unquote(user))
    ref = unquote(ref)
    if ref not in _ALIASES_OF_HEAD and not is_commit(ref):
        raise BadSpec("A gist has no branches: give a full revision, or nothing.")
    return Source(f"{forge}/{_plain(unquote(gist))}", "HEAD" if ref in _ALIASES_OF_HEAD else ref)


def _git(_: str, spec: str) -> Source:
    address, ref = _split(spec, 2, PROVIDERS["git"])
    return Source(unquote(address), unquote(ref))


PROVIDERS: Final[Mapping[str, Provider]] = {
    "gh": Provider("GitHub", "user/repository", _github),
    "gl": Provider("GitLab", "group/repository", _gitlab, encoded=True),
    "gist": Provider("Gist", "user/0123456789abcdef", _gist),
    "git": Provider("Git repository", "https://example.org/repository.git", _git, encoded=True),
}


def _split(spec: str, number: int, provider: Provider) -> list[str]:
    parts = spec.split("/", number - 1)
    if len(parts) < number or not all(parts):
        example = quote(provider.repository, safe="") if provider.encoded else provider.repository
        raise BadSpec(
            f"{provider.name} is asked for as {example}/HEAD: is the branch, tag or commit missing? HEAD is the"
            " default branch."
        )
    return parts


def _plain(name: str) -> str:
    if not _NAME.fullmatch(name) or name in {".", ".."}:
        raise BadSpec(f"{name[:60]!r} is no name of a user, group or repository.")
    return name
