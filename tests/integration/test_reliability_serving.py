"""What is promised of the process that serves streams: `make reliability` in short."""

from __future__ import annotations

import pytest
from tools.reliability import leaks
from tools.reliability.figures import missed
from tools.reliability.rig import Rig

pytestmark = pytest.mark.slow


def test_requests_and_streams_leave_nothing_behind(rig: Rig) -> None:
    assert missed(leaks.run(rig, leaks.SHORT)) == []
