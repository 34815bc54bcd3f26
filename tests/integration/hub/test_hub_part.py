"""The Hub that other tests rely on leaves nothing behind, however it ends."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from tests.integration.hub.conftest import CONFIGURE, managed
from tools.parts import singleuser_image
from tools.parts.docker_api import DockerApi
from tools.parts.docker_hub import hub_containers
from tools.parts.engine import Engine
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


KILLED = """
import os, sys
from tools.parts.docker_hub import hub_containers
with hub_containers(sys.argv[1]) as containers:
    print(containers.prefix, flush=True)
    os.kill(os.getpid(), 9)
"""


def test_what_a_killed_run_left_on_the_engine_is_removed_by_the_next(engine: Engine) -> None:
    root = Path(__file__).parents[3]
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, engine.url], cwd=root, capture_output=True, text=True, timeout=60, check=False
    )
    left = killed.stdout.strip()

    with hub_containers(engine.url):
        networks = {each["Name"] for each in DockerApi(engine.url).ask("GET", "/networks")}

    assert left
    assert left not in networks


def test_a_frozen_hub_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    with running_hub(tmp_path, managed(tmp_path)) as hub:
        service = hub.wait_for_service("repo2docker")
        before = still_running(tmp_path)
        hub.freeze()
        live = httpx.get(f"{service}health/live").status_code

    assert len(before) == 3
    assert live == 200
    assert still_running(tmp_path) == []


def test_servers_that_a_hub_starts_in_containers_answer_and_are_gone_after_it(tmp_path: Path, engine: Engine) -> None:
    image = singleuser_image.ensure(engine.url)
    with hub_containers(engine.url) as containers:
        lines = containers.lines(allowed_images=[image], volumes={f"{containers.prefix}-home": "/home/jovyan"})
        with running_hub(tmp_path, lines, api_ip=containers.gateway) as hub:
            token = hub.token("alice")
            started = hub.ask("POST", "/users/alice/servers/one", {"user_options": {"image": image}}, token=token)
            hub.wait_until_ready("alice", "one")
            [before] = containers.running()
            answer = httpx.get(f"{hub.url}user/alice/one/api/status", headers={"Authorization": f"token {token}"})

    assert started.status in {201, 202}
    assert before.endswith("-alice--one")
    assert answer.status_code == 200
    assert containers.running() == []
    assert containers.volumes() == []
