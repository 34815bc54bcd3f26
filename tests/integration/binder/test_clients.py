"""Clients of BinderHub that were never told of this service: its own, and requests as others send them.

What such a service has to be good for, and where that is looked at:

- its npm client 0.5.0 builds, has what is there already, is told of failures, of what it asks wrongly and that it is
  not let in, and leaves early: here;
- that client with a token that may not build: ``hub/test_access.py``;
- that client while the service is stopped, and refs that mean something else: ``test_what_went_wrong_elsewhere.py``;
- that client and refs that are hard to write: ``test_spellings.py``, and all ways to write them in the unit tests;
- a browser's own EventSource, on which its npm client 0.4.0 stands: ``test_browser_event_source.py``;
- jupyterhub-fancy-profiles, its page: ``hub/test_fancy_profiles.py``; its request: here;
- tljh-repo2docker, its request: here; the role of its service: ``hub/test_access.py``;
- BinderHub's example in Python: here;
- signs of life while a step is silent, through a proxy: ``test_through_a_proxy.py``;
- the first event, and what is there already, within 0.1 s: ``make bench``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import requests
from tests.integration.binder.conftest import PAGE, Binder, given, spec_of
from tests.integration.waiting import wait_for
from tools.parts.git_server import GitServer

REPOSITORY = "https://example.org/a/b"


def test_its_own_client_builds_an_image_and_has_it_at_once_the_second_time(binder: Binder, git: GitServer) -> None:
    spec = spec_of(git)

    first, second = binder.told(spec), binder.told(spec)

    assert [each["phase"] for each in (first[0], first[-1])] == ["waiting", "ready"]
    assert {each["phase"] for each in first} <= {"waiting", "building", "pushing", "ready"}
    assert any("COPY" in each["message"] for each in first)
    (ready,) = second
    assert ready["phase"] == "ready"
    assert ready["imageName"] == first[-1]["imageName"]
    assert ":" in ready["imageName"].rpartition("/")[2]


def test_a_build_that_fails_is_told_to_its_own_client_again_and_not_done_again(binder: Binder, git: GitServer) -> None:
    spec = spec_of(git, "FROM scratch\nCOPY missing /\n")

    first, before, second = binder.told(spec), binder.builds(), binder.told(spec)

    assert first[-1]["phase"] == second[-1]["phase"] == "failed"
    assert any("missing" in each["message"] for each in first)
    assert binder.builds() == before


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("git/https%3A%2F%2Fexample.org%2Fa/", "HEAD"),
        ("gh/a/../b/HEAD", "HEAD"),  # it sends b/HEAD
        ("zenodo/10.5281/zenodo.1", "zenodo"),
        ("git/ext%3A%3Ash%20-c%20id/HEAD", "https"),
    ],
)
def test_its_own_client_is_told_what_is_wrong(pretending: Binder, spec: str, words: str) -> None:
    told = pretending.told(spec)

    assert told[-1]["phase"] == "failed"
    assert words in told[-1]["message"]


@pytest.mark.parametrize("token", ["", "wrong"])
def test_its_own_client_is_told_that_it_is_not_let_in(pretending: Binder, token: str) -> None:
    told = replace(pretending, token=token).told(f"git/{quote(REPOSITORY, safe='')}/HEAD")

    assert (told[-1]["phase"], told[-1]["status_code"]) == ("failed", 401)


def test_a_client_that_leaves_ends_no_build(pretending: Binder) -> None:
    spec = f"git/{quote(f'{REPOSITORY}-left', safe='')}/HEAD"
    before = pretending.builds()

    left, told = pretending.told(spec, most=3), pretending.told(spec)

    assert "ready" not in {each["phase"] for each in left}
    assert told[-1]["phase"] == "ready"
    assert pretending.builds() == before + 1


def test_who_comes_while_it_is_built_is_told_all_of_the_one_build(pretending: Binder) -> None:
    spec = f"git/{quote(f'{REPOSITORY}-shared', safe='')}/HEAD"
    before = pretending.builds()
    first = pretending.npm(spec)
    wait_for(lambda: pretending.builds() > before)
    second = pretending.told(spec)
    output, _ = first.communicate(timeout=60)

    lines = [[each["message"] for each in told if each["phase"] == "building"] for told in (second, given(output))]
    assert lines[0] == lines[1]
    assert len(lines[0]) >= 10
    assert pretending.builds() == before + 1


def test_a_request_as_that_of_tljh_is_answered(pretending: Binder) -> None:
    told = pretending.get(f"git/{quote(REPOSITORY, safe='')}/main?build_only=true", Accept="*/*")

    assert told[-1]["phase"] == "ready"


@pytest.mark.parametrize("repository", ["a/b", "a%2Fb"])
def test_a_request_of_fancy_profiles_or_of_tljh_for_github_is_answered(pretending: Binder, repository: str) -> None:
    told = pretending.get(f"gh/{repository}/HEAD?build_only=true", Accept="text/event-stream")

    assert told[-1]["phase"] == "ready"
    with pretending.client as client:
        built = client.get("images", params={"name": told[-1]["imageName"]}).json()["items"]
    assert built[0]["repo"] == "https://github.com/a/b"


def lines_read(binder: Binder, path: str) -> Iterator[dict[str, Any]]:
    """Give events as a program that reads an answer line by line has them."""
    wanted = {"Accept": "text/event-stream", **(binder.headers if binder.token else {})}
    address, only_built = f"{binder.endpoint}{path}", {"build_only": "true"}
    with requests.get(address, params=only_built, headers=wanted, stream=True, timeout=60) as answer:
        answer.raise_for_status()
        for line in answer.iter_lines():
            if line.startswith(b"data:"):
                yield json.loads(line.removeprefix(b"data:"))


def test_a_program_that_reads_line_by_line_has_each_event_as_it_comes_and_leaves_when_it_is_ready(
    pretending: Binder,
) -> None:
    lines = lines_read(pretending, "gh/read/line-by-line/HEAD")

    first = next(lines)
    with pretending.client as client:
        under_way = client.get("builds", params={"limit": 1}).json()["items"][0]["state"]
    told = [first, *lines]

    assert (first["phase"], under_way) == ("waiting", "building")
    assert told[-1]["phase"] == "ready"
    assert ":" in told[-1]["imageName"].rpartition("/")[2]


def test_the_program_of_the_documentation_gives_the_name_of_the_image(pretending: Binder) -> None:
    [documented] = re.findall(r"```python\n(import json\n.*?)```", PAGE.read_text(), re.DOTALL)
    program: dict[str, Any] = {}
    exec(documented, program)

    name = program["build"]("read/documented", "HEAD", pretending.url.rstrip("/"), pretending.token)

    assert [each["imageName"] for each in pretending.get("gh/read/documented/HEAD?build_only=true")] == [name]


def test_a_program_without_a_token_is_told_so(pretending: Binder) -> None:
    [told] = lines_read(replace(pretending, token=""), "gh/a/b/HEAD")

    assert (told["phase"], told["status_code"]) == ("failed", 401)
    assert httpx.get(f"{pretending.url}versions").json()["binderhub"]
