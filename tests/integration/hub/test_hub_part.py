"""The Hub that other tests rely on leaves nothing behind, however it ends."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from tests.integration.hub.conftest import CONFIGURE, managed
from tools.parts.hub import running_hub
from tools.parts.processes import running_in


def still_running(folder: Path) -> list[int]:
    """Give what still runs in the folder that the Hub made for itself."""
    [own] = folder.glob("hub-*")
    return running_in(own)


def test_a_hub_that_does_not_start_leaves_no_proxy_behind(tmp_path: Path) -> None:
    config = tmp_path / "config.py"
    config.write_text("c.Repo2DockerService.no_such_setting = 1\n")
    lines = f"{CONFIGURE}configure(c, config_file={str(config)!r}, **groups)\n"

    with pytest.raises(RuntimeError, match="no_such_setting"), running_hub(tmp_path, lines):
        pass

    assert still_running(tmp_path) == []


def test_a_frozen_hub_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    with running_hub(tmp_path, managed(tmp_path)) as hub:
        service = hub.wait_for_service("repo2docker")
        before = still_running(tmp_path)
        hub.freeze()
        live = httpx.get(f"{service}health/live").status_code

    assert len(before) == 3
    assert live == 200
    assert still_running(tmp_path) == []
