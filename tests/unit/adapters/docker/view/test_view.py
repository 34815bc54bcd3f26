"""The live view shows what is on the engine, whatever was told of it."""

import asyncio
import logging
from pathlib import Path

import pytest
from tests.unit.adapters.docker.cards import card_of, inspection, installation_of
from tests.unit.adapters.docker.listing_engine import ListingEngine
from tests.unit.adapters.docker.view.conftest import Watched, of_pusher, state_of
from tests.unit.domain.people import BOB, plan_of

from repo2docker_service.adapters.builders.docker import view as view_module
from repo2docker_service.domain.errors import BuilderUnavailable
from repo2docker_service.domain.models import BuildState, Reason

# --- what is there ----------------------------------------------------------------------------


async def test_one_list_makes_the_picture(engine: ListingEngine, watched: Watched) -> None:
    queued, running, failed, done = (card_of(plan_of()) for _ in range(4))
    engine.create(queued)
    engine.create(running, "running")
    engine.create(failed, "exited", 72)
    engine.create(done, "exited")
    engine.create(of_pusher(done), "exited")

    async with watched.kept(engine) as view:
        states = [state_of(view, card) for card in (queued, running, failed, done)]

    assert states == [BuildState.QUEUED, BuildState.BUILDING, BuildState.FAILED, BuildState.SUCCEEDED]
    assert (engine.lists, len(engine.inspected)) == (1, 5)
    assert watched.told
    assert view.changed == set(view.works)


async def test_only_builds_about_which_something_is_left_to_do_are_unsettled(
    engine: ListingEngine, watched: Watched
) -> None:
    unrecorded, recorded, waiting = (card_of(plan_of()) for _ in range(3))
    engine.create(unrecorded, "exited", 72)
    engine.put(inspection(recorded, "exited", 72, name=recorded.marked(Reason.BUILD_FAILED)))
    identifier = engine.create(waiting)

    async with watched.kept(engine) as view:
        assert view.unsettled == {unrecorded.plan.id, waiting.plan.id}
        engine.put(inspection(of_pusher(unrecorded), "created"))
        engine.rename(identifier, waiting.marked(BuildState.CANCELLED))
        await engine.until(lambda: waiting.plan.id not in view.unsettled)

    assert set(view.works) == {card.plan.id for card in (unrecorded, recorded, waiting)}


async def test_while_nothing_tells_of_changes_a_list_is_made_for_whoever_asks(
    engine: ListingEngine, watched: Watched
) -> None:
    view, card = watched.view, card_of()
    await view.ready()
    identifier = engine.create(card)
    await view.ready()
    assert state_of(view, card) is BuildState.QUEUED
    engine.destroy(identifier)
    await view.ready()

    assert state_of(view, card) is None
    assert engine.lists == 3


async def test_while_changes_are_told_of_nobody_has_to_wait_for_a_list(engine: ListingEngine, watched: Watched) -> None:
    async with watched.kept(engine) as view:
        for _ in range(5):
            await view.ready()

    assert engine.lists == 1


async def test_an_engine_that_is_gone_is_told_to_who_asks(watched: Watched, tmp_path: Path) -> None:
    (tmp_path / "engine").unlink()

    with pytest.raises(BuilderUnavailable):
        await watched.view.ready()


# --- what is not ours -------------------------------------------------------------------------


async def test_foreign_containers_are_not_seen(engine: ListingEngine, watched: Watched) -> None:
    ours, forged = card_of(plan_of()), card_of(plan_of(BOB))
    engine.create(ours)
    engine.create(card_of(installation=installation_of("other")), installation=installation_of("other"))
    engine.create(forged, installation=installation_of("test", b"the key of others"))
    engine.put(inspection(ours, "running", name="jupyter-ada"))
    engine.put({**inspection(forged), "Config": {"Image": "x", "Entrypoint": None, "Labels": {}}})

    async with watched.kept(engine) as view:
        await view.ready()

    assert set(view.works) == {ours.plan.id}
    assert view.works[ours.plan.id].builder.name == ours.name


async def test_what_carries_our_labels_and_is_not_ours_is_looked_at_once_for_each_change_of_it(
    engine: ListingEngine, watched: Watched, caplog: pytest.LogCaptureFixture
) -> None:
    server = engine.put(inspection(card_of(), "running", name="jupyter-ada"))
    view = watched.view
    for _ in range(3):
        await view.ready()
    assert engine.inspected == [server]

    engine.die(server)
    for _ in range(3):
        await view.ready()

    assert engine.inspected == [server] * 2
    assert view.works == {}
    assert ["jupyter-ada" in line for line in caplog.messages] == [True] * 2


# --- what is told of --------------------------------------------------------------------------


async def test_changes_are_seen_as_they_are_told_of(engine: ListingEngine, watched: Watched) -> None:
    card = card_of()
    async with watched.kept(engine) as view:

        async def becomes(state: BuildState | None) -> None:
            version, told = view.version, watched.told
            await engine.until(lambda: state_of(view, card) is state)
            assert (view.version > version) is (watched.told > told) is True
            assert card.plan.id in view.changed
            view.changed.clear()

        builder = engine.create(card)
        await becomes(BuildState.QUEUED)
        engine.start(builder)
        await becomes(BuildState.BUILDING)
        engine.die(builder)
        await becomes(BuildState.PUSHING)
        pusher = engine.create(of_pusher(card))
        engine.start(pusher)
        engine.die(pusher)
        await becomes(BuildState.SUCCEEDED)
        engine.rename(builder, card.marked(BuildState.SUCCEEDED))
        await engine.until(lambda: view.works[card.plan.id].builder.mark is BuildState.SUCCEEDED)
        engine.destroy(builder)
        await becomes(None)

    assert engine.lists == 1


async def test_many_changes_at_once_are_all_seen(engine: ListingEngine, watched: Watched) -> None:
    cards = [card_of(plan_of()) for _ in range(200)]
    async with watched.kept(engine) as view:
        builders = [engine.create(card) for card in cards]
        for builder in builders[::2]:
            engine.start(builder)
        await engine.until(lambda: sum(build.state is BuildState.BUILDING for build in view.builds.values()) == 100)
        await engine.until(lambda: len(view.builds) == 200)

    assert engine.lists == 1


async def test_what_did_not_change_is_not_told_of(engine: ListingEngine, watched: Watched) -> None:
    card = card_of()
    builder = engine.create(card)
    async with watched.kept(engine) as view:
        view.changed.clear()
        version, told = view.version, watched.told
        for _ in range(3):
            await view.refresh(builder)

    assert (view.version, view.changed, watched.told) == (version, set(), told)


# --- what was not told of ---------------------------------------------------------------------


async def test_after_a_break_everything_is_listed_again(engine: ListingEngine, watched: Watched) -> None:
    gone, stays = card_of(plan_of()), card_of(plan_of())
    first, second = engine.create(gone), engine.create(stays)
    async with watched.kept(engine) as view:
        engine.tells = False
        engine.destroy(first)
        engine.start(second)
        new = card_of(plan_of())
        engine.create(new)
        told = watched.told
        await engine.break_off()
        await engine.until(lambda: not view.live)
        assert watched.told > told
        await engine.until(lambda: view.live)

        assert [state_of(view, card) for card in (gone, stays, new)] == [None, BuildState.BUILDING, BuildState.QUEUED]
        engine.tells = True
        engine.die(second, 72)
        await engine.until(lambda: state_of(view, stays) is BuildState.FAILED)


async def test_an_engine_that_comes_back_is_found_and_nobody_is_alarmed_meanwhile(
    engine: ListingEngine, watched: Watched, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    card = card_of()
    socket = tmp_path / "engine"
    async with watched.kept(engine) as view:
        socket.rename(tmp_path / "away")
        await engine.break_off()
        await asyncio.sleep(0.05)
        assert not view.live
        engine.create(card)
        (tmp_path / "away").rename(socket)
        await engine.until(lambda: view.live)

        assert state_of(view, card) is BuildState.QUEUED
    assert [record for record in caplog.records if record.levelno > logging.DEBUG] == []


@pytest.mark.parametrize("when", ["_LIST_SOON", "_LIST_AGAIN"])
async def test_changes_that_were_not_told_of_are_found_by_listing_now_and_then(
    engine: ListingEngine, watched: Watched, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    monkeypatch.setattr(view_module, when, 0.02)
    card, gone = card_of(plan_of()), card_of(plan_of())
    builder, other = engine.create(card), engine.create(gone)
    engine.list_answers.holding = True
    keeping = asyncio.create_task(watched.view.keep())
    await engine.until(lambda: bool(engine.list_answers.waiting))
    engine.list_answers.holding = False
    engine.list_answers.release()
    await engine.until(lambda: watched.view.live)
    engine.tells = False
    engine.start(builder)
    engine.destroy(other)

    await engine.until(lambda: state_of(watched.view, card) is BuildState.BUILDING)
    await engine.until(lambda: state_of(watched.view, gone) is None)
    keeping.cancel()
    await asyncio.wait([keeping])


async def test_a_list_looks_only_at_what_looks_different(engine: ListingEngine, watched: Watched) -> None:
    builders = [engine.create(card_of(plan_of())) for _ in range(20)]
    view = watched.view
    await view.ready()
    engine.inspected.clear()
    engine.start(builders[3])
    await view.ready()

    assert engine.inspected == [builders[3]]
