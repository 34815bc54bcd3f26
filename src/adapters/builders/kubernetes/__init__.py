"""repo2docker in Jobs of a Kubernetes cluster."""

from __future__ import annotations

from repo2docker_service import hookimpl
from repo2docker_service.adapters.builders.kubernetes.image_builder import KubernetesImageBuilder
from repo2docker_service.domain.ports import ImageBuilder
from repo2docker_service.hookspecs import Register

__all__ = ["KubernetesImageBuilder"]


@hookimpl
def register_image_builders(register: Register[ImageBuilder]) -> None:
    """Offer the builder as ``kubernetes``."""
    register("kubernetes", KubernetesImageBuilder)
