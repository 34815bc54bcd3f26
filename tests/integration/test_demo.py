"""The demo, as a newcomer runs it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

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


def image_of(done: subprocess.CompletedProcess[str]) -> str:
    """Give the image that a demo has built and listed."""
    assert done.returncode == 0, done.stderr
    image = next(line.partition(": ")[2] for line in done.stdout.splitlines() if line.startswith("succeeded: "))
    assert image in done.stdout.partition("$ repo2docker-service images")[2]
    return image


@pytest.mark.usefixtures("image")
def test_the_demo_builds_lists_and_ends_within_a_minute() -> None:
    start = time.monotonic()

    done = demo()

    assert image_of(done).startswith("localhost/")
    assert "RUN cat /greeting.txt" in done.stdout
    assert "Pushing [" not in done.stdout
    assert time.monotonic() - start < 60
