"""How each kind of forge is asked for a repository and its refs, and how its answers are read.

Paths and members are those of GitHub's REST API (version 2022-11-28), GitLab's (version 4), and that of Gitea and
Forgejo (version 1).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from repo2docker_service.adapters.sources.git.refs import BRANCHES, TAGS
from repo2docker_service.domain.inputs import check_ref, is_commit


@dataclass(frozen=True, slots=True)
class Told:
    """What an answer tells, as far as it is of use."""

    public: bool = False
    """Whether everybody may read the repository."""
    default_ref: str = ""
    """The full name of the default branch."""
    name: str = ""
    """The full name of the ref that was asked for."""
    commit: str = ""
    beyond: str = ""
    """The path to ask for the commit, where only the object of a tag is told."""


Read = Callable[[Any], Told]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of forge. What reads answers raises ``KeyError``, ``TypeError`` or the like where one is no answer.

    Commits are told as commits, and the default branch by a name that git could have: no forge is trusted with that.
    """

    api: str
    """What follows on the forge's own address, unless the API is elsewhere."""
    repository: Callable[[str], str]
    """Gives the path to ask of a repository's path."""
    ref: Callable[[str, str], str]
    """Gives the path to ask of a repository's path and a ref's full name; empty where there is none."""
    read_repository: Read
    read_ref: Callable[[str, str, Any], Told]
    """Reads what is told of a ref, of a repository's path and the ref's full name."""
    suffix: str = ""
    """What addresses end in to be cloned from, as no redirect is followed then."""
    token_needed: bool = False
    """Whether too little is answered without a token to count on."""


def _commit(told: Any) -> str:
    if not (isinstance(told, str) and is_commit(told)):
        raise ValueError("no commit is told")
    return told


def _default_branch(told: Any) -> str:
    return BRANCHES + check_ref(told["default_branch"])


def _github_repository(told: Any) -> Told:
    public = told["private"] is False and told.get("visibility", "public") == "public"
    return Told(public, _default_branch(told))


def _github_ref(path: str, _: str, told: Any) -> Told:
    # Of a tag with an object of its own that object is told, without its name.
    found = told["object"]
    if found["type"] == "tag":
        return Told(name=told.get("ref", ""), beyond=f"/repos/{quote(path)}/git/tags/{_commit(found['sha'])}")
    return Told(name=told.get("ref", ""), commit=_commit(found["sha"]) if found["type"] == "commit" else "")


def _gitlab_repository(told: Any) -> Told:
    public = told["visibility"] == "public" and told.get("repository_access_level", "enabled") == "enabled"
    return Told(public, _default_branch(told))


def _gitlab_ref(_: str, name: str, told: Any) -> Told:
    return Told(name=_folder(name) + told["name"], commit=_commit(told["commit"]["id"]))


def _gitea_repository(told: Any) -> Told:
    return Told(told["private"] is False and not told.get("internal"), _default_branch(told))


def _gitea_ref(_: str, name: str, told: Any) -> Told:
    commit = _commit(told["commit"]["id" if name.startswith(BRANCHES) else "sha"])
    return Told(name=_folder(name) + told["name"], commit=commit)


def _gist_repository(told: Any) -> Told:
    # Whoever knows the address of a gist may read it; what HEAD points to is not told.
    return Told(public=True, default_ref="HEAD", name="HEAD", commit=_commit(told[0]["version"]))


def _no_ref(_: str, __: str, ___: Any) -> Told:
    return Told()


def _folder(name: str) -> str:
    return BRANCHES if name.startswith(BRANCHES) else TAGS


def _named(path: str, name: str, *, safe: str) -> str:
    """Give the path of a branch or a tag below a repository's."""
    for folder, called in ((BRANCHES, "branches"), (TAGS, "tags")):
        if name.startswith(folder):
            return f"{path}/{called}/{quote(name.removeprefix(folder), safe=safe)}"
    return ""


def _gitlab_project(path: str) -> str:
    return f"/projects/{quote(path, safe='')}"


def _gist(path: str) -> str:
    return f"/gists/{quote(path.rpartition('/')[2], safe='')}/commits?per_page=1"


KINDS: Final[Mapping[str, Kind]] = {
    "github": Kind(
        api="/api/v3",
        repository=lambda path: f"/repos/{quote(path)}",
        ref=lambda path, name: f"/repos/{quote(path)}/git/ref/{quote(name.removeprefix('refs/'))}",
        read_repository=_github_repository,
        read_ref=_github_ref,
        token_needed=True,
    ),
    "gist": Kind(
        api="/api/v3",
        repository=_gist,
        ref=lambda _, __: "",
        read_repository=_gist_repository,
        read_ref=_no_ref,
        token_needed=True,
    ),
    "gitlab": Kind(
        api="/api/v4",
        repository=_gitlab_project,
        ref=lambda path, name: _named(f"{_gitlab_project(path)}/repository", name, safe=""),
        read_repository=_gitlab_repository,
        read_ref=_gitlab_ref,
        suffix=".git",
    ),
    "gitea": Kind(
        api="/api/v1",
        repository=lambda path: f"/repos/{quote(path)}",
        ref=lambda path, name: _named(f"/repos/{quote(path)}", name, safe="/"),
        read_repository=_gitea_repository,
        read_ref=_gitea_ref,
    ),
}
