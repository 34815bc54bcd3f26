# ruff: noqa: ASYNC110  # nobody tells of changes in the cluster itself
"""Whatever happens to the cluster or to the service, no build is lost, none runs twice, and each has its reason."""

import asyncio
import base64
import copy
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web
from tests.unit.adapters.kubernetes.conftest import MakeBuilder
from tests.unit.adapters.kubernetes.played_api import PlayedApi, Trouble
from tests.unit.adapters.kubernetes.played_cluster import DIGEST, PlayedCluster, now

from repo2docker_service.adapters.builders.kubernetes import (
    KubernetesImageBuilder,
    build_log,
    cancelling,
    log_stream,
    watching,
)
from repo2docker_service.adapters.builders.kubernetes.store import Changed
from repo2docker_service.adapters.pushing import NotDelivered
from repo2docker_service.domain.credentials import Credentials
from repo2docker_service.domain.errors import (
    BuilderUnavailable,
    BuildFinished,
    LogCollected,
    QuotaExceeded,
    RegistryUnavailable,
)
from repo2docker_service.domain.failures.advice import CREDENTIALS_GONE
from repo2docker_service.domain.models import Build, BuildState, ImageName, Owner, OwnerKind, Reason
from repo2docker_service.testing.driving import Outcome, numbers

PATIENCE = 20.0


async def until(builder: KubernetesImageBuilder, build_id: str, is_so: Callable[[Build], object]) -> Build:
    async with asyncio.timeout(PATIENCE):
        while not is_so(build := await builder.get(build_id)):
            await asyncio.sleep(0.05)
    return build


async def ended(builder: KubernetesImageBuilder, build_id: str) -> Build:
    return await until(builder, build_id, lambda build: build.state.ended)


async def log_of(builder: KubernetesImageBuilder, build_id: str, *, follow: bool = False) -> list[str]:
    async with asyncio.timeout(PATIENCE):
        return [line async for chunk in builder.read_log(build_id, follow=follow) for line in chunk.lines]


def once(method: str, path: str, trouble: Trouble) -> Callable[[web.Request], None]:
    """Make trouble for one request of this kind."""

    def make(request: web.Request) -> None:
        if request.method == method and path in request.path:
            raise trouble

    return make


class Support:
    """What a builder asks of a registry, and the answers."""

    def __init__(self) -> None:
        self.trouble: list[Exception] = []
        self.verified: list[tuple[str, str]] = []
        self.open_to_all = False
        self.away = False
        """Whether it does not tell who may read."""

    async def push_config(self) -> bytes:
        return b'{"auths": {}}'

    async def guards(self, image: ImageName) -> bool:
        if self.away:
            raise RegistryUnavailable("registry", "it is away")
        return not self.open_to_all

    async def verify_push(self, image: ImageName, digest: str, build_id: str) -> None:
        self.verified.append((digest, build_id))
        if self.trouble:
            raise self.trouble.pop(0)


async def test_many_replicas_run_no_more_builds_than_allowed_and_each_once(
    cluster: PlayedCluster, make_builder: MakeBuilder
) -> None:
    async with AsyncExitStack() as stack:
        replicas = [await stack.enter_async_context(make_builder(concurrency=2)) for _ in range(3)]
        plans = [cluster.plan(Outcome.SUCCEEDS, 200) for _ in range(8)]
        builds = await asyncio.gather(*(replicas[at % 3].start(*plan) for at, plan in enumerate(plans)))
        found = [await ended(replicas[0], build.id) for build in builds]

    assert {build.state for build in found} == {BuildState.SUCCEEDED}
    assert sorted(cluster.runs) == sorted(build.id for build in builds)
    assert cluster.most_at_once == 2


async def test_of_two_replicas_that_give_places_at_once_one_has_to_look_again(
    cluster: PlayedCluster, make_builder: MakeBuilder
) -> None:
    slow, quick = make_builder()._reconciler.slots, make_builder()
    build = await quick.start(*cluster.plan(Outcome.SUCCEEDS))
    version, _ = await slow._read()

    assert [work.id for work in await quick._reconciler.slots.next()] == [build.id]
    with pytest.raises(Changed):
        await slow._write(version, {"another"})


async def test_owners_take_turns(cluster: PlayedCluster, make_builder: MakeBuilder) -> None:
    waiting = make_builder()
    plans = [cluster.plan(Outcome.SUCCEEDS, 1) for _ in range(3)]
    rounds = [replace(plan, round=turn) for turn, (plan, _) in zip((1, 0, 2), plans, strict=True)]
    for plan in rounds:
        await waiting.start(plan, plans[0][1])

    async with waiting:
        for plan in rounds:
            await ended(waiting, plan.id)

    assert cluster.runs == [rounds[1].id, rounds[0].id, rounds[2].id]


async def test_a_build_goes_on_while_nobody_serves_and_its_end_is_found(
    cluster: PlayedCluster, make_builder: MakeBuilder
) -> None:
    async with make_builder() as first:
        build = await first.start(*cluster.plan(Outcome.SUCCEEDS, 300))
        await until(first, build.id, lambda seen: seen.state is BuildState.BUILDING)

    async with make_builder() as second:
        assert (await ended(second, build.id)).state is BuildState.SUCCEEDED
        assert numbers(await log_of(second, build.id)) == list(range(1, 301))
    assert cluster.runs == [build.id]


async def test_what_somebody_gave_a_place_and_did_not_begin_is_begun_by_another(
    cluster: PlayedCluster, make_builder: MakeBuilder, api: PlayedApi
) -> None:
    stopped = make_builder()
    build = await stopped.start(*cluster.plan(Outcome.SUCCEEDS))
    assert [work.id for work in await stopped._reconciler.slots.next()] == [build.id]

    async with make_builder() as other:
        assert (await ended(other, build.id)).state is BuildState.SUCCEEDED


@pytest.mark.parametrize("orderly", [False, True], ids=["it breaks", "its time is over"])
@pytest.mark.parametrize("forgotten", [False, True], ids=["it goes on", "the changes meanwhile are forgotten"])
async def test_a_broken_stream_of_changes_loses_none(
    cluster: PlayedCluster, builder: KubernetesImageBuilder, api: PlayedApi, forgotten: bool, orderly: bool
) -> None:
    api.orderly = orderly
    build = await builder.start(*cluster.plan(Outcome.SUCCEEDS, 100))
    await until(builder, build.id, lambda seen: seen.state is BuildState.BUILDING)
    following = asyncio.create_task(log_of(builder, build.id, follow=True))

    for _ in range(3):
        if forgotten:
            api.forgotten = api.latest + 1
            api.events.clear()
            api.events.append((api.forgotten, "", "", {}))
            api._counter = iter(range(api.forgotten + 1, 10**6))  # type: ignore[assignment]
        await api.break_streams()
        await asyncio.sleep(0.02)

    # Not asked for by its id, which would look past the stream.
    async with asyncio.timeout(PATIENCE):
        while [seen.state for seen in await builder.list()] != [BuildState.SUCCEEDED]:
            await asyncio.sleep(0.05)
    assert numbers(await following) == list(range(1, 101))
    assert cluster.runs == [build.id]


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_call_is_made_again_when_the_server_has_too_much_to_do(
    cluster: PlayedCluster, builder: KubernetesImageBuilder, api: PlayedApi, status: int
) -> None:
    for method, path in (("POST", "jobs"), ("PATCH", "jobs"), ("POST", "secrets"), ("GET", "pods"), ("GET", "jobs")):
        api.troubles.append(once(method, path, Trouble(status, "TooManyRequests")))

    build = await builder.start(*cluster.plan(Outcome.SUCCEEDS))

    assert (await ended(builder, build.id)).state is BuildState.SUCCEEDED
    assert (cluster.runs, api.troubles) == ([build.id], [])


async def test_a_job_that_was_made_though_nobody_heard_of_it_is_not_made_again(
    cluster: PlayedCluster, builder: KubernetesImageBuilder, api: PlayedApi
) -> None:
    plan, destination = cluster.plan(Outcome.SUCCEEDS)
    made = asyncio.Event()
    post = api._post

    def made_and_lost(*args: object) -> object:
        told = post(*args)  # type: ignore[arg-type]
        if args[0] == "jobs" and not made.is_set():
            made.set()
            raise Trouble(500, "InternalError", "the answer was lost")
        return told

    api._post = made_and_lost  # type: ignore[assignment,method-assign]
    build = await builder.start(plan, destination)
    await ended(builder, build.id)

    assert made.is_set()
    assert (build.id, build.joined) == (plan.id, False)
    assert cluster.runs == [plan.id]


async def test_a_cluster_that_is_away_for_long_is_told(builder: KubernetesImageBuilder, api: PlayedApi) -> None:
    def away(request: web.Request) -> None:
        api.troubles.append(away)
        raise Trouble(503, "ServiceUnavailable")

    api.troubles.append(away)
    with pytest.raises(BuilderUnavailable):
        await builder.check()


async def test_a_quota_of_the_cluster_is_told_to_who_asks(
    cluster: PlayedCluster, builder: KubernetesImageBuilder, api: PlayedApi
) -> None:
    api.troubles.append(once("POST", "jobs", Trouble(403, "Forbidden", "exceeded quota: builds, limited: count/jobs")))

    with pytest.raises(QuotaExceeded) as caught:
        await builder.start(*cluster.plan(Outcome.SUCCEEDS))

    assert caught.value.retry_after
    assert api.things["jobs"] == {}


async def test_a_right_that_is_missing_is_told(
    cluster: PlayedCluster, builder: KubernetesImageBuilder, api: PlayedApi
) -> None:
    api.troubles.append(once("POST", "jobs", Trouble(403, "Forbidden", "jobs.batch is forbidden: User cannot create")))

    with pytest.raises(BuilderUnavailable, match="cannot create"):
        await builder.start(*cluster.plan(Outcome.SUCCEEDS))


async def test_what_a_server_says_without_a_reason_is_told_in_its_words(
    cluster: PlayedCluster, builder: KubernetesImageBuilder, api: PlayedApi
) -> None:
    api.troubles.append(once("POST", "jobs", Trouble(403, "", "no route to host")))

    with pytest.raises(BuilderUnavailable) as caught:
        await builder.start(*cluster.plan(Outcome.SUCCEEDS))

    assert caught.value.problem == "it refuses: no route to host"


async def test_a_build_whose_node_is_lost_fails_and_is_not_run_again(
    cluster: PlayedCluster, builder: KubernetesImageBuilder, api: PlayedApi
) -> None:
    build = await builder.start(*cluster.plan(Outcome.RUNS_LONG))
    await until(builder, build.id, lambda _: "repo2docker-service.build.begun" in annotations(api))

    cluster.lose(next(iter(api.things["pods"])))
    job = next(iter(api.things["jobs"].values()))
    api.put("jobs", copy.deepcopy(job))  # an old cluster makes another pod
    found = await ended(builder, build.id)

    assert (found.state, found.reason) == (BuildState.FAILED, Reason.BUILDER_LOST)
    assert found.started_at is not None
    assert next(iter(api.things["jobs"].values()))["spec"]["parallelism"] == 0
    async with asyncio.timeout(PATIENCE):
        while api.things["pods"]:
            await asyncio.sleep(0.02)
    with pytest.raises(LogCollected):
        await log_of(builder, build.id)


async def test_pods_that_a_cluster_makes_while_nobody_serves_are_told_where_the_build_has_begun(
    cluster: PlayedCluster, builder: KubernetesImageBuilder, api: PlayedApi
) -> None:
    build = await builder.start(*cluster.plan(Outcome.RUNS_LONG))
    await until(builder, build.id, lambda _: "repo2docker-service.build.begun" in annotations(api))

    (files,) = [each["data"] for name, each in api.things["secrets"].items() if name.endswith("-builder")]
    (pod,) = api.things["pods"].values()
    assert base64.b64decode(files["begun"]).decode() == pod["metadata"]["uid"]
    assert "plan.json" in files


async def test_a_pod_that_takes_the_place_of_one_that_has_ended_is_taken_back(
    cluster: PlayedCluster, builder: KubernetesImageBuilder, api: PlayedApi
) -> None:
    build = await builder.start(*cluster.plan(Outcome.FAILS))
    await until(builder, build.id, lambda _: "repo2docker-service.build.end" in annotations(api))
    job = next(iter(api.things["jobs"].values()))

    cluster.lose(next(iter(api.things["pods"])))
    api.put("jobs", {**job, "status": {}})  # an old cluster forgets that it had failed with its pod
    async with asyncio.timeout(PATIENCE):
        while next(iter(api.things["jobs"].values()))["spec"]["parallelism"]:
            await asyncio.sleep(0.02)

    assert (await builder.get(build.id)).reason is Reason.BUILD_FAILED


def annotations(api: PlayedApi) -> dict[str, str]:
    found: dict[str, str] = next(iter(api.things["jobs"].values()))["metadata"]["annotations"]
    return found


async def test_an_image_that_nodes_cannot_pull_is_told_and_makes_room(
    cluster: PlayedCluster, api: PlayedApi, make_builder: MakeBuilder
) -> None:
    cluster.runs_pods = False
    async with make_builder(pull_patience=0.1) as builder:
        build = await builder.start(*cluster.plan(Outcome.SUCCEEDS))
        async with asyncio.timeout(PATIENCE):
            while not api.things["pods"]:
                await asyncio.sleep(0.02)
        state = {"waiting": {"reason": "ErrImagePull", "message": "manifest unknown"}}
        cluster.container(next(iter(api.things["pods"])), "builder", state, "Pending")
        found = await ended(builder, build.id)

        assert (found.reason, api.things["pods"]) == (Reason.INTERNAL, {})
        assert "manifest unknown" in found.message
        cluster.runs_pods = True
        following = await builder.start(*cluster.plan(Outcome.SUCCEEDS))
        assert (await ended(builder, following.id)).state is BuildState.SUCCEEDED


async def test_a_build_that_waits_for_a_node_is_queued_and_can_be_cancelled(
    cluster: PlayedCluster, builder: KubernetesImageBuilder, api: PlayedApi
) -> None:
    cluster.runs_pods = False
    build = await builder.start(*cluster.plan(Outcome.SUCCEEDS))
    async with asyncio.timeout(PATIENCE):
        while not api.things["pods"]:
            await asyncio.sleep(0.02)

    assert (await builder.get(build.id)).state is BuildState.QUEUED
    assert (await builder.cancel(build.id)).state is BuildState.CANCELLED
    assert api.things["pods"] == {}


async def test_a_cancellation_that_was_stopped_half_way_is_finished_by_another(
    cluster: PlayedCluster, make_builder: MakeBuilder, builder: KubernetesImageBuilder
) -> None:
    build = await builder.start(*cluster.plan(Outcome.RUNS_LONG))
    await until(builder, build.id, lambda seen: seen.state is BuildState.BUILDING)

    stopped = make_builder()
    await stopped._store.want_cancelled(build.id)
    await stopped._cluster.close()

    assert (await ended(builder, build.id)).state is BuildState.CANCELLED
    assert numbers(await log_of(builder, build.id)) == [1, 2, 3, 4, 5]


async def test_a_build_that_is_cancelled_while_it_is_given_a_place_does_not_begin(
    cluster: PlayedCluster, make_builder: MakeBuilder, api: PlayedApi
) -> None:
    stopped = make_builder()
    build = await stopped.start(*cluster.plan(Outcome.SUCCEEDS))
    (work,) = await stopped._reconciler.slots.next()

    await stopped.cancel(build.id)
    await stopped._reconciler.duties.begin(work)

    assert (await stopped.get(build.id)).state is BuildState.CANCELLED
    assert cluster.runs == []
    assert [*api.things["secrets"]] == ["r2d-test-running"], "no Secret was left behind"


async def test_what_opens_a_repository_is_not_left_by_who_comes_late_to_begin_a_build(
    cluster: PlayedCluster, make_builder: MakeBuilder, api: PlayedApi
) -> None:
    late = make_builder()
    plan, destination = cluster.plan(Outcome.RUNS_LONG)
    build = await late.start(plan, destination, credentials=Credentials("ada", "a-secret-word"))
    (work,) = await late._reconciler.slots.next()

    async with make_builder() as other:
        await until(other, build.id, lambda _: "repo2docker-service.build.begun" in annotations(api))
    await late._reconciler.duties.begin(work)

    assert not [name for name in api.things["secrets"] if name.endswith("-git")]
    assert [name for name in api.things["secrets"] if name.endswith("-push")], "the pusher still needs it"


async def test_a_cancellation_ends_though_the_registry_stays_away(
    cluster: PlayedCluster, make_builder: MakeBuilder
) -> None:
    builder, support = make_builder(push_patience=0), Support()
    builder.push_with(support)
    async with builder:
        cluster.pushes_long = True
        build = await builder.start(*cluster.plan(Outcome.SUCCEEDS))
        await until(builder, build.id, lambda seen: seen.state is BuildState.PUSHING)
        support.trouble = [RegistryUnavailable("registry", "it is away")] * 100
        with suppress(RegistryUnavailable):  # who goes on cancelling in the background may be quicker
            await builder.cancel(build.id)

        assert (await ended(builder, build.id)).state is BuildState.CANCELLED


async def test_a_cancellation_ends_though_the_node_is_lost(
    cluster: PlayedCluster, builder: KubernetesImageBuilder, api: PlayedApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cancelling, "_PATIENCE", 0.3)
    build = await builder.start(*cluster.plan(Outcome.RUNS_LONG))
    await until(builder, build.id, lambda seen: seen.state is BuildState.BUILDING)
    cluster.ends_pods = False

    with pytest.raises(BuilderUnavailable):
        await builder.cancel(build.id)
    (pod,) = api.things["pods"].values()
    api.put("pods", {**pod, "metadata": {**pod["metadata"], "deletionTimestamp": "2026-01-02T03:04:05Z"}})

    assert (await ended(builder, build.id)).state is BuildState.CANCELLED


async def test_what_was_pushed_is_looked_for_and_its_digest_known(
    cluster: PlayedCluster, make_builder: MakeBuilder
) -> None:
    builder, support = make_builder(), Support()
    support.trouble = [RegistryUnavailable("registry", "it is away")]
    builder.push_with(support)
    async with builder:
        build = await builder.start(*cluster.plan(Outcome.SUCCEEDS))
        found = await ended(builder, build.id)

        assert (found.state, found.digest) == (BuildState.SUCCEEDED, DIGEST)
        assert support.verified == [(DIGEST, build.id)] * 2
        assert await builder.pushed([build.id], 1) == {build.id: {DIGEST}}
        await builder.forget(build.id)
        async with asyncio.timeout(PATIENCE):
            while builder._reconciler.duties.verified:
                await asyncio.sleep(0.02)


async def test_the_time_that_a_pod_was_stuck_does_not_count_any_more_once_it_runs(
    cluster: PlayedCluster, builder: KubernetesImageBuilder, api: PlayedApi
) -> None:
    cluster.runs_pods = False
    duties = builder._reconciler.duties
    build = await builder.start(*cluster.plan(Outcome.SUCCEEDS))
    async with asyncio.timeout(PATIENCE):
        while not api.things["pods"]:
            await asyncio.sleep(0.02)
        (name,) = api.things["pods"]
        cluster.container(name, "builder", {"waiting": {"reason": "ErrImagePull"}}, "Pending")
        while f"stuck {build.id}" not in duties._since:
            await asyncio.sleep(0.02)

        cluster.container(name, "builder", {"running": {"startedAt": now()}}, "Pending")
        while duties._since:
            await asyncio.sleep(0.02)


@pytest.mark.parametrize(
    "trouble", [NotDelivered("It is not there."), RegistryUnavailable("registry", "it is away")], ids=type
)
async def test_what_has_not_arrived_is_a_failed_push(
    cluster: PlayedCluster, make_builder: MakeBuilder, trouble: Exception
) -> None:
    builder, support = make_builder(push_patience=0), Support()
    support.trouble = [trouble]
    builder.push_with(support)
    async with builder:
        build = await builder.start(*cluster.plan(Outcome.SUCCEEDS))
        found = await ended(builder, build.id)

    assert (found.reason, found.digest) == (Reason.PUSH_FAILED, None)
    assert found.message.endswith(str(trouble))


async def test_nothing_private_begins_where_everybody_could_read_it(
    cluster: PlayedCluster, make_builder: MakeBuilder
) -> None:
    builder, support = make_builder(), Support()
    support.open_to_all = True
    builder.push_with(support)
    plan, destination = cluster.plan(Outcome.SUCCEEDS)
    async with builder:
        build = await builder.start(replace(plan, private=True), destination)
        found = await ended(builder, build.id)

    assert found.reason is Reason.PUSH_FAILED
    assert cluster.runs == []


async def test_credentials_wait_sealed_and_are_gone_when_the_build_runs(
    cluster: PlayedCluster, make_builder: MakeBuilder, api: PlayedApi
) -> None:
    builder = make_builder()
    plan, destination = cluster.plan(Outcome.RUNS_LONG)
    build = await builder.start(plan, destination, credentials=Credentials("ada", "a-secret-word"))
    assert "a-secret-word" not in str(api.things)
    assert "repo2docker-service.build.sealed" in annotations(api)

    async with builder:
        await until(builder, build.id, lambda _: "repo2docker-service.build.begun" in annotations(api))
        assert "repo2docker-service.build.sealed" not in annotations(api)
        assert not [name for name in api.things["secrets"] if name.endswith("-git")]
        await builder.cancel(build.id)
    assert [name for name in api.things["secrets"] if name != "r2d-test-running"] == []


async def test_credentials_that_waited_for_too_long_are_not_used(
    cluster: PlayedCluster, make_builder: MakeBuilder, api: PlayedApi
) -> None:
    builder = make_builder()
    plan, destination = cluster.plan(Outcome.SUCCEEDS)
    build = await builder.start(plan, destination, credentials=Credentials("ada", "a-secret-word"))
    job = copy.deepcopy(next(iter(api.things["jobs"].values())))
    long_ago = datetime.now(UTC) - timedelta(hours=2)
    job["metadata"]["annotations"]["repo2docker-service.build.created"] = long_ago.isoformat()
    api.put("jobs", job)

    async with builder:
        found = await ended(builder, build.id)

    assert found.reason is Reason.SOURCE_UNREACHABLE
    assert found.message == CREDENTIALS_GONE
    assert "repo2docker-service.build.sealed" not in annotations(api)
    assert cluster.runs == []


async def test_an_excuse_for_a_log_is_not_taken_for_the_log(
    cluster: PlayedCluster, builder: KubernetesImageBuilder, api: PlayedApi
) -> None:
    build = await builder.start(*cluster.plan(Outcome.SUCCEEDS, 3))
    await ended(builder, build.id)
    api.excuses = 2

    assert await log_of(builder, build.id) == [*(f"line {at} of 3" for at in (1, 2, 3)), "Stored as it should be"]


async def test_a_log_that_breaks_off_after_the_end_is_read_to_its_end(
    cluster: PlayedCluster, builder: KubernetesImageBuilder, api: PlayedApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build_log, "_LOOK_AGAIN", 0.01)
    build = await builder.start(*cluster.plan(Outcome.SUCCEEDS, 300))
    await ended(builder, build.id)

    for follow in (False, True):
        api.cuts = [lambda: None] * 2
        assert numbers(await log_of(builder, build.id, follow=follow)) == list(range(1, 301))
        assert api.cuts == []


async def test_a_log_that_goes_while_it_is_read_is_not_given_as_a_whole_one(
    cluster: PlayedCluster, builder: KubernetesImageBuilder, api: PlayedApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build_log, "_LOOK_AGAIN", 0.01)
    build = await builder.start(*cluster.plan(Outcome.SUCCEEDS, 300))
    await ended(builder, build.id)
    api.cuts = [lambda: cluster.lose(next(iter(api.things["pods"])))]

    with pytest.raises(LogCollected):
        await log_of(builder, build.id, follow=True)


async def test_a_log_that_a_node_does_not_give_is_not_an_empty_one(
    cluster: PlayedCluster, builder: KubernetesImageBuilder, api: PlayedApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build_log, "_LOOK_AGAIN", 0.01)
    build = await builder.start(*cluster.plan(Outcome.SUCCEEDS))
    await ended(builder, build.id)
    api.excuses = 1000

    with pytest.raises(BuilderUnavailable, match="does not give the log"):
        await log_of(builder, build.id)


@pytest.mark.parametrize("told", [True, False], ids=["containers are told of", "nothing is told of containers"])
async def test_a_build_whose_node_ran_out_of_disk_for_it_keeps_its_times_and_its_log_is_gone(
    cluster: PlayedCluster, builder: KubernetesImageBuilder, api: PlayedApi, told: bool
) -> None:
    build = await builder.start(*cluster.plan(Outcome.RUNS_LONG))
    await until(builder, build.id, lambda _: "repo2docker-service.build.begun" in annotations(api))
    following = builder.read_log(build.id, follow=True)
    heard = [await anext(following)]
    while numbers(line for chunk in heard for line in chunk.lines)[-1:] != [5]:
        heard.append(await anext(following))
    pod = next(iter(api.things["pods"].values()))
    before = await builder.get(build.id)

    api.excuses = 1000
    await api.break_streams()
    status = {"phase": "Failed", "reason": "Evicted", "message": "Pod ephemeral local storage exceeds the total limit"}
    api.put("pods", {**pod, "status": {**(pod["status"] if told else {}), **status}})
    found = await until(builder, build.id, lambda seen: seen.finished_at)

    assert (found.reason, found.started_at) == (Reason.OUT_OF_RESOURCES, before.started_at)
    assert [chunk async for chunk in following] == []
    for follow in (False, True):
        with pytest.raises(LogCollected):
            await log_of(builder, build.id, follow=follow)


async def test_connections_that_are_dropped_without_a_word_lose_nothing(
    cluster: PlayedCluster, builder: KubernetesImageBuilder, api: PlayedApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "_SILENCE", 0.5)
    monkeypatch.setattr(log_stream, "_SILENCE", 0.5)
    await api.break_streams()  # those that began before have more patience
    build = await builder.start(*cluster.plan(Outcome.SUCCEEDS, 300))
    await until(builder, build.id, lambda seen: seen.state is BuildState.BUILDING)
    following = asyncio.create_task(log_of(builder, build.id, follow=True))
    await asyncio.sleep(0.05)

    api.dropped += 1

    # Not asked for by its id, which would look past the stream.
    async with asyncio.timeout(PATIENCE):
        while [seen.state for seen in await builder.list()] != [BuildState.SUCCEEDED]:
            await asyncio.sleep(0.05)
    assert numbers(await following) == list(range(1, 301))


async def test_nodes_that_do_not_answer_hold_up_no_list_for_long(
    cluster: PlayedCluster, make_builder: MakeBuilder, api: PlayedApi
) -> None:
    async with make_builder(concurrency=2) as builder:
        builds = [await builder.start(*cluster.plan(Outcome.RUNS_LONG)) for _ in range(2)]
        for build in builds:
            await until(builder, build.id, lambda seen: seen.state is BuildState.BUILDING)
        api.silent = {*api.things["pods"]}
        builder._progress._looked.clear()

        async with asyncio.timeout(3.5):  # two seconds for both together
            assert {build.state for build in await builder.list()} == {BuildState.BUILDING}


async def test_a_build_that_succeeded_while_nobody_looked_is_not_lost_with_its_pod(
    cluster: PlayedCluster, make_builder: MakeBuilder, api: PlayedApi
) -> None:
    support = Support()
    async with make_builder() as first:
        build = await first.start(*cluster.plan(Outcome.SUCCEEDS, 300))
        await until(first, build.id, lambda seen: seen.state is BuildState.BUILDING)
    async with asyncio.timeout(PATIENCE):
        while not next(iter(api.things["jobs"].values()))["status"].get("conditions"):
            await asyncio.sleep(0.02)
    cluster.lose(next(iter(api.things["pods"])))

    second = make_builder()
    second.push_with(support)
    async with second:
        found = await ended(second, build.id)
        assert (found.state, found.finished_at is None) == (BuildState.SUCCEEDED, False)
        with pytest.raises(LogCollected):
            await log_of(second, build.id)
    assert support.verified == [("", build.id)]


async def test_a_build_that_cannot_begin_holds_up_no_other(cluster: PlayedCluster, make_builder: MakeBuilder) -> None:
    builder, support = make_builder(concurrency=2), Support()
    builder.push_with(support)
    plan, destination = cluster.plan(Outcome.SUCCEEDS)
    await builder.start(replace(plan, private=True), destination)
    other = await builder.start(*cluster.plan(Outcome.SUCCEEDS))
    support.away = True
    async with builder:
        assert (await ended(builder, other.id)).state is BuildState.SUCCEEDED
    assert cluster.runs == [other.id]


async def test_a_build_without_its_pod_is_still_known(
    cluster: PlayedCluster, builder: KubernetesImageBuilder, api: PlayedApi, make_builder: MakeBuilder
) -> None:
    build = await builder.start(*cluster.plan(Outcome.FAILS))
    before = await until(builder, build.id, lambda _: "repo2docker-service.build.end" in annotations(api))
    cluster.lose(next(iter(api.things["pods"])))

    async with make_builder() as other:
        assert await other.get(build.id) == replace(before, progress=(await other.get(build.id)).progress)
        with pytest.raises(LogCollected):
            await log_of(other, build.id)


async def test_a_build_that_was_quicker_than_who_cancels_has_succeeded(
    cluster: PlayedCluster, builder: KubernetesImageBuilder
) -> None:
    build = await builder.start(*cluster.plan(Outcome.SUCCEEDS))
    await ended(builder, build.id)

    with pytest.raises(BuildFinished):
        await builder.cancel(build.id)


async def test_a_limit_for_each_owner_holds(cluster: PlayedCluster, make_builder: MakeBuilder) -> None:
    async with make_builder(concurrency=2, concurrency_per_owner=1) as builder:
        first = await builder.start(*cluster.plan(Outcome.RUNS_LONG))
        second = await builder.start(*cluster.plan(Outcome.SUCCEEDS))
        plan, destination = cluster.plan(Outcome.SUCCEEDS)
        bob = Owner(OwnerKind.USER, "bob")
        other = await builder.start(replace(plan, owner=bob), destination)

        assert (await ended(builder, other.id)).state is BuildState.SUCCEEDED
        assert (await builder.get(second.id)).state is BuildState.QUEUED
        with suppress(BuildFinished):
            await builder.cancel(first.id)
        assert (await ended(builder, second.id)).state is BuildState.SUCCEEDED
