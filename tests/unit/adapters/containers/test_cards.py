"""What makes a container ours, and its name a lock."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.adapters.docker.cards import OURS, card_of, installation_of
from tests.unit.domain.people import plan_of

from repo2docker_service.adapters.builders.containers.cards import (
    BUILD,
    CARD,
    INSTANCE,
    MARKS,
    SIGNATURE,
    Card,
    Kind,
    Mark,
    OtherEnd,
    builder_name,
    look_name,
    looking_build,
    pusher_name,
    read_card,
)
from repo2docker_service.domain.models import BuildPlan, BuildState, ImageName, Owner, OwnerKind, Reason, Source
from repo2docker_service.domain.records import canonical, image_labels

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
    round=st.integers(0, 10**9),
)
cards = st.builds(
    Card,
    kind=st.sampled_from(Kind),
    name=words,
    plan=plans,
    push=st.booleans(),
    builder_image=words,
    settings=words,
    sealed=st.booleans(),
)
build_ids = st.text("0123456789abcdef", min_size=16, max_size=64)


@given(cards)
def test_a_card_is_read_from_labels_as_it_was_written(card: Card) -> None:
    assert read_card(OURS, card.labels(OURS)) == card


@given(cards)
def test_all_labels_are_text_and_name_the_instance_and_the_build(card: Card) -> None:
    labels = card.labels(OURS)

    assert set(labels) == {INSTANCE, BUILD, CARD, SIGNATURE}
    assert all(type(value) is str for value in labels.values())
    assert (labels[INSTANCE], labels[BUILD]) == ("test", card.plan.id)


def test_a_card_of_another_instance_is_not_ours_even_with_the_same_key() -> None:
    labels = card_of().labels(installation_of("other"))

    assert read_card(OURS, labels) is None
    assert read_card(OURS, {**labels, INSTANCE: "test"}) is None


def test_a_card_signed_with_another_key_is_not_ours() -> None:
    assert read_card(OURS, card_of().labels(installation_of("test", b"the key of others"))) is None


def test_cards_signed_with_the_key_before_are_still_ours() -> None:
    old, new = b"the old key, 16+", b"the new key, 16+"
    card = card_of()
    rotated = installation_of("test", new, old)

    assert read_card(rotated, card.labels(installation_of("test", old))) == card
    assert read_card(installation_of("test", new), card.labels(rotated)) == card
    assert read_card(installation_of("test", old), card.labels(rotated)) is None


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("kind", "pusher"),
        ("name", "somebody-elses-server"),
        ("push", True),
        ("builder_image", "evil"),
        ("settings", ""),
        ("plan", {}),
    ],
)
def test_a_card_in_which_anything_was_changed_is_not_ours(key: str, value: object) -> None:
    labels = card_of().labels(OURS)
    values = json.loads(labels[CARD])
    assert values[key] != value

    assert read_card(OURS, {**labels, CARD: canonical({**values, key: value})}) is None


@pytest.mark.parametrize("missing", [INSTANCE, CARD, SIGNATURE])
def test_without_any_of_the_proving_labels_a_container_is_not_ours(missing: str) -> None:
    labels = card_of().labels(OURS)
    del labels[missing]

    assert read_card(OURS, labels) is None


@given(st.text(st.characters(exclude_categories=())), st.text(st.characters(exclude_categories=())))
def test_no_foreign_label_disturbs_reading(card: str, signature: str) -> None:
    assert read_card(OURS, {INSTANCE: "test", CARD: card, SIGNATURE: signature}) is None


def test_the_labels_of_an_image_are_no_card() -> None:
    labels = image_labels(OURS.signer, OURS.instance, plan_of(), "settings")
    record, signature = (next(labels[key] for key in labels if key.endswith(end)) for end in ("record", "signature"))

    assert read_card(OURS, {INSTANCE: "test", CARD: record, SIGNATURE: signature}) is None


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "1", "{}", '{"kind":"from a later release"}'])
def test_nonsense_on_a_card_is_passed_over_even_when_it_is_signed(text: str) -> None:
    labels = {INSTANCE: "test", CARD: text, SIGNATURE: OURS.signer.sign("container/test", text)}

    assert read_card(OURS, labels) is None


def test_a_container_under_its_first_name_has_no_mark() -> None:
    card = card_of()

    assert card.mark_of(card.name) is None


def test_every_end_of_a_build_has_a_mark_and_nothing_else_has() -> None:
    ends = {state for state in BuildState if state.ended} - {BuildState.FAILED}

    assert set(MARKS) == {*ends, *Reason}
    assert len({mark.value for mark in MARKS}) == len(MARKS)


@pytest.mark.parametrize("mark", MARKS)
def test_a_mark_is_read_from_the_name_that_it_was_written_into(mark: Mark) -> None:
    card = card_of()

    assert card.mark_of(card.marked(mark)) is mark
    assert card.marked(mark).startswith(f"{card.name}.")


def test_marked_names_of_two_builds_of_one_image_differ() -> None:
    one, other = card_of(plan_of()), card_of(plan_of())
    assert one.name == other.name

    assert len({card.marked(mark) for card in (one, other) for mark in MARKS}) == 2 * len(MARKS)
    with pytest.raises(ValueError, match=r"\.cancelled\."):
        one.mark_of(other.marked(BuildState.CANCELLED))


@pytest.mark.parametrize(
    "name",
    [
        *["", "jupyter-ada", "{name}x", "{name}.", "{name}.cancelled", "x{name}", "{name}.{id}", "{name}..{id}"],
        *["{name}.Lost.{id}", "{name}.lost-.{id}", "{name}.7.{id}", "x{name}.lost.{id}", "{name}.a.b.{id}"],
    ],
)
def test_any_other_name_is_refused(name: str) -> None:
    card = card_of()

    with pytest.raises(ValueError, match=r".*"):
        card.mark_of(name.format(name=card.name, id=card.plan.id[:16]))


@pytest.mark.parametrize("word", ["retired", "unstartable", "stored-elsewhere", "other"])
def test_an_end_in_a_word_of_another_release_is_an_end(word: str) -> None:
    card = card_of()

    assert card.mark_of(f"{card.name}.{word}.{card.plan.id[:16]}") is OtherEnd.OTHER


@given(build_ids, st.sampled_from(MARKS))
def test_every_name_is_one_that_the_engine_accepts(build_id: str, mark: Mark) -> None:
    plan = replace(plan_of(), id=build_id)
    allowed = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-")

    for name in (card_of(plan).name, card_of(plan).marked(mark), pusher_name(OURS, build_id)):
        assert set(name) <= allowed
        assert name.startswith("r2d-test-")


def test_only_builds_of_the_same_image_share_a_name() -> None:
    one = ImageName("localhost", "r2d/a", "1")

    assert builder_name(OURS, one) == builder_name(OURS, replace(one))
    names = {builder_name(OURS, replace(one, **{part: "x"})) for part in ("registry", "repository", "tag")}
    assert len(names | {builder_name(OURS, one), builder_name(installation_of("other"), one)}) == 5


def test_each_build_has_a_pusher_of_its_own() -> None:
    names = {pusher_name(OURS, "a" * 32), pusher_name(OURS, "b" * 32), pusher_name(installation_of("other"), "a" * 32)}

    assert len(names) == 3


@given(build_ids)
def test_the_build_whose_image_is_looked_into_is_told_by_the_name(build_id: str) -> None:
    assert looking_build(OURS, look_name(OURS, build_id)) == build_id


@pytest.mark.parametrize(
    "name",
    [
        look_name(installation_of("other"), "a" * 32),
        pusher_name(OURS, "a" * 32),
        f"x{look_name(OURS, 'a' * 32)}",
        look_name(OURS, f"{'a' * 32}-"),
        look_name(OURS, ""),
        "a" * 32,
        "",
    ],
)
def test_no_other_name_is_of_a_container_to_look_at(name: str) -> None:
    assert looking_build(OURS, name) == ""
