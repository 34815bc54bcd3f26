"""Source resolver that asks git servers over HTTP, as git itself does."""

from __future__ import annotations

from repo2docker_service import hookimpl
from repo2docker_service.adapters.sources.git.resolver import GitSourceResolver
from repo2docker_service.domain.ports import SourceResolver
from repo2docker_service.hookspecs import Register

__all__ = ["GitSourceResolver"]


@hookimpl
def register_source_resolvers(register: Register[SourceResolver]) -> None:
    """Offer the resolver as ``git``."""
    register("git", GitSourceResolver)
