"""What the first release wrote is read by this one, and what this one writes has all that the first one reads.

The signatures were made by the first release: they hold as long as names, labels and the way of signing do.
"""

from pathlib import Path
from typing import Any

from tests.unit.adapters.docker.cards import card_of, inspection
from tests.unit.domain.people import plan_of

from repo2docker_service.adapters.builders.docker.states import Work, read_container
from repo2docker_service.domain.installation import Installation
from repo2docker_service.domain.models import BuildPlan, BuildState, ImageName, Owner, OwnerKind, Source
from repo2docker_service.domain.records import canonical, plan_to_record, read_image_labels, read_launchable
from repo2docker_service.domain.signing import Signer

FIRST = Installation("first", Signer([b"a key of the first release"]), Path("unused"))
ID = "fedcba9876543210fedcba9876543210"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
IMAGE = ImageName("localhost", "r2d/example.org--ada--thesis", f"{COMMIT}-89abcdef")
LOCK = "r2d-first-08894c9bef59847b33061dd13aa77007"
RECORD = {
    "schema": 1,
    "id": ID,
    "repo": "https://example.org/ada/thesis",
    "ref": "main",
    "subdir": "chapter",
    "commit": COMMIT,
    "image": [IMAGE.registry, IMAGE.repository, IMAGE.tag],
    "owner": "group:physics",
    "requested_by": "user:ada",
    "clone_address": "https://www.example.org/ada/thesis",
    "private": False,
    "build_args": {"PYTHON": "3.12"},
    "title": "Thesis",
    "description": "All figures",
}
CARD = {
    "plan": RECORD,
    "push": False,
    "builder_image": "quay.io/jupyterhub/repo2docker:2026.04.0",
    "settings": "5e77126500000000",
}
PLAN = BuildPlan(
    ID,
    Source("https://example.org/ada/thesis", "main", "chapter"),
    COMMIT,
    IMAGE,
    Owner(OwnerKind.GROUP, "physics"),
    Owner(OwnerKind.USER, "ada"),
    clone_address="https://www.example.org/ada/thesis",
    build_args={"PYTHON": "3.12"},
    title="Thesis",
    description="All figures",
)


def told(kind: str, lock: str, signature: str, name: str, code: int = 0) -> dict[str, Any]:
    """Give what an engine tells of an exited container of the first release."""
    of_today = inspection(card_of(), "exited", code, name=name)
    labels = {
        "repo2docker-service.build.instance": "first",
        "repo2docker-service.build.id": ID,
        "repo2docker-service.build.card": canonical({**CARD, "kind": kind, "name": lock}),
        "repo2docker-service.build.signature": signature,
    }
    entrypoint = ["python3", "-I", "/run/r2d/launcher.pyz"]
    config = {"Image": CARD["builder_image"], "Entrypoint": entrypoint, "Labels": labels}
    return {**of_today, "Config": config}


def builder(name: str, code: int = 0) -> dict[str, Any]:
    return told("builder", LOCK, "f4406208dfec2e8cfff18fe7675c450781a6e4f99f7eb3e82bb96d936615da19", name, code)


def pusher() -> dict[str, Any]:
    lock = f"r2d-first-push-{ID}"
    return told("pusher", lock, "71da91a245c85725aa045b0cbe594ac9130e6c2b8cebe6bc8fe77b897655cd1e", lock)


def work_of(builder: dict[str, Any], pusher: dict[str, Any] | None = None) -> Work:
    first = read_container(FIRST, builder)
    assert first is not None
    return Work(first, None if pusher is None else read_container(FIRST, pusher))


def test_a_build_of_the_first_release_is_read() -> None:
    work = work_of(builder(LOCK), pusher())

    assert work.builder.card.plan == PLAN
    assert (work.builder.card.settings, work.builder.card.kept) == ("5e77126500000000", "")
    assert (work.state, work.pusher is None) == (BuildState.SUCCEEDED, False)


def test_ends_that_the_first_release_wrote_into_names_are_read() -> None:
    end = ID[:16]

    assert work_of(builder(f"{LOCK}.cancelled.{end}")).state is BuildState.CANCELLED
    assert work_of(builder(f"{LOCK}.retired.{end}", 72)).state is BuildState.FAILED
    assert work_of(builder(f"{LOCK}.retired.{end}"), pusher()).state is BuildState.SUCCEEDED
    assert work_of(builder(f"{LOCK}.unstartable.{end}")).state is BuildState.FAILED


def test_an_image_of_the_first_release_is_read() -> None:
    labels = {
        "repo2docker-service.image.instance": "first",
        "repo2docker-service.image.record": canonical({**RECORD, "settings": "5e77126500000000"}),
        "repo2docker-service.image.signature": "94a2c5ed96828b416f0cee87ce7be7a08b09ba590aee1d2afefb788267507a1a",
    }

    assert read_image_labels(FIRST.signer, "first", labels, IMAGE) == (PLAN, "5e77126500000000")
    assert read_launchable(labels) is None


def test_the_first_release_finds_all_that_it_reads_in_what_this_one_writes() -> None:
    written = plan_to_record(plan_of())

    assert RECORD.keys() <= written.keys()
    assert {key: type(value) for key, value in RECORD.items()} == {key: type(written[key]) for key in RECORD}
    assert written["schema"] == 1
