"""Credentials for a repository come in over HTTP, and nothing of them goes out."""

from __future__ import annotations

import base64
import json
import logging
from typing import cast

import httpx
import pytest
from tests.unit.entrypoints.http.conftest import COMMIT, REPO, World

from repo2docker_service.adapters.sources.memory import InMemorySourceResolver

CANARY = "canary/4 ä"
KEY = {"username": "ada", "password": CANARY}
WISH = {"repo": REPO, "credentials": KEY}
FORMS = (
    "canary",
    base64.b64encode(f"ada:{CANARY}".encode()).decode(),
    base64.b64encode(CANARY.encode()).decode(),
)


@pytest.fixture(autouse=True)
def locked(world: World) -> None:
    resolver = cast("InMemorySourceResolver", world.services.sources)
    resolver.locked = {REPO: f"ada:{CANARY}"}


async def test_a_private_repository_is_built_for_its_owner_only(
    world: World, ada: httpx.AsyncClient, bob: httpx.AsyncClient
) -> None:
    answer = await ada.post("api/v1/builds", json=WISH)
    build = answer.json()

    assert answer.status_code == 202
    assert build["private"] is True
    assert "/private/user--ada/" in build["image"]
    for path in (f"builds/{build['id']}", f"builds/{build['id']}/log"):
        assert (await bob.get(f"api/v1/{path}")).status_code == 404
    assert (await bob.post("api/v1/builds", json={"repo": REPO, "ref": COMMIT})).status_code == 502
    assert len(await world.builder.list()) == 1


async def test_a_private_repository_is_looked_up_for_who_opens_it(world: World, ada: httpx.AsyncClient) -> None:
    build = (await ada.post("api/v1/builds", json=WISH)).json()
    world.builder.finish(build["id"])

    found = (await ada.post("api/v1/source", json=WISH)).json()
    for_root = (await world.client("root").post("api/v1/source", json=WISH)).json()
    for_ada = (await world.client("root").post("api/v1/source", json={**WISH, "owner": "user:ada"})).json()

    assert (found["private"], found["image"]["name"], found["image"]["private"]) == (True, build["image"], True)
    assert for_root["image"] is None
    assert for_ada["image"] == found["image"]


async def test_nobody_looks_up_for_somebody_else(bob: httpx.AsyncClient) -> None:
    assert (await bob.post("api/v1/source", json={**WISH, "owner": "user:ada"})).status_code == 403


async def test_it_is_refused_where_everybody_reads_the_registry(world: World, ada: httpx.AsyncClient) -> None:
    world.registry.open_to_all = True
    answer = await ada.post("api/v1/builds", json=WISH)

    assert (answer.status_code, answer.json()["type"]) == (403, "urn:repo2docker-service:private-build-refused")
    assert "administrator" in answer.json()["detail"]


@pytest.mark.parametrize("route", ["api/v1/builds", "api/v1/source"])
@pytest.mark.parametrize(
    "body",
    [
        WISH,
        {**WISH, "ref": "maim"},
        {**WISH, "repo": "https://example.org/not/there"},
        {**WISH, "colour": "red"},
        {**WISH, "repo": 5},
        {"repo": REPO, "credentials": {**KEY, "password": CANARY + "wrong"}},
        {"repo": REPO, "credentials": {**KEY, "password": [CANARY]}},
        {"repo": REPO, "credentials": {**KEY, "password": CANARY * 1000}},
        {"repo": REPO, "credentials": {**KEY, CANARY: 1}},
        {"repo": REPO, "credentials": CANARY},
        {"repo": f"https://ada:{CANARY}@example.org/a/b"},
        WISH | {"title": "a" * 1_100_000},
        [WISH],
        "{" + json.dumps(WISH),
        json.dumps(WISH)[:-1],
    ],
    ids=range(15),
)
async def test_nothing_of_them_is_told_or_logged_whatever_becomes_of_the_request(
    ada: httpx.AsyncClient, caplog: pytest.LogCaptureFixture, route: str, body: object
) -> None:
    caplog.set_level(logging.DEBUG)
    content = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
    answer = await ada.post(route, content=content.encode(), headers={"Content-Type": "application/json"})

    told = answer.text + json.dumps(dict(answer.headers)) + "".join(map(_whole, caplog.records))
    assert answer.status_code != 500
    assert not [form for form in FORMS if form in told]


def _whole(record: logging.LogRecord) -> str:
    return f"{record.getMessage()} {record.__dict__}"


async def test_an_error_that_nobody_foresaw_tells_nothing_of_them_either(
    world: World, ada: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*given: object) -> None:
        raise LookupError(given)

    monkeypatch.setattr(world.services.sources, "resolve", broken)
    answer = await ada.post("api/v1/builds", json=WISH)

    assert answer.status_code == 500
    assert "LookupError" in caplog.text
    assert "Credentials" in caplog.text
    assert "canary" not in caplog.text + answer.text


async def test_they_can_be_sent_and_are_never_given(world: World) -> None:
    document = (await world.client().get("api/v1/openapi.json")).json()
    schemas = document["components"]["schemas"]

    assert schemas["CredentialsWish"]["properties"]["password"]["writeOnly"] is True
    assert schemas["CredentialsWish"]["required"] == ["password"]
    assert [name for name, schema in schemas.items() if "credentials" in schema.get("properties", {})] == [
        "BuildWish",
        "SourceWish",
    ]
