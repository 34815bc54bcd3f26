"""What is promised of a service whose clock jumps, of which no time is measured: `make reliability` in short."""

from __future__ import annotations

import pytest
from tools.reliability import clock
from tools.reliability.figures import missed
from tools.reliability.rig import Rig


@pytest.mark.slow
def test_nothing_minds_when_the_clock_jumps(rig: Rig) -> None:
    assert missed(clock.run(rig, clock.SHORT)) == []
