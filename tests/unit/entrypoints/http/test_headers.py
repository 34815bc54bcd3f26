"""Security headers are on every answer."""

from __future__ import annotations

import pytest
from tests.unit.entrypoints.http.conftest import REPO, World


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "api/v1/me", 200),
        ("GET", "api/v1/openapi.json", 200),
        ("GET", "api/v1/me?token=x", 400),
        ("GET", "api/v1/nothing", 404),
        ("PUT", "api/v1/me", 405),
        ("POST", "api/v1/builds", 415),
        ("GET", "health/live", 200),
        ("GET", "health/ready", 200),
        ("GET", "static/missing.js", 404),
        ("GET", "login", 303),
        ("POST", "logout", 204),
    ],
)
async def test_security_headers_are_on_every_answer(world: World, method: str, path: str, status: int) -> None:
    answer = await world.client("ada").request(method, path)

    assert answer.status_code == status
    policy = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == policy["connect-src"] == policy["base-uri"] == policy["form-action"] == "'self'"
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "noopener-allow-popups"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Request-ID"]


async def test_security_headers_are_on_refusals_and_failures_too(world: World) -> None:
    too_long = await world.client("ada").post("api/v1/builds", headers={"Content-Length": "9999999"})
    del world.app.state.streams
    broken = await world.client("ada").get("api/v1/events")

    assert (too_long.status_code, broken.status_code) == (413, 500)
    for answer in (too_long, broken):
        assert "Content-Security-Policy" in answer.headers
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_a_log_is_no_page_whatever_it_says(world: World) -> None:
    client = world.client("ada")
    build = (await client.post("api/v1/builds", json={"repo": REPO})).json()["id"]
    world.builder.write(build, "<html><script>alert(1)</script>")
    answer = await client.get(f"api/v1/builds/{build}/log")

    assert answer.headers["Content-Type"].startswith("text/plain")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.headers["X-Accel-Buffering"] == "no"
