"""The live view looks at containers in whatever order answers come, and is not put off by failures."""

import asyncio
from dataclasses import replace

import pytest
from tests.unit.adapters.docker.cards import card_of
from tests.unit.adapters.docker.listing_engine import ListingEngine
from tests.unit.adapters.docker.view.conftest import Watched, of_pusher, state_of
from tests.unit.domain.people import plan_of

from repo2docker_service.adapters.builders.containers.cards import Kind
from repo2docker_service.adapters.builders.docker import view as view_module
from repo2docker_service.domain.errors import BuildNotFound
from repo2docker_service.domain.models import BuildState, Reason

# --- in whatever order ------------------------------------------------------------------------


async def test_what_is_created_while_a_list_is_on_its_way_is_not_dropped_by_it(
    engine: ListingEngine, watched: Watched
) -> None:
    early, late = card_of(plan_of()), card_of(plan_of())
    engine.create(early)
    async with watched.kept(engine) as view:
        engine.list_answers.holding = True
        listing = asyncio.create_task(view._list())
        await engine.until(lambda: bool(engine.list_answers.waiting))
        engine.create(late)
        await engine.until(lambda: state_of(view, late) is BuildState.QUEUED)

        engine.list_answers.release()
        await listing

        assert set(view.works) == {early.plan.id, late.plan.id}


async def test_what_is_created_before_the_first_list_has_come_is_not_missed(
    engine: ListingEngine, watched: Watched
) -> None:
    card = card_of()
    engine.list_answers.holding = True
    keeping = asyncio.create_task(watched.view.keep())
    await engine.until(lambda: bool(engine.list_answers.waiting))
    engine.create(card)
    engine.list_answers.release()

    await engine.until(lambda: state_of(watched.view, card) is BuildState.QUEUED)
    keeping.cancel()
    await asyncio.wait([keeping])


@pytest.mark.parametrize("first", [0, 1])
async def test_of_two_looks_the_one_that_was_begun_last_counts(
    engine: ListingEngine, watched: Watched, first: int
) -> None:
    view, card = watched.view, card_of()
    builder = engine.create(card)
    engine.inspections.holding = True
    looks = [asyncio.create_task(view.refresh(builder))]
    await engine.until(lambda: len(engine.inspections.waiting) == 1)
    engine.start(builder)
    looks.append(asyncio.create_task(view.refresh(builder)))
    await engine.until(lambda: len(engine.inspections.waiting) == 2)

    engine.inspections.release(first)
    await looks[first]
    engine.inspections.release()
    await asyncio.wait(looks)

    assert state_of(view, card) is BuildState.BUILDING


@pytest.mark.parametrize("first", [0, 1])
async def test_what_is_gone_does_not_come_back_by_a_look_that_was_begun_before(
    engine: ListingEngine, watched: Watched, first: int
) -> None:
    view, card = watched.view, card_of()
    builder = engine.create(card)
    await view.refresh(builder)
    engine.inspections.holding = True
    looks = [asyncio.create_task(view.refresh(builder))]
    await engine.until(lambda: len(engine.inspections.waiting) == 1)
    engine.destroy(builder)
    looks.append(asyncio.create_task(view.refresh(builder)))
    await engine.until(lambda: len(engine.inspections.waiting) == 2)

    engine.inspections.release(first)
    await looks[first]
    engine.inspections.release()
    await asyncio.wait(looks)

    assert state_of(view, card) is None
    assert (view._order, view._gone, view._looks) == ({}, {}, set())
    assert (view._parts, view._seen) == ({}, {})


# --- ends -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("code", "state"), [(0, BuildState.PUSHING), (72, BuildState.FAILED)])
async def test_an_ended_container_that_is_started_again_keeps_its_end(
    engine: ListingEngine, watched: Watched, code: int, state: BuildState
) -> None:
    card = card_of()
    builder = engine.create(card, "exited", code)
    async with watched.kept(engine) as view:
        ended = view.builds[card.plan.id]
        assert ended.state is state
        view.changed.clear()
        engine.start(builder)
        await engine.until(lambda: engine.inspected.count(builder) == 2)
        engine.containers[builder]["State"].update(FinishedAt="2026-01-02T09:09:09Z")
        engine.die(builder, 71)
        await engine.until(lambda: engine.inspected.count(builder) == 3)
        await view.refresh(builder)

    assert view.builds[card.plan.id] == ended
    assert view.changed == set()


async def test_its_name_is_read_all_the_same(engine: ListingEngine, watched: Watched) -> None:
    card = card_of()
    builder = engine.create(card, "exited", 72)
    async with watched.kept(engine) as view:
        engine.start(builder)
        engine.rename(builder, card.marked(Reason.BUILD_FAILED))
        await engine.until(lambda: view.works[card.plan.id].builder.mark is Reason.BUILD_FAILED)

        assert view.works[card.plan.id].settled


# --- one build --------------------------------------------------------------------------------


async def test_a_build_is_given_as_it_is_at_that_moment_though_nothing_was_told_of_it(
    engine: ListingEngine, watched: Watched
) -> None:
    card = card_of()
    engine.tells = False
    builder = engine.create(card)
    async with watched.kept(engine) as view:
        engine.die(builder)
        assert (await view.work(card.plan.id)).state is BuildState.PUSHING
        engine.create(of_pusher(card), "exited")

        assert (await view.work(card.plan.id)).state is BuildState.SUCCEEDED


async def test_a_build_that_another_replica_has_just_created_is_found(engine: ListingEngine, watched: Watched) -> None:
    async with watched.kept(engine) as view:
        engine.tells = False
        engine.create(card_of(plan_of()))
        card = card_of(plan_of())
        engine.create(card)
        engine.create(of_pusher(card, Kind.CLAIM))
        engine.inspected.clear()

        assert (await view.work(card.plan.id)).claimed
        assert len(engine.inspected) == 2


async def test_a_build_that_is_not_there_or_not_any_more_is_not_found(engine: ListingEngine, watched: Watched) -> None:
    card = card_of()
    builder = engine.create(card)
    async with watched.kept(engine) as view:
        engine.tells = False
        engine.destroy(builder)
        for identifier in (card.plan.id, "f" * 32):
            with pytest.raises(BuildNotFound):
                await view.work(identifier)

    assert view.works == {}


# --- failures ---------------------------------------------------------------------------------


async def test_a_change_that_could_not_be_looked_at_is_found_soon(
    engine: ListingEngine, watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = card_of()
    builder = engine.create(card)
    async with watched.kept(engine) as view:
        monkeypatch.setattr(view_module, "_LIST_SOON", 0.02)
        engine.broken.add(builder)
        engine.start(builder)
        await engine.until(lambda: engine.inspected.count(builder) == 2)
        engine.broken.clear()

        await engine.until(lambda: state_of(view, card) is BuildState.BUILDING)


async def test_one_thing_that_nobody_foresaw_does_not_end_the_watch(
    engine: ListingEngine, watched: Watched, caplog: pytest.LogCaptureFixture
) -> None:
    other, card = engine.create(card_of(plan_of())), card_of(plan_of())
    async with watched.kept(engine) as view:
        engine.containers[other]["State"] = {"Status": "running"}
        engine.rename(other, engine.containers[other]["Name"][1:])
        await engine.until(lambda: "Looking at the engine failed" in caplog.text)
        engine.create(card)

        await engine.until(lambda: state_of(view, card) is BuildState.QUEUED)


async def test_works_of_a_pusher_without_its_builder_are_none(engine: ListingEngine, watched: Watched) -> None:
    card = replace(card_of(), push=True)
    builder = engine.create(card, "exited")
    engine.create(of_pusher(card))
    async with watched.kept(engine) as view:
        assert state_of(view, card) is BuildState.PUSHING
        engine.destroy(builder)
        await engine.until(lambda: state_of(view, card) is None)

        assert view.unsettled == set()
