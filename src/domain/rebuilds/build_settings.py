"""With which of the administrator's settings an image was built, and whether a build of today would differ.

They are written as one text: a hash of all of them, then a short one of each. What an earlier release wrote is the
first alone, made in the same way.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from repo2docker_service.domain.records import canonical

_NAMES: Final[Mapping[str, str]] = {
    "repo2docker": "the repo2docker image",
    "appendix": "the appendix",
    "user": "the user",
    "target_repo_dir": "the folder for the repository's content",
    "extra_config": "repo2docker's configuration",
}


def written_settings(values: Mapping[str, Any]) -> str:
    """Write settings as images record them.

    Args:
        values: JSON values by name; of a name that is unknown here it is only told that something changed.
    """
    parts = (f"{name}={_hash({name: values[name]})[:12]}" for name in sorted(values))
    return ",".join((_hash(values)[:16], *parts))


@lru_cache(maxsize=1024)  # every list of images asks for the same few
def why_outdated(then: str, now: str) -> str:
    """Say in a sentence what makes images of today differ; nothing where nothing does, or where it is not known.

    A setting that only one of both texts knows of came or went with a release, and nobody changed it.
    """
    whole, parts = _read(then)
    whole_now, parts_now = _read(now)
    if not whole or not whole_now or whole == whole_now:
        return ""
    if not parts or not parts_now:
        return "Since it was built, settings that shape images have changed."
    changed = sorted(name for name, value in parts.items() if parts_now.get(name, value) != value)
    if not changed:
        return ""
    named = dict.fromkeys(_NAMES.get(name, "another setting") for name in [*_NAMES, *changed] if name in changed)
    return f"Since it was built, these settings have changed: {', '.join(named)}."


def _read(text: str) -> tuple[str, dict[str, str]]:
    whole, *parts = text.split(",")
    return whole, dict(part.partition("=")[::2] for part in parts)


def _hash(values: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical(values).encode()).hexdigest()
