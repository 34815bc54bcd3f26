"""Builds as an engine would hold them."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from tests.unit.domain.people import ADA, BOB, CAT, LAB, LONG_AGO, build_of, plan_of

from repo2docker_service.domain.models import Build, BuildState, Owner
from repo2docker_service.domain.orders.queueing import next_round, to_start

OWNERS = (ADA, BOB, CAT, LAB)


@dataclass
class Queue:
    """Builds as an engine would hold them: time passes with each thing that happens."""

    builds: dict[str, Build] = field(default_factory=dict)
    started: list[Build] = field(default_factory=list)
    ticks: int = 0

    def ask(self, owner: Owner, count: int = 1) -> list[Build]:
        return [self._ask(owner) for _ in range(count)]

    def _ask(self, owner: Owner) -> Build:
        plan = replace(plan_of(owner), round=next_round(self.builds.values(), owner))
        return self._keep(replace(build_of(plan, BuildState.QUEUED), created_at=self._now()))

    def _now(self) -> datetime:
        self.ticks += 1
        return LONG_AGO + timedelta(seconds=self.ticks)

    def _keep(self, build: Build) -> Build:
        self.builds[build.id] = build
        return build

    def dispatch(self, slots: int = 1, slots_per_owner: int = 0) -> list[Build]:
        chosen = list(to_start(self._alive(), slots, slots_per_owner))
        for build in chosen:
            self._keep(replace(build, state=BuildState.BUILDING, started_at=self._now()))
        self.started += chosen
        return chosen

    def _alive(self) -> list[Build]:
        return [build for build in self.builds.values() if not build.state.ended]

    def end(self, build: Build, state: BuildState = BuildState.SUCCEEDED) -> None:
        self._keep(replace(self.builds[build.id], state=state, finished_at=self._now()))

    def running(self) -> list[Build]:
        return [build for build in self.builds.values() if build.state is BuildState.BUILDING]

    def serve(self, count: int = 10**9) -> list[str]:
        """Run builds one after the other, and give their owners' names."""
        names: list[str] = []
        while len(names) < count and (chosen := self.dispatch()):
            self.end(chosen[0])
            names.append(chosen[0].plan.owner.name)
        return names
