"""What is promised while versions take each other's place: `make reliability` in short."""

from __future__ import annotations

import pytest
from tools.reliability import upgrades
from tools.reliability.figures import missed
from tools.reliability.rig import Rig


@pytest.mark.slow
def test_no_build_is_lost_and_all_are_read_while_versions_take_each_others_place(rig: Rig) -> None:
    assert missed(upgrades.run(rig, upgrades.SHORT)) == []
