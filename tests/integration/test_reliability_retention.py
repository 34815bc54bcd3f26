"""What is promised about collecting what nobody needs any more: `make reliability` in short."""

from __future__ import annotations

import pytest
from tools.reliability import retention
from tools.reliability.figures import missed
from tools.reliability.rig import Rig

pytestmark = pytest.mark.slow


def test_nothing_goes_that_is_in_use_or_being_made_however_greedily_is_collected(rig: Rig) -> None:
    assert missed(retention.run(rig, retention.SHORT)) == []
