"""What is promised of how soon many read logs, and long ones: the short trials of ``make reliability``."""

from __future__ import annotations

from tools.reliability import fan_out, long_logs, stopping
from tools.reliability.figures import missed
from tools.reliability.rig import Rig


def test_every_line_reaches_every_reader_soon_and_memory_stays_bounded(rig: Rig) -> None:
    assert missed(fan_out.run(rig, fan_out.SHORT)) == []


def test_a_long_log_is_downloaded_fast_and_gone_on_with_near_its_end(rig: Rig) -> None:
    assert missed(long_logs.run(rig, long_logs.SHORT)) == []


def test_a_service_that_stops_sends_everyone_elsewhere_and_builds_go_on(rig: Rig) -> None:
    assert missed(stopping.run(rig, stopping.SHORT)) == []
