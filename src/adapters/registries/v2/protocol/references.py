"""How repositories, tags and digests may be written.

What does not match never becomes part of a URL: dots, escapes and fragments could lead to another repository.
"""

from __future__ import annotations

import re
from typing import Final

_COMPONENT: Final = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"

REPOSITORY: Final = re.compile(rf"(?=.{{1,255}}\Z){_COMPONENT}(?:/{_COMPONENT})*", re.ASCII)
TAG: Final = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}", re.ASCII)
DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}", re.ASCII)
REFERRERS_TAG: Final = re.compile(r"sha256-[0-9a-f]{64}(?:\.(?:sig|att|sbom))?", re.ASCII)
"""Tags that say which signatures and the like belong to a manifest; no images of people."""
LOG_TAG: Final = re.compile(r"log-[0-9a-f]{16,64}", re.ASCII)
"""Tags of logs that this service archives, with the ids of their builds; no images either."""


def check_repository(text: str) -> str:
    """Give the name of a repository back, or raise ``ValueError``."""
    return _check(REPOSITORY, text, "repository")


def check_tag(text: str) -> str:
    """Give a tag back, or raise ``ValueError``."""
    return _check(TAG, text, "tag")


def check_digest(text: str) -> str:
    """Give a digest back, or raise ``ValueError``."""
    return _check(DIGEST, text, "digest")


def check_reference(text: str) -> str:
    """Give a tag or a digest back, or raise ``ValueError``."""
    return text if DIGEST.fullmatch(text) else check_tag(text)


def _check(grammar: re.Pattern[str], text: str, what: str) -> str:
    if not grammar.fullmatch(text):
        raise ValueError(f"no {what}: {text[:80]!r}")
    return text
