"""Who sees and may do what."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from itertools import product

import pytest
from tests.unit.domain.people import ADA, BOB, CI, LAB, build_of, image_of, person, plan_of

from repo2docker_service.domain.errors import Forbidden, InvalidInput
from repo2docker_service.domain.models import Build, Identity, Image, Owner, OwnerKind
from repo2docker_service.domain.policy import Action, Policy, scopes_allow

ADMIN = person("root", "admin")
READING = ("builds:read", "images:read", "builds:create")
UNFILTERED = tuple(action.value for action in Action if action is not Action.ADMIN)
OWNERS = (ADA, BOB, LAB, CI)


def items_of(owner: Owner, *, private: bool = False) -> list[Build | Image]:
    plan = plan_of(owner, private=private)
    return [build_of(plan), image_of(plan)]


def sees(policy: Policy, who: Identity, owner: Owner, *, private: bool = False) -> bool:
    seen = {policy.sees(who, item) for item in items_of(owner, private=private)}
    assert len(seen) == 1
    return seen.pop()


def permits(rule: Callable[[], None]) -> bool:
    with suppress(Forbidden):
        rule()
        return True
    return False


class TestSeeing:
    @pytest.mark.parametrize(("scope", "owner"), [*product(READING, OWNERS)])
    def test_shared_items_are_seen_by_all_who_may_read_or_build(self, policy: Policy, scope: str, owner: Owner) -> None:
        assert sees(policy, person("cat", scope), owner)

    @pytest.mark.parametrize("scope", ["builds:cancel", "images:delete", "images:read-for-user"])
    def test_other_scopes_show_nothing(self, policy: Policy, scope: str) -> None:
        assert not any(sees(policy, person("cat", scope), owner) for owner in OWNERS)

    def test_without_scopes_not_even_own_things_are_seen(self, policy: Policy) -> None:
        assert not any(sees(policy, person("ada"), ADA, private=private) for private in (False, True))

    @pytest.mark.parametrize(
        ("scope", "owner"),
        [
            ("images:read!user", ADA),
            ("builds:read!user=bob", BOB),
            ("builds:read!group=lab", LAB),
            ("images:read!service=ci", CI),
        ],
    )
    def test_a_filtered_scope_shows_shared_items_of_that_owner_only(
        self, policy: Policy, scope: str, owner: Owner
    ) -> None:
        assert [other for other in OWNERS if sees(policy, person("ada", scope), other)] == [owner]

    def test_who_may_build_for_itself_alone_sees_shared_items(self, policy: Policy) -> None:
        assert sees(policy, person("ada", "builds:create!user"), BOB)

    @pytest.mark.parametrize(("scope", "owner"), [*product(UNFILTERED, (BOB, CI, LAB))])
    def test_a_scope_without_filter_never_widens_to_private_items(
        self, policy: Policy, scope: str, owner: Owner
    ) -> None:
        assert not sees(policy, person("ada", scope), owner, private=True)

    @pytest.mark.parametrize("action", UNFILTERED)
    def test_all_scopes_and_filters_together_do_not_widen_either(self, policy: Policy, action: str) -> None:
        filters = ("", "!user", "!user=bob", "!group=lab", "!group=bob", "!service=bob", "!service=ci")
        nosy = person("ada", *(f"{action}{filtered}" for filtered in filters))

        assert not any(sees(policy, nosy, owner, private=True) for owner in OWNERS if owner != ADA)

    @pytest.mark.parametrize("scope", [f"{name}!{kind}" for name in READING for kind in ("group=lab", "user=bob")])
    def test_a_filter_alone_makes_nobody_a_member(self, policy: Policy, scope: str) -> None:
        outsider = person("cat", scope)

        assert not sees(policy, outsider, LAB, private=True)
        assert not sees(policy, outsider, BOB, private=True)

    @pytest.mark.parametrize("scope", [f"{name}{end}" for name in READING for end in ("", "!user", "!user=ada")])
    def test_private_items_are_seen_by_their_owner(self, policy: Policy, scope: str) -> None:
        assert sees(policy, person("ada", scope), ADA, private=True)

    @pytest.mark.parametrize("scope", [*READING, "builds:read!group=lab"])
    def test_private_items_of_a_group_are_seen_by_its_members(self, policy: Policy, scope: str) -> None:
        assert sees(policy, person("ada", scope, groups=("lab", "x")), LAB, private=True)
        assert not sees(policy, person("ada", scope, groups=("x",)), LAB, private=True)

    def test_who_asked_for_a_private_item_of_another_owner_does_not_see_it(self, policy: Policy) -> None:
        build = build_of(plan_of(LAB, requested_by=ADA, private=True))

        assert not policy.sees(person("ada", *READING), build)

    @pytest.mark.parametrize(("owner", "private"), [*product(OWNERS, (False, True))])
    def test_an_admin_sees_everything(self, policy: Policy, owner: Owner, private: bool) -> None:
        assert sees(policy, ADMIN, owner, private=private)

    @pytest.mark.parametrize("scope", ["admin!user", "admin!user=bob", "admin!group=lab", "admin!service=ci"])
    def test_a_filtered_admin_is_no_admin(self, policy: Policy, scope: str) -> None:
        filtered = person("ada", scope)

        assert not policy.is_admin(filtered)
        assert [owner for owner in OWNERS if owner != ADA and sees(policy, filtered, owner, private=True)] == []

    def test_a_service_called_like_a_user_is_not_that_user(self, policy: Policy) -> None:
        service = person("ada", "builds:read!user", "images:delete!user", kind=OwnerKind.SERVICE)

        assert not sees(policy, service, ADA)
        assert not sees(policy, service, ADA, private=True)
        assert not permits(lambda: policy.require_delete(service, image_of(plan_of(ADA))))

    def test_a_service_sees_its_own(self, policy: Policy) -> None:
        assert sees(policy, person("ci", "builds:read!service", kind=OwnerKind.SERVICE), CI, private=True)

    @pytest.mark.parametrize("scopes", [(), ("builds:cancel",), ("images:read!user=bob",)])
    def test_who_may_read_nothing_is_refused(self, policy: Policy, scopes: tuple[str, ...]) -> None:
        assert not permits(lambda: policy.require_read(person("ada", *scopes)))

    @pytest.mark.parametrize("scope", [*READING, "images:read!user", "admin"])
    def test_who_may_read_something_is_let_in(self, policy: Policy, scope: str) -> None:
        assert permits(lambda: policy.require_read(person("ada", scope)))


class TestBuilding:
    @pytest.mark.parametrize(
        ("who", "owner", "expected"),
        [
            (person("ada", "builds:create"), ADA, True),
            (person("ada", "builds:create!user"), ADA, True),
            (person("ada", "builds:create"), BOB, False),
            (person("ada", "builds:create!user=bob"), BOB, False),
            (person("ada", "builds:create"), LAB, False),
            (person("ada", "builds:create", groups=("lab",)), LAB, True),
            (person("ada", "builds:create!group=lab", groups=("lab",)), LAB, True),
            (person("ada", "builds:create!group=lab"), LAB, False),
            (person("ada", "builds:create!user", groups=("lab",)), LAB, False),
            (person("ada", "builds:read", "images:delete"), ADA, False),
            (person("ci", "builds:create", kind=OwnerKind.SERVICE), CI, True),
            (person("ci", "builds:create", kind=OwnerKind.SERVICE), Owner(OwnerKind.USER, "ci"), False),
            (ADMIN, BOB, True),
            (ADMIN, LAB, True),
        ],
    )
    def test_one_builds_for_oneself_and_ones_groups(
        self, policy: Policy, who: Identity, owner: Owner, expected: bool
    ) -> None:
        assert permits(lambda: policy.require_create(who, owner)) is expected

    def test_only_groups_that_are_named_own_things_where_some_are(self) -> None:
        policy = Policy(scopes_allow, group_owners=["lab"])
        member = person("ada", "builds:create", groups=("lab", "other"))
        other = Owner(OwnerKind.GROUP, "other")

        policy.require_create(member, LAB)
        for who in (member, ADMIN):
            with pytest.raises(InvalidInput) as caught:
                policy.require_create(who, other)
            assert caught.value.field == "owner"
        assert policy.owners(member) == [ADA, LAB]
        assert Policy(scopes_allow).owners(member) == [ADA, LAB, other]
        assert Policy(scopes_allow, group_owners=[]).owners(member) == [ADA]

    def test_an_outsider_is_not_told_which_groups_own_things(self) -> None:
        policy = Policy(scopes_allow, group_owners=["lab"])

        for group in ("lab", "other"):
            with pytest.raises(Forbidden):
                policy.require_create(person("ada", "builds:create"), Owner(OwnerKind.GROUP, group))

    def test_who_builds_for_a_group_that_owns_nothing_still_reads(self) -> None:
        policy = Policy(scopes_allow, group_owners=[])
        member = person("ada", "builds:create!group=lab", groups=("lab",))

        policy.require_read(member)
        assert sees(policy, member, BOB)
        assert not permits(lambda: policy.require_any_create(member))

    def test_who_may_not_build_is_told_the_scope(self, policy: Policy) -> None:
        with pytest.raises(Forbidden) as caught:
            policy.require_create(person("ada", "images:read"), ADA)

        assert caught.value.scope == "builds:create"

    def test_who_may_not_build_may_not_look_at_sources(self, policy: Policy) -> None:
        assert not permits(lambda: policy.require_any_create(person("ada", "images:read")))
        assert permits(lambda: policy.require_any_create(person("ada", "builds:create!user")))
        assert permits(lambda: policy.require_any_create(person("ada", "builds:create!group=lab", groups=("lab",))))
        assert not permits(
            lambda: policy.require_any_create(person("ada", "builds:create!group=other", groups=("lab",)))
        )


def may_end(policy: Policy, name: str, scope: str, owner: Owner, requester: Owner) -> tuple[bool, bool]:
    """Tell whether this person may cancel the build, and delete the image."""
    who = person(name, scope, groups=("lab",) if name in ("ada", "bob") else ())
    plan = plan_of(owner, requester)
    return (
        permits(lambda: policy.require_cancel(who, build_of(plan))),
        permits(lambda: policy.require_delete(who, image_of(plan))),
    )


class TestCancellingAndDeleting:
    @pytest.mark.parametrize("end", ["", "!user"])
    @pytest.mark.parametrize(
        ("name", "cancels", "deletes"), [("ada", True, True), ("bob", False, True), ("cat", False, False)]
    )
    def test_the_owner_cancels_and_owner_and_requester_delete(
        self, policy: Policy, name: str, cancels: bool, deletes: bool, end: str
    ) -> None:
        assert may_end(policy, name, f"builds:cancel{end}", ADA, BOB)[0] is cancels
        assert may_end(policy, name, f"images:delete{end}", ADA, BOB)[1] is deletes

    @pytest.mark.parametrize(("name", "allowed"), [("ada", False), ("bob", True), ("cat", False)])
    def test_what_a_group_owns_is_cancelled_and_deleted_by_who_asked_for_it(
        self, policy: Policy, name: str, allowed: bool
    ) -> None:
        assert may_end(policy, name, "builds:cancel", LAB, BOB)[0] is allowed
        assert may_end(policy, name, "images:delete", LAB, BOB)[1] is allowed

    @pytest.mark.parametrize("scope", ["builds:cancel!user=ada", "builds:cancel", "images:delete!user=ada"])
    def test_a_scope_over_somebody_else_gives_no_right_over_their_things(self, policy: Policy, scope: str) -> None:
        assert may_end(policy, "cat", scope, ADA, ADA) == (False, False)

    @pytest.mark.parametrize("scope", ["", "builds:read", "builds:create", "images:read", "images:delete!group=lab"])
    def test_even_the_owner_needs_the_scope(self, policy: Policy, scope: str) -> None:
        assert may_end(policy, "ada", scope, ADA, ADA) == (False, False)

    def test_cancelling_does_not_give_deleting_nor_the_other_way_round(self, policy: Policy) -> None:
        assert may_end(policy, "ada", "builds:cancel", ADA, ADA) == (True, False)
        assert may_end(policy, "ada", "images:delete", ADA, ADA) == (False, True)

    @pytest.mark.parametrize("owner", OWNERS)
    def test_an_admin_may_all(self, policy: Policy, owner: Owner) -> None:
        assert may_end(policy, "root", "admin", owner, owner) == (True, True)

    @pytest.mark.parametrize("scope", ["admin!user", "admin!user=bob", "admin!group=lab"])
    def test_a_filtered_admin_may_nothing_with_the_things_of_others(self, policy: Policy, scope: str) -> None:
        assert may_end(policy, "cat", scope, BOB, BOB) == (False, False)
        assert may_end(policy, "cat", scope, LAB, BOB) == (False, False)


def test_who_may_build_for_a_group_only_may_see_what_is_shared_and_names_the_group(policy: Policy) -> None:
    who = person("ada", "builds:create!group=lab", groups=("lab", "other"))

    assert policy.owners(who) == [LAB]
    assert permits(lambda: policy.require_read(who))


@pytest.mark.parametrize(("scope", "ends"), [("group=lab", True), ("user", True), ("group=other", False)])
def test_who_asked_for_a_groups_build_ends_it_with_a_scope_for_the_group_too(
    policy: Policy, scope: str, ends: bool
) -> None:
    plan = plan_of(LAB, ADA)
    scopes = [f"builds:cancel!{scope}", f"images:delete!{scope}"]
    asker, member = (person(name, *scopes, groups=("lab",)) for name in ("ada", "bob"))

    for who, may in ((asker, ends), (member, False)):
        assert permits(partial(policy.require_cancel, who, build_of(plan))) is may
        assert permits(partial(policy.require_delete, who, image_of(plan))) is may


@pytest.mark.parametrize("scope", ["images:read!group=lab", "builds:read!group=lab", "builds:create!group=lab"])
def test_who_may_read_what_a_group_owns_may_ask_for_lists(policy: Policy, scope: str) -> None:
    assert permits(partial(policy.require_read, person("ada", scope, groups=("lab",))))
    assert not permits(partial(policy.require_read, person("ada", scope, groups=("other",))))


def test_nobody_asks_on_behalf_of_a_group(policy: Policy) -> None:
    with pytest.raises(Forbidden):
        policy.sight_on_behalf_of(person("spawner", "images:read-for-user"), LAB)
