"""Whether a program was ended for want of memory is read from what the kernel counts for the container."""

from __future__ import annotations

from pathlib import Path

import pytest

from repo2docker_service.adapters.builders.containers.in_container import memory

SECOND_VERSION = "low 0\nhigh 0\nmax {0}\noom {0}\noom_kill {0}\noom_group_kill 0\n"
FIRST_VERSION = "oom_kill_disable 0\nunder_oom 0\noom_kill {0}\n"


@pytest.mark.parametrize("written", [SECOND_VERSION, FIRST_VERSION])
@pytest.mark.parametrize("count", [0, 1, 20])
def test_it_is_seen_in_either_version_of_control_groups(tmp_path: Path, written: str, count: int) -> None:
    counters = tmp_path / "counters"
    counters.write_text(written.format(count))

    assert memory.ran_out((str(tmp_path / "none"), str(counters))) is (count > 0)


def test_it_has_not_where_nothing_is_counted(tmp_path: Path) -> None:
    (tmp_path / "counters").write_text("oom_kill_disable 1\n")

    assert not memory.ran_out((str(tmp_path / "none"),))
    assert not memory.ran_out((str(tmp_path / "counters"),))
