"""Plans written down and read back, and the labels of images."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.domain.people import plan_of

from repo2docker_service.domain.models import BuildPlan, ImageName, Owner, OwnerKind, Source
from repo2docker_service.domain.records import (
    INSTANCE_LABEL,
    LAUNCHABLE_LABEL,
    RECORD_LABEL,
    SCHEMA,
    SIGNATURE_LABEL,
    canonical,
    image_labels,
    plan_from_record,
    plan_to_record,
    read_image_labels,
    read_launchable,
)
from repo2docker_service.domain.signing import Signer

SIGNER = Signer([b"a key for tests only"])
PLAN = plan_of()

words = st.text(min_size=1, max_size=20)
owners = st.builds(Owner, st.sampled_from(OwnerKind), words)
plans = st.builds(
    BuildPlan,
    id=words,
    source=st.builds(Source, words, words, st.text(max_size=20)),
    commit=words,
    image=st.builds(ImageName, words, words, words),
    owner=owners,
    requested_by=owners,
    clone_address=st.text(max_size=20),
    private=st.booleans(),
    build_args=st.dictionaries(words, st.text(max_size=5), max_size=3),
    title=st.text(max_size=20),
    description=st.text(max_size=20),
    public_only=st.booleans(),
)


def labels_of(plan: BuildPlan, settings: str = "settings") -> dict[str, str]:
    return image_labels(SIGNER, "test", plan, settings)


@given(plans)
def test_a_plan_is_read_as_it_was_written(plan: BuildPlan) -> None:
    assert plan_from_record(json.loads(canonical(plan_to_record(plan)))) == plan


def test_what_a_later_release_adds_to_a_record_is_passed_over() -> None:
    assert plan_from_record({**plan_to_record(PLAN), "colour": "blue"}) == PLAN


def test_a_plan_from_before_it_was_said_where_git_may_go_says_nothing_of_it() -> None:
    record = plan_to_record(replace(PLAN, public_only=True))
    del record["public_only"]

    assert plan_from_record(record) == PLAN


def test_a_record_that_only_later_releases_understand_is_not_read() -> None:
    with pytest.raises(ValueError, match="2"):
        plan_from_record({**plan_to_record(PLAN), "schema": SCHEMA + 1})


@pytest.mark.parametrize("missing", ["id", "repo", "image", "owner"])
def test_a_record_with_something_missing_is_no_record(missing: str) -> None:
    record = plan_to_record(PLAN)
    del record[missing]

    with pytest.raises(KeyError):
        plan_from_record(record)


def test_records_have_one_form_whatever_the_order() -> None:
    assert canonical({"b": 1, "a": "ß"}) == canonical({"a": "ß", "b": 1}) == '{"a":"\\u00df","b":1}'


@given(plans)
def test_the_labels_of_an_image_tell_its_plan_and_settings(plan: BuildPlan) -> None:
    assert read_image_labels(SIGNER, "test", labels_of(plan), plan.image) == (plan, "settings")


def test_an_image_carries_the_standard_labels_too() -> None:
    labels = labels_of(replace(PLAN, title="A title"))

    assert labels["org.opencontainers.image.source"] == PLAN.source.address
    assert labels["org.opencontainers.image.revision"] == PLAN.commit
    assert labels["org.opencontainers.image.title"] == "A title"
    assert "org.opencontainers.image.description" not in labels


@pytest.mark.parametrize("part", ["registry", "repository", "tag"])
def test_inherited_labels_prove_nothing_under_another_name(part: str) -> None:
    other = replace(PLAN.image, **{part: "other"})

    assert read_image_labels(SIGNER, "test", labels_of(PLAN), other) is None


def test_labels_of_another_installation_are_not_ours() -> None:
    labels = labels_of(PLAN)

    assert read_image_labels(SIGNER, "other", labels, PLAN.image) is None
    assert read_image_labels(SIGNER, "other", {**labels, INSTANCE_LABEL: "other"}, PLAN.image) is None
    assert read_image_labels(Signer([b"another installation"]), "test", labels, PLAN.image) is None


def test_a_changed_record_is_not_ours() -> None:
    labels = labels_of(PLAN)
    changed = canonical({**json.loads(labels[RECORD_LABEL]), "owner": "user:eve"})

    assert read_image_labels(SIGNER, "test", {**labels, RECORD_LABEL: changed}, PLAN.image) is None


@pytest.mark.parametrize("missing", [INSTANCE_LABEL, RECORD_LABEL, SIGNATURE_LABEL])
def test_without_any_of_the_labels_an_image_is_not_ours(missing: str) -> None:
    labels = labels_of(PLAN)
    del labels[missing]

    assert read_image_labels(SIGNER, "test", labels, PLAN.image) is None


@pytest.mark.parametrize("record", ["", "{", "[]", "null", "1", "{}", '{"image":1}', '"\ud800"'])
def test_nonsense_in_the_record_is_passed_over_even_when_it_is_signed(record: str) -> None:
    labels = {
        INSTANCE_LABEL: "test",
        RECORD_LABEL: record,
        SIGNATURE_LABEL: SIGNER.sign("image/test", record),
    }

    assert read_image_labels(SIGNER, "test", labels, PLAN.image) is None


@given(st.dictionaries(st.sampled_from([RECORD_LABEL, SIGNATURE_LABEL]), st.text(st.characters(exclude_categories=()))))
def test_no_foreign_label_disturbs_reading(labels: dict[str, str]) -> None:
    assert read_image_labels(SIGNER, "test", {INSTANCE_LABEL: "test", **labels}, PLAN.image) is None


def test_an_image_signature_is_none_for_containers() -> None:
    labels = labels_of(PLAN)

    assert not SIGNER.verify("container/test", labels[RECORD_LABEL], labels[SIGNATURE_LABEL])


@pytest.mark.parametrize(
    ("written", "told"), [("yes", True), ("no", False), ("unknown", None), ("Yes", None), ("", None)]
)
def test_whether_a_hub_can_start_an_image_is_read_from_its_label(written: str, told: bool | None) -> None:
    assert read_launchable({LAUNCHABLE_LABEL: written}) is told


def test_nobody_knows_whether_a_hub_can_start_an_image_that_was_only_built() -> None:
    # What the build is told to write stands in place of what its repository, or its base image, says.
    assert labels_of(PLAN)[LAUNCHABLE_LABEL]
    assert read_launchable(labels_of(PLAN)) is None
    assert read_launchable({}) is None
