"""Builds over HTTP: statuses and shapes."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from tests.unit.entrypoints.http.conftest import COMMIT, REPO, Make, World

from repo2docker_service.domain.failures.advice import ADVICE
from repo2docker_service.domain.failures.causes import WHAT_TO_DO, CauseKind
from repo2docker_service.domain.models import Build, BuildState, Reason
from repo2docker_service.entrypoints.http.build_shapes import build_shape

WISH = {"repo": REPO}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


async def start(client: httpx.AsyncClient, **more: Any) -> dict[str, Any]:
    answer = await client.post("api/v1/builds", json=WISH | more)
    assert answer.status_code in (200, 202), answer.text
    build: dict[str, Any] = answer.json()
    return build


async def test_a_new_build_is_accepted_and_its_address_given(ada: httpx.AsyncClient) -> None:
    answer = await ada.post("api/v1/builds", json=WISH | {"title": "Ours", "build_args": {"BASE": "x"}})

    build = answer.json()
    assert answer.status_code == 202
    assert answer.headers["Location"] == f"/api/v1/builds/{build['id']}"
    assert build == {
        "id": build["id"],
        "state": "queued",
        "progress": {"step": 0, "steps": 0},
        "repo": REPO,
        "ref": "HEAD",
        "commit": COMMIT,
        "subdir": "",
        "image": build["image"],
        "owner": "user:ada",
        "requested_by": "user:ada",
        "private": False,
        "build_args": ["BASE"],
        "title": "Ours",
        "description": "",
        "created_at": build["created_at"],
        "queue_position": 1,
        "reused": False,
        "joined": False,
    }
    assert TIME.fullmatch(build["created_at"])
    assert build["image"].startswith(f"localhost/r2d/github.com--binder-examples--requirements:{COMMIT}-")


async def test_a_second_request_joins_with_the_same_id(ada: httpx.AsyncClient, bob: httpx.AsyncClient) -> None:
    first = await start(ada)
    answer = await bob.post("api/v1/builds", json=WISH)

    assert answer.status_code == 202
    assert answer.json()["id"] == first["id"]
    assert answer.json()["joined"] is True
    assert answer.json()["owner"] == "user:ada"
    assert answer.headers["Location"].endswith(first["id"])


async def test_an_existing_image_is_the_answer(world: World, ada: httpx.AsyncClient) -> None:
    image = world.put_image(launchable=False)
    answer = await ada.post("api/v1/builds", json=WISH)

    assert answer.status_code == 200
    assert answer.json()["reused"] is True
    assert answer.json()["launchable"] is False
    assert answer.json()["state"] == "succeeded"
    assert answer.json()["digest"] == image.digest
    assert answer.json()["id"] == image.plan.id
    assert await world.builder.list() == []


async def test_force_builds_though_the_image_is_there(world: World, ada: httpx.AsyncClient) -> None:
    world.put_image()
    answer = await ada.post("api/v1/builds", json=WISH | {"force": True})

    assert answer.status_code == 202
    assert answer.json()["reused"] is False


async def test_the_base_url_is_part_of_the_location(make_world: Make) -> None:
    world = make_world(base_url="/services/envs/")
    answer = await world.client("ada").post("api/v1/builds", json=WISH)

    assert answer.headers["Location"] == f"/services/envs/api/v1/builds/{answer.json()['id']}"
    assert (await world.client("ada").get(f"http://test{answer.headers['Location']}")).status_code == 200


async def test_a_failed_build_says_why_and_what_to_do(world: World, ada: httpx.AsyncClient) -> None:
    build = await start(ada)
    world.builder.finish(build["id"], Reason.TIMED_OUT)
    known = (await ada.get(f"api/v1/builds/{build['id']}")).json()

    assert (known["state"], known["reason"]) == ("failed", "timed-out")
    assert known["message"] == ADVICE[Reason.TIMED_OUT]
    assert TIME.fullmatch(known["started_at"])
    assert TIME.fullmatch(known["finished_at"])
    assert "queue_position" not in known
    assert "digest" not in known
    assert "launchable" not in known


async def test_a_failed_build_tells_the_line_of_its_log_that_says_why(world: World, ada: httpx.AsyncClient) -> None:
    build = await start(ada)
    world.builder.write(build["id"], "#9 [2/2] RUN apt-get install gti", "#9 0.1 E: Unable to locate package gti")
    world.builder.write(build["id"], "#9 ERROR: exit code: 100")
    world.builder.finish(build["id"], Reason.BUILD_FAILED)
    known = (await ada.get(f"api/v1/builds/{build['id']}")).json()
    log = await ada.get(f"api/v1/builds/{build['id']}/log", headers={"Accept": "text/event-stream"})
    [listed] = (await ada.get("api/v1/builds")).json()["items"]

    assert known["cause"] == {
        "kind": "package-not-found",
        "line": 2,
        "text": "E: Unable to locate package gti",
        "advice": WHAT_TO_DO[CauseKind.PACKAGE_NOT_FOUND],
    }
    assert known["message"] == ADVICE[Reason.BUILD_FAILED]
    assert '"kind":"package-not-found"' in log.text.rpartition("event: end")[2]
    assert listed["cause"] == known["cause"]


async def test_no_log_is_read_for_a_list(world: World, ada: httpx.AsyncClient) -> None:
    build = await start(ada)
    world.builder.write(build["id"], "#9 0.1 no", "#9 ERROR: no")
    world.builder.finish(build["id"], Reason.BUILD_FAILED)
    [listed] = (await ada.get("api/v1/builds")).json()["items"]

    assert (listed["state"], listed.get("cause")) == ("failed", None)


async def test_a_failure_without_words_of_its_own_is_told_with_the_advice_for_its_reason(world: World) -> None:
    plan = world.put_image().plan
    failed = Build(plan, BuildState.FAILED, datetime(2026, 1, 1, tzinfo=UTC), reason=Reason.PUSH_FAILED)

    assert build_shape(failed).message == ADVICE[Reason.PUSH_FAILED]
    assert build_shape(replace(failed, message="Full.")).message == "Full."


async def test_a_finished_build_has_the_digest(world: World, ada: httpx.AsyncClient) -> None:
    build = await start(ada)
    world.builder.write(build["id"], "#5 [2/7] RUN true")
    world.builder.finish(build["id"])
    known = (await ada.get(f"api/v1/builds/{build['id']}")).json()

    assert known["state"] == "succeeded"
    assert known["digest"].startswith("sha256:")
    assert known["progress"] == {"step": 2, "steps": 7}
    assert "reason" not in known
    assert "message" not in known


async def test_builds_are_listed_newest_first_and_page_by_page(ada: httpx.AsyncClient) -> None:
    ids = [(await start(ada, subdir=f"folder{number}"))["id"] for number in range(3)]
    first = (await ada.get("api/v1/builds", params={"limit": 2})).json()
    second = (await ada.get("api/v1/builds", params={"limit": 2, "cursor": first["next"]})).json()

    assert [each["id"] for each in first["items"] + second["items"]] == ids[::-1]
    assert first["total"] == second["total"] == 3
    assert set(second) == {"items", "next", "total"}
    assert second["next"] is None


async def test_builds_are_filtered_by_state_and_owner(
    world: World, ada: httpx.AsyncClient, bob: httpx.AsyncClient
) -> None:
    of_ada = await start(ada)
    of_bob = await start(bob, ref="other")
    world.builder.begin(of_bob["id"])

    async def ids(**filters: str) -> list[str]:
        return [each["id"] for each in (await ada.get("api/v1/builds", params=filters)).json()["items"]]

    assert await ids(state="queued") == [of_ada["id"]]
    assert await ids(owner="user:bob") == [of_bob["id"]]
    assert await ids(owner="user:bob", state="queued") == []
    assert len(await ids(owner="", state="")) == 2


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=many", "limit"),
        ("state=done", "state"),
        ("owner=bob", "owner"),
        ("owner=user%3A%E2%80%AEbob", "owner"),
        ("cursor=bm90IG91cnM%3D", "cursor"),
        ("visible_to=user%3Aada", "visible_to"),
    ],
)
async def test_a_bad_filter_is_refused_by_name(ada: httpx.AsyncClient, query: str, field: str) -> None:
    answer = await ada.get(f"api/v1/builds?{query}")

    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["errors"]] == [field]


async def test_the_log_is_plain_text(world: World, ada: httpx.AsyncClient) -> None:
    build = await start(ada)
    world.builder.write(build["id"], "one", "<script>two</script>", "thr\ud83de")
    answer = await ada.get(f"api/v1/builds/{build['id']}/log")

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.text == "one\n<script>two</script>\nthr?e\n"
    assert "Content-Disposition" not in answer.headers


async def test_a_log_of_many_lines_is_whole_and_in_order(world: World, ada: httpx.AsyncClient) -> None:
    build = await start(ada)
    world.builder.write(build["id"], *(f"line {number}" for number in range(20_000)))
    answer = await ada.get(f"api/v1/builds/{build['id']}/log")

    assert answer.text.splitlines() == [f"line {number}" for number in range(20_000)]


async def test_a_download_is_an_attachment_whatever_is_accepted(world: World, ada: httpx.AsyncClient) -> None:
    build = await start(ada)
    world.builder.write(build["id"], "one")
    answer = await ada.get(f"api/v1/builds/{build['id']}/log?download", headers={"Accept": "text/event-stream"})

    assert answer.headers["Content-Disposition"] == f'attachment; filename="build-{build["id"]}.log"'
    assert answer.text == "one\n"


async def test_the_log_of_a_reused_build_is_gone(world: World, ada: httpx.AsyncClient) -> None:
    image = world.put_image()
    for accept in ("text/plain", "text/event-stream"):
        answer = await ada.get(f"api/v1/builds/{image.plan.id}/log", headers={"Accept": accept})

        assert answer.status_code == 410
        assert answer.json()["title"] == "Log collected"


async def test_an_id_for_resuming_that_was_never_given_out_is_refused(ada: httpx.AsyncClient) -> None:
    build = await start(ada)
    for bad in ("x1", "-1", "1" * 300):
        headers = {"Accept": "text/event-stream", "Last-Event-ID": bad}
        answer = await ada.get(f"api/v1/builds/{build['id']}/log", headers=headers)

        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == "Last-Event-ID"


async def test_cancel_ends_the_build_and_keeps_it(ada: httpx.AsyncClient) -> None:
    build = await start(ada)
    answer = await ada.post(f"api/v1/builds/{build['id']}/cancel")

    assert answer.status_code == 200
    assert answer.json()["state"] == "cancelled"
    assert (await ada.get(f"api/v1/builds/{build['id']}")).json()["state"] == "cancelled"


async def test_an_ended_build_cannot_be_cancelled(world: World, ada: httpx.AsyncClient) -> None:
    build = await start(ada)
    world.builder.finish(build["id"])
    answer = await ada.post(f"api/v1/builds/{build['id']}/cancel")

    assert answer.status_code == 409
    assert answer.json()["title"] == "Build finished"


async def test_only_the_owner_and_admins_cancel(world: World, ada: httpx.AsyncClient, bob: httpx.AsyncClient) -> None:
    build = await start(ada)

    assert (await bob.post(f"api/v1/builds/{build['id']}/cancel")).status_code == 403
    assert (await world.client("root").post(f"api/v1/builds/{build['id']}/cancel")).status_code == 200


async def test_an_ended_build_is_forgotten_and_its_image_stays(world: World, ada: httpx.AsyncClient) -> None:
    build = await start(ada)
    early = await ada.delete(f"api/v1/builds/{build['id']}")
    world.builder.finish(build["id"])
    late = await ada.delete(f"api/v1/builds/{build['id']}")

    assert early.status_code == 409
    assert (late.status_code, late.content) == (204, b"")
    assert (await ada.get("api/v1/builds")).json()["items"] == []
    assert (await ada.get("api/v1/images")).json()["total"] == 1


@pytest.mark.parametrize("identifier", ["0" * 32, "no-id", "..%2f..%2fimages", "x" * 5000])
async def test_a_build_that_is_not_there_is_not_found(ada: httpx.AsyncClient, identifier: str) -> None:
    for method, path in (("GET", ""), ("GET", "/log"), ("POST", "/cancel"), ("DELETE", "")):
        answer = await ada.request(method, f"api/v1/builds/{identifier}{path}")

        assert answer.status_code in (404, 405)
        assert len(answer.content) < 500


async def test_building_for_a_group_needs_to_be_in_it(ada: httpx.AsyncClient, bob: httpx.AsyncClient) -> None:
    assert (await bob.post("api/v1/builds", json=WISH | {"owner": "group:team"})).status_code == 403
    assert (await ada.post("api/v1/builds", json=WISH | {"owner": "user:bob"})).status_code == 403


async def test_viewers_and_people_without_scopes_do_not_build(world: World) -> None:
    for name in ("viewer", "nobody"):
        answer = await world.client(name).post("api/v1/builds", json=WISH)

        assert answer.status_code == 403
        assert answer.json()["scope"] == "builds:create"
    assert (await world.client("nobody").get("api/v1/builds")).status_code == 403
