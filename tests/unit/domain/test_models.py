"""States of builds, and owners."""

import pytest

from repo2docker_service.domain.failures.advice import ADVICE
from repo2docker_service.domain.models import BuildState, Identity, Owner, OwnerKind, Reason

QUEUED, BUILDING, PUSHING = BuildState.QUEUED, BuildState.BUILDING, BuildState.PUSHING
SUCCEEDED, FAILED, CANCELLED = BuildState.SUCCEEDED, BuildState.FAILED, BuildState.CANCELLED
ALLOWED = {
    (QUEUED, BUILDING),
    (QUEUED, FAILED),
    (QUEUED, CANCELLED),
    (BUILDING, PUSHING),
    (BUILDING, FAILED),
    (BUILDING, CANCELLED),
    (PUSHING, SUCCEEDED),
    (PUSHING, FAILED),
    (PUSHING, CANCELLED),
}


@pytest.mark.parametrize("following", list(BuildState))
@pytest.mark.parametrize("state", list(BuildState))
def test_a_build_goes_only_the_allowed_ways(state: BuildState, following: BuildState) -> None:
    assert state.may_become(following) is ((state, following) in ALLOWED)


@pytest.mark.parametrize("state", list(BuildState))
def test_nothing_follows_an_end_and_something_every_other_state(state: BuildState) -> None:
    assert state.ended is (state in {SUCCEEDED, FAILED, CANCELLED})
    assert state.ended is not any(state.may_become(following) for following in BuildState)


@pytest.mark.parametrize("reason", list(Reason))
def test_there_is_advice_for_every_reason(reason: Reason) -> None:
    assert ADVICE[reason].endswith(".")


@pytest.mark.parametrize("text", ["user:ada", "service:ci", "group:lab", "user:a:b", "user: x"])
def test_an_owner_is_read_as_it_is_written(text: str) -> None:
    assert str(Owner.parse(text)) == text


@pytest.mark.parametrize("text", ["", "ada", "user:", ":ada", "admin:ada", "USER:ada"])
def test_what_is_no_owner_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Owner.parse(text)


def test_an_identity_owns_things_under_its_own_name_and_kind() -> None:
    assert Identity("ci", OwnerKind.SERVICE).owner == Owner(OwnerKind.SERVICE, "ci")
