"""What most tests of the chart look at."""

from __future__ import annotations

import pytest
from tests.integration.chart.manifests import MOST, Manifests, render


@pytest.fixture(scope="session")
def least() -> Manifests:
    """Give what the chart makes of nothing but what has to be said."""
    return render()


@pytest.fixture(scope="session")
def most() -> Manifests:
    """Give what it makes with everything switched on."""
    return render(MOST)


@pytest.fixture(scope="session")
def own() -> Manifests:
    """Give what it makes with a BuildKit of its own, and nothing else said of that."""
    return render(buildkit={"enabled": True})
