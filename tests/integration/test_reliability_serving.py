"""What is promised of the process that serves streams, where little time is measured: `make reliability` in short."""

from __future__ import annotations

import pytest
from tools.reliability import clock, leaks
from tools.reliability.figures import missed
from tools.reliability.rig import Rig

pytestmark = pytest.mark.slow


def test_requests_and_streams_leave_nothing_behind(rig: Rig) -> None:
    assert missed(leaks.run(rig, leaks.SHORT)) == []


def test_nothing_minds_when_the_clock_jumps(rig: Rig) -> None:
    assert missed(clock.run(rig, clock.SHORT)) == []
