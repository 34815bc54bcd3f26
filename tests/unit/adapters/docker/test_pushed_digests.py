"""What builds have pushed is read from their pushers, each once, and nobody waits for it for long."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from tests.unit.adapters.docker.cards import OURS, card_of, inspection
from tests.unit.domain.people import plan_of

from repo2docker_service.adapters.builders.containers.cards import Card, Kind
from repo2docker_service.adapters.builders.docker.delivery import Delivery
from repo2docker_service.adapters.builders.docker.states import Container, Work, read_container
from repo2docker_service.domain.errors import BuilderUnavailable
from repo2docker_service.domain.models import BuildState


@dataclass
class Engine:
    """As much of an engine and of what is kept on it as is asked for reports."""

    reports: dict[str, object] = field(default_factory=dict)
    """What a pusher wrote, or what reading it comes to, by the id of its container."""
    asked: list[str] = field(default_factory=list)

    @contextmanager
    def refusals(self) -> Iterator[None]:
        yield

    async def read(self, identifier: str, path: str) -> bytes | None:
        self.asked.append(identifier)
        report = self.reports.get(identifier)
        if isinstance(report, Exception):
            raise report
        if report is None:
            await asyncio.sleep(60)
        return json.dumps(report).encode()

    @property
    def crew(self) -> Any:  # noqa: ANN401
        @dataclass
        class Crew:
            engine: Engine
            store: Engine

        return Crew(self, self)


def container(card: Card, mark: BuildState | None = None) -> Container:
    found = read_container(OURS, inspection(card, "exited"))
    assert found is not None
    return replace(found, mark=mark)


def work_of(engine: Engine, report: object = None, *, push: bool = True, kept: str = "") -> Work:
    """Make a build that has ended well, with what its pusher wrote."""
    plan = plan_of()
    made = Work(
        container(replace(card_of(plan), push=push, kept=kept), BuildState.SUCCEEDED),
        container(replace(card_of(plan, Kind.PUSHER), push=push, kept=kept)),
    )
    assert made.state is BuildState.SUCCEEDED
    assert made.pusher is not None
    engine.reports[made.pusher.id] = report
    return made


@pytest.fixture
def engine() -> Engine:
    return Engine()


@pytest.fixture
def delivery(engine: Engine) -> Delivery:
    return Delivery(engine.crew)


async def test_only_what_is_asked_for_is_read_and_only_once(engine: Engine, delivery: Delivery) -> None:
    asked, other = work_of(engine, {"digest": "sha256:1"}), work_of(engine, {"digest": "sha256:2"})

    found = [await delivery.pushed([asked, other], [asked.id], 5) for _ in range(2)]

    assert found == [{asked.id: {"sha256:1"}}] * 2
    assert asked.pusher is not None
    assert engine.asked == [asked.pusher.id]


async def test_an_image_that_was_pushed_again_may_have_either_digest(engine: Engine, delivery: Delivery) -> None:
    first = work_of(engine, {"digest": "sha256:1"})
    again = work_of(engine, {"digest": "sha256:2"}, kept=first.id)

    assert await delivery.pushed([first, again], [first.id], 5) == {first.id: {"sha256:1", "sha256:2"}}


async def test_what_was_not_pushed_or_not_written_down_is_left_out(engine: Engine, delivery: Delivery) -> None:
    kept_here, silent = work_of(engine, {"digest": "sha256:1"}, push=False), work_of(engine, {})

    assert await delivery.pushed([kept_here, silent], [kept_here.id, silent.id], 5) == {}


async def test_what_cannot_be_read_in_time_hides_nothing_else(engine: Engine, delivery: Delivery) -> None:
    slow, away = work_of(engine), work_of(engine, BuilderUnavailable("engine", "it is away"))
    read = work_of(engine, {"digest": "sha256:1"})
    works = [slow, away, read]

    async with asyncio.timeout(5):
        assert await delivery.pushed(works, [work.id for work in works], 0.05) == {read.id: {"sha256:1"}}

    for work in (slow, away):
        assert work.pusher is not None
        engine.reports[work.pusher.id] = {"digest": "sha256:2"}
    assert len(await delivery.pushed(works, [work.id for work in works], 5)) == 3
