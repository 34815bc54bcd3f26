"""What hostile repositories try to get at."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tools.parts.git_server import GitServer, git_server


@pytest.fixture
def inside(tmp_path: Path) -> Iterator[GitServer]:
    """Serve what nobody outside shall get at, and remember who asked."""
    with git_server(tmp_path / "inside") as server:
        yield server
