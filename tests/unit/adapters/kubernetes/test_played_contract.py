"""The builder does what its port promises, on a cluster that is played."""

from collections.abc import AsyncIterator

import pytest
from tests.unit.adapters.kubernetes.conftest import MakeBuilder
from tests.unit.adapters.kubernetes.played_cluster import PlayedCluster

from repo2docker_service.adapters.builders.kubernetes import KubernetesImageBuilder
from repo2docker_service.testing.driving import PlanFactory
from repo2docker_service.testing.image_builder import ImageBuilderContract


class TestKubernetesImageBuilder(ImageBuilderContract):
    @pytest.fixture
    def settle(self) -> float:
        return 20.0

    @pytest.fixture
    async def other_builder(self, make_builder: MakeBuilder) -> AsyncIterator[KubernetesImageBuilder]:
        async with make_builder() as other:
            yield other

    @pytest.fixture
    def plan_factory(self, cluster: PlayedCluster) -> PlanFactory:
        return cluster.plan
