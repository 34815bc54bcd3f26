"""What is promised about how soon builds end: `make reliability` in short."""

from __future__ import annotations

import pytest
from tools.reliability import cancel_races, cancelling, deadline
from tools.reliability.figures import missed
from tools.reliability.rig import Rig

pytestmark = pytest.mark.slow


def test_a_build_that_was_cancelled_at_any_moment_leaves_its_log_and_nothing_else(rig: Rig) -> None:
    assert missed(cancelling.run(rig, cancelling.SHORT)) == []


def test_a_build_that_was_cancelled_does_no_work_however_near_its_start_was(rig: Rig) -> None:
    assert missed(cancel_races.run(rig, cancel_races.SHORT)) == []


def test_a_build_ends_at_its_deadline_though_no_service_is_there(rig: Rig) -> None:
    assert missed(deadline.run(rig, deadline.SHORT)) == []
