"""What the cluster says of a Job and its pod means for the build."""

import json
from typing import Any

import pytest
from tests.unit.adapters.kubernetes.told import OURS, card_of, exited, job, pod, running, waiting, work

from repo2docker_service.adapters.builders.containers.in_container import codes
from repo2docker_service.adapters.builders.kubernetes.records import END, End, read_end
from repo2docker_service.adapters.builders.kubernetes.told import read_job
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import BuildState, Reason
from repo2docker_service.domain.signing import Signer

OK, UNDER_WAY = exited(codes.OK, "Completed"), running()
STATES: dict[str, tuple[list[dict[str, Any]], BuildState]] = {
    "no pod yet": ([], BuildState.QUEUED),
    "a pod that no node has room for": ([pod("Pending")], BuildState.QUEUED),
    "a pod whose image is being pulled": ([pod("Pending", waiting("PodInitializing"))], BuildState.QUEUED),
    "a builder that runs": ([pod("Pending", UNDER_WAY)], BuildState.BUILDING),
    "a builder that is done": ([pod("Pending", OK)], BuildState.PUSHING),
    "a pusher that runs": ([pod("Running", OK, UNDER_WAY)], BuildState.PUSHING),
    "a push that nobody has looked for": ([pod("Succeeded", OK, OK)], BuildState.PUSHING),
}
FAILURES: dict[str, tuple[dict[str, Any], Reason]] = {
    "a build that failed": (pod("Failed", exited(codes.BUILD_FAILED)), Reason.BUILD_FAILED),
    "no repository": (pod("Failed", exited(codes.UNREACHABLE)), Reason.SOURCE_UNREACHABLE),
    "the launcher's deadline": (pod("Failed", exited(codes.TIMED_OUT)), Reason.TIMED_OUT),
    "memory": (pod("Failed", exited(137, "OOMKilled")), Reason.OUT_OF_RESOURCES),
    "a kill": (pod("Failed", exited(137)), Reason.BUILDER_LOST),
    "a push": (pod("Failed", OK, exited(codes.PUSH_FAILED)), Reason.PUSH_FAILED),
    "containers that no node could make": (pod("Failed", reason="DeadlineExceeded"), Reason.INTERNAL),
    # What is told of the containers is what they were before.
    "the pod's deadline": (pod("Failed", UNDER_WAY, reason="DeadlineExceeded"), Reason.TIMED_OUT),
    "the pod's deadline, told later": (
        pod("Failed", exited(codes.LOST), reason="DeadlineExceeded"),
        Reason.TIMED_OUT,
    ),
    "disk of its own": (
        pod("Failed", UNDER_WAY, reason="Evicted", message="Pod ephemeral local storage usage exceeds the total limit"),
        Reason.OUT_OF_RESOURCES,
    ),
    "disk of others": (
        pod(
            "Failed",
            UNDER_WAY,
            reason="Evicted",
            message="The node was low on resource: ephemeral-storage. Container builder was using 4Gi, which exceeds"
            " its request of 0. ",
        ),
        Reason.BUILDER_LOST,
    ),
    "a node that goes": (pod("Failed", exited(codes.LOST), reason="Terminated"), Reason.BUILDER_LOST),
    "a node that cannot": (pod("Failed", reason="UnexpectedAdmissionError"), Reason.INTERNAL),
    "room that was taken": (pod("Failed", reason="OutOfcpu"), Reason.BUILDER_LOST),
}


@pytest.mark.parametrize(("pods", "state"), STATES.values(), ids=STATES)
def test_the_state_is_read_from_the_pod(pods: list[dict[str, Any]], state: BuildState) -> None:
    assert work(job(card_of()), *pods).build().state is state


@pytest.mark.parametrize(("told", "reason"), FAILURES.values(), ids=FAILURES)
def test_each_failure_has_its_reason(told: dict[str, Any], reason: Reason) -> None:
    build = work(job(card_of()), told).build()

    assert (build.state, build.reason) == (BuildState.FAILED, reason)
    assert build.message


@pytest.mark.parametrize("begun", ["", "pod-uid 2026-01-02T03:04:06+00:00"], ids=["not seen", "seen to run"])
@pytest.mark.parametrize(("push", "state"), [(True, BuildState.PUSHING), (False, BuildState.SUCCEEDED)])
def test_what_has_succeeded_is_not_lost_with_its_pod(push: bool, state: BuildState, begun: str) -> None:
    seen = work(job(card_of(push=push), conditions=("Complete",), begun=begun))

    assert (seen.build().state, seen.unverified, seen.unrecorded) == (state, push, not push)
    assert [seen.lost, seen.running, seen.takes_place] == [False] * 3


def test_a_pod_whose_containers_were_never_made_tells_where_to_look() -> None:
    assert (
        "kubectl describe pod r2d-pod"
        in work(job(card_of()), FAILURES["containers that no node could make"][0]).build().message
    )


def test_when_a_build_began_is_known_though_its_node_tells_nothing_of_its_containers() -> None:
    evicted = pod("Failed", reason="Evicted", message="Container builder exceeded its local ephemeral storage limit")

    seen = work(job(card_of(), begun="pod-uid 2026-01-02T03:04:06+00:00"), evicted).build()

    assert seen.reason is Reason.OUT_OF_RESOURCES
    assert seen.started_at is not None


def test_what_need_not_be_pushed_has_succeeded_with_its_pod() -> None:
    assert work(job(card_of(push=False)), pod("Succeeded", OK, OK)).state is BuildState.SUCCEEDED


def test_times_are_in_order_though_the_cluster_cuts_them() -> None:
    told = job(card_of(push=False), created="2026-01-02T03:04:06.900+00:00")
    told["metadata"]["annotations"]["repo2docker-service.build.created"] = "2026-01-02T03:04:06.900+00:00"

    build = work(told, pod("Succeeded", OK, OK)).build()

    assert build.started_at is not None
    assert build.finished_at is not None
    assert build.created_at <= build.started_at <= build.finished_at


def test_the_words_of_the_registry_are_in_the_message() -> None:
    report = json.dumps({"problem": "no\nentry\x07"})
    build = work(job(card_of()), pod("Failed", OK, exited(codes.PUSH_FAILED, message=report))).build()

    assert build.message.endswith("Details: no entry")


def test_a_report_that_was_cut_is_none() -> None:
    build = work(job(card_of()), pod("Failed", OK, exited(codes.PUSH_FAILED, message='{"prob'))).build()

    assert "Details" not in build.message


def test_a_build_that_waits_for_room_says_so() -> None:
    unscheduled = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/3 nodes"}

    assert "no room" in work(job(card_of()), pod("Pending", conditions=[unscheduled])).build().message
    assert f"kubectl describe job {card_of().name}." in work(job(card_of())).build().message
    assert work(job(card_of(), let_go=False)).build().message == ""
    assert work(job(card_of()), pod("Pending", waiting("PodInitializing"))).build().message == ""


@pytest.mark.parametrize(("reason", "stuck"), [("ImagePullBackOff", True), ("PodInitializing", False)])
def test_a_pod_that_cannot_begin_is_told_from_one_that_will(reason: str, stuck: bool) -> None:
    assert bool(work(job(card_of()), pod("Pending", waiting(reason))).stuck) is stuck


def test_a_pod_that_is_gone_is_not_believed_to_have_failed_at_once() -> None:
    seen = work(job(card_of(), begun="pod-uid"))

    assert seen.lost
    assert seen.state is BuildState.BUILDING


def test_a_pod_that_took_the_place_of_another_is_no_longer_the_build() -> None:
    replaced = work(job(card_of(), begun="pod-uid"), pod("Pending", UNDER_WAY, uid="another"))

    assert replaced.lost
    assert not work(job(card_of(), begun="pod-uid"), pod("Pending", UNDER_WAY)).lost


def test_why_a_pod_failed_that_took_the_place_of_another_is_not_why_the_build_did() -> None:
    replaced = work(job(card_of(), begun="pod-uid"), pod("Failed", exited(codes.UNREACHABLE), uid="another"))

    assert (replaced.lost, replaced.reason, replaced.problem) == (True, None, "")


def test_a_pod_that_runs_for_a_build_that_has_ended_is_a_stray_and_its_log_is_not_the_builds() -> None:
    end = End(BuildState.FAILED, Reason.BUILDER_LOST).written()

    seen = work(job(card_of(), begun="pod-uid", end=end), pod("Pending", UNDER_WAY, uid="another"))

    assert seen.stray
    assert seen.own_pod is None
    assert not work(job(card_of(), begun="pod-uid", end=end), pod("Running", OK, OK)).stray, "it is about to be over"


def test_the_pod_in_which_it_ran_counts_when_there_are_two() -> None:
    seen = work(job(card_of(), begun="pod-uid"), pod("Failed", exited(72)), pod("Pending", UNDER_WAY, uid="another"))

    assert seen.reason is Reason.BUILD_FAILED


def test_a_job_that_the_cluster_gave_up_without_a_pod_is_lost() -> None:
    assert work(job(card_of(), conditions=("Failed",))).lost


def test_a_build_that_is_being_cancelled_has_not_ended_before_its_job_says_so() -> None:
    seen = work(job(card_of(), cancel="yes"), pod("Failed", UNDER_WAY, reason="DeadlineExceeded"))

    assert seen.ending
    assert not seen.state.ended


def test_what_its_job_says_holds_whatever_becomes_of_the_pod() -> None:
    card = card_of()
    end = End(BuildState.SUCCEEDED, digest="sha256:1", image_id="sha256:2")

    build = work(job(card, end=end.written())).build()

    assert (build.state, build.digest, build.builder_image_id) == (BuildState.SUCCEEDED, "sha256:1", "sha256:2")
    assert work(job(card, end=end.written()), pod("Failed", exited(72))).state is BuildState.SUCCEEDED


def test_an_end_is_read_as_it_was_written() -> None:
    build = work(job(card_of()), pod("Failed", exited(codes.BUILD_FAILED))).build()
    end = End(build.state, build.reason, build.finished_at, build.started_at, problem="so it was")

    assert read_end(end.written()) == end


@pytest.mark.parametrize("text", ["{}", "no JSON", '{"state": "unheard-of"}', "[]"])
def test_an_end_that_cannot_be_read_is_one(text: str) -> None:
    assert work(job(card_of(), end=text)).build().state is BuildState.FAILED


def test_a_job_that_another_has_signed_or_copied_is_not_ours() -> None:
    told = job(card_of())
    other = Installation("test", Signer([b"another key for tests"]), OURS.data_dir)
    copied = {**told, "metadata": {**told["metadata"], "name": "r2d-copied"}}

    assert read_job(other, told) is None
    assert read_job(OURS, copied) is None
    assert read_job(OURS, told) is not None
    assert END not in told["metadata"]["annotations"]
