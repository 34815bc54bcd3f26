"""What is promised of a Hub that is away or takes something back: `make reliability` in short."""

from __future__ import annotations

import pytest
from tools.reliability import hub_away, hub_losses
from tools.reliability.figures import missed
from tools.reliability.rig import Rig

pytestmark = pytest.mark.slow


def test_a_hub_that_is_away_costs_nobody_a_login_and_breaks_no_log(rig: Rig) -> None:
    assert missed(hub_away.run(rig, hub_away.SHORT)) == []


def test_what_the_hub_takes_back_is_gone_at_once_for_changes_and_soon_for_reading(rig: Rig) -> None:
    assert missed(hub_losses.run(rig, hub_losses.SHORT)) == []
