"""Makes a service that was filled a moment ago look as if that had taken weeks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from playwright.sync_api import Page, Request, Route

from . import repositories as repos

_DAY: Final = 24 * 60
AGES: Final[Mapping[str, int]] = {
    repos.SHELL: 41 * _DAY,
    repos.HOUSES: 33 * _DAY,
    repos.THESIS: 12 * _DAY,
    repos.STARS: 9 * _DAY,
    repos.BAYES: 6 * _DAY,
    repos.OCEAN: 3 * _DAY,
    repos.CELLS: 26 * 60,
    repos.TEACHING: 5 * 60,
    repos.TYPO: 50,
    repos.OLD_MAPS: 35,
}
"""Minutes since each was built."""
TOOK: Final = timedelta(seconds=143)
SO_FAR: Final = 194
"""Seconds that builds under way have taken when they are looked at."""
_OUTDATED: Final = "repo2docker has a newer version."
_TIMES: Final = ("created_at", "started_at", "finished_at")


def age(page: Page, now: datetime) -> None:
    """Have the page see everything as old as it should be, at this time."""
    page.clock.set_fixed_time(now + timedelta(seconds=SO_FAR))
    page.route(_is_data, _answer)


def _is_data(url: str) -> bool:
    return "/api/v1/" in url and not url.endswith(("/log", "/events", "/progress"))


def _answer(route: Route, request: Request) -> None:
    if request.method != "GET":
        route.continue_()
        return
    response = route.fetch()
    route.fulfill(response=response, body=json.dumps(_aged(response.json())))


def _aged(data: object) -> object:
    if isinstance(data, list):
        return [_aged(each) for each in data]
    if not isinstance(data, dict):
        return data
    older = {key: _aged(value) for key, value in data.items()}
    minutes = AGES.get(str(data.get("repo")))
    return older if minutes is None else {**older, **_moved(older, timedelta(minutes=minutes))}


def _moved(item: Mapping[str, Any], by: timedelta) -> dict[str, Any]:
    times = {key: datetime.fromisoformat(item[key]) - by for key in _TIMES if item.get(key)}
    if "started_at" in times and "finished_at" in times:
        times["finished_at"] = times["started_at"] + TOOK
    moved: dict[str, Any] = {key: time.isoformat() for key, time in times.items()}
    if item["repo"] == repos.HOUSES and "outdated" in item:
        moved["outdated"] = _OUTDATED
    return moved
