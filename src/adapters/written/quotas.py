"""Quotas of single owners, as administrators write them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated

from pydantic import Field

from repo2docker_service.adapters.written.entries import BadEntry, Entry, read_entry
from repo2docker_service.domain.models import Owner
from repo2docker_service.domain.orders.quotas import Quotas

Limit = Annotated[int, Field(ge=0)]


class QuotaEntry(Entry):
    """How much one owner may have; what is left out is as for all others."""

    builds: Limit | None = None
    images: Limit | None = None


def read_quotas(given: Mapping[str, object], usual: Quotas) -> Mapping[Owner, Quotas]:
    """Make quotas from what was written.

    Raises:
        BadEntry: names the owner and the key that is wrong, and says why.
    """
    found: dict[Owner, Quotas] = {}
    for text, each in given.items():
        try:
            owner = Owner.parse(text)
        except ValueError:
            raise BadEntry(f"{text}: Write user:NAME, service:NAME or group:NAME.") from None
        try:
            entry = read_entry(QuotaEntry, each)
        except BadEntry as error:
            raise BadEntry(f"{text}: {error}") from None
        found[owner] = replace(usual, **entry.model_dump(exclude_none=True))
    return found
