"""What is promised of streams, long logs and the process that serves them: the short trials of ``make reliability``."""

from __future__ import annotations

from pathlib import Path

import pytest
from tools.parts.engine import Engine
from tools.parts.git_server import GitServer
from tools.reliability import clock, fan_out, leaks, long_logs, stopping
from tools.reliability.figures import missed
from tools.reliability.rig import Rig


@pytest.fixture
def rig(engine: Engine, image: str, git: GitServer, tmp_path: Path) -> Rig:
    return Rig(engine.url, image, git, tmp_path)


def test_every_line_reaches_every_reader_soon_and_memory_stays_bounded(rig: Rig) -> None:
    assert missed(fan_out.run(rig, fan_out.SHORT)) == []


def test_a_long_log_is_downloaded_fast_and_gone_on_with_near_its_end(rig: Rig) -> None:
    assert missed(long_logs.run(rig, long_logs.SHORT)) == []


def test_requests_and_streams_leave_nothing_behind(rig: Rig) -> None:
    assert missed(leaks.run(rig, leaks.SHORT)) == []


def test_a_service_that_stops_sends_everyone_elsewhere_and_builds_go_on(rig: Rig) -> None:
    assert missed(stopping.run(rig, stopping.SHORT)) == []


def test_nothing_minds_when_the_clock_jumps(rig: Rig) -> None:
    assert missed(clock.run(rig, clock.SHORT)) == []
