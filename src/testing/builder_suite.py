"""The fixtures of the suites for image builders."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from repo2docker_service.domain.ports import ImageBuilder, Registry
from repo2docker_service.testing.driving import Driver, PlanFactory


@pytest.mark.asyncio
class BuilderSuite:
    """What each part of the suite for image builders is given."""

    @pytest.fixture
    def concurrency(self) -> int:
        """How many builds run at once."""
        return 1

    @pytest.fixture
    def settle(self) -> float:
        """Seconds that a short build may take."""
        return 60.0

    @pytest.fixture
    def other_builder(self) -> ImageBuilder:
        """A second builder of the same installation."""
        pytest.skip("no other builder was given")

    @pytest.fixture
    def registry(self) -> Registry | None:
        """Where the builder delivers."""
        return None

    @pytest.fixture
    def delivered_to(self, registry: Registry | None) -> Registry:
        """Give the same to tests that need one."""
        if registry is None:
            pytest.skip("no registry was given")
        return registry

    @pytest_asyncio.fixture
    async def drive(
        self, builder: ImageBuilder, plan_factory: PlanFactory, settle: float, concurrency: int
    ) -> AsyncIterator[Driver]:
        """Start and await builds."""
        driver = Driver(builder, plan_factory, settle, concurrency)
        yield driver
        await driver.clean_up()
