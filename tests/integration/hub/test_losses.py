"""A Hub that is away is not taken for a refusal, and a role that was taken away is gone at once."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from tests.integration.hub.conftest import CONFIGURE, Behind, browser, log_in, service_config
from tools.parts.hub import running_hub
from tools.reliability.replica import free_port
from tools.service import running_service

LONGEST = 30.0
"""Seconds for which the service may go by what the Hub said before."""


def wish() -> dict[str, str]:
    """Ask for what nobody has built."""
    return {"repo": f"https://example.org/{secrets.token_hex(8)}.git"}


@contextmanager
def without_role(behind: Behind, user: str) -> Iterator[None]:
    behind.hub.ask("DELETE", "/groups/builders/users", {"users": [user]})
    try:
        yield
    finally:
        behind.hub.ask("POST", "/groups/builders/users", {"users": [user]})


def test_a_role_that_was_taken_away_is_gone_at_the_next_build_and_comes_back_without_a_login(behind: Behind) -> None:
    with behind.client_of("ben") as ben:
        before = ben.post("builds", json=wish()).status_code
        with without_role(behind, "ben"):
            without = [ben.post("builds", json=wish()).status_code, ben.get("images").status_code]
        after = ben.post("builds", json=wish()).status_code

    assert (before, after) == (202, 202)
    # What was refused is forgotten, so that reading is refused from then on too.
    assert without == [403, 403]


@pytest.mark.slow
def test_a_role_that_was_taken_away_is_gone_for_reading_and_for_streams_in_half_a_minute(behind: Behind) -> None:
    with behind.client_of("ben") as ben:
        ben.get("me").raise_for_status()
        with ben.stream("GET", "events", headers={"Accept": "text/event-stream"}, timeout=LONGEST) as stream:
            stream.raise_for_status()
            with without_role(behind, "ben"):
                begun = time.monotonic()
                while (answer := ben.get("images")).is_success:
                    assert time.monotonic() - begun < LONGEST + 2
                    time.sleep(0.5)
                for _ in stream.iter_lines():
                    assert time.monotonic() - begun < LONGEST + 5

    assert answer.status_code == 403


def test_a_hub_that_does_not_answer_is_not_taken_for_a_refusal(behind: Behind) -> None:
    with behind.client_of("alice") as alice, behind.client_of("vera") as vera:
        alice.get("me").raise_for_status()
        behind.hub.freeze()
        try:
            known, asked, new = alice.get("me"), alice.post("builds", json=wish()), vera.get("me")
        finally:
            behind.hub.thaw()
        recovered = [alice.post("builds", json=wish()).status_code, vera.get("me").status_code]

    assert known.status_code == 200
    assert [answer.status_code for answer in (asked, new)] == [503, 503]
    assert int(asked.headers["Retry-After"]) > 0
    assert asked.json()["part"] == "hub"
    assert recovered == [202, 200]


@pytest.fixture
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Behind]:
    """Run a Hub and a service that it does not start, each told of the other as the documentation says."""
    port, token = free_port(), secrets.token_hex(16)
    lines = (
        f"import os; os.environ['REPO2DOCKER_API_TOKEN'] = {token!r}\n"
        f"{CONFIGURE}configure(c, url='http://127.0.0.1:{port}', **groups)\n"
        # The Hub is up before the service, so that it would wait for it in vain.
        "c.JupyterHub.services[-1]['timeout'] = 1\n"
    )
    settings = {"Repo2DockerService.port": port, "JupyterHubAuthorizer.cache_seconds": 1}
    (tmp_path / "hub").mkdir()
    with running_hub(tmp_path / "hub", lines) as hub:
        monkeypatch.setenv("JUPYTERHUB_API_URL", hub.api_url)
        monkeypatch.setenv("JUPYTERHUB_API_TOKEN", token)
        monkeypatch.setenv("JUPYTERHUB_SERVICE_NAME", "repo2docker")
        monkeypatch.setenv("JUPYTERHUB_SERVICE_PREFIX", "/services/repo2docker/")
        config = service_config(tmp_path, settings).read_text()
        with running_service(tmp_path / "service", config) as service:
            yield Behind(hub, service.url)


def test_a_hub_that_is_stopped_and_started_again_costs_nobody_a_login(outside: Behind) -> None:
    hub = outside.hub
    with outside.client_of("alice") as alice:
        before = alice.get("me").status_code
        hub.stop()
        building = alice.post("builds", json=wish()).status_code
        time.sleep(1.1)
        away = [building, alice.get("me").status_code]
        live = httpx.get(f"{outside.url}health/live").status_code
        hub.start()
        recovered = [alice.get("me").status_code, alice.post("builds", json=wish()).status_code]

    assert (before, live) == (200, 200)
    assert away == [503, 503]
    assert recovered == [200, 202]


def test_people_log_in_through_the_proxy_to_a_service_that_the_hub_does_not_start(outside: Behind) -> None:
    url = outside.hub.wait_for_service("repo2docker")

    with browser() as client:
        shown = log_in(client, f"{url}login", "alice")
        kept = {each.name for each in client.cookies.jar if each.path == "/services/repo2docker/"}

    assert str(shown.url) == url
    assert kept == {"_xsrf", "repo2docker-service-default"}
