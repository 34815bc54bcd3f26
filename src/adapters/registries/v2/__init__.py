"""A container registry that speaks version 2 of Docker's registry protocol."""

from __future__ import annotations

from repo2docker_service import hookimpl
from repo2docker_service.adapters.registries.v2.registry import V2Registry
from repo2docker_service.domain.ports import Registry
from repo2docker_service.hookspecs import Register

__all__ = ["V2Registry"]


@hookimpl
def register_registries(register: Register[Registry]) -> None:
    """Offer the registry as ``v2``."""
    register("v2", V2Registry)
