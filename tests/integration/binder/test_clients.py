"""Clients of BinderHub that were never told of this service: its own, and requests as others send them."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest
from tests.integration.binder.conftest import Binder, given, spec_of
from tests.integration.conftest import MakeRepository
from tests.integration.waiting import wait_for
from tools.parts.git_server import GitServer
from tools.service import PRETENDED, configured, running_service

REPOSITORY = "https://example.org/a/b"


def test_its_own_client_builds_an_image_and_has_it_at_once_the_second_time(
    binder: Binder, git: GitServer, make_repository: MakeRepository
) -> None:
    spec = spec_of(git, make_repository)

    first, second = binder.told(spec), binder.told(spec)

    assert [each["phase"] for each in (first[0], first[-1])] == ["waiting", "ready"]
    assert {each["phase"] for each in first} <= {"waiting", "building", "pushing", "ready"}
    assert any("COPY" in each["message"] for each in first)
    (ready,) = second
    assert ready["phase"] == "ready"
    assert ready["imageName"] == first[-1]["imageName"]
    assert ":" in ready["imageName"].rpartition("/")[2]


def test_a_build_that_fails_is_told_to_its_own_client_again_and_not_done_again(
    binder: Binder, git: GitServer, make_repository: MakeRepository
) -> None:
    spec = spec_of(git, make_repository, "FROM scratch\nCOPY missing /\n")

    first, before, second = binder.told(spec), binder.builds(), binder.told(spec)

    assert first[-1]["phase"] == second[-1]["phase"] == "failed"
    assert any("missing" in each["message"] for each in first)
    assert binder.builds() == before


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("git/https%3A%2F%2Fexample.org%2Fa/", "HEAD"),
        ("zenodo/10.5281/zenodo.1", "zenodo"),
        ("git/ext%3A%3Ash%20-c%20id/HEAD", "https"),
    ],
)
def test_its_own_client_is_told_what_is_wrong(pretending: Binder, spec: str, words: str) -> None:
    told = pretending.told(spec)

    assert told[-1]["phase"] == "failed"
    assert words in told[-1]["message"]


def test_its_own_client_is_told_that_it_is_not_let_in(pretending: Binder) -> None:
    told = pretending.told(f"git/{quote(REPOSITORY, safe='')}/HEAD", token="wrong")

    assert (told[-1]["phase"], told[-1]["status_code"]) == ("failed", 401)


def test_a_client_that_leaves_ends_no_build(pretending: Binder) -> None:
    spec = f"git/{quote(f'{REPOSITORY}-left', safe='')}/HEAD"

    pretending.told(spec, most=3)

    assert pretending.told(spec)[-1]["phase"] == "ready"


def test_who_comes_while_it_is_built_is_told_all_of_it(pretending: Binder) -> None:
    spec = f"git/{quote(f'{REPOSITORY}-shared', safe='')}/HEAD"
    before = pretending.builds()
    first = pretending.npm(spec)
    wait_for(lambda: pretending.builds() > before)
    second = pretending.told(spec)
    output, _ = first.communicate(timeout=60)

    lines = [[each["message"] for each in told if each["phase"] == "building"] for told in (second, given(output))]
    assert lines[0] == lines[1]
    assert len(lines[0]) >= 10


def test_a_service_that_stops_ends_each_stream_with_a_word(tmp_path: Path) -> None:
    settings: dict[str, dict[str, object]] = {
        "Repo2DockerService": {**PRETENDED, "authorizer": "token", "binder_api": True},
        "InMemoryImageBuilder": {"lines": 1000, "pace": 0.1},
    }
    with running_service(tmp_path, configured(settings)) as service:
        binder = Binder(service)
        client = binder.npm(f"git/{quote(REPOSITORY, safe='')}/HEAD")
        assert client.stdout is not None
        next(line for line in client.stdout if line.startswith("event "))
        service.process.terminate()
        output, _ = client.communicate(timeout=30)

    last = given(output)[-1]
    assert (last["phase"], last["status_code"]) == ("failed", 503)
    assert "The build goes on" in last["message"]


def test_a_request_as_that_of_tljh_is_answered(pretending: Binder) -> None:
    told = pretending.get(f"git/{quote(REPOSITORY, safe='')}/main?build_only=true", Accept="*/*")

    assert told[-1]["phase"] == "ready"


@pytest.mark.parametrize("repository", ["a/b", "a%2Fb"])
def test_a_request_of_fancy_profiles_or_of_tljh_for_github_is_answered(pretending: Binder, repository: str) -> None:
    told = pretending.get(f"gh/{repository}/HEAD?build_only=true", Accept="text/event-stream")

    assert told[-1]["phase"] == "ready"
    with pretending.service.client as client:
        built = client.get("images", params={"name": told[-1]["imageName"]}).json()["items"]
    assert built[0]["repo"] == "https://github.com/a/b"
