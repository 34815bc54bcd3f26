"""The API's description of itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel
from tests.unit.entrypoints.http.conftest import Make, World

from repo2docker_service.domain.models import BuildState
from repo2docker_service.entrypoints.http import (
    build_shapes,
    cleanup_shapes,
    documentation,
    examples,
    rebuild_shapes,
    schemas,
    server_shapes,
    summary_shapes,
)

MODULES = (build_shapes, cleanup_shapes, rebuild_shapes, schemas, server_shapes, summary_shapes)
ROUTES = {
    ("post", "/api/v1/builds"),
    ("get", "/api/v1/builds"),
    ("get", "/api/v1/builds/{build_id}"),
    ("get", "/api/v1/builds/{build_id}/log"),
    ("post", "/api/v1/builds/{build_id}/cancel"),
    ("delete", "/api/v1/builds/{build_id}"),
    ("get", "/api/v1/events"),
    ("get", "/api/v1/images"),
    ("get", "/api/v1/images/{image_id}"),
    ("delete", "/api/v1/images/{image_id}"),
    ("post", "/api/v1/servers"),
    ("get", "/api/v1/servers"),
    ("get", "/api/v1/servers/{name}/progress"),
    ("delete", "/api/v1/servers/{name}"),
    ("post", "/api/v1/source"),
    ("get", "/api/v1/admin/cleanup"),
    ("post", "/api/v1/admin/cleanup"),
    ("get", "/api/v1/admin/owners/{owner}/removal"),
    ("post", "/api/v1/admin/owners/{owner}/removal"),
    ("get", "/api/v1/admin/summary"),
    ("get", "/api/v1/admin/rebuilds"),
    ("post", "/api/v1/admin/rebuilds"),
    ("get", "/api/v1/me"),
    ("get", "/api/v1/info"),
    ("get", "/health/live"),
    ("get", "/health/ready"),
    ("get", "/metrics"),
    ("get", "/login"),
    ("post", "/login"),
    ("get", "/logout"),
    ("post", "/logout"),
}
OPEN = {(method, path) for method, path in ROUTES if path.startswith(("/health/", "/log"))}
EVENTS = {
    "/api/v1/builds/{build_id}/log": {"log", "state", "end"},
    "/api/v1/events": {"build", "image"},
    "/api/v1/servers/{name}/progress": {"progress", "ready", "failed"},
}


@pytest.fixture
async def document(world: World) -> dict[str, Any]:
    answer = await world.client().get("api/v1/openapi.json")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield method, path, operation


def references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for each in value.values():
            yield from references(each)
    elif isinstance(value, list):
        for each in value:
            yield from references(each)


def test_it_is_openapi_3_1_and_holds_every_route(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    assert {(method, path) for method, path, _ in operations(document)} == ROUTES


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    found = set(references(document))

    assert "#/components/schemas/Problem" in found
    for reference in found:
        place = document
        for part in reference.removeprefix("#/").split("/"):
            place = place[part]


def test_every_operation_has_a_summary_a_description_and_a_name_of_its_own(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, _, operation in operations(document)]

    assert len(set(names)) == len(names)
    assert all(operation["summary"] and operation["description"] for _, _, operation in operations(document))


def test_errors_of_the_api_are_documented_as_problems(document: dict[str, Any]) -> None:
    for method, path, operation in operations(document):
        if not path.startswith("/api/"):
            continue
        errors = {status: each for status, each in operation["responses"].items() if status >= "400"}
        assert {"401", "403", "422", "429", "431", "503"} <= set(errors), f"{method} {path}"
        assert all(list(each["content"]) == ["application/problem+json"] for each in errors.values())
    assert "HTTPValidationError" not in document["components"]["schemas"]


def test_only_routes_that_ask_nobody_who_they_are_say_so(document: dict[str, Any]) -> None:
    open_to_all = {(method, path) for method, path, each in operations(document) if each.get("security") == []}

    assert document["security"] == [{"token": []}, {"session": []}]
    assert open_to_all == OPEN


@pytest.mark.parametrize("path", EVENTS)
def test_streams_tell_the_names_of_their_events(document: dict[str, Any], path: str) -> None:
    stream = document["paths"][path]["get"]["responses"]["200"]["content"]["text/event-stream"]
    names = set(stream["itemSchema"]["properties"]["event"]["enum"])

    assert names == EVENTS[path] | {"reconnect", "error"}
    assert {
        line.removeprefix("event: ") for line in stream["example"].splitlines() if line.startswith("event: ")
    } <= names


def test_answers_and_bodies_have_examples(document: dict[str, Any]) -> None:
    shapes = document["components"]["schemas"]
    bodies = ("BuildWish", "LaunchWish", "Login", "RebuildWish")
    answers = ("BuildShape", "ImageShape", "SourceShape", "ServerShape", "MeShape", "InfoShape", "Problem")
    for_administrators = ("LeftoverShape", "HoldingShape", "RebuildShape", "SummaryShape")
    for name in (*bodies, *answers, *for_administrators):
        assert shapes[name]["examples"], name
    log = document["paths"]["/api/v1/builds/{build_id}/log"]["get"]["responses"]["200"]["content"]
    assert set(log) == {"text/plain", "text/event-stream"}
    assert all(each["example"] for each in log.values())


def test_an_empty_state_of_builds_is_described_as_it_is_taken(document: dict[str, Any]) -> None:
    parameters = document["paths"]["/api/v1/builds"]["get"]["parameters"]
    (state,) = (each["schema"] for each in parameters if each["name"] == "state")

    assert set(state["enum"]) == {"", *BuildState}


def test_starting_a_build_documents_both_good_answers(document: dict[str, Any]) -> None:
    answers = document["paths"]["/api/v1/builds"]["post"]["responses"]

    assert {"200", "202", "400", "409", "413", "415", "429", "502", "507"} <= set(answers)


def test_examples_are_what_they_are_examples_of(document: dict[str, Any]) -> None:
    known = [each for module in MODULES for each in vars(module).values() if isinstance(each, type)]
    shapes = {each.__name__: each for each in known if issubclass(each, BaseModel)}
    shapes["Problem"] = documentation.ProblemShape

    for name in [name for name, schema in document["components"]["schemas"].items() if "examples" in schema]:
        # From the shape itself: in the document, what is null is left out of them.
        for example in shapes[name].model_json_schema()["examples"]:
            shapes[name].model_validate(example)
            assert example.keys() <= shapes[name].model_fields.keys(), name


def test_what_is_looked_up_can_be_built() -> None:
    for wish in examples.WISHES:
        build_shapes.BuildWish.model_validate(wish)


async def test_the_base_url_is_the_server_and_not_part_of_paths(make_world: Make) -> None:
    world = make_world(base_url="/services/envs/")
    document = (await world.client().get("api/v1/openapi.json")).json()

    assert document["servers"] == [{"url": "/services/envs"}]
    assert "/api/v1/builds" in document["paths"]


async def test_no_page_of_another_host_is_offered(world: World) -> None:
    for path in ("docs", "redoc"):
        assert "swagger" not in (await world.client().get(path)).text.lower()
