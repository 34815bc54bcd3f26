"""A catalog that was made by a program."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from repo2docker_service.domain.curation.catalog import CatalogEntry


@dataclass
class InMemoryCatalog:
    """Implements :class:`~repo2docker_service.domain.ports.Catalog` with entries that can be set."""

    said: Sequence[CatalogEntry] = ()

    def entries(self) -> Sequence[CatalogEntry]:
        """Give them."""
        return self.said
