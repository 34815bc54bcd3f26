"""Whatever scopes somebody holds: filters only ever take away, and private things stay private."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.domain.people import ADA, BOB, CI, LAB, LONG_AGO, build_of, image_of, person, plan_of

from repo2docker_service.adapters.registries.memory import InMemoryRegistry
from repo2docker_service.domain.curation.curation import Curation
from repo2docker_service.domain.errors import Forbidden, ServiceError
from repo2docker_service.domain.images import ImageService
from repo2docker_service.domain.models import Build, BuildPlan, BuildState, Identity, ImageName, Owner, OwnerKind
from repo2docker_service.domain.naming import image_id
from repo2docker_service.domain.orders.estimates import estimated
from repo2docker_service.domain.policy import Action, Policy, scopes_allow

POLICY = Policy(scopes_allow)
OTHER = Owner(OwnerKind.GROUP, "ada")
"""A group called like a user."""
OWNERS = (ADA, BOB, LAB, CI, OTHER)
FILTERS = ("", "!user", "!group", "!service", "!server", *(f"!{owner.kind}={owner.name}" for owner in OWNERS))
ODD_FILTERS = ("!", "!user=", "!=ada", "!user=ada!group=lab", "!server=ada/", "!user=ADA", "!group=lab ", "!users=ada")

scopes = st.builds(str.__add__, st.sampled_from([*Action]), st.sampled_from([*FILTERS, *ODD_FILTERS]))
people = st.builds(
    Identity,
    st.sampled_from(["ada", "bob", "ci"]),
    st.sampled_from([OwnerKind.USER, OwnerKind.SERVICE]),
    st.frozensets(st.sampled_from(["lab", "ada"])),
    st.frozensets(scopes, max_size=6),
)
plans = st.builds(plan_of, st.sampled_from(OWNERS), st.sampled_from([None, ADA, BOB, CI]), private=st.booleans())


def permits(rule: Callable[[], object]) -> bool:
    with suppress(ServiceError):
        rule()
        return True
    return False


def may(who: Identity, plan: BuildPlan) -> dict[str, bool]:
    """Give all that somebody may do with what was made by a plan."""
    image = image_of(plan)
    of_the_lab = replace(image, curation=Curation(groups=frozenset({"lab"})))
    return {
        "see the build": POLICY.sees(who, build_of(plan)),
        "see the image": POLICY.sees(who, image),
        "see the image of a group": POLICY.sees(who, of_the_lab),
        "ask for lists": permits(partial(POLICY.require_read, who)),
        "build for the owner": permits(partial(POLICY.require_create, who, plan.owner)),
        "cancel": permits(partial(POLICY.require_cancel, who, build_of(plan))),
        "forget": permits(partial(POLICY.require_forget, who, build_of(plan))),
        "delete": permits(partial(POLICY.require_delete, who, image)),
        "see for bob": permits(lambda: POLICY.sight_on_behalf_of(who, BOB)),
        "see for bob of the lab": permits(lambda: POLICY.sight_on_behalf_of(who, BOB, ["lab"])),
    }


@given(people, plans, st.data())
def test_a_filter_takes_away_and_never_gives(who: Identity, plan: BuildPlan, data: st.DataObject) -> None:
    narrowed = {f"{scope.partition('!')[0]}{data.draw(st.sampled_from(FILTERS))}" for scope in sorted(who.scopes)}
    without = {scope.partition("!")[0] for scope in who.scopes}

    more, less = (may(replace(who, scopes=frozenset(each)), plan) for each in (without, narrowed))

    assert [what for what in more if less[what] and not more[what]] == []


@given(people, plans)
def test_private_things_are_seen_by_owner_group_and_admin_alone(who: Identity, plan: BuildPlan) -> None:
    plan = replace(plan, private=True)
    member = plan.owner.kind is OwnerKind.GROUP and plan.owner.name in who.groups

    if not (plan.owner == who.owner or member or "admin" in who.scopes):
        assert not POLICY.sees(who, build_of(plan))
        assert not POLICY.sees(who, image_of(plan))


@given(people, plans)
def test_with_filters_that_mean_others_alone_nothing_private_is_seen(who: Identity, plan: BuildPlan) -> None:
    elsewhere = frozenset(f"{scope.partition('!')[0]}!group=elsewhere" for scope in who.scopes)

    assert not POLICY.sees(replace(who, scopes=elsewhere), image_of(replace(plan, private=True)))


@given(people, plans)
def test_who_ends_something_owns_it_or_asked_for_it_or_is_an_admin(who: Identity, plan: BuildPlan) -> None:
    allowed = may(who, plan)

    if "admin" not in who.scopes:
        asked = plan.requested_by == who.owner
        assert allowed["delete"] <= (plan.owner == who.owner or asked)
        assert allowed["forget"] <= (plan.owner == who.owner or asked)
        assert allowed["cancel"] <= (plan.owner == who.owner or (asked and plan.owner.kind is OwnerKind.GROUP))


@given(people, plans)
def test_without_a_scope_of_this_service_nothing_is_allowed(who: Identity, plan: BuildPlan) -> None:
    foreign = frozenset({"admin:users", "access:services", "servers!user=ada", "images", "builds", "", "!user", "!"})

    assert not any(may(replace(who, scopes=foreign), plan).values())


@pytest.mark.parametrize(
    "scope", ["builds:create!user", "builds:create!user=ada", "images:read!user", "admin!user=ada"]
)
def test_a_token_for_ones_own_things_shows_nothing_private_of_ones_groups(scope: str) -> None:
    """Such a token is made to be given away, for one's own things and no others."""
    token = person("ada", scope, groups=("lab",))

    assert POLICY.sees(token, image_of(plan_of(ADA, private=True)))
    assert not POLICY.sees(token, image_of(plan_of(LAB, private=True)))


@pytest.mark.parametrize(
    "scope", ["builds:create!group=lab", "builds:read!group=lab", "images:read", "admin!group=lab"]
)
def test_a_scope_for_the_group_shows_what_is_private_to_it_to_members(scope: str) -> None:
    for groups in (("lab",), ()):
        who = person("ada", scope, groups=groups)

        assert POLICY.sees(who, image_of(plan_of(LAB, private=True))) is bool(groups)


@pytest.mark.parametrize(
    ("scope", "owner", "groups", "allowed"),
    [
        ("images:read-for-user", BOB, [], True),
        ("images:read-for-user", BOB, ["lab", "x"], True),
        ("images:read-for-user!user=bob", BOB, [], True),
        ("images:read-for-user!user=bob", BOB, ["lab"], False),
        ("images:read-for-user!user=bob", ADA, [], False),
        ("images:read-for-user!group=lab", BOB, ["lab"], False),
        ("images:read-for-user!user", BOB, [], False),
        ("images:read-for-user!service", BOB, [], False),
        ("images:read-for-user!service=spawner", BOB, [], False),
        ("images:read-for-user", LAB, [], False),
        ("images:read", BOB, [], False),
        ("admin!user=bob", BOB, [], True),
        ("admin", LAB, [], True),
    ],
)
def test_a_spawner_asks_only_for_those_that_it_was_given(
    scope: str, owner: Owner, groups: list[str], allowed: bool
) -> None:
    spawner = person("spawner", scope, kind=OwnerKind.SERVICE)

    assert permits(lambda: POLICY.sight_on_behalf_of(spawner, owner, groups)) is allowed


async def test_who_may_look_at_its_own_things_is_not_told_that_those_of_others_vanish(
    images: ImageService, registry: InMemoryRegistry
) -> None:
    changes = await images.watch(person("ada", "images:read!user=ada"))
    of_bob, of_ada = (image_of(plan_of(owner, tag=f"{owner.name}-1")) for owner in (BOB, ADA))
    registry.put(of_bob)
    await registry.delete(of_bob.name, of_bob.digest)
    registry.put(of_ada)

    assert await anext(changes) == of_ada.name


async def test_the_other_names_of_an_image_are_deleted_by_who_may_delete_each(
    images: ImageService, registry: InMemoryRegistry
) -> None:
    ada = person("ada", "images:read", "images:delete!user")
    mine = image_of(plan_of(ADA))
    registry.put(mine)
    theirs = replace(image_of(plan_of(BOB)), name=ImageName("localhost", "r2d/other", "x"), digest=mine.digest)
    registry.put(theirs)

    with pytest.raises(Forbidden):
        await images.delete(ada, image_id(str(mine.name)), mine.digest, siblings=True)

    assert len((await images.list(ada)).items) == 2


def test_how_long_private_builds_of_others_took_is_nobodys_business() -> None:
    def took(owner: Owner, *, private: bool) -> Build:
        return replace(
            build_of(plan_of(owner, private=private), BuildState.SUCCEEDED), started_at=LONG_AGO, finished_at=LONG_AGO
        )

    mine = build_of(plan_of(ADA))

    assert estimated(mine, [took(BOB, private=True)] * 2).estimated_seconds is None
    assert estimated(mine, [took(BOB, private=False)] * 2).estimated_seconds == 0
    assert estimated(mine, [took(ADA, private=True)] * 2).estimated_seconds == 0
