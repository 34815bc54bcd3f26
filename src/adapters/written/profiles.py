"""Profiles of servers, as administrators write them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator, Field

from repo2docker_service.adapters.written.entries import BadEntry, Entry, Text, read_entry
from repo2docker_service.domain.servers import Profile

_SLUG: Final = re.compile(r"(?=.{1,40}\Z)[a-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)
_SIZE: Final = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,3})?) ?([KMGT])", re.ASCII)
# As JupyterHub reads them for mem_limit.
_UNITS: Final = {"K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}


def _slug(text: str) -> str:
    if not _SLUG.fullmatch(text):
        raise ValueError("This is made of 1 to 40 lower case letters and digits, joined by single hyphens.")
    return text


def _bytes(given: object) -> object:
    if not isinstance(given, str):
        return given
    size = _SIZE.fullmatch(given.strip())
    if size is None:
        raise ValueError('Give a number of bytes, or a text such as "512M" or "2G".')
    return int(float(size[1]) * _UNITS[size[2]])


class ProfileEntry(Entry):
    """How much a server may use."""

    slug: Annotated[str, AfterValidator(_slug)]
    title: Text = ""
    description: Text = ""
    cpu: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    memory: Annotated[int, Field(ge=0), BeforeValidator(_bytes)] = 0
    node_selector: dict[str, str] = {}


def read_profiles(given: Sequence[object]) -> tuple[Profile, ...]:
    """Make profiles from what was written.

    Raises:
        BadEntry: names the entry and the key that is wrong, and says why.
    """
    profiles: dict[str, Profile] = {}
    for number, each in enumerate(given, 1):
        try:
            entry = read_entry(ProfileEntry, each)
        except BadEntry as error:
            raise BadEntry(f"entry {number}: {error}") from None
        if entry.slug in profiles:
            raise BadEntry(f"entry {number}: There is another profile {entry.slug} before it.")
        profiles[entry.slug] = Profile(**entry.model_dump())
    return tuple(profiles.values())
