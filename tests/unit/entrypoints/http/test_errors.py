"""Errors become problem documents, all of them."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send
from tests.unit.entrypoints.http.conftest import REPO, Make, World

from repo2docker_service.adapters.builders.memory import InMemoryImageBuilder
from repo2docker_service.domain import errors as domain
from repo2docker_service.domain.credentials import Credentials
from repo2docker_service.domain.models import Build, BuildPlan, Destination
from repo2docker_service.entrypoints.http.errors import MEDIA_TYPE, problem_of, status_of
from repo2docker_service.entrypoints.http.middleware import Unexpected


def kinds(kind: type[domain.ServiceError] = domain.ServiceError) -> Iterator[type[domain.ServiceError]]:
    for each in kind.__subclasses__():
        yield each
        yield from kinds(each)


# A plugin's own kinds are its own business; tests may define some, too.
OURS = sorted(
    {kind for kind in kinds() if kind.__module__.startswith(f"{domain.__name__}.")}, key=lambda kind: kind.__name__
)
EXAMPLES: list[tuple[domain.ServiceError, int, dict[str, Any], dict[str, str]]] = [
    (
        domain.InvalidInput("ref", "No.", ["a"]),
        422,
        {"errors": [{"field": "ref", "problem": "No.", "near": ["a"]}]},
        {},
    ),
    (domain.SourceForbidden("repo", "No."), 422, {"errors": [{"field": "repo", "problem": "No."}]}, {}),
    (domain.RefNotFound("ref", "No."), 422, {"errors": [{"field": "ref", "problem": "No."}]}, {}),
    (domain.BadCursor("cursor", "No."), 422, {"errors": [{"field": "cursor", "problem": "No."}]}, {}),
    (domain.SourceUnreachable("https://x", "off"), 502, {"address": "https://x", "may_be_private": False}, {}),
    (domain.SourceUnreachable("https://x", "shut", may_be_private=True), 502, {"may_be_private": True}, {}),
    (domain.SourceUnreachable("https://x", "busy", retry_after=40), 502, {"retry_after": 40}, {"Retry-After": "40"}),
    (domain.Unauthenticated(), 401, {}, {"WWW-Authenticate": "Bearer"}),
    (domain.Forbidden("admin"), 403, {"scope": "admin"}, {}),
    (domain.BuildNotFound("b"), 404, {"build": "b"}, {}),
    (domain.ImageNotFound("i"), 404, {"image": "i"}, {}),
    (domain.LogCollected("b"), 410, {"build": "b"}, {}),
    (domain.BuildActive("b"), 409, {"build": "b"}, {}),
    (domain.BuildFinished("b", "failed"), 409, {"state": "failed"}, {}),
    (domain.ImageMoved("i", "a", "b"), 412, {"expected": "a", "actual": "b"}, {}),
    (domain.ImageInUse("i", ["c"]), 409, {"users": ["c"]}, {}),
    (domain.ImageHasSiblings("i", ["j"]), 409, {"siblings": ["j"]}, {}),
    (domain.DeletionRefused("i", "Ask."), 405, {"image": "i", "problem": "Ask."}, {"Allow": "GET"}),
    (domain.QuotaExceeded("Two at once.", 60), 429, {"retry_after": 60}, {"Retry-After": "60"}),
    (domain.QuotaExceeded("Two in all."), 429, {"retry_after": None}, {}),
    (domain.TooManyRequests("Two in a minute.", 30), 429, {"retry_after": 30}, {"Retry-After": "30"}),
    (domain.PrivateBuildRefused(), 403, {}, {}),
    (domain.DiskLow(5), 507, {"free": 5}, {}),
    (domain.BuilderUnavailable("engine", "off"), 503, {"part": "engine"}, {"Retry-After": "5"}),
    (domain.BuilderImageMissing("repo2docker:1"), 503, {"part": "engine"}, {"Retry-After": "5"}),
    (domain.BuilderImageMissing("repo2docker:1", "no such host"), 503, {"part": "engine"}, {}),
    (domain.RegistryUnavailable("registry", "off"), 503, {"part": "registry"}, {"Retry-After": "5"}),
    (domain.AuthorizerUnavailable("hub", "off"), 503, {"part": "hub"}, {"Retry-After": "5"}),
]


@pytest.mark.parametrize("kind", OURS)
def test_every_error_of_the_domain_has_a_status(kind: type[domain.ServiceError]) -> None:
    assert 400 <= status_of(kind) < 600


def test_an_error_that_nobody_put_into_the_table_is_noticed() -> None:
    class Forgotten(domain.ServiceError):
        pass

    with pytest.raises(LookupError, match="Forgotten"):
        status_of(Forgotten)


@pytest.mark.parametrize(("error", "status", "data", "headers"), EXAMPLES, ids=lambda value: type(value).__name__)
def test_an_error_is_told_with_its_status_and_data(
    error: domain.ServiceError, status: int, data: dict[str, Any], headers: dict[str, str]
) -> None:
    problem = problem_of(error)
    body = json.loads(bytes(problem.response().body))

    assert body["status"] == problem.status == status
    assert body["detail"] == str(error)
    assert body["title"]
    assert body["type"].startswith("urn:repo2docker-service:")
    assert data.items() <= body.items()
    assert problem.headers == headers


def test_no_two_errors_are_told_as_the_same_type() -> None:
    kinds_by_type = {problem_of(error).kind: type(error) for error, *_ in EXAMPLES}

    assert len(kinds_by_type) == len({type(error) for error, *_ in EXAMPLES})


class Faulty(InMemoryImageBuilder):
    """Fails with whatever a test puts here."""

    error: Exception

    async def start(
        self,
        plan: BuildPlan,
        destination: Destination,
        *,
        anew: bool = False,
        credentials: Credentials | None = None,
    ) -> Build:
        raise self.error


async def test_who_may_change_a_setting_is_told_its_name_and_others_whom_to_ask(make_world: Make) -> None:
    world = make_world(builder=Faulty)
    world.builder.error = domain.SourceForbidden("repo", "Not from here.", setting="Some.setting")
    told = [
        (await world.client(name).post("api/v1/builds", json={"repo": REPO})).json()["detail"]
        for name in ("ada", "root")
    ]

    assert told == [
        "Not from here. Ask the hub's administrators to allow it.",
        "Not from here. Allow it with Some.setting.",
    ]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (domain.DiskLow(5), 507),
        (domain.QuotaExceeded("Two.", 9), 429),
        (domain.BuilderUnavailable("engine", "off"), 503),
    ],
    ids=lambda value: type(value).__name__,
)
async def test_what_a_builder_raises_reaches_people(make_world: Make, error: Exception, status: int) -> None:
    world = make_world(builder=Faulty)
    world.builder.error = error
    answer = await world.client("ada").post("api/v1/builds", json={"repo": REPO})

    assert answer.status_code == status
    assert answer.headers["Content-Type"] == MEDIA_TYPE


async def test_what_nobody_foresaw_is_logged_by_number_and_not_told(
    make_world: Make, caplog: pytest.LogCaptureFixture
) -> None:
    world = make_world(builder=Faulty)
    world.builder.error = RuntimeError("a secret path")
    with caplog.at_level(logging.ERROR):
        answer = await world.client("ada").post("api/v1/builds", json={"repo": REPO}, headers={"X-Request-ID": "r-1"})

    assert answer.status_code == 500
    assert answer.headers["Content-Type"] == MEDIA_TYPE
    assert answer.json()["request_id"] == answer.headers["X-Request-ID"] == "r-1"
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    assert "r-1" in caplog.text
    assert "a secret path" in caplog.text


async def test_what_fails_half_way_breaks_off_instead_of_ending() -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request"}

    async def half(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise RuntimeError("lost")

    with pytest.raises(RuntimeError, match="lost"):
        await Unexpected(half)({"type": "http", "method": "GET", "path": "/", "headers": []}, receive, send)

    assert [message["type"] for message in sent] == ["http.response.start"]


@pytest.mark.parametrize("begun", [False, True])
async def test_a_request_that_a_stopping_server_does_not_wait_for_is_answered_unless_its_answer_has_begun(
    begun: bool,
) -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        raise AssertionError("nobody asks")

    async def waiting(scope: Scope, receive: Receive, send: Send) -> None:
        if begun:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        await asyncio.Event().wait()

    scope = {"type": "http", "method": "POST", "path": "/", "headers": []}
    request = asyncio.create_task(Unexpected(waiting)(scope, receive, send))
    await asyncio.sleep(0)
    request.cancel()
    with pytest.raises(asyncio.CancelledError):
        await request

    assert [message["status"] for message in sent if "status" in message] == [200 if begun else 503]
    assert len(sent) == (1 if begun else 2)


@pytest.mark.parametrize("asked", ["", "a b", "x" * 65, "a;b"])
async def test_a_request_id_that_could_forge_a_log_is_replaced(ada: httpx.AsyncClient, asked: str) -> None:
    answer = await ada.get("api/v1/me", headers=[("X-Request-ID", asked)])

    assert answer.headers["X-Request-ID"] not in ("", asked)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "api/v1/nothing", 404),
        ("GET", "api", 404),
        ("GET", "api/v2/me", 404),
        ("GET", "api/v1/builds/", 404),
        ("POST", "api/v1/nothing", 404),
        ("PUT", "api/v1/builds", 405),
        ("GET", f"api/v1/builds/{'0' * 32}/cancel", 405),
        ("DELETE", "api/v1/me", 405),
        ("POST", "somewhere", 405),
        ("GET", "health/other", 404),
        ("GET", "static/missing.js", 404),
        ("GET", "favicon.ico", 404),
    ],
)
async def test_what_is_not_there_is_told_as_a_problem(
    ada: httpx.AsyncClient, method: str, path: str, status: int
) -> None:
    answer = await ada.request(method, path)

    assert answer.status_code == status
    assert answer.headers["Content-Type"] == MEDIA_TYPE
    assert answer.json()["status"] == status
    assert answer.json()["type"] == "about:blank"
    assert ("Allow" in answer.headers) == (status == 405)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "api/v1/builds", "GET, POST"),
        ("OPTIONS", f"api/v1/builds/{'0' * 32}", "DELETE, GET"),
        ("OPTIONS", "api/v1/admin/owners/group:a/b/removal", "GET, POST"),
        ("DELETE", "login", "GET, POST"),
        ("PUT", "api/v1/me", "GET"),
    ],
)
async def test_all_that_may_be_done_at_an_address_is_told(
    make_world: Make, method: str, path: str, allowed: str
) -> None:
    for base_url in ("/", "/services/envs/"):
        answer = await make_world(base_url=base_url).client("ada").request(method, f"http://test{base_url}{path}")

        assert (answer.status_code, answer.headers["Allow"]) == (405, allowed)


async def test_no_owner_has_a_name_of_two_lines(make_world: Make) -> None:
    root = make_world().client("root")

    assert (await root.get("api/v1/admin/owners/user:a%0Ab/removal")).status_code == 404
    assert (await root.post("api/v1/admin/owners/user:a%0Ab/removal")).status_code == 404


async def test_nothing_is_served_beside_the_base_url(make_world: Make) -> None:
    world: World = make_world(base_url="/services/envs/")
    client = world.client("ada")

    assert (await client.get("http://test/services/envs/api/v1/me")).status_code == 200
    for path in ("/", "/api/v1/me", "/services/envsx/api/v1/me", "/services/api/v1/me"):
        answer = await client.get(f"http://test{path}")

        assert answer.status_code == 404
        assert answer.headers["Content-Type"] == MEDIA_TYPE
        assert "Content-Security-Policy" in answer.headers
