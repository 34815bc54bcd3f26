"""Bad requests over HTTP: the field and a sentence, and nothing is begun."""

from __future__ import annotations

import json
import resource
import time
import zlib
from collections.abc import AsyncIterator

import httpx
import pytest
from tests.unit.entrypoints.http.conftest import REPO, World

LONG = "a" * 100_000


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "repo"),
        ({"repo": None}, "repo"),
        ({"repo": 5}, "repo"),
        ({"repo": ""}, "repo"),
        ({"repo": LONG}, "repo"),
        ({"repo": "not a url"}, "repo"),
        ({"repo": "file:///etc"}, "repo"),
        ({"repo": "ext::sh -c id"}, "repo"),
        ({"repo": "git://example.org/a/b"}, "repo"),
        ({"repo": "https://user:secret@example.org/a/b"}, "repo"),
        ({"repo": "--config=/etc/passwd"}, "repo"),
        ({"repo": "https://example.org/a/\u202eb"}, "repo"),
        ({"repo": "https://example.org/a/\nb"}, "repo"),
        ({"repo": "https://example.org/a\ud800"}, "repo"),
        ({"repo": REPO, "ref": None}, "ref"),
        ({"repo": REPO, "ref": LONG}, "ref"),
        ({"repo": REPO, "ref": "-b"}, "ref"),
        ({"repo": REPO, "ref": "ma*n"}, "ref"),
        ({"repo": REPO, "ref": "maim"}, "ref"),
        ({"repo": REPO, "subdir": None}, "subdir"),
        ({"repo": REPO, "subdir": LONG}, "subdir"),
        ({"repo": REPO, "subdir": "a/../../b"}, "subdir"),
        ({"repo": REPO, "owner": "ada"}, "owner"),
        ({"repo": REPO, "owner": LONG}, "owner"),
        ({"repo": REPO, "owner": "user:a\nb"}, "owner"),
        ({"repo": REPO, "owner": None}, "owner"),
        ({"repo": REPO, "force": "true"}, "force"),
        ({"repo": REPO, "force": 1}, "force"),
        ({"repo": REPO, "force": None}, "force"),
        ({"repo": REPO, "build_args": ["A"]}, "build_args"),
        ({"repo": REPO, "build_args": None}, "build_args"),
        ({"repo": REPO, "build_args": {"A": 1}}, "build_args.A"),
        ({"repo": REPO, "build_args": {"A": LONG}}, "build_args.A"),
        ({"repo": REPO, "build_args": {"PATH": "/evil"}}, "build_args"),
        ({"repo": REPO, "build_args": {f"A{number}": "" for number in range(51)}}, "build_args"),
        ({"repo": REPO, "build_args": {"A" * 65: ""}}, f"build_args.{'A' * 65}"),
        ({"repo": REPO, LONG: "red"}, LONG[:100]),
        ({"repo": REPO, "title": LONG}, "title"),
        ({"repo": REPO, "description": LONG}, "description"),
        ({"repo": REPO, "colour": "red"}, "colour"),
        ({"repo": REPO, "\ud800": "red"}, "body"),
        ({"repo": REPO, "credentials": "canary"}, "credentials"),
        ({"repo": REPO, "credentials": ["canary"]}, "credentials"),
        ({"repo": REPO, "credentials": {}}, "credentials.password"),
        ({"repo": REPO, "credentials": {"password": ""}}, "credentials"),
        ({"repo": REPO, "credentials": {"password": None}}, "credentials.password"),
        ({"repo": REPO, "credentials": {"password": {"canary": 1}}}, "credentials.password"),
        ({"repo": REPO, "credentials": {"password": "canary" * 1000}}, "credentials"),
        ({"repo": REPO, "credentials": {"password": "canary\n"}}, "credentials"),
        ({"repo": REPO, "credentials": {"password": "canary\ud800"}}, "credentials"),
        ({"repo": REPO, "credentials": {"password": "p", "username": 1}}, "credentials.username"),
        ({"repo": REPO, "credentials": {"password": "p", "username": "canary:"}}, "credentials"),
        ({"repo": REPO, "credentials": {"password": "p", "username": LONG}}, "credentials.username"),
        ({"repo": REPO, "credentials": {"password": "p", "canary": ""}}, "credentials"),
        ([], "body"),
        ("text", "body"),
        (None, "body"),
    ],
    ids=lambda value: str(value)[:40].encode("unicode_escape").decode(),
)
async def test_the_field_that_is_wrong_is_named(world: World, body: object, field: str) -> None:
    answer = await world.client("ada").post(
        "api/v1/builds", content=json.dumps(body), headers={"Content-Type": "application/json"}
    )

    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == 422
    assert [each["field"] for each in problem["errors"]] == [field]
    assert all(each["problem"].endswith((".", "?")) for each in problem["errors"])
    assert len(answer.content) < 1000
    assert "canary" not in answer.text
    assert await world.builder.list() == []


async def test_every_field_that_is_wrong_is_named_even_when_all_are_long(ada: httpx.AsyncClient) -> None:
    body = dict.fromkeys(("repo", "ref", "subdir", "owner", "title", "description"), LONG)
    answer = await ada.post("api/v1/builds", json=body)

    assert answer.status_code == 422
    assert {each["field"] for each in answer.json()["errors"]} == set(body)


async def test_near_refs_are_offered(ada: httpx.AsyncClient) -> None:
    answer = await ada.post("api/v1/builds", json={"repo": REPO, "ref": "maim"})

    assert answer.json()["type"] == "urn:repo2docker-service:ref-not-found"
    assert answer.json()["errors"][0]["near"] == ["main"]
    assert "maim" in answer.json()["detail"]


async def test_a_repository_that_cannot_be_reached_is_a_bad_gateway(ada: httpx.AsyncClient) -> None:
    answer = await ada.post("api/v1/builds", json={"repo": "https://example.org/not/there"})

    assert answer.status_code == 502
    assert answer.json()["address"] == "https://example.org/not/there"


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"\xff\xfe",
        b'{"repo": "\xff"}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"1" * 10_000,
        b'{"repo": "a\nb"}',
    ],
    ids=range(7),
)
async def test_what_is_not_json_is_a_bad_request(ada: httpx.AsyncClient, content: bytes) -> None:
    answer = await ada.post("api/v1/builds", content=content, headers={"Content-Type": "application/json"})

    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"repo": REPO} | {f"a{number}": 1 for number in range(70_000)}, "body: At most 100 can be given."),
        (
            {"repo": REPO, "build_args": {f"a{number}": "" for number in range(70_000)}},
            "build_args: At most 50 can be given.",
        ),
        (
            {"repo": REPO, "build_args": dict.fromkeys(map(str, range(70_000)), 1)},
            "build_args: At most 50 can be given.",
        ),
        ({"repo": [0] * 300_000}, "repo: "),
    ],
    ids=["fields", "arguments", "wrong arguments", "a list"],
)
async def test_as_much_as_fits_into_a_body_is_refused_soon_and_shortly(
    ada: httpx.AsyncClient, body: object, said: str
) -> None:
    began = time.process_time()
    answer = await ada.post("api/v1/builds", json=body)

    assert answer.status_code == 422
    assert answer.json()["detail"].startswith(said)
    assert len(answer.content) < 5000
    assert time.process_time() - began < 3


@pytest.mark.parametrize("size", [10, 40_000_000])
async def test_what_is_sent_compressed_is_not_unpacked(ada: httpx.AsyncClient, size: int) -> None:
    packer = zlib.compressobj(wbits=31)  # gzip
    pieces = [
        packer.compress(piece) for piece in (b'{"repo": "', *[b"a" * min(size, 10**6)] * max(1, size // 10**6), b'"}')
    ]
    packed = b"".join([*pieces, packer.flush()])
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    answer = await ada.post("api/v1/builds", content=packed, headers=headers)

    assert answer.status_code == 400
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20 * 1024


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "", "nonsense"])
async def test_only_what_is_said_to_be_json_is_read(ada: httpx.AsyncClient, kind: str) -> None:
    for path in ("api/v1/builds", "api/v1/source", "login"):
        answer = await ada.post(path, content=b'{"repo": "https://example.org/a/b"}', headers={"Content-Type": kind})

        assert answer.status_code == 415


async def test_a_body_that_is_too_long_is_refused_when_it_says_so(ada: httpx.AsyncClient) -> None:
    answer = await ada.post("api/v1/builds", content=b" " * 1_100_000, headers={"Content-Type": "application/json"})

    assert answer.status_code == 413
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("said", ["9" * 5000, "-1", "1e9", "0x10", ""], ids=range(5))
async def test_a_length_that_is_none_is_refused(ada: httpx.AsyncClient, said: str) -> None:
    headers = {"Content-Type": "application/json", "Content-Length": said}
    answer = await ada.post("api/v1/builds", content=b"{}", headers=headers)

    assert answer.status_code == 413


async def test_a_body_that_is_too_long_is_refused_when_it_does_not_say_so(ada: httpx.AsyncClient) -> None:
    sent = 0

    async def pieces() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(100):
            sent += 100_000
            yield b" " * 100_000

    answer = await ada.post("api/v1/builds", content=pieces(), headers={"Content-Type": "application/json"})

    assert answer.status_code == 413
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert sent < 2_000_000
