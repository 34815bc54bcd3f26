"""What is promised about queued builds, and installations side by side: `make reliability` in short."""

from __future__ import annotations

import pytest
from tools.reliability import fairness, isolation, queueing, quota
from tools.reliability.figures import missed
from tools.reliability.rig import Rig

pytestmark = pytest.mark.slow


def test_each_of_many_queued_builds_runs_once_though_the_service_is_killed(rig: Rig) -> None:
    assert missed(queueing.run(rig, queueing.SHORT)) == []


def test_owners_take_turns_whoever_asked_first(rig: Rig) -> None:
    assert missed(fairness.run(rig, fairness.SHORT)) == []


def test_an_owner_at_the_limit_is_told_the_rule_and_others_go_on(rig: Rig) -> None:
    assert missed(quota.run(rig, quota.SHORT)) == []


def test_two_installations_on_one_engine_keep_apart(rig: Rig) -> None:
    assert missed(isolation.run(rig, isolation.SHORT)) == []
