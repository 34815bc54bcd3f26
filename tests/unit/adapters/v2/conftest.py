"""What tests of the registry's parts share."""

from pathlib import Path

import pytest
from tests.unit.adapters.v2.told_registry import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Give a registry that does as it is told."""
    return Desk(tmp_path)
