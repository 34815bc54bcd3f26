"""The page and its files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from tests.unit.entrypoints.http.conftest import Make, World

from repo2docker_service.entrypoints import spa
from repo2docker_service.entrypoints.http.middleware import SECURITY_HEADERS

DOCUMENT = '<!doctype html><html><head><base href="/"><title>Page</title></head></html>'

KINDS = {".js": "javascript", ".css": "css", ".txt": "plain"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    page = tmp_path / "dist"
    (page / "static").mkdir(parents=True)
    (page / "index.html").write_text(DOCUMENT)
    (page / "static" / "main.1234abcd.js").write_text("run()")
    (page / "static" / "main.css").write_text("a {}")
    (page / "static" / "lazy.5678abcd.js").write_text("later()")
    (page / "static" / "lazy.5678abcd.js.br").write_bytes(b"brotli")
    (page / "static" / "lazy.5678abcd.js.gz").write_bytes(b"gzipped")
    (page / "static" / "lazy.css").write_text("a {}")
    (page / "static" / "lazy.css.gz").write_bytes(b"gzipped css")
    (page / "robots.txt").write_text("none")
    (page / "badge.svg").write_text("<svg/>")
    (tmp_path / "secret").write_text("canary")
    return page


def with_page(world: World, folder: Path) -> World:
    world.app.router.default = replace(world.app.router.default, folder=folder)  # type: ignore[type-var]
    return world


@pytest.mark.parametrize("path", ["", "index.html", "builds/1234", "new/https://github.com/a/b.git", "apis"])
async def test_every_address_of_the_page_gives_its_document(world: World, folder: Path, path: str) -> None:
    answer = await with_page(world, folder).client().get(path)

    assert answer.status_code == 200
    assert answer.text == DOCUMENT
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]


async def test_the_document_knows_the_base_url(make_world: Make, folder: Path) -> None:
    world = with_page(make_world(base_url='/a"b/'), folder)

    for path in ('/a"b/', '/a"b'):
        answer = await world.client().get(f"http://test{path}")
        assert answer.text == DOCUMENT.replace('href="/"', 'href="/a&quot;b/"')


async def test_files_with_a_hash_in_their_name_are_kept_for_long(world: World, folder: Path) -> None:
    client = with_page(world, folder).client()
    script = await client.get("static/main.1234abcd.js")

    assert script.text == "run()"
    assert script.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert script.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert script.headers["X-Content-Type-Options"] == "nosniff"
    assert (await client.get("robots.txt")).headers["Cache-Control"] == "no-cache"
    assert (await client.head("static/main.css")).headers["Content-Type"] == "text/css; charset=utf-8"


async def fetched(client: httpx.AsyncClient, path: str, **headers: str) -> tuple[int, httpx.Headers, bytes]:
    """Ask for a file and leave its body as it was sent."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with client.stream("GET", path, headers=named) as answer:
        return answer.status_code, answer.headers, b"".join([piece async for piece in answer.aiter_raw()])


@pytest.mark.parametrize(
    ("path", "accepted", "coding", "body"),
    [
        ("static/lazy.5678abcd.js", "gzip, deflate, br, zstd", "br", b"brotli"),
        ("static/lazy.5678abcd.js", "gzip, br;q=0", "gzip", b"gzipped"),
        ("static/lazy.5678abcd.js", "br;q=0.5, gzip", "gzip", b"gzipped"),
        ("static/lazy.5678abcd.js", "identity", None, b"later()"),
        ("static/lazy.css", "br, gzip;q=0.1", "gzip", b"gzipped css"),
        ("static/lazy.css", "br", None, b"a {}"),
        ("robots.txt", "br, gzip", None, b"none"),
    ],
)
async def test_the_copy_that_a_browser_likes_best_is_sent(
    world: World, folder: Path, path: str, accepted: str, coding: str | None, body: bytes
) -> None:
    status, headers, got = await fetched(with_page(world, folder).client(), path, Accept_Encoding=accepted)

    assert (status, headers.get("Content-Encoding"), got) == (200, coding, body)
    assert int(headers["Content-Length"]) == len(body)
    assert headers["Content-Type"] == f"text/{KINDS[Path(path).suffix]}; charset=utf-8"
    assert headers.get("Vary") == (None if path == "robots.txt" else "Accept-Encoding")


@pytest.mark.parametrize("path", ["static/lazy.5678abcd.js.br", "static/lazy.5678abcd.js.gz", "static/lazy.css.gz"])
async def test_a_copy_has_no_address_of_its_own(world: World, folder: Path, path: str) -> None:
    assert (await with_page(world, folder).client().get(path)).status_code == 404


async def test_each_copy_has_a_tag_of_its_own_and_is_not_sent_again(world: World, folder: Path) -> None:
    client = with_page(world, folder).client()
    path = "static/lazy.5678abcd.js"
    _, plain, _ = await fetched(client, path, Accept_Encoding="identity")
    _, packed, _ = await fetched(client, path, Accept_Encoding="br")

    assert plain["ETag"] != packed["ETag"]
    assert (await fetched(client, path, Accept_Encoding="identity", If_None_Match=packed["ETag"]))[0] == 200
    status, again, body = await fetched(client, path, Accept_Encoding="br", If_None_Match=packed["ETag"])
    assert (status, body) == (304, b"")
    assert [again[name] for name in ("Vary", "Cache-Control")] == ["Accept-Encoding", packed["Cache-Control"]]


async def test_pages_of_other_sites_may_still_show_a_badge_that_has_not_changed(world: World, folder: Path) -> None:
    client = with_page(world, folder).client()
    first = await client.get("badge.svg")
    again = await client.get("badge.svg", headers={"If-None-Match": first.headers["ETag"]})

    assert again.status_code == 304
    assert again.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert again.headers["Cache-Control"] == "no-cache"


async def test_a_part_of_a_file_is_a_part_of_the_copy_that_is_sent(world: World, folder: Path) -> None:
    client = with_page(world, folder).client()
    path = "static/lazy.5678abcd.js"
    status, headers, body = await fetched(client, path, Accept_Encoding="br", Range="bytes=1-3")

    assert (status, body, headers["Content-Range"]) == (206, b"rot", "bytes 1-3/6")
    assert headers["Content-Encoding"] == "br"
    head = await client.head(path, headers={"Accept-Encoding": "br"})
    assert (head.headers["Content-Length"], head.headers["Content-Encoding"], head.content) == ("6", "br", b"")


async def test_pages_of_other_sites_may_show_the_badge_and_nothing_else(world: World, folder: Path) -> None:
    client = with_page(world, folder).client()
    answers = [await client.get(path) for path in ("badge.svg", "static/main.css", "")]

    policies = [answer.headers["Cross-Origin-Resource-Policy"] for answer in answers]
    assert policies == ["cross-origin", "same-origin", "same-origin"]
    assert answers[0].headers["Content-Type"].startswith("image/svg+xml")


@pytest.mark.parametrize(
    "path",
    [
        "static/other.js",
        "static/",
        "static",
        "static/%2e%2e/%2e%2e/secret",
        "static/..%2f..%2fsecret",
        "static//etc/passwd",
        "static/%2fetc%2fpasswd",
        "static/main.css%00",
        "static/" + "x" * 5000,
        "favicon.ico",
    ],
)
async def test_what_is_no_file_of_the_page_is_not_found(world: World, folder: Path, path: str) -> None:
    answer = await with_page(world, folder).client().get(f"http://test/{path}")

    assert "canary" not in answer.text
    assert "root:" not in answer.text
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["..%2fsecret", "..%2f..%2fsecret", "%2e%2e/secret", "builds/..%2f..%2fsecret"])
async def test_dots_lead_nowhere(world: World, folder: Path, path: str) -> None:
    answer = await with_page(world, folder).client().get(f"http://test/{path}")

    assert answer.text == DOCUMENT


async def test_a_link_in_the_folder_does_not_lead_out_of_it(world: World, folder: Path, tmp_path: Path) -> None:
    (folder / "static" / "link.js").symlink_to(tmp_path / "secret")
    answer = await with_page(world, folder).client().get("static/link.js")

    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("path", "asked", "status"),
    [
        ("", {}, 200),
        ("static/main.1234abcd.js", {}, 200),
        ("static/lazy.5678abcd.js", {"Accept-Encoding": "br"}, 200),
        ("static/main.1234abcd.js", {"Range": "bytes=0-1"}, 206),
        ("static/main.1234abcd.js", {"Range": "bytes=900-"}, 416),
        ("static/main.1234abcd.js", {"If-None-Match": "*"}, 304),
        ("badge.svg", {}, 200),
        ("static/missing.js", {}, 404),
    ],
)
async def test_security_headers_are_on_the_page_and_its_files(
    world: World, folder: Path, path: str, asked: dict[str, str], status: int
) -> None:
    client = with_page(world, folder).client()
    if status == 304:
        asked = {"If-None-Match": (await client.get(path)).headers["ETag"]}
    answer = await client.get(path, headers=asked)

    assert answer.status_code == status
    assert [name for name in SECURITY_HEADERS if name not in answer.headers] == []
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


async def test_a_page_that_is_not_built_says_how_to_build_it(make_world: Make, tmp_path: Path) -> None:
    world = with_page(make_world(base_url="/envs/"), tmp_path / "nothing")
    answer = await world.client().get("")

    assert answer.status_code == 404
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "make page-build" in answer.text
    assert 'href="/envs/api/v1/openapi.json"' in answer.text
    assert "Content-Security-Policy" in answer.headers


async def test_opening_the_page_gives_back_a_readable_cookie_that_was_overwritten(world: World, folder: Path) -> None:
    browser = with_page(world, folder).client()
    await browser.post("login", json={"token": "ada-token"})
    right = browser.cookies["_xsrf"]
    session = browser.cookies["repo2docker-service-default"]
    spoilt = {"Cookie": f"repo2docker-service-default={session}; _xsrf=of-another-service"}
    client = world.client()

    opened = await client.get("", headers=spoilt | {"Sec-Fetch-Mode": "navigate"})
    assert opened.cookies["_xsrf"] == right
    # A script of another page of this host could ask, too.
    assert not (await client.get("", headers=spoilt | {"Sec-Fetch-Mode": "cors"})).cookies
    assert not (await world.client().get("")).cookies


def test_a_checkout_finds_the_page_beside_its_sources() -> None:
    assert spa.find_page().parts[-2:] in {("frontend", "dist"), ("spa", "static")}
    assert (spa.find_page().parents[1] / "pyproject.toml").is_file() or spa.find_page().is_dir()
