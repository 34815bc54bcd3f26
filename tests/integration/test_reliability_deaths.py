"""What is promised while processes of the service die, and many ask at once: `make reliability` in short."""

from __future__ import annotations

import pytest
from tools.reliability import deaths, hundred
from tools.reliability.figures import missed
from tools.reliability.rig import Rig

pytestmark = pytest.mark.slow


def test_a_service_that_is_killed_again_and_again_loses_nothing(rig: Rig) -> None:
    assert missed(deaths.run(rig, deaths.SHORT)) == []


def test_thirty_people_who_ask_at_once_share_one_build(rig: Rig) -> None:
    assert missed(hundred.run(rig, hundred.SHORT)) == []
