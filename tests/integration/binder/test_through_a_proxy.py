"""A silent build, watched through the proxy of a Hub that gives up on connections on which nothing comes."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlsplit

from tests.integration.binder.conftest import Binder
from tests.integration.waiting import wait_for
from tools.parts import hub_proxy
from tools.parts.ports import free_ports
from tools.service import PRETENDED, configured, running_service

GIVES_UP_AFTER: Final = 3.0
"""Seconds; a twentieth of what is usual, as all is here: a service speaks every 15 seconds, and proxies wait for 60."""
SILENT_FOR: Final = 7.0
HURRIED: Final = f"""#!{sys.executable}
from repo2docker_service.entrypoints.http import event_stream

event_stream.DEFAULT_PACE = event_stream.Pace(heartbeat=event_stream.Pace().heartbeat / 20)

from repo2docker_service.entrypoints.cli import main

raise SystemExit(main())
"""


@contextmanager
def impatient_proxy(url: str) -> Iterator[str]:
    """Run a Hub's proxy before a service, and give the address of the service there."""
    parts = urlsplit(url)
    port, api_port = free_ports(2)
    milliseconds = int(GIVES_UP_AFTER * 1000)
    process = subprocess.Popen(
        [
            *hub_proxy.command(),
            *("--ip=127.0.0.1", f"--port={port}", "--api-ip=127.0.0.1", f"--api-port={api_port}"),
            *(f"--default-target={parts.scheme}://{parts.netloc}", "--log-level=error"),
            *(f"--timeout={milliseconds}", f"--proxy-timeout={milliseconds}"),
        ]
    )
    try:
        wait_for(lambda: _listens(port))
        yield parts._replace(netloc=f"127.0.0.1:{port}").geturl()
    finally:
        process.terminate()
        process.wait(timeout=15)


def _listens(port: int) -> bool:
    with socket.socket() as connection:
        return connection.connect_ex(("127.0.0.1", port)) == 0


def test_a_build_that_is_silent_for_longer_than_a_proxy_waits_is_told_to_its_end(tmp_path: Path) -> None:
    command, address = tmp_path / "hurried", "https://example.org/silent"
    command.write_text(HURRIED)
    command.chmod(0o755)
    settings: dict[str, dict[str, object]] = {
        "Repo2DockerService": {**PRETENDED, "authorizer": "token", "binder_api": True},
        "InMemoryImageBuilder": {"scripts": {address: {"lines": 1, "then": SILENT_FOR}}},
    }
    with (
        running_service(tmp_path, configured(settings), command) as service,
        impatient_proxy(service.url) as url,
    ):
        begun = time.monotonic()
        told = replace(Binder.of(service), url=url).told(f"git/{quote(address, safe='')}/HEAD")
        took = time.monotonic() - begun

    assert [each["phase"] for each in told] == ["waiting", "building", "ready"]
    assert took > SILENT_FOR > 2 * GIVES_UP_AFTER
