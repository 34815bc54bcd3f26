"""What is promised when the engine goes away and comes back: `make reliability` in short."""

from __future__ import annotations

import os

import pytest
from tools.reliability import engine_restarts
from tools.reliability.figures import missed
from tools.reliability.rig import Rig


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="An engine is started by root only")
def test_a_build_that_loses_its_engine_ends_as_lost_and_the_service_recovers(rig: Rig) -> None:
    assert missed(engine_restarts.run(rig, engine_restarts.SHORT)) == []
