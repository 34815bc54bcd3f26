"""The list of environments as somebody sees it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Locator, Page, Route, expect
from tests.integration.page.visitor import Visitor

PAGE = 200


def rows(page: Page) -> Locator:
    """Give the rows without the heads of the columns."""
    return page.get_by_role("row").filter(has=page.get_by_role("button", name="More for"))


def look_for(somebody: Visitor, words: str) -> None:
    """Open the list with what is looked for, and wait for it."""
    somebody.open(f"?q={words}")
    expect(rows(somebody.page).first).to_be_visible()


def select(page: Page, *names: str) -> None:
    """Select environments."""
    for name in names:
        page.get_by_role("checkbox", name=f"Select {name}", exact=True).check()


def many(count: int) -> list[dict[str, Any]]:
    """Give so many environments, none like the other."""
    return [
        {
            "id": f"{number:024x}",
            "name": f"localhost/r2d/project-{number}:{number:040x}",
            "launch_reference": f"localhost/r2d/project-{number}@sha256:{number:064x}",
            "digest": f"sha256:{number:064x}",
            "repo": f"https://github.com/group-{number % 7}/project-{number}",
            "ref": "main" if number % 3 else "HEAD",
            "commit": f"{number:040x}",
            "subdir": "",
            "title": f"Environment {number}" if number % 2 else "",
            "description": "What it is good for, in a sentence." if number % 5 == 0 else "",
            "owner": "user:ada" if number % 2 else "user:carl",
            "requested_by": "user:ada" if number % 2 else "user:carl",
            "private": False,
            "build_args": [],
            "build_id": f"{number:032x}",
            "created_at": f"2026-01-{1 + number % 28:02d}T12:00:00Z",
            "size": 1_000_000 * (number + 1),
            "outdated": "The image of repo2docker is another one." if number % 11 == 0 else "",
            "launchable": number % 13 != 0,
            "changed_outside": None,
            "featured": number < 3,
            "default": False,
            "protected": False,
            "profile": "",
        }
        for number in range(count)
    ]


def pretend_images(page: Page, images: Sequence[dict[str, Any]], unreadable: Sequence[str] = ()) -> None:
    """Answer what the page asks of the list with these, a page at a time as the service does."""

    def answer(route: Route) -> None:
        begin = int(parse_qs(urlsplit(route.request.url).query).get("cursor", ["0"])[0])
        following = str(begin + PAGE) if begin + PAGE < len(images) else None
        body = {
            "items": images[begin : begin + PAGE],
            "next": following,
            "total": len(images),
            "as_of": "2026-01-31T12:00:00Z",
            "stale": False,
            "partial": False,
            "unreadable": list(unreadable),
        }
        route.fulfill(content_type="application/json", body=json.dumps(body))

    page.route("**/api/v1/images?*", answer)
