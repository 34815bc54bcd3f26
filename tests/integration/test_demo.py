"""The demo, as a newcomer runs it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.usefixtures("image")
@pytest.mark.parametrize("registry", ["", "v2"], ids=["engine", "v2"])
def test_the_demo_builds_lists_and_ends_within_a_minute(registry: str) -> None:
    start = time.monotonic()

    done = subprocess.run(
        [sys.executable, "-m", "tools.demo"],
        cwd=ROOT,
        env=os.environ | {"CI": "true", "REGISTRY": registry},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    image = next(line.partition(": ")[2] for line in done.stdout.splitlines() if line.startswith("succeeded: "))
    assert "RUN cat /greeting.txt" in done.stdout
    assert image in done.stdout.partition("$ repo2docker-service images")[2]
    assert ("Pushing [" in done.stdout) is image.startswith("127.0.0.1:") is bool(registry)
    assert time.monotonic() - start < 60
