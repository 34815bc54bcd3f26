"""Who writes the page sees each change of it, over a service that runs."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from tools.service import RunningService

FRONTEND = Path(__file__).parents[3] / "frontend"


@contextmanager
def developed(folder: Path, service: RunningService) -> Iterator[str]:
    """Serve the page from these sources, as ``make page`` does; gives its address."""
    tools = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    process = subprocess.Popen(
        ["npm", "run", "--silent", "serve"],
        cwd=folder,
        env=os.environ | {"PATH": tools, "SERVICE": service.url},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        yield next(word for line in process.stdout if line.startswith("page:") for word in line.split()[1:2])
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.communicate(timeout=20)


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """Copy the sources of the page; its libraries are not changed."""
    copy = tmp_path / "frontend"
    shutil.copytree(FRONTEND, copy, ignore=shutil.ignore_patterns("node_modules", "dist"))
    (copy / "node_modules").symlink_to(FRONTEND / "node_modules")
    return copy


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_a_change_is_seen_without_loading_again_and_all_else_is_asked_of_the_service(
    sources: Path, pretending: RunningService, chromium: Browser
) -> None:
    words = sources / "src" / "texts" / "help.ts"
    with developed(sources, pretending) as address, chromium.new_page() as page:
        page.goto(f"{address}help#token=ada-token", timeout=60_000)
        page.get_by_text("Signed in as ada").wait_for(timeout=60_000)
        page.evaluate("globalThis.isStillHere = true")

        words.write_text(words.read_text().replace('title: "Help"', 'title: "Help for all"'))

        expect(page.get_by_role("heading", name="Help for all", level=1)).to_be_visible(timeout=60_000)
        assert page.evaluate("globalThis.isStillHere")
