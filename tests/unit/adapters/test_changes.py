"""Watchers are told of changes, and nobody waits for them."""

import asyncio
import gc
from contextlib import aclosing

import pytest

from repo2docker_service.adapters.changes import Changes


@pytest.fixture
def changes() -> Changes[str]:
    return Changes()


async def test_every_watcher_is_told(changes: Changes[str]) -> None:
    async with aclosing(changes.watch()) as one, aclosing(changes.watch()) as other:
        changes.publish("a", "a1")

        assert (await anext(one), await anext(other)) == ("a1", "a1")


async def test_a_watcher_is_told_of_what_happens_from_the_call_on(changes: Changes[str]) -> None:
    changes.publish("a", "before")
    async with aclosing(changes.watch()) as watcher:
        changes.publish("a", "after")

        assert await anext(watcher) == "after"


async def test_a_slow_watcher_is_told_the_newest_of_each_thing_once(changes: Changes[str]) -> None:
    async with aclosing(changes.watch()) as watcher:
        for number in range(1000):
            changes.publish("a", f"a{number}")
            changes.publish("b", f"b{number}")

        assert [await anext(watcher), await anext(watcher)] == ["a999", "b999"]
        changes.publish("c", "c")
        assert await anext(watcher) == "c"


async def test_what_changes_while_a_watcher_reads_is_told_too(changes: Changes[str]) -> None:
    async with aclosing(changes.watch()) as watcher:
        changes.publish("a", "a1")
        changes.publish("b", "b1")
        assert await anext(watcher) == "a1"
        changes.publish("a", "a2")
        changes.publish("b", "b2")

        assert [await anext(watcher), await anext(watcher)] == ["b2", "a2"]


async def test_a_watcher_waits_until_something_changes(changes: Changes[str]) -> None:
    async with aclosing(changes.watch()) as watcher:
        waiting = asyncio.ensure_future(anext(watcher))
        await asyncio.sleep(0)
        assert not waiting.done()

        changes.publish("a", "a1")

        assert await waiting == "a1"


async def test_one_watcher_that_leaves_disturbs_no_other(changes: Changes[str]) -> None:
    async with aclosing(changes.watch()) as stays:
        async with aclosing(changes.watch()) as leaves:
            changes.publish("a", "a1")
            assert await anext(leaves) == "a1"
        assert await anext(stays) == "a1"

        changes.publish("a", "a2")
        assert await anext(stays) == "a2"


async def test_nothing_is_kept_for_watchers_that_are_gone(changes: Changes[str]) -> None:
    never_read = changes.watch()
    async with aclosing(changes.watch()) as watcher:
        changes.publish("a", "a1")
        await anext(watcher)
    assert len(changes._watchers) == 1

    del never_read
    gc.collect()

    assert len(changes._watchers) == 0


async def test_it_is_known_whether_anybody_watches(changes: Changes[str]) -> None:
    seen = [changes.watched]
    watcher = changes.watch()
    seen.append(changes.watched)
    del watcher
    gc.collect()
    seen.append(changes.watched)

    assert seen == [False, True, False]
