"""repo2docker in containers of a Docker engine."""

from __future__ import annotations

from repo2docker_service import hookimpl
from repo2docker_service.adapters.builders.docker.image_builder import DockerImageBuilder
from repo2docker_service.domain.ports import ImageBuilder
from repo2docker_service.hookspecs import Register

__all__ = ["DockerImageBuilder"]


@hookimpl
def register_image_builders(register: Register[ImageBuilder]) -> None:
    """Offer the builder as ``docker``."""
    register("docker", DockerImageBuilder)
