"""Whether the audit stream tells who did what to what, how it went, and no secret."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from starlette.routing import Route
from tests.unit.entrypoints.http.audited import hearing
from tests.unit.entrypoints.http.conftest import COMMIT, REPO, Make, World

from repo2docker_service.domain import auditing
from repo2docker_service.domain.models import ImageName
from repo2docker_service.domain.naming import image_id
from repo2docker_service.domain.rates import Rates
from repo2docker_service.entrypoints.http.monitoring.audit import ACTIONS

NAVIGATES = {"Sec-Fetch-Site": "same-origin"}


class Kept(logging.Handler):
    """Keeps the records, and the lines that they would be."""

    def __init__(self) -> None:
        super().__init__()
        self.data: list[dict[str, Any]] = []
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.data.append(record.data)  # type: ignore[attr-defined]  # an extra of the record
        self.lines.append(record.getMessage())


@pytest.fixture
def audit() -> Iterator[Kept]:
    with hearing(Kept()) as kept:
        yield kept


async def start(client: httpx.AsyncClient, **wish: object) -> str:
    answer = await client.post("api/v1/builds", json={"repo": REPO, **wish})
    return str(answer.json().get("id", ""))


async def test_a_build_is_told_with_what_came_of_it(world: World, ada: httpx.AsyncClient, audit: Kept) -> None:
    build_id = await start(ada)

    [told] = audit.data
    assert told == {
        "action": "build",
        "who": "user:ada",
        "by": "token",
        "outcome": "done",
        "status": 202,
        "target": build_id,
        "image": str((await world.builder.get(build_id)).plan.image),
        "repo": REPO,
        "commit": COMMIT,
        "owner": "user:ada",
        "build": "queued",
    }
    assert audit.lines[0].startswith(f"action=build who=user:ada by=token outcome=done status=202 target={build_id} ")


async def test_a_build_that_is_joined_or_there_already_is_told_as_that(
    world: World, ada: httpx.AsyncClient, bob: httpx.AsyncClient, audit: Kept
) -> None:
    build_id = await start(ada)
    await start(bob)
    world.builder.finish(build_id)
    await start(bob)

    assert [(told["who"], told["build"]) for told in audit.data] == [
        ("user:ada", "queued"),
        ("user:bob", "joined"),
        ("user:bob", "reused"),
    ]


async def test_cancelling_and_forgetting_are_told_also_when_refused(
    ada: httpx.AsyncClient, bob: httpx.AsyncClient, audit: Kept
) -> None:
    build_id = await start(ada)
    await bob.post(f"api/v1/builds/{build_id}/cancel")
    await ada.post(f"api/v1/builds/{build_id}/cancel")
    await ada.delete(f"api/v1/builds/{build_id}")

    told = [(each["action"], each["who"], each["outcome"], each["status"], each["target"]) for each in audit.data[1:]]
    assert told == [
        ("cancel", "user:bob", "refused", 403, build_id),
        ("cancel", "user:ada", "done", 200, build_id),
        ("forget", "user:ada", "done", 204, build_id),
    ]


async def test_a_deleted_image_is_told_by_name(world: World, ada: httpx.AsyncClient, audit: Kept) -> None:
    image = world.put_image()
    identifier = image_id(str(image.name))
    await ada.delete(f"api/v1/images/{identifier}", headers={"If-Match": f'"{image.digest}"'})

    [told] = audit.data
    assert (told["action"], told["outcome"], told["target"]) == ("delete", "done", identifier)
    assert (told["image"], told["digest"], told["owner"]) == (str(image.name), image.digest, "user:ada")


async def test_a_server_is_told_when_it_is_launched_and_stopped(
    world: World, ada: httpx.AsyncClient, audit: Kept
) -> None:
    image = world.put_image()
    await ada.post("api/v1/servers", json={"image": str(image.name), "server_name": "mine"})
    await ada.delete("api/v1/servers/mine")

    assert [(each["action"], each["target"], each["status"]) for each in audit.data] == [
        ("launch", "mine", 200),
        ("stop", "mine", 204),
    ]


async def test_what_is_done_to_many_is_told_with_how_many_they_were(world: World, audit: Kept) -> None:
    world.builder.build_settings = "new"
    image = world.put_image(settings="old")
    world.registry.use(image.name, "a server")
    root = world.client("root")
    await root.post("api/v1/admin/rebuilds", json={})
    await root.post("api/v1/admin/owners/user:ada/removal")

    rebuild, removal = [each for each in audit.data if "status" in each]
    assert rebuild == {
        "action": "rebuild",
        "who": "user:root",
        "by": "token",
        "outcome": "done",
        "status": 202,
        "begun": 1,
    }
    assert (removal["action"], removal["target"], removal["removed"], removal["left"]) == (
        "remove-owner",
        "user:ada",
        1,
        1,
    )


async def test_logging_in_and_out_are_told_and_no_token_is(world: World, audit: Kept) -> None:
    browser = world.client()
    await browser.post("login", json={"token": "wrong-secret"}, headers=NAVIGATES)
    await browser.post("login", json={"token": "ada-token"}, headers=NAVIGATES)
    await browser.post("logout", headers=NAVIGATES)
    await browser.get("logout")

    assert [(each["action"], each["who"], each["outcome"]) for each in audit.data] == [
        ("login", "unknown", "refused"),
        ("login", "user:ada", "done"),
        ("logout", "user:ada", "done"),
        ("logout", "unknown", "done"),
    ]
    assert "token" not in "".join(audit.lines)
    assert "secret" not in "".join(audit.lines)


async def test_it_is_told_by_what_somebody_was_known(world: World, audit: Kept) -> None:
    browser = world.client()
    await browser.post("login", json={"token": "ada-token"}, headers=NAVIGATES)
    shown = {"X-XSRFToken": browser.cookies["_xsrf"]}
    await browser.post("api/v1/admin/cleanup", headers={**NAVIGATES, **shown})
    await world.client("ada").post("api/v1/admin/cleanup")
    await world.client().post("api/v1/admin/cleanup")

    assert [(each["action"], each["who"], each.get("by")) for each in audit.data] == [
        ("login", "user:ada", None),
        ("cleanup", "user:ada", "session"),
        ("cleanup", "user:ada", "token"),
        ("cleanup", "unknown", None),
    ]


async def test_what_was_sent_and_refused_is_not_repeated(ada: httpx.AsyncClient, audit: Kept) -> None:
    await start(ada, repo="https://ada:secret-word@example.org/x/y")
    await start(ada, ref="secret-word", title="secret-word")

    assert [told["outcome"] for told in audit.data] == ["refused", "refused"]
    assert "secret-word" not in repr(audit.data)


JSON = {"Content-Type": "application/json"}
UNREADABLE = [(b"{", {}, 400), (b"{}", {"Content-Length": "2000000"}, 413), (b"{}", {"Content-Length": "many"}, 413)]


@pytest.mark.parametrize(("body", "said", "status"), UNREADABLE, ids=["no JSON", "too long", "no length"])
async def test_who_sent_a_body_that_is_not_read_is_told(
    world: World, audit: Kept, body: bytes, said: dict[str, str], status: int
) -> None:
    for who in ("ada", "stranger", ""):
        for path in ("api/v1/builds", "api/v1/servers"):
            await world.client(who).post(path, content=body, headers=JSON | said)

    told = [(each["action"], each["who"], each.get("by"), each["status"]) for each in audit.data]
    assert told == [
        (action, who, by, status)
        for who, by in (("user:ada", "token"), ("unknown", None), ("unknown", None))
        for action in ("build", "launch")
    ]


async def test_a_body_that_is_too_long_is_told_with_what_it_was_sent_to(ada: httpx.AsyncClient, audit: Kept) -> None:
    await ada.post(f"api/v1/builds/{'0' * 32}/cancel", content=b"{}", headers={"Content-Length": "2000000"})
    await ada.post("api/v1/source", content=b"{}", headers=JSON | {"Content-Length": "2000000"})

    assert [(each["action"], each["target"], each["status"]) for each in audit.data] == [("cancel", "0" * 32, 413)]


async def test_what_cannot_be_read_counts_for_who_sent_it(world: World, audit: Kept) -> None:
    world.app.state.rates = Rates(2)
    for _ in range(3):
        await world.client("ada").post("api/v1/builds", content=b"{", headers=JSON)

    assert (await world.client("ada").get("api/v1/me")).status_code == 429


async def test_what_an_administrator_collects_is_told(world: World, audit: Kept) -> None:
    await world.client("ada").post("api/v1/admin/cleanup")
    await world.client("root").post("api/v1/admin/cleanup")

    assert [(told["action"], told["who"], told["outcome"], told.get("removed")) for told in audit.data] == [
        ("cleanup", "user:ada", "refused", None),
        ("cleanup", "user:root", "done", 0),
    ]


async def test_reading_is_not_told(ada: httpx.AsyncClient, audit: Kept) -> None:
    for path in ("api/v1/builds", "api/v1/images", "api/v1/me", "health/live"):
        await ada.get(path)

    assert audit.data == []


async def test_what_fails_here_is_told_once(world: World, audit: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise LookupError

    monkeypatch.setattr(world.services.sources, "resolve", broken)
    await start(world.client("ada"))

    assert [(told["outcome"], told["status"]) for told in audit.data] == [("failed", 500)]


async def test_what_the_stop_of_the_process_cuts_short_is_told(
    world: World, audit: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached = asyncio.Event()

    async def endless(*_: object, **__: object) -> None:
        reached.set()
        await asyncio.sleep(3600)

    monkeypatch.setattr(world.services.sources, "resolve", endless)
    asking = asyncio.create_task(start(world.client("ada")))
    await reached.wait()
    asking.cancel()
    await asyncio.wait([asking])

    assert [(told["action"], told["who"], told["outcome"], told["status"]) for told in audit.data] == [
        ("build", "user:ada", "failed", 503)
    ]


async def test_nobody_can_end_a_line_or_add_to_it(ada: httpx.AsyncClient, audit: Kept) -> None:
    await ada.delete("api/v1/servers/a%0Ab%20who=root%E2%80%A8")

    [line] = audit.lines
    assert line.isprintable()
    assert line.endswith("target=a\\nb\\x20who=root\\u2028")


async def test_nobody_can_fill_the_stream_and_what_there_is_is_told_whole(world: World, audit: Kept) -> None:
    await world.client().delete(f"api/v1/images/{'x' * 5000}")
    [data], [line] = audit.data, audit.lines
    assert len(data["target"]) == line.count("x") == 255

    name = ImageName(
        "registry.example.org:5000", f"{'p' * 24}/private/{'o' * 40}/{'s' * 100}", f"{'c' * 40}-{'d' * 42}"
    )
    auditing.tell({"image": str(name)})
    assert audit.lines[-1] == f"image={name}"


def test_every_route_that_changes_something_is_told_of(make_world: Make) -> None:
    routes = [route for route in make_world(binder_api=True).app.routes if isinstance(route, Route)]
    known = {(method, route.path) for route in routes for method in route.methods or ("GET",)}
    changing = {(method, path) for method, path in known if method not in ("GET", "HEAD")}

    # Nothing is changed by looking a source up.
    assert changing - {("POST", "/api/v1/source")} <= ACTIONS.keys() <= known
