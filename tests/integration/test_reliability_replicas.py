"""What is promised when one of several processes of the service dies: `make reliability` in short."""

from __future__ import annotations

import pytest
from tools.reliability import replicas
from tools.reliability.figures import missed
from tools.reliability.rig import Rig

pytestmark = pytest.mark.slow


def test_followers_go_on_at_another_replica(rig: Rig) -> None:
    assert missed(replicas.run(rig, replicas.SHORT)) == []
