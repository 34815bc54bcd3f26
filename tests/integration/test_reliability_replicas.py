"""What is promised while processes of the service die: the trials of ``make reliability``, in short."""

from __future__ import annotations

from pathlib import Path

import pytest
from tools.parts.engine import Engine
from tools.parts.git_server import GitServer
from tools.reliability import deaths, replicas, thirty
from tools.reliability.figures import missed
from tools.reliability.rig import Rig


@pytest.fixture
def rig(engine: Engine, image: str, git: GitServer, tmp_path: Path) -> Rig:
    return Rig(engine.url, image, git, tmp_path)


def test_a_service_that_is_killed_again_and_again_loses_nothing(rig: Rig) -> None:
    assert missed(deaths.run(rig, deaths.SHORT)) == []


def test_followers_go_on_at_another_replica(rig: Rig) -> None:
    assert missed(replicas.run(rig, replicas.SHORT)) == []


def test_thirty_people_who_ask_at_once_share_one_build(rig: Rig) -> None:
    assert missed(thirty.run(rig, thirty.SHORT)) == []
