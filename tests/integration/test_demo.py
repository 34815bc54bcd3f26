"""The demo, as a newcomer runs it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tools.parts import singleuser_image
from tools.parts.docker_api import DockerApi
from tools.parts.engine import Engine

ROOT = Path(__file__).parents[2]


def demo(**variables: str) -> subprocess.CompletedProcess[str]:
    """Run the demo as in a terminal that nobody looks at."""
    return subprocess.run(
        [sys.executable, "-m", "tools.demo"],
        cwd=ROOT,
        env=os.environ | {"CI": "true", "REGISTRY": "", "HUB": ""} | variables,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


@pytest.mark.usefixtures("image")
@pytest.mark.parametrize("registry", ["", "v2"], ids=["engine", "v2"])
def test_the_demo_builds_lists_and_ends_within_a_minute(registry: str) -> None:
    start = time.monotonic()

    done = demo(REGISTRY=registry)

    assert done.returncode == 0, done.stderr
    image = next(line.partition(": ")[2] for line in done.stdout.splitlines() if line.startswith("succeeded: "))
    assert "RUN cat /greeting.txt" in done.stdout
    assert image in done.stdout.partition("$ repo2docker-service images")[2]
    assert ("Pushing [" in done.stdout) is image.startswith("127.0.0.1:") is bool(registry)
    assert time.monotonic() - start < 60


@pytest.mark.usefixtures("image")
def test_the_demo_with_a_hub_builds_as_somebody_and_starts_a_server_that_answers(engine: Engine) -> None:
    singleuser_image.ensure(engine.url)
    start = time.monotonic()

    done = demo(HUB="1")

    assert done.returncode == 0, done.stderr
    image = next(line.partition(": ")[2] for line in done.stdout.splitlines() if line.startswith("succeeded: "))
    listed = done.stdout.partition("$ repo2docker-service images")[2]
    assert image in listed
    assert "user:builder" in listed
    ready = re.search(r"(?m)^ready: http://127.0.0.1:\d+/user/builder/(\S+)/lab/tree/hello.ipynb$", done.stdout)
    assert ready is not None
    assert "Its notebook says: Hello. This was written at " in done.stdout
    # The name comes from the example's address, which is another one in each run.
    filters = json.dumps({"name": [f"-builder--{ready[1]}$"]})
    assert DockerApi(engine.url).ask("GET", "/containers/json", {"all": "1", "filters": filters}) == []
    assert time.monotonic() - start < 150
