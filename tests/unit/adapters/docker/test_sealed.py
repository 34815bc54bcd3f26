"""What opens a repository waits in a form that only this service can read, for one build and one address."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.unit.adapters.docker.cards import OURS, card_of, inspection, installation_of
from tests.unit.domain.people import plan_of

from repo2docker_service.adapters.builders.containers.sealed import (
    KEPT_FOR,
    CredentialsGone,
    CredentialsSeal,
)
from repo2docker_service.adapters.builders.docker.states import Container, has_waited_too_long, read_container
from repo2docker_service.domain.credentials import Credentials
from repo2docker_service.domain.models import BuildPlan, Source

GIVEN = Credentials("ada", "pass:wörd")
OLD_KEY, NEW_KEY = b"an old key for tests", b"a new key for tests!"


def test_any_replica_opens_what_another_has_sealed() -> None:
    plan = replace(plan_of(), clone_address="https://example.org/moved/b")

    sealed = CredentialsSeal(OURS).seal(plan, GIVEN)

    assert b"ada" not in sealed
    assert "wörd".encode() not in sealed
    assert CredentialsSeal(OURS).open(plan, sealed) == (
        b'{"build": "%s", "address": "https://example.org/moved/b", "username": "ada", "password": "pass:w\\u00f6rd"}'
        % plan.id.encode()
    )


def test_what_was_sealed_before_the_key_changed_is_opened_as_long_as_the_old_one_is_known() -> None:
    plan = plan_of()
    sealed = CredentialsSeal(installation_of("test", OLD_KEY)).seal(plan, GIVEN)

    assert CredentialsSeal(installation_of("test", NEW_KEY, OLD_KEY)).open(plan, sealed)
    with pytest.raises(CredentialsGone):
        CredentialsSeal(installation_of("test", NEW_KEY)).open(plan, sealed)


@pytest.mark.parametrize(
    "plan",
    [
        replace(plan_of(), id="f" * 32),
        replace(plan_of(), source=Source("https://example.org/a/other")),
        replace(plan_of(), clone_address="https://example.org/a/other"),
    ],
    ids=["another build", "another address", "another place to clone from"],
)
def test_they_open_no_other_build_and_no_other_address(plan: BuildPlan) -> None:
    sealed = CredentialsSeal(OURS).seal(plan_of(), GIVEN)

    with pytest.raises(CredentialsGone):
        CredentialsSeal(OURS).open(plan, sealed)


@pytest.mark.parametrize("sealed", [None, b"", b"x", b"\xff", b"gAAAA"], ids=["none", "erased", "x", "no text", "cut"])
def test_what_is_not_there_or_broken_is_gone(sealed: bytes | None) -> None:
    with pytest.raises(CredentialsGone):
        CredentialsSeal(OURS).open(plan_of(), sealed)


def waiting(status: str, *, sealed: bool, since: datetime) -> Container:
    found = read_container(OURS, inspection(replace(card_of(), sealed=sealed), status))
    assert found is not None
    return replace(found, created_at=since)


def test_only_what_still_waits_for_its_start_with_credentials_can_wait_too_long() -> None:
    now = datetime.now(UTC)
    long_ago, lately = now - KEPT_FOR - timedelta(seconds=5), now - KEPT_FOR + timedelta(minutes=1)

    assert has_waited_too_long(waiting("created", sealed=True, since=long_ago))
    assert not has_waited_too_long(waiting("created", sealed=True, since=lately))
    assert not has_waited_too_long(waiting("created", sealed=False, since=long_ago))
    assert not has_waited_too_long(waiting("running", sealed=True, since=long_ago))
    assert not has_waited_too_long(waiting("exited", sealed=True, since=long_ago))
