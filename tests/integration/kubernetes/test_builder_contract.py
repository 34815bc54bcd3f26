"""The Kubernetes builder does what its port promises, on a real cluster."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from tests.integration.kubernetes.builds import Site

from repo2docker_service.adapters.builders.kubernetes import KubernetesImageBuilder
from repo2docker_service.adapters.registries.docker_daemon import DockerDaemonRegistry
from repo2docker_service.testing.driving import PlanFactory
from repo2docker_service.testing.image_builder import ImageBuilderContract


class TestKubernetesImageBuilder(ImageBuilderContract):
    # Six builds in which no cluster takes part; that of the unit tests shows it.
    test_a_cursor_that_is_none_is_refused = None  # type: ignore[assignment]

    @pytest.fixture
    def settle(self) -> float:
        return 90.0

    @pytest.fixture
    async def builder(self, site: Site, concurrency: int) -> AsyncIterator[KubernetesImageBuilder]:
        async with site.builder(concurrency=concurrency) as builder:
            yield builder

    @pytest.fixture
    async def other_builder(self, site: Site, concurrency: int) -> AsyncIterator[KubernetesImageBuilder]:
        async with site.builder(concurrency=concurrency) as other:
            yield other

    @pytest.fixture
    def plan_factory(self, site: Site) -> PlanFactory:
        return site.repositories

    @pytest.fixture
    async def registry(self, site: Site) -> AsyncIterator[DockerDaemonRegistry]:
        async with DockerDaemonRegistry(installation=site.installation, url=f"unix://{site.socket}") as registry:
            yield registry
