"""Whatever a forge answers, what is read of it can be used, or git's protocol is asked instead."""

import asyncio
import json
from functools import partial
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from repo2docker_service.adapters.sources.git.forges.answers import Answers, ApiUnhelpful
from repo2docker_service.adapters.sources.git.forges.kinds import KINDS, Read, Told
from repo2docker_service.adapters.sources.git.http import Answer, GitHttp
from repo2docker_service.domain.inputs import is_commit

COMMIT = "1" * 40
REFS = ("refs/heads/main", "refs/tags/main")
SAID = st.sampled_from([COMMIT, COMMIT + "\n", "../" * 40, "main", "public", "tag", "commit", "\ud800", "", *REFS])
MEMBERS = st.sampled_from(["private", "visibility", "default_branch", "object", "type", "sha", "commit", "id", "name"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | SAID | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(MEMBERS, inner, max_size=4),
    max_leaves=8,
)


def like(*members: str, **more: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Give what looks like an answer, and something of its values."""
    return st.fixed_dictionaries({**dict.fromkeys(members, SAID | VALUES), **more})


LIKELY = like(
    "visibility",
    "default_branch",
    "name",
    "ref",
    "version",
    private=st.just(False) | VALUES,
    object=like("type", "sha") | VALUES,
    commit=like("id", "sha") | VALUES,
)


class Telling(GitHttp):
    """Answers everything in the same way."""

    def __init__(self, told: object) -> None:
        self.told = told

    async def get(self, *_: object, **__: object) -> Answer:
        return Answer(200, {}, json.dumps(self.told).encode(), whole=True)


def read(how: Read, told: object) -> Told | None:
    async def ask() -> Told | None:
        return await Answers(Telling(told)).ask("https://h.example", how, "", private_allowed=False)

    return asyncio.run(ask())


@given(st.sampled_from(sorted(KINDS)), LIKELY | st.lists(LIKELY, min_size=1, max_size=1) | VALUES)
def test_any_answer_of_any_forge_is_of_use_or_none_at_all(name: str, told: object) -> None:
    kind = KINDS[name]
    reads: list[Read] = [kind.read_repository, *(partial(kind.read_ref, "a/b", ref) for ref in REFS)]
    for how in reads:
        try:
            found = read(how, told)
        except ApiUnhelpful:
            continue
        assert found is not None
        assert found.commit == "" or is_commit(found.commit)
        assert found.default_ref.isprintable()
        assert ".." not in found.beyond
