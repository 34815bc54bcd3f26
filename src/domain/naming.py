"""Repository, commit and options become an image name: the same name always, and never two for one.

The grammar is that of the OCI distribution specification, "Pulling manifests": a repository's path components are
lower case letters and digits, joined by one ``.``, one or two ``_`` or any number of ``-``.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from repo2docker_service.domain.models import ImageName, Owner, Source
from repo2docker_service.domain.signing import Signer

_PART: Final = re.compile(r"[a-z0-9]+(?:(?:\.|_|__|-)[a-z0-9]+)*", re.ASCII)
_HASH_DIGITS: Final = 12
_PRIVATE_TAG: Final = re.compile(r".+-[0-9a-f]{32}", re.ASCII)
_LOOKS_HASHED: Final = re.compile(r"[0-9a-f]{12}", re.ASCII)
_LONGEST_PREFIX: Final = 24
_LONGEST_SLUG: Final = 100
_LONGEST_OWNER: Final = 40
"""Together they leave 80 of the 255 characters that many clients allow before the tag, for the registry."""


@dataclass(frozen=True, slots=True)
class ImageNaming:
    """How this installation names images."""

    prefix: str
    signer: Signer

    def shared(self, source: Source, commit: str, build_args: Mapping[str, str]) -> tuple[str, str]:
        """Name an image that everybody may use: repository and tag."""
        return f"{self.prefix}/{slug(source.address)}", tag(commit, source.subdir, build_args)

    def private(self, source: Source, commit: str, build_args: Mapping[str, str], owner: Owner) -> tuple[str, str]:
        """Name an image for its owner only; nobody without the key can guess the tag."""
        holder = _escape(str(owner), [owner.kind.value, owner.name], _LONGEST_OWNER)
        repository = f"{self.prefix}/private/{holder}/{slug(source.address)}"
        plain = tag(commit, source.subdir, build_args)
        return repository, f"{plain}-{self.signer.sign('private-tag', f'{repository}:{plain}')[:32]}"


def is_private(image: ImageName) -> bool:
    """Whether an image of this name belongs to one owner only: its tag, and no other, ends in digits of a signature."""
    return _PRIVATE_TAG.fullmatch(image.tag) is not None


def is_prefix(text: str) -> bool:
    """Whether image names can begin with this text, after the registry."""
    return len(text) <= _LONGEST_PREFIX and all(_PART.fullmatch(part) for part in text.split("/"))


@lru_cache(maxsize=4096)  # every list of images asks for the same ones
def place(address: str) -> str:
    """Give what tells a repository from others: host and path, without scheme, final ``.git`` and slashes at the end.

    The commit in the tag already says what the content is.
    """
    parts = urlsplit(address)
    return parts.netloc + parts.path.rstrip("/").removesuffix(".git")


def slug(address: str) -> str:
    """Turn the place of a repository into one readable path component.

    ``https://github.com/a/b.git`` gives ``github.com--a--b``.
    """
    whole = place(address)
    return _escape(whole, whole.split("/"), _LONGEST_SLUG)


def _escape(whole: str, parts: list[str], longest: int) -> str:
    plain = "--".join(parts)
    natural = all(_PART.fullmatch(part) for part in parts) and not _LOOKS_HASHED.fullmatch(parts[-1])
    if natural and len(plain) <= longest:
        return plain
    readable = re.sub(r"[^a-z0-9]+", "-", plain.lower(), flags=re.ASCII).strip("-")
    readable = readable[: longest - _HASH_DIGITS - 2].rstrip("-") or "repository"
    return f"{readable}--{_digest(whole, _HASH_DIGITS)}"


def tag(commit: str, subdir: str, build_args: Mapping[str, str]) -> str:
    """Give the commit, and eight more digits when anything else shapes the image."""
    if not subdir and not build_args:
        return commit
    options = json.dumps([subdir, sorted(build_args.items())], ensure_ascii=False)
    return f"{commit}-{_digest(options, 8)}"


def temporary_tag(build_id: str) -> str:
    """Give the tag that a build's image has until it is delivered."""
    return f"b-{build_id[:16]}"


def image_id(name: str) -> str:
    """Give the id of an image in the API: a hash of its name."""
    return _digest(name, 24)


def _digest(text: str, digits: int) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:digits]
