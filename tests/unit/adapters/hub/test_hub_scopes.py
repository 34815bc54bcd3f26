"""Our reading of scopes, beside the hub's own."""

from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jupyterhub.services.auth import check_scopes

from repo2docker_service.adapters.authorizers.jupyterhub.scopes import PREFIX, admits, narrowest, ours
from repo2docker_service.domain.models import Identity, Owner, OwnerKind
from repo2docker_service.domain.policy import Action, scopes_allow

# That is what it says when it does not look into groups, which a service cannot do either.
pytestmark = pytest.mark.filterwarnings("ignore:.*combinations of filters present")

ADA = Owner(OwnerKind.USER, "ada")
OWNERS = (
    None,
    ADA,
    Owner(OwnerKind.USER, "bob"),
    Owner(OwnerKind.USER, "lab"),
    Owner(OwnerKind.GROUP, "lab"),
    Owner(OwnerKind.GROUP, "ada"),
    Owner(OwnerKind.SERVICE, "ada"),
    Owner(OwnerKind.SERVICE, "ci"),
)
FILTERS = ("", "!user=ada", "!user=bob", "!group=lab", "!group=other", "!service=ci", "!server=ada/", "!server=ada/one")
CUSTOM = tuple(action for action in Action if action is not Action.ADMIN)


def hub_allows(held: set[str], action: Action, owner: Owner | None) -> bool:
    """Ask the hub's own helper for services."""
    filter_text = f"!{owner.kind}={owner.name}" if owner else ""
    return bool(check_scopes({f"{PREFIX}{action}{filter_text}"}, held))


def we_allow(held: set[str], action: Action, owner: Owner | None) -> bool:
    who = Identity("ada", groups=frozenset({"lab"}), scopes=ours(held))
    return scopes_allow(who, action, owner)


@pytest.mark.parametrize("filter_text", FILTERS)
@pytest.mark.parametrize("scope", CUSTOM)
def test_a_scope_covers_what_it_covers_for_the_hub(scope: Action, filter_text: str) -> None:
    held = {f"{PREFIX}{scope}{filter_text}", "access:services", f"read:users{filter_text}"}

    for action in CUSTOM:
        for owner in OWNERS:
            assert we_allow(held, action, owner) == hub_allows(held, action, owner), (action, owner)


@pytest.mark.parametrize("first", FILTERS)
@pytest.mark.parametrize("second", FILTERS)
def test_several_filters_of_a_scope_add_up_as_they_do_for_the_hub(first: str, second: str) -> None:
    held = {f"{PREFIX}builds:read{first}", f"{PREFIX}builds:read{second}"}

    for owner in OWNERS:
        expected = hub_allows(held, Action.READ_BUILDS, owner)
        assert we_allow(held, Action.READ_BUILDS, owner) == expected, owner


HELD = st.frozensets(
    st.builds("{}{}{}".format, st.just(PREFIX), st.sampled_from(CUSTOM), st.sampled_from(FILTERS))
    | st.sampled_from(["access:services", "read:users!user=ada", "servers!user=ada", f"{PREFIX}builds"]),
    max_size=8,
)


@given(HELD, st.sampled_from(CUSTOM), st.sampled_from(OWNERS))
def test_any_scopes_together_cover_what_they_cover_for_the_hub(
    held: frozenset[str], action: Action, owner: Owner | None
) -> None:
    assert we_allow(set(held), action, owner) == hub_allows(set(held), action, owner)


@pytest.mark.parametrize("filter_text", FILTERS)
def test_admin_covers_what_its_subscopes_cover_for_the_hub(filter_text: str) -> None:
    # The hub itself expands the scope to all that are below it.
    held = {f"{PREFIX}{action}{filter_text}" for action in Action}

    for action in Action:
        for owner in OWNERS:
            expected = hub_allows(held, action, owner)
            assert we_allow({f"{PREFIX}admin{filter_text}"}, action, owner) == expected, (action, owner)


def test_a_group_scope_covers_what_the_group_owns_and_not_what_its_members_own() -> None:
    held = {f"{PREFIX}images:delete!group=lab"}

    allowed = {owner for owner in OWNERS if we_allow(held, Action.DELETE_IMAGES, owner)}

    assert allowed == {Owner(OwnerKind.GROUP, "lab")}


@pytest.mark.parametrize("held", [*FILTERS, "other"])
@pytest.mark.parametrize("access", ["access:services", "access:services!service=ci", "access:services!service=ci-2"])
def test_who_comes_in_is_who_comes_in_for_the_hub(held: str, access: str) -> None:
    scopes = {f"access:services{held}" if held != "other" else "access:servers"}

    assert admits(scopes, [access]) == bool(check_scopes({access}, scopes))


def test_one_of_the_scopes_is_enough_to_come_in() -> None:
    access = ["access:services", "access:services!service=ci"]

    assert all(admits({each}, access) for each in access)
    assert not admits(set(chain(*access)), access)


def test_the_scope_to_ask_for_is_the_one_for_this_service() -> None:
    assert narrowest(["access:services", "access:services!service=ci"]) == "access:services!service=ci"
    assert narrowest(["access:services"]) == "access:services"


def test_only_scopes_of_this_service_are_kept_and_their_filters_stay() -> None:
    held = [f"{PREFIX}builds:create!user=ada", f"{PREFIX}admin", PREFIX, "admin", "custom:other:admin", "self"]

    assert ours(held) == {"builds:create!user=ada", "admin"}
