"""What each version says of all builds and images, whichever version made them."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import httpx

from .api import ENDED, listed
from .figures import Figure, at_least, exactly, known
from .versions import NEW_REASON, OLD_REASON

OF_BUILDS = ("repo", "ref", "commit", "subdir", "image", "owner", "requested_by", "private", "created_at")
OF_ENDED = ("state", "digest")
OF_IMAGES = ("digest", "repo", "ref", "commit", "owner", "private", "title", "launchable")
SHOWN_WITHIN = 15.0
"""Seconds for a fresh process to know of all images."""
PAUSE = 0.1

Facts = dict[str, Any]


@dataclass
class Readings:
    """All that was ever said of each build and image, for comparison."""

    builds: dict[str, Facts] = field(default_factory=dict)
    ends: dict[str, Facts] = field(default_factory=dict)
    images: dict[str, Facts] = field(default_factory=dict)
    logs: dict[str, str] = field(default_factory=dict)
    times: Counter[str] = field(default_factory=Counter)
    """Readings by version."""
    troubles: Counter[str] = field(default_factory=Counter)
    new_words: int = 0
    """How often the next version told an end by a word that others do not have."""

    def read(self, asking: httpx.Client, version: str, accepted: Collection[str], delivered: Collection[str]) -> None:
        """Read everything from one process.

        Args:
            asking: of that process.
            version: its version.
            accepted: ids of builds that have to be there.
            delivered: ids of those whose image and whole log have to be there, too.
        """
        self.times[version] += 1
        builds = {build["id"]: build for build in listed(asking)}
        for build_id in accepted:
            self._note("builds not listed", version, missing=build_id not in builds, what=build_id)
        for build_id, build in builds.items():
            self._compare("builds told otherwise", version, self.builds, build_id, _some(build, OF_BUILDS))
            if build["state"] in ENDED:
                self.new_words += build.get("reason") == NEW_REASON
                end = {**_some(build, OF_ENDED), "reason": _old_word(build.get("reason"))}
                self._compare("ends told otherwise", version, self.ends, build_id, end)
        for build_id in delivered:
            log = asking.get(f"builds/{build_id}/log?download").raise_for_status().text
            self._compare("logs that differ", version, self.logs, build_id, log)
        self._read_images(asking, version, {builds[key]["image"] for key in delivered if key in builds})

    def _read_images(self, asking: httpx.Client, version: str, names: Collection[str]) -> None:
        deadline = time.monotonic() + SHOWN_WITHIN
        while True:
            images = {image["name"]: image for image in _images(asking)}
            if images.keys() >= {*names} or time.monotonic() > deadline:
                break
            time.sleep(PAUSE)
        for name in names:
            self._note("images not listed", version, missing=name not in images, what=name)
        for name, image in images.items():
            self._compare("images told otherwise", version, self.images, name, _some(image, OF_IMAGES))

    def _compare(self, what: str, version: str, told: dict[str, Any], key: str, now: object) -> None:
        before = told.setdefault(key, now)
        self._note(what, version, missing=before != now, what=f"{key}: {before} became {now}")

    def _note(self, trouble: str, version: str, *, missing: bool, what: str) -> None:
        if missing:
            self.troubles[trouble] += 1
            print(f"{trouble} by version {version}: {what[:1000]}", flush=True)

    def figures(self) -> list[Figure]:
        """Give what was wrong, and how much was read."""
        kinds = ("builds not listed", "builds told otherwise", "ends told otherwise", "logs that differ")
        return [
            *(known(f"readings by the version {version}", times) for version, times in self.times.items()),
            at_least("builds that were read", len(self.builds), 4),
            at_least("images that were read", len(self.images), 1),
            at_least("ends told by a word of the next version", self.new_words, 1),
            *(exactly(kind, self.troubles[kind], 0) for kind in (*kinds, "images not listed", "images told otherwise")),
        ]


def _some(facts: Facts, names: Collection[str]) -> Facts:
    return {name: facts.get(name) for name in names}


def _old_word(reason: str | None) -> str | None:
    return OLD_REASON if reason == NEW_REASON else reason


def _images(asking: httpx.Client) -> list[Facts]:
    answer = asking.get("images", params={"limit": 200}).raise_for_status()
    images: list[Facts] = answer.json()["items"]
    return images
