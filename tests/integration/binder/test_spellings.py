"""Refs that are hard to write, as BinderHub's own client sends them and as they come through a real server."""

from __future__ import annotations

import secrets

import pytest
from tests.integration.binder.conftest import Binder, encoded
from tools.parts.git_server import GitServer
from tools.parts.repository import Repository

BRANCHES = ("feature/x", "v1#x", "100%", "größe")


@pytest.fixture(scope="module")
def odd(git: GitServer) -> tuple[str, dict[str, str]]:
    """Give a repository whose branches have hard names as a specification without its ref, and their commits."""
    repository = Repository(git.root, f"{secrets.token_hex(4)}/odd.git")
    commits = {name: repository.commit({"Dockerfile": f"FROM scratch\n# {name}\n"}, name, name) for name in BRANCHES}
    repository.branch("main", commits["feature/x"])
    return encoded(git, repository), commits


@pytest.mark.parametrize(
    ("written", "branch"),
    [
        ("feature/x", "feature/x"),
        ("feature%2Fx", "feature/x"),
        ("feature/x///", "feature/x"),
        ("v1%23x", "v1#x"),
        ("100%", "100%"),
        ("100%25", "100%"),
        ("größe", "größe"),
        ("gr%C3%B6%C3%9Fe", "größe"),
    ],
)
def test_a_ref_is_understood_however_it_is_written(
    looking: Binder, odd: tuple[str, dict[str, str]], written: str, branch: str
) -> None:
    spec, commits = odd

    told = looking.told(f"{spec}/{written}")

    assert told[-1]["phase"] == "ready", told
    assert told[-1]["imageName"].endswith(f":{commits[branch]}")


@pytest.mark.parametrize(
    ("written", "name"), [("missing", "missing"), ("v1#x", "v1"), ("feature", "feature"), ("%ff", "\ufffd")]
)
def test_its_own_client_is_told_which_name_is_that_of_no_ref(
    looking: Binder, odd: tuple[str, dict[str, str]], written: str, name: str
) -> None:
    told = looking.told(f"{odd[0]}/{written}")

    assert told[-1]["phase"] == "failed"
    assert f"called {name!r}" in told[-1]["message"]
